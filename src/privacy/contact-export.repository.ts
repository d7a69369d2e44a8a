import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { answerOf } from '../repositories/supabase-error.js';

/** What there may be about a contact beside the contact itself, each kind under the name of its table. */
export const EXPORT_KINDS = [
  'former_addresses',
  'merged_contacts',
  'contact_merges',
  'messages',
  'notes',
  'bookings',
  'automatic_replies',
  'inbox',
  'undecrypted',
  'pending_changes',
  'group_members',
  'group_changes',
  'events',
] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

/** A row as the database has it. */
export type ExportRow = Record<string, unknown>;

/** Of any kind, at most; the database bounds the bytes of a page, too. */
const PAGE_ROWS = 500;

/** Everything that is kept about a contact, whatever table it is in. */
@Injectable()
export class ContactExportRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * @param contact whose rows; they must not change hands meanwhile
   * @returns pages of one kind in the order of storing; some may be empty
   * @throws AppError when the contact is gone
   */
  async *pages(
    contact: { organizationId: string; id: string },
    kind: ExportKind,
  ): AsyncGenerator<ExportRow[], void, undefined> {
    for (let after: number | null = 0; after !== null;) {
      const p = {
        organization_id: contact.organizationId,
        contact_id: contact.id,
        kind,
        after,
        limit: PAGE_ROWS,
      };
      const page: { rows: ExportRow[]; next: number | null } = await answerOf(
        this.client.rpc('export_contact', { p }),
      );
      yield page.rows;
      after = page.next;
    }
  }
}
