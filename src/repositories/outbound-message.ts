import { phoneVariants } from '../common/phone-number.js';
import type { OutgoingContent } from '../common/outgoing-content.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import type { Json } from '../supabase/database.types.js';
import { type NewAuditEntry, toAuditArgument } from './audit.repository.js';
import { bytesOrNull, storableText } from './column-values.js';
import type { BookingPolicy } from './ingest-item.js';
import type { MessageStatus } from './message.js';
import type { OutgoingEventRow } from './outgoing-event-row.js';

/** Where a person is reached. */
export interface OutboundAddress {
  chatJid: string;
  /** Digits of the recipient; empty when only the LID is known. */
  phone: string;
  lid?: string | undefined;
}

/** A person of whom nobody has looked up yet where the last message came from, which is where an answer goes. */
export interface OutboundPerson {
  /** Digits of numbers any of which may be the person's, the likeliest first. */
  numbers: readonly string[];
  /** Whose the first of them is, where that was found out just now; then `otherwise` is known, too. */
  lid?: string | undefined;
  /** Where the message goes when the person never wrote; where this is left out, it is not stored then. */
  otherwise?: OutboundAddress | undefined;
}

/** A message about to be sent; stored before it leaves. */
export interface NewOutboundText {
  /** UUID that the row is to have, for whoever must know it even if no answer comes. */
  messageId?: string | undefined;
  instanceId: string;
  /** Of the ownership under which it is to be sent. */
  epoch?: number | undefined;
  /** Of another node: nothing is stored once that node has withdrawn it. */
  requestId?: string | undefined;
  organizationId: string;
  whatsappMessageId: string;
  content: string;
  contentType: string;
  /** Where it is more than a plain text. */
  detail?: OutboundDetail | undefined;
  /** The caller's name for this message; a second one under it is never stored. */
  idempotencyKey?: string | undefined;
  /** Of what the caller asked for. */
  requestHash?: string | undefined;
  /** How bookings are made: what it means for those of contacts that turn out to be one person. They stay where it is left out. */
  bookingPolicy?: BookingPolicy | undefined;
  /** Stored with the message, or with what shows that there is one already. */
  audit?: NewAuditEntry | undefined;
}

/** What is stored of a message that is more than a plain text. */
export interface OutboundDetail {
  type: string;
  metadata?: object | undefined;
  replyTo?: { whatsappMessageId: string; fromMe: boolean; content: string } | undefined;
  mentions?: readonly string[] | undefined;
  isViewOnce?: boolean | undefined;
  /** All that it takes to make it, without secrets. */
  request: OutgoingContent;
  /** Row of the message that it changes. */
  changeOf?: string | undefined;
}

/** A message with its recipient. */
export type NewOutbound = NewOutboundText & OutboundAddress;

/** What came of storing a message. */
export interface BegunOutbound {
  /** The row; an earlier one, with another WhatsApp id, when the idempotency key was used before. Null: it is not known where to. */
  message: OutboundMessage | null;
  /** It was stored before, by an earlier call or an earlier try of this one. */
  wasThere: boolean;
  /** Of the entry that was given with it. */
  auditId: number | undefined;
  /** Committed with it: contacts turned out to be one person. */
  events: OutgoingEvent[];
}

/** A message that we send: all that it takes to send it, once or again. */
export interface OutboundMessage {
  /** Id of the row. */
  messageId: string;
  contactId: string | null;
  organizationId: string;
  instanceId: string;
  /** Place in the order of storing. */
  ordinal: number;
  whatsappMessageId: string;
  chatJid: string;
  content: string;
  contentType: string;
  status: MessageStatus;
  /** Why sending failed. */
  error: string | null;
  /** How long it has been so, in ms, by the database's clock. */
  unchangedMs: number;
  requestHash: string | null;
  /** Of what it is made, where it is more than a plain text. */
  request: OutgoingContent | null;
  /** What was made of it, to be encrypted; sealed. */
  payload: Buffer | null;
}

export interface OutboundResult {
  /** Id of the row. */
  messageId: string;
  status: 'sent' | 'failed' | 'unknown';
  error?: string | undefined;
  /** When WhatsApp took it, in ISO 8601. */
  at?: string | undefined;
}

/** When a message in doubt is given up. */
export interface RepeatBounds {
  maxAgeMs: number;
  maxRepeats: number;
  /** The failure with which it is stored, where it is to be sent again after that. */
  reopened?: string | null | undefined;
}

export interface OutboundRow {
  message_id: string;
  contact_id: string | null;
  organization_id: string;
  instance_id: string;
  ordinal: number;
  whatsapp_message_id: string;
  chat_jid: string;
  content: string;
  content_type: string;
  status: MessageStatus;
  error: string | null;
  unchanged_ms: number;
  request_hash: string | null;
  request?: OutgoingContent;
  payload?: string;
}

/** What `begin_outbound` answers. */
export type BegunRow =
  (OutboundRow & { audit_id?: number; was_there?: true; events?: OutgoingEventRow[] }) | { unresolved: true };

export function toOutboundMessage(row: OutboundRow): OutboundMessage {
  return {
    messageId: row.message_id,
    contactId: row.contact_id,
    organizationId: row.organization_id,
    instanceId: row.instance_id,
    ordinal: row.ordinal,
    whatsappMessageId: row.whatsapp_message_id,
    chatJid: row.chat_jid,
    content: row.content,
    contentType: row.content_type,
    status: row.status,
    error: row.error,
    unchangedMs: row.unchanged_ms,
    requestHash: row.request_hash,
    request: row.request ?? null,
    payload: bytesOrNull(row.payload ?? null),
  };
}

/** @returns the argument of `begin_outbound` */
export function toBeginArgument(
  message: NewOutboundText & (OutboundAddress | OutboundPerson),
): Record<string, Json | undefined> {
  return {
    ...('numbers' in message
      ? {
          numbers: [...message.numbers],
          lid: message.lid,
          otherwise: message.otherwise && toAddressArgument(message.otherwise),
        }
      : toAddressArgument(message)),
    audit: message.audit && toAuditArgument(message.audit),
    message_id: message.messageId ?? null,
    instance_id: message.instanceId,
    epoch: message.epoch ?? null,
    request_id: message.requestId ?? null,
    organization_id: message.organizationId,
    whatsapp_message_id: message.whatsappMessageId,
    content: storableText(message.content),
    content_type: message.contentType,
    idempotency_key: message.idempotencyKey ?? null,
    request_hash: message.requestHash ?? null,
    booking_policy: message.bookingPolicy ?? null,
    detail: message.detail && toDetailArgument(message.detail),
  };
}

function toDetailArgument(detail: OutboundDetail): Json {
  const { replyTo } = detail;
  return {
    type: detail.type,
    metadata: (detail.metadata as Json | undefined) ?? null,
    reply_to: replyTo
      ? {
          whatsapp_message_id: replyTo.whatsappMessageId,
          from_me: replyTo.fromMe,
          content: storableText(replyTo.content),
        }
      : null,
    mentions: detail.mentions ? [...detail.mentions] : null,
    is_view_once: detail.isViewOnce ?? false,
    request: detail.request as unknown as Json,
    change_of: detail.changeOf ?? null,
  };
}

function toAddressArgument({ chatJid, phone, lid }: OutboundAddress): Record<string, string | null> {
  return { chat_jid: chatJid, phone, other_phone: phoneVariants(phone)[1] ?? null, lid: lid ?? null };
}
