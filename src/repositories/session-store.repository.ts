import { Inject, Injectable } from '@nestjs/common';
import type { InboxRow } from '../common/inbox.js';
import type { LogoutResult } from '../common/logout.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type JsonFunction, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { base64OrNull, bytesOrNull, storableText } from './column-values.js';
import { type DataKeyRow, toDataKeyArgument, toStoredDataKey } from './data-key-row.js';
import { DatabaseUnavailableError } from './database-unavailable-error.js';
import type { NewEvent } from './instance-status.repository.js';
import { type OutgoingEventRow, toOutgoingEvent } from './outgoing-event-row.js';
import { type OwnerRow, toOwners } from './owner-addresses.js';
import { toItemArgument } from './ingest-item.js';
import {
  type AcquiredSession,
  asInboxRow,
  type CommitResult,
  type EarlyIngest,
  type EarlyIngested,
  type HeldElsewhere,
  type NewInboxRow,
  type OfferedDataKeys,
  type SessionBatch,
} from './session-batch.js';
import { answerOf, answerOrNullOf } from './supabase-error.js';

interface AcquiredRow {
  epoch: number;
  organization_id: string;
  phone_number: string | null;
  account_phone: string | null;
  account_lid: string | null;
  pairing_method: 'code' | 'qr';
  session_data: string | null;
  keys: [type: string, id: string, value: string][];
  keys_complete: boolean;
  logout_ms: number | null;
  is_restricted: boolean;
  stores_groups: boolean;
  data_keys: { session: DataKeyRow[]; inbox: DataKeyRow[] };
}

/** How a session is given up. */
export interface SessionWipe {
  /** When given, only the holder of this epoch may do it. */
  epoch?: number | null | undefined;
  /**
   * Leaves others alone: `leaving`, those of which the device is to be taken off the account; `expired`, those of which it is
   * no longer.
   */
  onlyIf?: 'leaving' | 'expired' | undefined;
  /** Also marks the instance as deleted. */
  deleted: boolean;
  /** Where the device was to be taken off the account: how that ended. */
  logout?: LogoutResult | undefined;
  /** Becomes `last_disconnect_reason`. */
  reason?: string | undefined;
  /** Stored with it, where the device was to be taken off the account. */
  event?: NewEvent | undefined;
}

interface CommittedRow {
  result: CommitResult['outcome'];
  inbox?: NewRow[];
  owners?: OwnerRow[];
  events?: OutgoingEventRow[];
  processed?: number;
  fault?: string | null;
  versions?: Record<string, string>;
}

type NewRow = [id: number, organizationId: string, instanceId: string, hash: string];

