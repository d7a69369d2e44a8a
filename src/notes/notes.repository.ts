import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull } from '../repositories/column-values.js';
import { type Message, type MessageReaction, type ReactionRow, toReaction } from '../repositories/message.js';
import {
  type BoundedRows,
  ORDINAL_KEY,
  type Page,
  pageOf,
  type PageRequest,
  readCursor,
  rowsToFetch,
} from '../repositories/page.js';
import { answerOf } from '../repositories/supabase-error.js';

/** What the owner wrote on the phone; internal. */
export interface Note {
  id: string;
  organizationId: string;
  /** The contact that it was written to, where there is one. */
  contactId: string | null;
  instanceId: string;
  content: string;
  contentType: string;
  type: string;
  metadata: Message['metadata'];
  replyTo: Message['replyTo'];
  mentions: string[];
  isForwarded: boolean;
  isViewOnce: boolean;
  reactions: MessageReaction[];
  media: Message['media'];
  editedAt: string | null;
  deletedAt: string | null;
  whatsappMessageId: string;
  sentAt: string;
  createdAt: string;
}

type NoteRow = RowWith<
  'notes',
  `id, ordinal, organization_id, contact_id, instance_id, content, content_type, whatsapp_message_id,
  sent_at, created_at, type, metadata, mentions, is_forwarded, is_view_once, edited_at, deleted_at`
> & { reply_to: Message['replyTo']; reactions: ReactionRow[]; media: Message['media'] };

/** The `notes` table; notes are made by `InboxRepository.ingest`. */
@Injectable()
export class NotesRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** In the order of storing, newest first. A page of long texts is shorter than was asked for. */
  async listNotes(
    organizationId: string,
    filter: PageRequest & { contactId?: string | undefined },
  ): Promise<Page<Note>> {
    const p = {
      organization_id: organizationId,
      contact_id: filter.contactId,
      before: filter.cursor === undefined ? undefined : readCursor(filter.cursor, [ORDINAL_KEY])[0],
      limit: rowsToFetch(filter),
    };
    const { rows, more } = await answerOf<BoundedRows<NoteRow>>(this.client.rpc('list_notes', { p }));
    return pageOf(rows, filter, toNote, (row) => [String(row.ordinal)], more);
  }
}

function toNote(row: NoteRow): Note {
  return {
    id: row.id,
    organizationId: row.organization_id,
    contactId: row.contact_id,
    instanceId: row.instance_id,
    content: row.content,
    contentType: row.content_type,
    type: row.type,
    metadata: row.metadata as Message['metadata'],
    replyTo: row.reply_to,
    mentions: (row.mentions ?? []) as string[],
    isForwarded: row.is_forwarded,
    isViewOnce: row.is_view_once,
    reactions: row.reactions.map(toReaction),
    media: row.media,
    editedAt: isoTimeOrNull(row.edited_at),
    deletedAt: isoTimeOrNull(row.deleted_at),
    whatsappMessageId: row.whatsapp_message_id,
    sentAt: isoTime(row.sent_at),
    createdAt: isoTime(row.created_at),
  };
}
