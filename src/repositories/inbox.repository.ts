import { Inject, Injectable } from '@nestjs/common';
import type { InboxRow, InboxRows, PersonAddress } from '../common/inbox.js';
import type { MessageTarget } from '../common/message-change.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { bytesOrNull, isoTimeOrNull } from './column-values.js';
import { type BookingPolicy, type IngestItem, toItemArgument } from './ingest-item.js';
import { toTargetArgument } from './message-detail.js';
import { type OwnerRow, toOwners } from './owner-addresses.js';
import { type OutgoingEventRow, toOutgoingEvent } from './outgoing-event-row.js';
import { answerOf } from './supabase-error.js';

export interface ClaimedRow {
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

interface ClaimAnswer {
  rows: ClaimedRow[];
  owners: OwnerRow[];
  free_in_ms?: number | null;
}

/** What a claim gives. */
export interface ClaimedInbox extends InboxRows {
  /** Where nothing could be claimed, but other workers hold rows: when the first of their claims ends, in ms. */
  freeInMs?: number | undefined;
}

/** What may have the secret of a message. */
export interface ChangeTarget {
  /** Sealed; of a poll or an event. */
  secret: Buffer | undefined;
  /** What the message came in. */
  row: InboxRow | undefined;
}

/** How many received messages wait. */
export interface Backlog {
  pending: number;
  dead: number;
  oldestPendingAt: string | null;
  /** There are more than were counted. */
  isCapped: boolean;
}

export interface QueueStats extends Backlog {
  /** The 100 organizations with the most waiting. */
  byOrganization: (Backlog & { organizationId: string })[];
}

interface StatsRow {
  organization_id: string;
  pending: number;
  dead: number;
  oldest_pending_at: string | null;
  is_capped: boolean;
}

/** The worker's side of the inbox. */
@Injectable()
export class InboxRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Claims pending rows, oldest first. Every organization has its share of a call, and every instance its share of its
   * organization's. An instance belongs to one worker at a time.
   *
   * @param request.worker names the claimer; it may claim its own rows again
   * @param request.limit 1 to 500 rows; fewer where their bodies take more than 8 MiB together, but one at least
   * @param request.leaseSeconds how long the rows stay out of other workers' reach; `renewClaims` prolongs it
   */
  async claim(request: {
    worker: string;
    limit: number;
    leaseSeconds: number;
    instanceId?: string | undefined;
  }): Promise<ClaimedInbox> {
    const p = {
      worker: request.worker,
      limit: request.limit,
      lease_seconds: request.leaseSeconds,
      instance_id: request.instanceId,
    };
    const answer = await answerOf<ClaimAnswer>(this.client.rpc('claim_inbox', { p }));
    return {
      rows: answer.rows.map(toInboxRow),
      owners: toOwners(answer.owners),
      freeInMs: answer.free_in_ms ?? undefined,
    };
  }

  /**
   * Prolongs claims of rows that are still in hand.
   * @param request.ids of claimed rows; those that were closed or lost to another worker are left alone
   */
  async renewClaims(request: {
    worker: string;
    ids: readonly string[];
    leaseSeconds: number;
  }): Promise<void> {
    const p = { worker: request.worker, ids: [...request.ids], lease_seconds: request.leaseSeconds };
    await answerOf(this.client.rpc('renew_claims', { p }));
  }

  /**
   * Ends the claims of whoever had the database before. Only for a database that this process has for itself, and before
   * it claims anything.
   * @returns how many rows were claimed
   */
  async releaseClaims(): Promise<number> {
    const { released } = await answerOf<{ released: number }>(this.client.rpc('release_claims', { p: {} }));
    return released;
  }

  /**
   * Gives dead rows another chance: they are pending again, in their old place. Those come first whose last chance was
   * longest ago.
   * @param request.kind instead those of which nobody knew what they are: WhatsApp's name for it, or `unsupported`
   * @param request.limit 1 to 1000
   */
  async redrive(request: {
    organizationId?: string | undefined;
    instanceId?: string | undefined;
    kind?: string | undefined;
    limit: number;
  }): Promise<{ redriven: number; instanceIds: string[] }> {
    const { organizationId, instanceId, kind, limit } = request;
    const p = { organization_id: organizationId, instance_id: instanceId, kind, limit };
    const row = await answerOf<{ redriven: number; instance_ids: string[] }>(
      this.client.rpc('redrive_inbox', { p }),
    );
    return { redriven: row.redriven, instanceIds: row.instance_ids };
  }

  /**
   * Applies decisions about rows in one transaction. Left alone are rows that are not pending any more, so a late or
   * repeated call changes nothing, rows that another worker has claimed, and rows of an instance that has an older one
   * which is not among them.
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
    const result = await answerOf<{ events: OutgoingEventRow[]; processed: number }>(
      this.client.rpc('ingest_inbox', { p }),
    );
    return { events: result.events.map(toOutgoingEvent), processed: result.processed };
  }

  /**
   * @param changes rows in hand, each with the other side of its chat and the message that it is about
   * @returns for each, in the same order, what may have the secret of that message
   */
  async findChangeTargets(
    changes: readonly {
      inboxId: string;
      person: PersonAddress;
      groupJid?: string | undefined;
      target: MessageTarget;
    }[],
  ): Promise<ChangeTarget[]> {
    const items = changes.map(({ inboxId, person, groupJid, target }) => ({
      inbox_id: inboxId,
      phone: person.phone,
      lid: person.lid,
      chat: groupJid,
      target: toTargetArgument(target),
    }));
    const rows = await answerOf<{ secret: string | null; inbox: ClaimedRow | null }[]>(
      this.client.rpc('find_change_targets', { p: { items } }),
    );
    return rows.map(({ secret, inbox }) => ({
      secret: bytesOrNull(secret) ?? undefined,
      row: inbox ? toInboxRow(inbox) : undefined,
    }));
  }

  /** @param scope whose messages are counted; of other organizations the answer tells nothing */
  async stats(scope: OrganizationScope): Promise<QueueStats> {
    const p = scope === 'all' ? {} : { organization_ids: [...scope.organizationIds] };
    const row = await answerOf<Omit<StatsRow, 'organization_id'> & { by_organization: StatsRow[] }>(
      this.client.rpc('queue_stats', { p }),
    );
    return {
      pending: row.pending,
      dead: row.dead,
      oldestPendingAt: isoTimeOrNull(row.oldest_pending_at),
      isCapped: row.is_capped,
      byOrganization: row.by_organization.map((organization) => ({
        organizationId: organization.organization_id,
        pending: organization.pending,
        dead: organization.dead,
        oldestPendingAt: isoTimeOrNull(organization.oldest_pending_at),
        isCapped: organization.is_capped,
      })),
    };
  }
}

export function toInboxRow(row: ClaimedRow): InboxRow {
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