/** Credentials, Signal keys and the inbox as the session writes them. All values are sealed by the caller. */
@Injectable()
export class SessionStoreRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Takes the session over, unless another node's lease holds: whoever had it before can write nothing from now on.
   *
   * @param leaseSeconds how long it is ours without another word, in s
   * @param offered become the instance's data keys where it needs new ones
   * @param maxPairings how many of the instance's organization may be run at the same time, on all nodes, that are not linked
   * @returns null when the instance is missing or deleted
   * @throws AppError `too_many_pairings`
   */
  async acquireSession(
    instanceId: string,
    nodeId: string,
    leaseSeconds: number,
    offered?: OfferedDataKeys,
    maxPairings?: number,
  ): Promise<AcquiredSession | HeldElsewhere | null> {
    const p = {
      instance_id: instanceId,
      node_id: nodeId,
      lease_seconds: leaseSeconds,
      logs_out: true,
      max_pairings: maxPairings,
      ...(offered && {
        data_keys: {
          master_ids: offered.masterIds.map(base64OrNull),
          session: toDataKeyArgument(offered.session),
          inbox: toDataKeyArgument(offered.inbox),
        },
      }),
    };
    const call = this.client.rpc('acquire_session', { p });
    const row = await answerOrNullOf<AcquiredRow | { held_by: string }>(call);
    if (row === null || 'held_by' in row) {
      return row && { heldBy: row.held_by };
    }
    return {
      epoch: row.epoch,
      organizationId: row.organization_id,
      phoneNumber: row.phone_number,
      accountPhone: row.account_phone,
      accountLid: row.account_lid,
      pairingMethod: row.pairing_method,
      sessionData: bytesOrNull(row.session_data),
      keys: row.keys.map(([type, id, value]) => ({ type, id, value: Buffer.from(value, 'base64') })),
      keysComplete: row.keys_complete,
      logoutMs: row.logout_ms === null ? null : Number(row.logout_ms),
      isRestricted: row.is_restricted,
      storesGroups: row.stores_groups,
      dataKeys: {
        session: row.data_keys.session.map(toStoredDataKey),
        inbox: row.data_keys.inbox.map(toStoredDataKey),
      },
    };
  }

  /**
   * New data keys for sessions that are run by the caller, where they need them.
   *
   * @param masterIds of all keys that are configured; that of the one that wraps comes first
   * @returns by instance all of its data keys; no instance that another process has taken over
   */
  async renewDataKeys(
    masterIds: readonly Buffer[],
    sessions: readonly { instanceId: string; epoch: number; offered: OfferedDataKeys }[],
  ): Promise<Map<string, AcquiredSession['dataKeys']>> {
    const rows = await this.call<[string, DataKeyRow[], DataKeyRow[]][]>('renew_running_keys', {
      master_ids: masterIds.map(base64OrNull),
      keys: sessions.map(({ instanceId, epoch, offered }) => [
        instanceId,
        epoch,
        toDataKeyArgument(offered.session),
        toDataKeyArgument(offered.inbox),
      ]),
    });
    return new Map(
      rows.map(([id, session, inbox]) => [
        id,
        { session: session.map(toStoredDataKey), inbox: inbox.map(toStoredDataKey) },
      ]),
    );
  }

  /** @returns sealed values by id; ids without a value are absent */
  async readSessionKeys(instanceId: string, type: string, ids: string[]): Promise<Map<string, Buffer>> {
    if (ids.length === 0) {
      return new Map();
    }
    const rows = await this.call<[string, string][]>('read_session_keys', {
      instance_id: instanceId,
      type,
      ids,
    });
    return new Map(rows.map(([id, value]) => [id, Buffer.from(value, 'base64')]));
  }

  /**
   * @throws FencedError when an epoch is not current; nothing was written then
   * @throws DatabaseRejectedError `AZ002` when the number skips one, and for data that can't be stored
   * @throws AppError `database_unavailable`: in doubt, repeat the same batch
   */
  async commitBatch(batch: SessionBatch): Promise<CommitResult> {
    const { ingest } = batch;
    const answer = await this.sendBatch(batch, {
      writer: batch.writer,
      seq: batch.seq,
      epochs: batch.epochs.map(({ instanceId, epoch }) => [instanceId, epoch]),
      creds: batch.credentials.map((creds) => [
        creds.instanceId,
        base64OrNull(creds.sessionData),
        creds.accountPhone ?? null,
        creds.accountLid ?? null,
      ]),
      upserts: batch.upserts.map((key) => [key.instanceId, key.type, key.id, base64OrNull(key.value)]),
      deletes: batch.deletes.map((key) => [key.instanceId, key.type, key.id]),
      ...(ingest ? toIngestArgument(batch.inbox, ingest) : { inbox: batch.inbox.map(toInboxArgument) }),
      ...(batch.wantsInbox && { wants_inbox: true }),
    });
    const { result: outcome, inbox, owners } = answer;
    // What is not said to be stored is not: nothing may be acknowledged for an answer that only looks like one.
    if (outcome !== 'committed' && outcome !== 'already') {
      throw new DatabaseUnavailableError({ httpStatus: 200, answerCode: '' });
    }
    if (ingest && outcome === 'committed') {
      return { outcome, ingested: toIngested(batch.inbox, answer) };
    }
    return inbox && owners
      ? { outcome, received: { rows: toInboxRows(batch.inbox, inbox), owners: toOwners(owners) } }
      : { outcome };
  }

  /** @returns for each hash that is in the inbox its sealed body (null for a placeholder or a purged row) */
  async findInbox(instanceId: string, hashes: string[]): Promise<Map<string, Buffer | null>> {
    if (hashes.length === 0) {
      return new Map();
    }
    const rows = await this.call<[string, string | null][]>('find_inbox', {
      instance_id: instanceId,
      hashes,
    });
    return new Map(rows.map(([hash, body]) => [hash, bytesOrNull(body)]));
  }

  /** Gives the session up; does nothing when another process took it over meanwhile. */
  async releaseSession(instanceId: string, epoch: number): Promise<void> {
    await this.call('release_session', { instance_id: instanceId, epoch });
  }

  /**
   * Forgets credentials and keys and fences every late writer.
   * @returns the event, if one was given and stored
   * @throws FencedError
   */
  async wipeSession(instanceId: string, options: SessionWipe): Promise<OutgoingEvent | null> {
    const { event } = await this.call<{ event: OutgoingEventRow | null }>('wipe_session', {
      instance_id: instanceId,
      epoch: options.epoch ?? null,
      deleted: options.deleted,
      ...(options.onlyIf && { only_if: options.onlyIf }),
      ...(options.logout && { logout: options.logout }),
      ...(options.reason !== undefined && { reason: options.reason }),
      ...(options.event && { event: options.event }),
    });
    return event && toOutgoingEvent(event);
  }

  private sendBatch({ isEncoded, ingest }: SessionBatch, p: Json): Promise<Partial<CommittedRow>> {
    if (isEncoded !== true) {
      return this.call(ingest ? 'commit_and_ingest' : 'commit_session_batch', p);
    }
    return this.call('commit_encoded_batch', { batch: Buffer.from(JSON.stringify(p)).toString('base64') });
  }

  private call<T extends NonNullable<unknown>>(name: JsonFunction, p: Json): Promise<T> {
    return answerOf<T>(this.client.rpc(name, { p }));
  }
}

