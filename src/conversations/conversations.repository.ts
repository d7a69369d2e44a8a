import { Inject, Injectable } from '@nestjs/common';
import { type Booking, type BookingRow, toBooking } from '../bookings/bookings.repository.js';
import {
  type Contact,
  contactSearch,
  type ContactRow,
  toContact,
} from '../repositories/contacts.repository.js';
import { type Message, type MessageRow, toMessage } from '../repositories/message.js';
import {
  type BoundedRows,
  ORDINAL_KEY,
  type Page,
  pageOf,
  type PageRequest,
  boundOf,
  rowsToFetch,
} from '../repositories/page.js';
import { answerOf } from '../repositories/supabase-error.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';

/** A contact with what was written last. */
export interface Conversation {
  contact: Contact;
  lastMessage: Message;
  /** Of the contact; 1,000 at most. */
  unreadCount: number;
  openBooking: Booking | null;
}

interface ConversationRow {
  ordinal: number;
  contact: ContactRow;
  last_message: MessageRow;
  unread_count: number;
  open_booking: BookingRow | null;
}

/** Contacts by their last message. */
@Injectable()
export class ConversationsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** The one with the newest message first; with `search`, of the contacts that it finds. A page of long texts is shorter than was asked for. */
  async listConversations(
    organizationId: string,
    request: PageRequest & { search?: string | undefined },
  ): Promise<Page<Conversation>> {
    const p = {
      organization_id: organizationId,
      ...contactSearch(request.search),
      ...boundOf(request, [ORDINAL_KEY]),
      limit: rowsToFetch(request),
    };
    const { rows, more } = await answerOf<BoundedRows<ConversationRow>>(
      this.client.rpc('list_conversations', { p }),
    );
    return pageOf(rows, request, toConversation, (row) => [String(row.ordinal)], { isCut: more });
  }
}

function toConversation(row: ConversationRow): Conversation {
  return {
    contact: toContact(row.contact),
    lastMessage: toMessage(row.last_message),
    unreadCount: row.unread_count,
    openBooking: row.open_booking && toBooking(row.open_booking),
  };
}
