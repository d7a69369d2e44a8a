import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { type KeyMaker, toMaker } from '../repositories/api-key.js';
import { isoTime, isoTimeOrNull, storableText } from '../repositories/column-values.js';
import { type Message, type MessageReaction, type ReactionRow, toReaction } from '../repositories/message.js';
import { type Once, onceColumns } from '../repositories/once.js';
import { type OutgoingEventRow, toOutgoingEvent } from '../repositories/outgoing-event-row.js';
import {
  type BoundedRows,
  ORDINAL_KEY,
  type Page,
  pageOf,
  type PageRequest,
  boundOf,
  rowsToFetch,
} from '../repositories/page.js';
import { answerOf, answerOrNullOf } from '../repositories/supabase-error.js';

/** What the owner wrote on the phone, or somebody here; internal. */
export interface Note {
  id: string;
  organizationId: string;
  /** The contact that it was written to, where there is one. */
  contactId: string | null;
  /** Null, as `whatsappMessageId`, for one that was written here. */
  instanceId: string | null;
  /** Who wrote it here; null for one of the phone. */
  createdBy: KeyMaker | null;
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
  whatsappMessageId: string | null;
  sentAt: string;
  createdAt: string;
}

type NoteRow = RowWith<
  'notes',
  `id, ordinal, organization_id, contact_id, instance_id, content, content_type, whatsapp_message_id,
  sent_at, created_at, type, metadata, mentions, is_forwarded, is_view_once, edited_at, deleted_at, created_by`
> & { reply_to: Message['replyTo']; reactions: ReactionRow[]; media: Message['media'] };

type VersionedRow = NoteRow & { version: string };

/** A note with what names this state of it. */
export interface VersionedNote {
  note: Note;
  version: string;
}

/** Who changes a note: its author, or who manages the organization. */
export interface NoteChanger {
  by: KeyMaker;
  isManager: boolean;
}

/** The `notes` table; those of the phone are made by `InboxRepository.ingest`. */
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
      ...boundOf(filter, [ORDINAL_KEY]),
      limit: rowsToFetch(filter),
    };
    const { rows, more } = await answerOf<BoundedRows<NoteRow>>(this.client.rpc('list_notes', { p }));
    return pageOf(rows, filter, toNote, (row) => [String(row.ordinal)], { isCut: more });
  }

  /** @returns null where there is none */
  async findNote(organizationId: string, id: string): Promise<VersionedNote | null> {
    const p = { organization_id: organizationId, id };
    const row = await answerOrNullOf<VersionedRow>(this.client.rpc('find_note', { p }));
    return row && toVersioned(row);
  }

  /**
   * Writes a note on a contact: once, where calls have a key.
   * @param note.contactId also of a contact that was joined with another one
   * @returns the note (null where it was deleted since an earlier call had made it), the committed events, and whether one had; null for a
   *   contact that is not there
   * @throws AppError `organization_closed`, `contact_being_erased`, `idempotency_key_reused`
   */
  async createNote(
    organizationId: string,
    note: { contactId: string; text: string; by: KeyMaker; once?: Once | undefined },
  ): Promise<{ made: VersionedNote | null; events: OutgoingEvent[]; isReplay: boolean } | null> {
    const p = {
      organization_id: organizationId,
      contact_id: note.contactId,
      text: storableText(note.text),
      by: asJson(note.by),
      ...onceColumns(note.once),
    };
    const answer = await answerOrNullOf<{
      note: VersionedRow | null;
      events: OutgoingEventRow[];
      is_replay: boolean;
    }>(this.client.rpc('create_note', { p }));
    return (
      answer && {
        made: answer.note && toVersioned(answer.note),
        events: answer.events.map(toOutgoingEvent),
        isReplay: answer.is_replay,
      }
    );
  }

  /**
   * Writes a note anew.
   * @param versions of which it must have one; any where they are left out
   * @returns the note and the committed events; null where there is none
   * @throws AppError `note_of_phone`, `note_of_another`, `changed_meanwhile`
   */
  async changeNote(
    organizationId: string,
    id: string,
    text: string,
    changer: NoteChanger,
    versions?: string[],
  ): Promise<(VersionedNote & { events: OutgoingEvent[] }) | null> {
    const p = { ...changeColumns(organizationId, id, changer, versions), text: storableText(text) };
    const answer = await answerOrNullOf<{ note: VersionedRow; events: OutgoingEventRow[] }>(
      this.client.rpc('change_note', { p }),
    );
    return answer && { ...toVersioned(answer.note), events: answer.events.map(toOutgoingEvent) };
  }

  /**
   * @param versions of which it must have one; any where they are left out
   * @returns the committed events; null where there is none
   * @throws AppError `note_of_phone`, `note_of_another`, `changed_meanwhile`
   */
  async deleteNote(
    organizationId: string,
    id: string,
    changer: NoteChanger,
    versions?: string[],
  ): Promise<OutgoingEvent[] | null> {
    const p = changeColumns(organizationId, id, changer, versions);
    const answer = await answerOrNullOf<{ events: OutgoingEventRow[] }>(
      this.client.rpc('delete_note', { p }),
    );
    return answer && answer.events.map(toOutgoingEvent);
  }
}

function toVersioned(row: VersionedRow): VersionedNote {
  return { note: toNote(row), version: row.version };
}

function changeColumns(
  organizationId: string,
  id: string,
  changer: NoteChanger,
  versions: string[] | undefined,
) {
  return {
    organization_id: organizationId,
    id,
    by: asJson(changer.by),
    is_manager: changer.isManager,
    ...(versions && { versions }),
  };
}

function asJson({ kind, id, name }: KeyMaker) {
  return { kind, id, name };
}

function toNote(row: NoteRow): Note {
  return {
    id: row.id,
    organizationId: row.organization_id,
    contactId: row.contact_id,
    instanceId: row.instance_id,
    createdBy: toMaker(row.created_by),
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
