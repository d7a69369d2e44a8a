import { Inject, Injectable } from '@nestjs/common';
import { isoTime, isoTimeOrNull } from '../repositories/column-values.js';
import {
  creationKey,
  keyIn,
  NEWEST_FIRST,
  NUMBER_KEY,
  type Page,
  pageOf,
  type PageOrder,
  pageQuery,
  type PageRequest,
} from '../repositories/page.js';
import { answerOf, rowsOf } from '../repositories/supabase-error.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';

/** A process of the service. */
export interface ServiceNode {
  id: string;
  kind: 'api' | 'worker';
  isLeaving: boolean;
  isAlive: boolean;
  heartbeatAt: string;
  expiresAt: string;
  /** Numbers that it runs. */
  sessions: number;
}

/** Which process runs a number. */
export interface Lease {
  instanceId: string;
  instanceName: string;
  organizationId: string;
  status: string;
  nodeId: string;
  /** How often the number was taken over. */
  epoch: number;
  expiresAt: string;
}

/** A received message that could not be decoded. */
export interface DeadRow {
  id: string;
  organizationId: string;
  instanceId: string;
  messageId: string;
  reason: string | null;
  error: string | null;
  attempts: number;
  receivedAt: string;
  processedAt: string | null;
}

/** What was received and sent in one minute; of each the median and the 95th percentile of what it took, in ms. */
export interface MinuteOfTraffic {
  at: string;
  received: number;
  receivedMs: [number, number] | null;
  sent: number;
  sentMs: [number, number] | null;
}

export interface Throughput {
  /** There was more than was looked at. */
  isCapped: boolean;
  minutes: MinuteOfTraffic[];
}

interface NodeRow {
  id: string;
  kind: 'api' | 'worker';
  is_leaving: boolean;
  is_alive: boolean;
  heartbeat_at: string;
  expires_at: string;
  sessions: number;
}

interface MinuteRow {
  at: string;
  received: number;
  received_ms: [number, number] | null;
  sent: number;
  sent_ms: [number, number] | null;
}

const LEASE_COLUMNS =
  'id, created_at, organization_id, instance_name, status, lease_owner, lease_epoch, lease_expires_at';
type LeaseRow = RowWith<'whatsapp_instances', typeof LEASE_COLUMNS>;

const DEAD_COLUMNS =
  'id, organization_id, instance_id, message_id, reason, error, attempts, received_at, processed_at';
type DeadRowColumns = RowWith<'inbox', typeof DEAD_COLUMNS>;

const DEAD = 2;
const LATEST_FIRST: PageOrder<'id'> = { columns: ['id'], forms: [NUMBER_KEY], isDescending: true };

/** What those who run the service look at. */
@Injectable()
export class OperationsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns all processes that gave a sign of life in the last hour */
  async listNodes(): Promise<ServiceNode[]> {
    const rows = await answerOf<NodeRow[]>(this.client.rpc('list_nodes', { p: {} }));
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      isLeaving: row.is_leaving,
      isAlive: row.is_alive,
      heartbeatAt: isoTime(row.heartbeat_at),
      expiresAt: isoTime(row.expires_at),
      sessions: row.sessions,
    }));
  }

  /** Numbers that a process runs, those that were made last first. */
  async listLeases(request: PageRequest): Promise<Page<Lease>> {
    const query = this.client
      .from('whatsapp_instances')
      .select(LEASE_COLUMNS)
      .not('lease_owner', 'is', null)
      .gt('lease_expires_at', new Date().toISOString());
    const rows = await rowsOf(pageQuery(query, request, NEWEST_FIRST));
    return pageOf(rows, request, toLease, creationKey);
  }

  /** The last received first. */
  async listDead(
    request: PageRequest & { organizationId?: string | undefined; instanceId?: string | undefined },
  ): Promise<Page<DeadRow>> {
    let query = this.client.from('inbox').select(DEAD_COLUMNS).eq('state', DEAD);
    if (request.organizationId !== undefined) {
      query = query.eq('organization_id', request.organizationId);
    }
    if (request.instanceId !== undefined) {
      query = query.eq('instance_id', request.instanceId);
    }
    const rows = await rowsOf(pageQuery(query, request, LATEST_FIRST));
    return pageOf(rows, request, toDeadRow, keyIn(LATEST_FIRST));
  }

  /** @param minutes how many, up to now: 1 to 180 */
  async throughput(minutes: number): Promise<Throughput> {
    const row = await answerOf<{ is_capped: boolean; minutes: MinuteRow[] }>(
      this.client.rpc('throughput', { p: { minutes } }),
    );
    return {
      isCapped: row.is_capped,
      minutes: row.minutes.map((minute) => ({
        at: isoTime(minute.at),
        received: minute.received,
        receivedMs: durations(minute.received_ms),
        sent: minute.sent,
        sentMs: durations(minute.sent_ms),
      })),
    };
  }
}

/** Where nothing of a minute is over there is no percentile. Clocks of two machines may differ. */
function durations(ms: [number | null, number | null] | null): [number, number] | null {
  return ms === null || ms[0] === null || ms[1] === null
    ? null
    : [Math.max(0, Math.round(ms[0])), Math.max(0, Math.round(ms[1]))];
}

function toLease(row: LeaseRow): Lease {
  return {
    instanceId: row.id,
    instanceName: row.instance_name,
    organizationId: row.organization_id,
    status: row.status,
    nodeId: row.lease_owner!,
    epoch: row.lease_epoch,
    expiresAt: isoTime(row.lease_expires_at!),
  };
}

function toDeadRow(row: DeadRowColumns): DeadRow {
  return {
    id: String(row.id),
    organizationId: row.organization_id,
    instanceId: row.instance_id,
    messageId: row.message_id,
    reason: row.reason,
    error: row.error,
    attempts: row.attempts,
    receivedAt: isoTime(row.received_at),
    processedAt: isoTimeOrNull(row.processed_at),
  };
}
