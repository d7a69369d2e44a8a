import { storableText } from './column-values.js';
import type { MessageStatus } from './message.js';

/** A message about to be sent; stored before it leaves. */
export interface NewOutbound {
  /** UUID that the row is to have, for whoever must know it even if no answer comes. */
  messageId?: string | undefined;
  instanceId: string;
  /** Of the ownership under which it is to be sent. */
  epoch?: number | undefined;
  /** Of another node: nothing is stored once that node has withdrawn it. */
  requestId?: string | undefined;
  organizationId: string;
  whatsappMessageId: string;
  /** Digits of the recipient. */
  phone: string;
  lid?: string | undefined;
  chatJid: string;
  content: string;
  contentType: string;
  /** The caller's name for this message; a second one under it is never stored. */
  idempotencyKey?: string | undefined;
  /** Of what the caller asked for. */
  requestHash?: string | undefined;
}

/** A message that we send: all that it takes to send it, once or again. */
export interface OutboundMessage {
  /** Id of the row. */
  messageId: string;
  contactId: string | null;
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
  requestHash: string | null;
}

export interface OutboundResult {
  /** Id of the row. */
  messageId: string;
  status: 'sent' | 'failed' | 'unknown';
  error?: string | undefined;
}

/** When a message in doubt is given up. */
export interface RepeatBounds {
  maxAgeMs: number;
  maxRepeats: number;
}

export interface OutboundRow {
  message_id: string;
  contact_id: string | null;
  instance_id: string;
  ordinal: number;
  whatsapp_message_id: string;
  chat_jid: string;
  content: string;
  content_type: string;
  status: MessageStatus;
  error: string | null;
  request_hash: string | null;
}

export function toOutboundMessage(row: OutboundRow): OutboundMessage {
  return {
    messageId: row.message_id,
    contactId: row.contact_id,
    instanceId: row.instance_id,
    ordinal: row.ordinal,
    whatsappMessageId: row.whatsapp_message_id,
    chatJid: row.chat_jid,
    content: row.content,
    contentType: row.content_type,
    status: row.status,
    error: row.error,
    requestHash: row.request_hash,
  };
}

/** @returns the argument of `begin_outbound` */
export function toBeginArgument(message: NewOutbound): Record<string, string | number | null> {
  return {
    message_id: message.messageId ?? null,
    instance_id: message.instanceId,
    epoch: message.epoch ?? null,
    request_id: message.requestId ?? null,
    organization_id: message.organizationId,
    whatsapp_message_id: message.whatsappMessageId,
    phone: message.phone,
    lid: message.lid ?? null,
    chat_jid: message.chatJid,
    content: storableText(message.content),
    content_type: message.contentType,
    idempotency_key: message.idempotencyKey ?? null,
    request_hash: message.requestHash ?? null,
  };
}
