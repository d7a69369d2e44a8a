import { Inject, Injectable } from '@nestjs/common';
import { AppError, isNotFound } from '../common/app-error.js';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull } from '../repositories/column-values.js';
import {
  type Page,
  pageOf,
  type PageRequest,
  keyIn,
  type PageOrder,
  pageQuery,
  TIME_KEY,
  UUID_KEY,
} from '../repositories/page.js';
import { answerOf, rowsOf } from '../repositories/supabase-error.js';

/** What became of the rows about a contact that was erased; it names nobody. */
export interface ErasureReceipt {
  id: string;
  organizationId: string;
  /** Of the contact that was. */
  contactId: string;
  requestedAt: string;
  /** Null while the erasure is under way. */
  erasedAt: string | null;
  /** Rows by kind. */
  counts: Record<string, number>;
}

/** Names a contact whose erasure is under way. */
export interface UnfinishedErasure {
  organizationId: string;
  contactId: string;
}

const COLUMNS = 'id,organization_id,contact_id,requested_at,erased_at,counts';
type ErasureRow = RowWith<'erasures', typeof COLUMNS>;
const LATEST_FIRST: PageOrder<'requested_at' | 'id'> = {
  columns: ['requested_at', 'id'],
  forms: [TIME_KEY, UUID_KEY],
  isDescending: true,
};
/** Short enough for the pauses of everybody who waits, long enough to be soon over. */
const STEP_ROWS = 1_000;

/** The `erasures` table, and the function that erases. */
@Injectable()
export class ErasuresRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Does a bounded part of erasing a contact; to be repeated until there is a receipt. What was begun can be gone on with at
   * any time, by any process.
   *
   * @param stepRows how many rows of each kind, at most
   * @returns the receipt once nothing is left, also of a contact that was erased before; undefined while there is more
   * @throws AppError `contact_not_found`
   */
  async eraseStep(
    organizationId: string,
    contactId: string,
    stepRows = STEP_ROWS,
  ): Promise<ErasureReceipt | undefined> {
    return this.call({ organization_id: organizationId, contact_id: contactId, limit: stepRows });
  }

  /**
   * Notes that a contact is to be erased: from now on any process goes on with it.
   * @returns the receipt of a contact that was erased before
   * @throws AppError `contact_not_found`
   */
  async beginErasure(organizationId: string, contactId: string): Promise<ErasureReceipt | undefined> {
    return this.call({ organization_id: organizationId, contact_id: contactId, begin_only: true });
  }

  /** @returns erasures that were begun at least `idleMs` ago and are not finished; 100 at most */
  async listUnfinished(idleMs: number): Promise<UnfinishedErasure[]> {
    const rows = await answerOf<{ organization_id: string; contact_id: string }[]>(
      this.client.rpc('unfinished_erasures', { p: { idle_seconds: idleMs / 1000 } }),
    );
    return rows.map((row) => ({ organizationId: row.organization_id, contactId: row.contact_id }));
  }

  /** Newest first. */
  async listErasures(organizationId: string, request: PageRequest): Promise<Page<ErasureReceipt>> {
    const query = this.table().select(COLUMNS).eq('organization_id', organizationId);
    const rows = await rowsOf(pageQuery(query, request, LATEST_FIRST));
    return pageOf(rows, request, toReceipt, keyIn(LATEST_FIRST));
  }

  /** @returns that of a contact, under way or finished */
  async findErasureOf(organizationId: string, contactId: string): Promise<ErasureReceipt | null> {
    const query = this.table()
      .select(COLUMNS)
      .eq('organization_id', organizationId)
      .eq('contact_id', contactId);
    const [row] = await rowsOf(query);
    return row ? toReceipt(row) : null;
  }

  async findErasure(organizationId: string, id: string): Promise<ErasureReceipt | null> {
    const rows = await rowsOf(
      this.table().select(COLUMNS).eq('organization_id', organizationId).eq('id', id),
    );
    return rows[0] ? toReceipt(rows[0]) : null;
  }

  private async call(p: Json): Promise<ErasureReceipt | undefined> {
    try {
      const { receipt } = await answerOf<{ receipt: ErasureRow | null }>(
        this.client.rpc('erase_contact', { p }),
      );
      return receipt ? toReceipt(receipt) : undefined;
    } catch (error) {
      if (isNotFound(error)) {
        throw new AppError('contact_not_found', { cause: error });
      }
      throw error;
    }
  }

  private table() {
    return this.client.from('erasures');
  }
}

function toReceipt(row: ErasureRow): ErasureReceipt {
  return {
    id: row.id,
    organizationId: row.organization_id,
    contactId: row.contact_id,
    requestedAt: isoTime(row.requested_at),
    erasedAt: isoTimeOrNull(row.erased_at),
    counts: row.counts as Record<string, number>,
  };
}
