import { Inject, Injectable } from '@nestjs/common';
import type { PersonAddress } from '../common/inbox.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { phoneVariants } from '../common/phone-number.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { base64OrNull, bytesOrNull, isoTime, storableText } from './column-values.js';
import type { BookingPolicy } from './ingest-item.js';
import {
  type DeliveryStatus,
  type Message,
  type EarlierText,
  type MessageRow,
  type MessageStatus,
  toMessage,
} from './message.js';
import {
  type BegunOutbound,
  type BegunRow,
  type NewOutbound,
  type NewOutboundText,
  type OutboundAddress,
  type OutboundMessage,
  type OutboundPerson,
  type OutboundResult,
  type OutboundRow,
  type RepeatBounds,
  toBeginArgument,
  toOutboundMessage,
} from './outbound-message.js';
import { type OutgoingEventRow, toOutgoingEvent } from './outgoing-event-row.js';
import {
  type BoundedRows,
  boundOf,
  ORDINAL_KEY,
  type Page,
  pageOf,
  type PageRequest,
  rowsToFetch,
} from './page.js';
import { answerOf, answerOrNullOf } from './supabase-error.js';

export interface MessageFilter extends PageRequest {
  instanceId?: string | undefined;
  contactId?: string | undefined;
  /** Messages of this group; otherwise those of none. */
  groupId?: string | undefined;
  direction?: 'inbound' | 'outbound' | undefined;
  status?: MessageStatus | undefined;
  /** One of `MESSAGE_TYPES`. */
  type?: string | undefined;
  /** WhatsApp says that it was sent then or later, in ISO 8601. */
  sentFrom?: string | undefined;
  /** Earlier than that. */
  sentBefore?: string | undefined;
  /** Words that all have to be in its text. */
  search?: string | undefined;
}

/** What was sent, for somebody who could not read it. */
export interface OutboundCopy {
  messageId: string;
  content: string;
  contentType: string;
  /** Where it was more than a plain text; sealed. */
  payload: Buffer | null;
}

/** What somebody says about a message that we sent. */
export interface Receipt {
  instanceId: string;
  whatsappMessageId: string;
  status: DeliveryStatus;
  /** When, in ISO 8601, as far as that was said. */
  at?: string | undefined;
  /** Who says so. Counts only where the message was sent to that person. */
  chat: PersonAddress;
}

