import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime } from './column-values.js';
import { NUMBER_KEY, type Page, pageOf, type PageRequest, readCursor, rowsToFetch } from './page.js';
import { rowsOf } from './supabase-error.js';

/** What the owner wrote on the phone; internal. */
export interface Note {
  id: string;
  organizationId: string;
  /** The contact that it was written to, where there is one. */
  contactId: string | null;
  instanceId: string;
  content: string;
  contentType: string;
  whatsappMessageId: string;
  sentAt: string;
  createdAt: string;
}

const COLUMNS = `id, ordinal, organization_id, contact_id, instance_id, content, content_type, whatsapp_message_id,
  sent_at, created_at`;
type NoteRow = RowWith<'notes', typeof COLUMNS>;

/** The `notes` table; notes are made by `InboxRepository.ingest`. */
@Injectable()
export class NotesRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** In the order of storing, newest first. */
  async listNotes(
    organizationId: string,
    filter: PageRequest & { contactId?: string | undefined },
  ): Promise<Page<Note>> {
    let query = this.client.from('notes').select(COLUMNS).eq('organization_id', organizationId);
    if (filter.contactId !== undefined) {
      query = query.eq('contact_id', filter.contactId);
    }
    if (filter.cursor !== undefined) {
      query = query.lt('ordinal', readCursor(filter.cursor, [NUMBER_KEY])[0]);
    }
    const sorted = query.order('ordinal', { ascending: false }).limit(rowsToFetch(filter));
    return pageOf(await rowsOf(sorted), filter, toNote, (row) => [String(row.ordinal)]);
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
    whatsappMessageId: row.whatsapp_message_id,
    sentAt: isoTime(row.sent_at),
    createdAt: isoTime(row.created_at),
  };
}
