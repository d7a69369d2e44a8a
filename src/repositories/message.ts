import type { RowWith } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull } from './column-values.js';

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
  type: string;
  metadata: Record<string, unknown> | null;
  /** The message that it answers; `id` where that is here. */
  replyTo: { id: string | null; whatsapp_message_id: string; from_me: boolean; content: string } | null;
  mentions: string[];
  isForwarded: boolean;
  isViewOnce: boolean;
  reactions: MessageReaction[];
  /** The file of it; null where it has none. */
  media: MessageMedia | null;
  /** Why the service wrote it by itself; null where somebody did. */
  reason: string | null;
  editedAt: string | null;
  deletedAt: string | null;
  /** Where it was written, unless in a chat with one person. */
  groupId: string | null;
  /** Who wrote it in the group; the owner of the account too. */
  sender: { name: string | null; phone_number: string | null; lid: string | null } | null;
}

/** The file of a message, as it is shown. */
export interface MessageMedia {
  state: 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';
  mime_type: string | null;
  file_name: string | null;
  /** Bytes. */
  size: number | null;
  seconds: number | null;
  width: number | null;
  height: number | null;
  /** 64 loudnesses of 0 to 100, of a voice note. */
  waveform: number[] | null;
  /** Hex. */
  sha256: string | null;
  url: string | null;
  thumbnail_url: string | null;
  error: string | null;
}

/** A reaction that stands. */
export interface MessageReaction {
  emoji: string;
  from: string | null;
  fromMe: boolean;
  reactedAt: string;
}

export interface ReactionRow {
  emoji: string;
  from: string | null;
  from_me: boolean;
  reacted_at: string;
}

export function toReaction({ emoji, from, from_me: fromMe, reacted_at: at }: ReactionRow): MessageReaction {
  return { emoji, from, fromMe, reactedAt: isoTime(at) };
}

/** A text that a message had before. */
export interface EarlierText {
  content: string;
  editedAt: string;
}

type MessageColumns =
  `id, ordinal, organization_id, contact_id, instance_id, direction, content, content_type,
  whatsapp_message_id, chat_jid, status, status_at, error, sent_at, created_at, updated_at,
  type, metadata, mentions, is_forwarded, is_view_once, edited_at, deleted_at,
  group_id, sender_name, sender_phone, sender_lid, reason`;
export type MessageRow = RowWith<'messages', MessageColumns> & {
  reply_to: Message['replyTo'];
  reactions?: ReactionRow[];
  media?: MessageMedia | null;
};

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
    type: row.type,
    metadata: row.metadata as Message['metadata'],
    replyTo: row.reply_to,
    mentions: (row.mentions ?? []) as string[],
    isForwarded: row.is_forwarded,
    isViewOnce: row.is_view_once,
    reactions: (row.reactions ?? []).map(toReaction),
    media: row.media ?? null,
    reason: row.reason,
    editedAt: isoTimeOrNull(row.edited_at),
    deletedAt: isoTimeOrNull(row.deleted_at),
    groupId: row.group_id,
    sender:
      row.group_id === null
        ? null
        : { name: row.sender_name, phone_number: row.sender_phone, lid: row.sender_lid },
  };
}
