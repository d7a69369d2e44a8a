import { Inject, Injectable } from '@nestjs/common';
import type { PersonAddress } from '../common/inbox.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { storableText } from './column-values.js';
import { type OutgoingEventRow, toOutgoingEvent } from './outgoing-event-row.js';
import { answerOf, answerOrNullOf } from './supabase-error.js';

/** A message that was read on another device of the account. */
export interface ReadElsewhere {
  instanceId: string;
  whatsappMessageId: string;
  /** Whose chat it is. */
  chat: PersonAddress;
}

/** Messages of one chat that nobody had read. */
export interface UnreadChat {
  instanceId: string;
  chatJid: string;
  ids: string[];
}

/** Up to where somebody has read what a contact wrote. */
@Injectable()
export class ReadsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Marks everything of a contact as read.
   * @returns what was not, the last 1,000 messages at most, by chat; null for a contact that is not there
   */
  async readContact(
    organizationId: string,
    contactId: string,
  ): Promise<{ count: number; chats: UnreadChat[]; events: OutgoingEvent[] } | null> {
    const p = { organization_id: organizationId, contact_id: contactId };
    const answer = await answerOrNullOf<{
      count: number;
      chats: { instance_id: string; chat_jid: string; ids: string[] }[];
      events: OutgoingEventRow[];
    }>(this.client.rpc('read_contact', { p }));
    return (
      answer && {
        count: answer.count,
        chats: answer.chats.map(({ instance_id: instanceId, chat_jid: chatJid, ids }) => ({
          instanceId,
          chatJid,
          ids,
        })),
        events: answer.events.map(toOutgoingEvent),
      }
    );
  }

  /**
   * Notes what was read elsewhere: of each contact everything up to there.
   * @returns the committed events, and the places of messages that are not stored
   */
  async noteRead(reads: readonly ReadElsewhere[]): Promise<{ events: OutgoingEvent[]; unknown: number[] }> {
    const items = reads.map(({ instanceId, whatsappMessageId, chat }) => ({
      instance_id: instanceId,
      whatsapp_message_id: storableText(whatsappMessageId),
      phone: chat.phone ?? null,
      lid: chat.lid ?? null,
    }));
    const { events, unknown } = await answerOf<{ events: OutgoingEventRow[]; unknown: number[] }>(
      this.client.rpc('note_read', { p: { items } }),
    );
    return { events: events.map(toOutgoingEvent), unknown };
  }
}
