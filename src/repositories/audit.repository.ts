import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime } from './column-values.js';
import {
  NUMBER_KEY,
  type Page,
  pageOf,
  type PageRequest,
  keyIn,
  type PageOrder,
  pageQuery,
  TIME_KEY,
} from './page.js';
import { answerOf, rowsOf } from './supabase-error.js';

const LATEST_FIRST: PageOrder<'at' | 'id'> = {
  columns: ['at', 'id'],
  forms: [TIME_KEY, NUMBER_KEY],
  isDescending: true,
};

/** How an operation ended. `begun`: nobody noted it, because it is not over or its process ended first. */
export const AUDIT_OUTCOMES = ['begun', 'done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** Who did, or is about to do, what to which object. */
export interface NewAuditEntry {
  actor: { kind: string; id: string; name: string };
  action: string;
  /** Where it is known; otherwise it is that of the object, or the actor's only one. */
  organizationId?: string | undefined;
  /** Whose objects the actor may know of. */
  scope: OrganizationScope;
  object?: { type: string; id?: string | undefined } | undefined;
  requestId?: string | undefined;
  address?: string | undefined;
  /** Names and numbers that say nothing about a person. */
  details?: Record<string, string | number | boolean | string[]> | undefined;
  /** For an operation that is over; `begun` by default. */
  outcome?: AuditOutcome | undefined;
  status?: number | undefined;
  /** UUID: a second entry of the same call is not stored. */
  callId?: string | undefined;
}

/** An entry that is stored in the transaction of its operation, or before it: never without it, and the operation never without it. */
export interface OperationEntry {
  readonly entry: NewAuditEntry;
  /** To be told where the operation was stored, and with it the entry, under this number. */
  wasStored(id: number): void;
  /**
   * Stores it now, unless it is stored already; for an operation that is done elsewhere, or not done.
   * @throws AppError when it can't be stored
   */
  store(): Promise<void>;
}

/** How an entry that was begun ended. */
export interface AuditEnd {
  id: number;
  outcome: AuditOutcome;
  /** Of the answer, where there is one in HTTP. */
  status?: number | undefined;
  /** Of an object that the operation made. */
  objectId?: string | undefined;
  organizationId?: string | undefined;
}

export interface AuditEntry {
  id: string;
  at: string;
  organizationId: string | null;
  actorKind: string;
  actorId: string;
  actorName: string;
  action: string;
  objectType: string | null;
  objectId: string | null;
  requestId: string | null;
  address: string | null;
  outcome: AuditOutcome;
  status: number | null;
  details: Record<string, unknown>;
}

export interface AuditFilter extends PageRequest {
  actorId?: string | undefined;
  action?: string | undefined;
  objectType?: string | undefined;
  objectId?: string | undefined;
  outcome?: AuditOutcome | undefined;
  /** From then on. */
  from?: Date | undefined;
  /** Until before then. */
  to?: Date | undefined;
}

const COLUMNS = `id, at, organization_id, actor_kind, actor_id, actor_name, action, object_type, object_id, request_id,
  address, outcome, status, details`;
type AuditRow = RowWith<'audit_log', typeof COLUMNS>;

/** The `audit_log` table: rows are added, completed once, and deleted by retention alone. */
@Injectable()
export class AuditRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns the number of the entry */
  async insertEntry(entry: NewAuditEntry): Promise<number> {
    return answerOf<number>(this.client.rpc('begin_audit', { p: toAuditArgument(entry) }));
  }

  /** Completes entries that were begun; others are left as they are. */
  async finishEntries(ends: readonly AuditEnd[]): Promise<void> {
    const items = ends.map(({ id, outcome, status, objectId, organizationId }) => ({
      id,
      outcome,
      status,
      object_id: objectId,
      organization_id: organizationId,
    }));
    await answerOf(this.client.rpc('finish_audit', { p: { items } }));
  }

  /** Newest first. */
  async listEntries(scope: OrganizationScope, filter: AuditFilter): Promise<Page<AuditEntry>> {
    let query = this.client.from('audit_log').select(COLUMNS);
    if (scope !== 'all') {
      query = query.in('organization_id', [...scope.organizationIds]);
    }
    const equal = {
      actor_id: filter.actorId,
      action: filter.action,
      object_type: filter.objectType,
      object_id: filter.objectId,
      outcome: filter.outcome,
    } satisfies Partial<AuditRow>;
    for (const [column, value] of Object.entries(equal)) {
      query = value === undefined ? query : query.eq(column, value);
    }
    if (filter.from !== undefined) {
      query = query.gte('at', filter.from.toISOString());
    }
    if (filter.to !== undefined) {
      query = query.lt('at', filter.to.toISOString());
    }
    const rows = await rowsOf(pageQuery(query, filter, LATEST_FIRST));
    return pageOf(rows, filter, toEntry, keyIn(LATEST_FIRST));
  }

  /**
   * Deletes what is older than the organization keeps its entries.
   * @param organizationId null for what belongs to no organization
   * @param minDays so long they are kept whatever the organization says
   * @returns how many
   */
  async applyRetention(organizationId: string | null, limit: number, minDays = 0): Promise<number> {
    const p = { organization_id: organizationId, limit, min_days: minDays };
    const { deleted } = await answerOf<{ deleted: number }>(this.client.rpc('apply_audit_retention', { p }));
    return deleted;
  }
}

/** @returns the argument of `begin_audit` */
export function toAuditArgument(entry: NewAuditEntry): Record<string, Json | undefined> {
  return {
    actor_kind: entry.actor.kind,
    actor_id: entry.actor.id,
    actor_name: entry.actor.name,
    action: entry.action,
    organization_id: entry.organizationId,
    organizations: entry.scope === 'all' ? null : [...entry.scope.organizationIds],
    object_type: entry.object?.type,
    object_id: entry.object?.id,
    request_id: entry.requestId,
    address: entry.address,
    outcome: entry.outcome,
    status: entry.status,
    details: entry.details ?? {},
    call_id: entry.callId,
  };
}

function toEntry(row: AuditRow): AuditEntry {
  return {
    id: String(row.id),
    at: isoTime(row.at),
    organizationId: row.organization_id,
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    actorName: row.actor_name,
    action: row.action,
    objectType: row.object_type,
    objectId: row.object_id,
    requestId: row.request_id,
    address: row.address,
    outcome: row.outcome,
    status: row.status,
    details: row.details as Record<string, unknown>,
  };
}
