import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTimeOrNull } from './column-values.js';
import { answerOf, answerOrNullOf } from './supabase-error.js';

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

/** What a step of the sweep did for an organization. */
export interface RetentionStep {
  /** Rows by kind. */
  counts: Record<string, number>;
  /** Another step would find more. */
  hasMore: boolean;
  /** Another process is sweeping. */
  isBusy: boolean;
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
   * Deletes what an organization does not keep any longer, the oldest first.
   * @param limit rows of each kind
   */
  async applyStep(organizationId: string, limit: number): Promise<RetentionStep> {
    const p = { organization_id: organizationId, limit };
    const step = await answerOf<{ counts?: Record<string, number>; more?: boolean; busy: boolean }>(
      this.client.rpc('apply_retention', { p }),
    );
    return { counts: step.counts ?? {}, hasMore: step.more === true, isBusy: step.busy };
  }

  /** @returns ids in their order, those after `after` */
  async listOrganizationIds(after: string | undefined, limit: number): Promise<string[]> {
    return answerOf<string[]>(this.client.rpc('list_organization_ids', { p: { after, limit } }));
  }
}

function toRetention({ organization_id, updated_at, ...days }: RetentionRow): Retention {
  return { ...days, organizationId: organization_id, updatedAt: isoTimeOrNull(updated_at) };
}
