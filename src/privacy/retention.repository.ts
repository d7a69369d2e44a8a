import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTimeOrNull } from '../repositories/column-values.js';
import { answerOf, answerOrNullOf } from '../repositories/supabase-error.js';

/** Kinds of data that an organization decides about. */
export const RETENTION_FIELDS = [
  'messages_days',
  'notes_days',
  'bookings_days',
  'inbox_bodies_days',
  'inbox_days',
  'events_days',
  'audit_days',
] as const;
export type RetentionField = (typeof RETENTION_FIELDS)[number];

/** How many days what is kept; null: for ever. */
export type RetentionDays = Record<RetentionField, number | null>;

export interface Retention extends RetentionDays {
  organizationId: string;
  /** Null while the defaults hold. */
  updatedAt: string | null;
}

/** What a step of the sweep did. */
export interface RetentionStep {
  /** Rows by kind, of organizations where something was done. */
  swept: { organizationId: string; counts: Record<string, number> }[];
  /** The last organization that is done: where the next step goes on. */
  after: string;
  /** The organization after that one is not done yet. */
  hasMore: boolean;
  /** All of them are done. */
  isOver: boolean;
}

interface StepRow {
  busy: boolean;
  swept: [organizationId: string, counts: Record<string, number>][];
  after: string;
  more: boolean;
  is_over: boolean;
}

interface RetentionRow extends RetentionDays {
  organization_id: string;
  updated_at: string | null;
}

/** Settings of retention, and the functions that hold to them. */
@Injectable()
export class RetentionRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns null where there is no such organization */
  async findRetention(organizationId: string): Promise<Retention | null> {
    const p = { organization_id: organizationId };
    const row = await answerOrNullOf<RetentionRow>(this.client.rpc('read_retention', { p }));
    return row && toRetention(row);
  }

  /**
   * @param changes fields that are left out stay as they are
   * @returns null where there is no such organization
   */
  async updateRetention(organizationId: string, changes: Partial<RetentionDays>): Promise<Retention | null> {
    const p = { organization_id: organizationId, changes };
    const row = await answerOrNullOf<RetentionRow>(this.client.rpc('write_retention', { p }));
    return row && toRetention(row);
  }

  /**
   * Deletes what organizations do not keep any longer, the oldest first: of as many of them as a second or so is enough for.
   * @param after id of an organization, in the order of ids; undefined begins
   * @param limit rows of each kind, of one organization
   * @param auditMinDays so long entries of the audit log are kept, whatever an organization says
   * @returns undefined while another process is sweeping
   */
  async sweep(
    after: string | undefined,
    limit: number,
    auditMinDays = 0,
  ): Promise<RetentionStep | undefined> {
    const p = { after, limit, audit_min_days: auditMinDays };
    const step = await answerOf<StepRow>(this.client.rpc('sweep_retention', { p }));
    return step.busy
      ? undefined
      : {
          swept: step.swept.map(([organizationId, counts]) => ({ organizationId, counts })),
          after: step.after,
          hasMore: step.more,
          isOver: step.is_over,
        };
  }
}

function toRetention({ organization_id, updated_at, ...days }: RetentionRow): Retention {
  return { ...days, organizationId: organization_id, updatedAt: isoTimeOrNull(updated_at) };
}