/** The `messages` table. Inbound messages are stored by `InboxRepository.ingest`. */
@Injectable()
export class MessagesRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * In the order of storing, newest first. A page of long texts is shorter than was asked for, and so is one of a search that looked
   * through as many messages as a call may: it goes on where that one ended.
   */
  async listMessages(organizationId: string, filter: MessageFilter): Promise<Page<Message>> {
    const p = {
      organization_id: organizationId,
      instance_id: filter.instanceId,
      contact_id: filter.contactId,
      group_id: filter.groupId,
      direction: filter.direction,
      status: filter.status,
      type: filter.type,
      sent_from: filter.sentFrom,
      sent_before: filter.sentBefore,
      search: filter.search === undefined ? undefined : storableText(filter.search),
      ...boundOf(filter, [ORDINAL_KEY]),
      limit: rowsToFetch(filter),
    };
    const list = filter.search === undefined ? 'list_messages' : 'search_messages';
    const { rows, more, until } = await answerOf<BoundedRows<MessageRow> & { until?: number }>(
      this.client.rpc(list, { p }),
    );
    return pageOf(rows, filter, toMessage, (row) => [String(row.ordinal)], {
      isCut: more,
      lookedUntil: until === undefined ? undefined : [String(until)],
    });
  }

  /** @param id a UUID; the caller has checked its form */
  async findMessage(scope: OrganizationScope, id: string): Promise<Message | null> {
    const p = { id, organization_ids: scope === 'all' ? undefined : [...scope.organizationIds] };
    const row = await answerOrNullOf<MessageRow>(this.client.rpc('read_message', { p }));
    return row && toMessage(row);
  }

  /** @returns what the message said before it was edited, the oldest first; 100 texts at most */
  async listEarlierTexts(id: string): Promise<EarlierText[]> {
    const rows = await answerOf<{ content: string; edited_at: string }[]>(
      this.client.rpc('message_history', { p: { id } }),
    );
    return rows.map(({ content, edited_at: at }) => ({ content, editedAt: isoTime(at) }));
  }

  /**
   * Stores the message as `pending`; creates the contact unless the number is the organization's own.
   * Repeating it with the same WhatsApp id gives the same row.
   * @returns the row; an earlier one, with another WhatsApp id, when the idempotency key was used before
   * @throws FencedError when `epoch` is not current, AppError when the request was withdrawn or is too old: nothing was
   *   stored then
   */
  async beginOutbound(message: NewOutbound): Promise<OutboundMessage> {
    return (await this.beginOutboundTo(message)).message!;
  }

  /** As `beginOutbound`, also for a person of whom it is to be looked up where to, and with an entry of the audit log. */
  async beginOutboundTo(
    message: NewOutboundText & (OutboundAddress | OutboundPerson),
  ): Promise<BegunOutbound> {
    const row = await answerOf<BegunRow>(this.client.rpc('begin_outbound', { p: toBeginArgument(message) }));
    return 'unresolved' in row
      ? { message: null, wasThere: false, auditId: undefined, events: [] }
      : {
          message: toOutboundMessage(row),
          wasThere: row.was_there === true,
          auditId: row.audit_id,
          events: (row.events ?? []).map(toOutgoingEvent),
        };
  }

  /** @returns the instance's message under this idempotency key, or else under this WhatsApp id */
  async findOutbound(
    instanceId: string,
    idempotencyKey: string | undefined,
    whatsappMessageId?: string,
  ): Promise<OutboundMessage | null> {
    const p = {
      instance_id: instanceId,
      idempotency_key: idempotencyKey ?? null,
      whatsapp_message_id: whatsappMessageId ?? null,
    };
    const row = await answerOrNullOf<OutboundRow>(this.client.rpc('find_outbound', { p }));
    return row && toOutboundMessage(row);
  }

  /** @returns the instance's messages that may or may not have left, oldest first */
  async listOpenOutbound(instanceId: string, limit: number): Promise<OutboundMessage[]> {
    const p = { instance_id: instanceId, limit };
    const rows = await answerOf<OutboundRow[]>(this.client.rpc('list_open_outbound', { p }));
    return rows.map(toOutboundMessage);
  }

  /**
   * To be asked before a message is sent again: notes the repeat, or gives the message up.
   * @param epoch of whoever is about to send it
   * @returns where it stands; it may be sent again while that is `unknown`
   * @throws FencedError when the epoch is not current
   */
  async repeatOutbound(
    messageId: string,
    epoch: number,
    bounds: RepeatBounds,
  ): Promise<{ status: MessageStatus; error: string | null }> {
    const p = {
      message_id: messageId,
      epoch,
      max_age_seconds: bounds.maxAgeMs / 1_000,
      max_repeats: bounds.maxRepeats,
      reopened: bounds.reopened ?? null,
    };
    return answerOf(this.client.rpc('repeat_outbound', { p }));
  }

  /**
   * Keeps what was made of a message, before it is written for the first time.
   * @param epoch of whoever is about to send it
   * @param payload sealed
   * @returns false when the message is gone
   * @throws FencedError when the epoch is not current
   */
  async prepareOutbound(messageId: string, epoch: number, payload: Uint8Array): Promise<boolean> {
    const p = { message_id: messageId, epoch, payload: base64OrNull(payload) };
    const { prepared } = await answerOf<{ prepared: boolean }>(this.client.rpc('prepare_outbound', { p }));
    return prepared;
  }

  /**
   * Gives up what is in doubt for longer than `maxAgeMs`, for all instances.
   * @returns instances with something in doubt to which nothing happened for `idleMs`
   */
  async sweepOutbound(bounds: {
    maxAgeMs: number;
    idleMs: number;
  }): Promise<{ expired: number; instanceIds: string[] }> {
    const p = { max_age_seconds: bounds.maxAgeMs / 1_000, idle_seconds: bounds.idleMs / 1_000 };
    const swept = await answerOf<{ expired: number; instance_ids: string[] }>(
      this.client.rpc('sweep_outbound', { p }),
    );
    return { expired: swept.expired, instanceIds: swept.instance_ids };
  }

  /**
   * Records how sending went; counts the message once, when it becomes `sent`. Never lowers a receipt.
   * @returns the committed event
   */
  async finishOutbound(result: OutboundResult): Promise<OutgoingEvent[]> {
    const p = {
      message_id: result.messageId,
      status: result.status,
      error: result.error === undefined ? null : storableText(result.error),
      at: result.at ?? null,
    };
    const { events } = await answerOf<{ events: OutgoingEventRow[] }>(
      this.client.rpc('finish_outbound', { p }),
    );
    return events.map(toOutgoingEvent);
  }

  /**
   * Teaches those who are contacts which number and which LID are one person; nobody becomes a contact.
   * @param request.people both addresses of each, oldest first; 500 at most
   * @returns the committed events: contacts turned out to be one person
   */
  async learnAddresses(request: {
    organizationId: string;
    instanceId: string;
    bookingPolicy: BookingPolicy;
    people: readonly PersonAddress[];
  }): Promise<OutgoingEvent[]> {
    const p = {
      organization_id: request.organizationId,
      instance_id: request.instanceId,
      booking_policy: request.bookingPolicy,
      pairs: request.people.map(({ phone = '', lid }) => ({
        phone,
        other_phone: phoneVariants(phone)[1] ?? null,
        lid,
      })),
    };
    const { events } = await answerOf<{ events: OutgoingEventRow[] }>(this.client.rpc('learn_people', { p }));
    return events.map(toOutgoingEvent);
  }

  /**
   * Raises the status of outbound messages; receipts of unknown messages, and of messages to somebody else, are ignored.
   * @returns the committed events
   */
  async applyReceipts(receipts: Receipt[]): Promise<OutgoingEvent[]> {
    if (receipts.length === 0) {
      return [];
    }
    const items = receipts.map((receipt) => ({
      instance_id: receipt.instanceId,
      whatsapp_message_id: storableText(receipt.whatsappMessageId),
      status: receipt.status,
      phone: receipt.chat.phone ?? null,
      lid: receipt.chat.lid ?? null,
      at: receipt.at ?? null,
    }));
    const { events } = await answerOf<{ events: OutgoingEventRow[] }>(
      this.client.rpc('apply_receipts', { p: { items } }),
    );
    return events.map(toOutgoingEvent);
  }

  /** @returns whether the instance sent all of these messages, and to this person */
  async wereSentTo(
    instanceId: string,
    whatsappMessageIds: readonly string[],
    { phone, lid }: PersonAddress,
  ): Promise<boolean> {
    const p = {
      instance_id: instanceId,
      whatsapp_message_ids: whatsappMessageIds.map(storableText),
      phone: phone ?? null,
      lid: lid ?? null,
    };
    const { sent } = await answerOf<{ sent: boolean }>(this.client.rpc('were_sent_to', { p }));
    return sent;
  }

  /** @returns what was sent under this id, to send it again when the recipient could not read it */
  async findOutboundContent(instanceId: string, whatsappMessageId: string): Promise<OutboundCopy | null> {
    const p = { instance_id: instanceId, whatsapp_message_id: storableText(whatsappMessageId) };
    const row = await answerOrNullOf<{
      content: string;
      content_type: string;
      message_id: string;
      payload?: string;
    }>(this.client.rpc('find_outbound_content', { p }));
    return (
      row && {
        messageId: row.message_id,
        content: row.content,
        contentType: row.content_type,
        payload: bytesOrNull(row.payload ?? null),
      }
    );
  }

  private table() {
    return this.client.from('messages');
  }
}
