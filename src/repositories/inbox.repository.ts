import { Inject, Injectable } from '@nestjs/common';
import type { InboxRow } from '../common/inbox.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { bytesOrNull, isoTimeOrNull, storableText, storableTime } from './column-values.js';
import type { BookingPolicy, IngestItem } from './ingest-item.js';
import { type OutgoingEventRow, toOutgoingEvent } from './outgoing-event-row.js';
import { rowsOf } from './supabase-error.js';

interface ClaimedRow {
  id: number;
  organization_id: string;
  instance_id: string;
  attrs: Record<string, string>;
  encryption: string;
  hash: string;
  body: string | null;
  received_at: string;
  attempts: number;
  account_phone: string | null;
  account_lid: string | null;
}

/** How many received messages wait. */
export interface QueueStats {
  pending: number;
  dead: number;
  oldestPendingAt: string | null;
  /** The 100 organizations with the most waiting. */
  byOrganization: { organizationId: string; pending: number; dead: number; oldestPendingAt: string | null }[];
}

interface StatsRow {
  organization_id: string;
  pending: number;
  dead: number;
  oldest_pending_at: string | null;
}

/** The worker's side of the inbox. */
@Injectable()
export class InboxRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Claims pending rows, oldest first, a fair share for each instance. An instance belongs to one worker at a time.
   *
   * @param request.worker names the claimer; it may claim its own rows again
   * @param request.limit 1 to 500 rows
   */
  async claim(request: {
    worker: string;
    limit: number;
    leaseSeconds: number;
    instanceId?: string | undefined;
  }): Promise<InboxRow[]> {
    const p = {
      worker: request.worker,
      limit: request.limit,
      lease_seconds: request.leaseSeconds,
      instance_id: request.instanceId,
    };
    const rows = await rowsOf<ClaimedRow[]>(this.client.rpc('claim_inbox', { p }));
    return rows.map(toInboxRow);
  }

  /**
   * Applies decisions about claimed rows in one transaction. Rows that are not pending any more are left alone, so a
   * late or repeated call changes nothing.
   *
   * @returns the committed events, those of one organization in sequence, and how many rows were closed
   */
  async ingest(request: {
    worker: string;
    bookingPolicy: BookingPolicy;
    items: IngestItem[];
  }): Promise<{ events: OutgoingEvent[]; processed: number }> {
    if (request.items.length === 0) {
      return { events: [], processed: 0 };
    }
    const p = {
      worker: request.worker,
      booking_policy: request.bookingPolicy,
      items: request.items.map(toItemArgument),
    };
    const result = await rowsOf<{ events: OutgoingEventRow[]; processed: number }>(
      this.client.rpc('ingest_inbox', { p }),
    );
    return { events: result.events.map(toOutgoingEvent), processed: result.processed };
  }

  async stats(): Promise<QueueStats> {
    const row = await rowsOf<Omit<StatsRow, 'organization_id'> & { by_organization: StatsRow[] }>(
      this.client.rpc('queue_stats', { p: {} }),
    );
    return {
      pending: row.pending,
      dead: row.dead,
      oldestPendingAt: isoTimeOrNull(row.oldest_pending_at),
      byOrganization: row.by_organization.map((organization) => ({
        organizationId: organization.organization_id,
        pending: organization.pending,
        dead: organization.dead,
        oldestPendingAt: isoTimeOrNull(organization.oldest_pending_at),
      })),
    };
  }
}

function toInboxRow(row: ClaimedRow): InboxRow {
  return {
    id: String(row.id),
    organizationId: row.organization_id,
    instanceId: row.instance_id,
    attrs: row.attrs,
    encryption: row.encryption,
    hash: row.hash,
    body: bytesOrNull(row.body),
    receivedAt: new Date(row.received_at),
    attempts: row.attempts,
    account: { phone: row.account_phone ?? undefined, lid: row.account_lid ?? undefined },
  };
}

function toItemArgument(item: IngestItem) {
  const common = { inbox_id: item.inboxId, action: item.action, reason: storableText(item.reason) };
  if (item.action !== 'client' && item.action !== 'owner_note') {
    return common;
  }
  return {
    ...common,
    phone: item.person?.phone,
    lid: item.person?.lid,
    push_name: item.action === 'client' && item.pushName ? storableText(item.pushName) : undefined,
    message_id: storableText(item.messageId),
    content: storableText(item.content),
    content_type: item.contentType,
    sent_at: storableTime(item.sentAt),
  };
}
