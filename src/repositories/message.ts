import type { RowWith } from '../supabase/supabase-client.js';
import { isoTime } from './column-values.js';

/** Where a message stands; `unknown` is an outbound message that may or may not have left. */
export type MessageStatus =
  'received' | 'pending' | 'sent' | 'delivered' | 'read' | 'played' | 'failed' | 'unknown';

/** What a receipt, or WhatsApp's acknowledgement, says of an outbound message; in the order in which they follow one another. */
export const DELIVERY_STATUSES = ['sent', 'delivered', 'read', 'played'] as const satisfies MessageStatus[];
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** When a message came to each of its statuses, as far as that is known; ISO 8601. */
export type StatusTimes = Partial<Record<DeliveryStatus, string>>;

/** A message of a conversation with a client. */
export interface Message {
  id: string;
  organizationId: string;
  contactId: string | null;
  instanceId: string;
  direction: 'inbound' | 'outbound';
  content: string;
  contentType: string;
  whatsappMessageId: string | null;
  chatJid: string | null;
  status: MessageStatus;
  statusAt: StatusTimes;
  error: string | null;
  sentAt: string;
  createdAt: string;
  updatedAt: string;
}

export const MESSAGE_COLUMNS = `id, ordinal, organization_id, contact_id, instance_id, direction, content, content_type,
  whatsapp_message_id, chat_jid, status, status_at, error, sent_at, created_at, updated_at`;
export type MessageRow = RowWith<'messages', typeof MESSAGE_COLUMNS>;

export function toMessage(row: MessageRow): Message {
  return {
    id: row.id,
    organizationId: row.organization_id,
    contactId: row.contact_id,
    instanceId: row.instance_id,
    direction: row.direction,
    content: row.content,
    contentType: row.content_type,
    whatsappMessageId: row.whatsapp_message_id,
    chatJid: row.chat_jid,
    status: row.status,
    statusAt: (row.status_at ?? {}) as StatusTimes,
    error: row.error,
    sentAt: isoTime(row.sent_at),
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
  };
}