/** @returns those of the written rows that are new, as a worker would claim them; in clear where the caller has them so */
function toInboxRows(written: readonly NewInboxRow[], stored: readonly NewRow[]): InboxRow[] {
  const byName = new Map(written.map((row) => [`${row.instanceId}/${row.hash}`, row]));
  return stored.flatMap(([id, organizationId, instanceId, hash]) => {
    const row = byName.get(`${instanceId}/${hash}`);
    return row ? [asInboxRow(row, String(id), organizationId)] : [];
  });
}

/** The rows of the batch as `commit_and_ingest` takes them, each with what was decided about it. */
function toIngestArgument(
  rows: readonly NewInboxRow[],
  { items, ownerVersions, bookingPolicy }: EarlyIngest,
) {
  return {
    inbox: [],
    received: rows.map((row) => {
      const item = items.get(row);
      return { ...toInboxArgument(row), ...(item && { item: toItemArgument(item) }) };
    }),
    owners: Object.fromEntries(ownerVersions),
    booking_policy: bookingPolicy,
  };
}

function toIngested(written: readonly NewInboxRow[], answer: Partial<CommittedRow>): EarlyIngested {
  const { events = [], processed = 0, inbox = [], owners, versions, fault } = answer;
  const addresses = owners && toOwners(owners);
  return {
    events: events.map(toOutgoingEvent),
    processed,
    fault: fault ?? undefined,
    waiting: toInboxRows(written, inbox),
    owners:
      versions &&
      new Map(
        Object.entries(versions).map(([id, version]) => [
          id,
          { version, addresses: addresses?.get(id) ?? [] },
        ]),
      ),
  };
}

function toInboxArgument(row: NewInboxRow) {
  const attrs = Object.entries(row.attrs).map(([name, value]) => [storableText(name), storableText(value)]);
  return {
    instance_id: row.instanceId,
    message_id: storableText(row.messageId),
    chat: storableText(row.chat),
    sender: storableText(row.sender),
    hash: row.hash,
    attrs: Object.fromEntries(attrs) as Record<string, string>,
    encryption: storableText(row.encryption),
    body: base64OrNull(row.body),
    account_phone: row.account.phone ?? null,
    account_lid: row.account.lid ?? null,
    received_at: row.receivedAt.toISOString(),
  };
}
