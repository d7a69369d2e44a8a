import { Inject, Injectable } from '@nestjs/common';
import { ORGANIZATION_ID_PATTERN, type OrganizationScope } from '../common/organization-scope.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull } from './column-values.js';
import { type Made, type Once, onceColumns, type ReplayColumns, toMade } from './once.js';
import { type Page, pageOf, type PageRequest, type PageOrder, pageQuery, keyIn } from './page.js';
import { answerOf, answerOrNullOf, rowsOf } from './supabase-error.js';

/** A tenant. */
export interface Organization {
  id: string;
  name: string;
  createdAt: string;
  /** Since when it takes nothing new. */
  closedAt: string | null;
}

const COLUMNS = 'id, name, created_at, closed_at';
type OrganizationRow = RowWith<'organizations', typeof COLUMNS>;
const BY_ID: PageOrder<'id'> = { columns: ['id'], forms: [ORGANIZATION_ID_PATTERN], isDescending: false };

/** The `organizations` table. */
@Injectable()
export class OrganizationsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Creates the organization where it is missing.
   *
   * @param id matches `ORGANIZATION_ID_PATTERN`; the caller has checked it
   * @param name for people; the id where it is left out
   * @returns the organization; null when there is one already
   */
  async ensureOrganization(id: string, name: string = id): Promise<Organization | null> {
    const call = this.table()
      .upsert({ id, name }, { onConflict: 'id', ignoreDuplicates: true })
      .select(COLUMNS);
    return first(await rowsOf(call));
  }

  /**
   * As `ensureOrganization`, once under the caller's name for the call.
   * @throws AppError `idempotency_key_reused`
   */
  async createOrganization(id: string, name: string = id, named?: Once): Promise<Made<Organization> | null> {
    const p = { id, name, ...onceColumns(named) };
    const row = await answerOrNullOf<OrganizationRow & ReplayColumns>(
      this.client.rpc('create_organization', { p }),
    );
    return row && toMade(row, toOrganization);
  }

  /** By id, closed ones too. */
  async listOrganizations(scope: OrganizationScope, page: PageRequest): Promise<Page<Organization>> {
    let query = this.table().select(COLUMNS);
    if (scope !== 'all') {
      query = query.in('id', scope.organizationIds);
    }
    const rows = await rowsOf(pageQuery(query, page, BY_ID));
    return pageOf(rows, page, toOrganization, keyIn(BY_ID));
  }

  async findOrganization(id: string): Promise<Organization | null> {
    return first(await rowsOf(this.table().select(COLUMNS).eq('id', id)));
  }

  /** @returns null when there is none */
  async renameOrganization(id: string, name: string): Promise<Organization | null> {
    const call = this.table().update({ name }).eq('id', id).select(COLUMNS);
    return first(await rowsOf(call));
  }

  /**
   * From now on the organization takes nothing new, and its keys are revoked. Its instances are the caller's to log out.
   * @throws AppError `not_found`
   */
  async closeOrganization(id: string): Promise<void> {
    await answerOf(this.client.rpc('close_organization', { p: { id } }));
  }

  private table() {
    return this.client.from('organizations');
  }
}

function first(rows: OrganizationRow[]): Organization | null {
  return rows[0] ? toOrganization(rows[0]) : null;
}

function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    createdAt: isoTime(row.created_at),
    closedAt: isoTimeOrNull(row.closed_at),
  };
}
