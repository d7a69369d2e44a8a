import type { InboxRows } from '../../common/inbox.js';
import { PlainBody } from '../../common/plain-body.js';
import type { PlannedIngest } from '../../queue/early-ingestion.js';
import type { EarlyIngested, NewInboxRow, SessionBatch } from '../../repositories/session-batch.js';
import type { CommittedKey, SessionHandle } from '../ownership/session-handle.js';
import { encode, type PendingValue, sizeOf } from '../sealing/stored-value.js';

/** A received message on its way into the inbox; the body is still plain. */
export type PlainInboxRow = Omit<NewInboxRow, 'instanceId' | 'body' | 'plain' | 'account'> & {
  body: Uint8Array | null;
};

/** What one call writes; stored together or not at all. */
export interface SessionWrites {
  keys?: readonly CommittedKey[];
  inbox?: readonly PlainInboxRow[];
  /** Serialized credentials, as they are at this moment. */
  credentials?: string;
}

interface HandleRows {
  keys: Map<string, CommittedKey>;
  inbox: PlainInboxRow[];
  credentials?: string;
}

/** What an inbox row takes besides its body, roughly. */
const ROW_OVERHEAD = 400;

/** @returns what the writes take in a batch, roughly, in bytes */
export function bytesOf({ keys = [], inbox = [], credentials = '' }: SessionWrites): number {
  const ofKeys = keys.reduce((sum, { value }) => sum + (value ? sizeOf(value) : 0), 0);
  const ofInbox = inbox.reduce((sum, { body }) => sum + (body?.length ?? 0) + ROW_OVERHEAD, 0);
  return ofKeys + ofInbox + credentials.length;
}

/** Rows of all sessions that are committed together: of each key the last write, of messages all, in order. */
export class PendingBatch {
  rows = 0;
  bytes = 0;
  /** The inbox rows that are committed by now, as far as the database told. */
  readonly received: InboxRows[] = [];
  /** What commits of it were to ingest, and what came of that. */
  readonly ingested: { plan: PlannedIngest; result: EarlyIngested }[] = [];
  private readonly byHandle = new Map<SessionHandle, HandleRows>();
  private readonly settled = Promise.withResolvers<void>();

  /** @param ticket place of this batch in the order of all batches of the process */
  constructor(readonly ticket: number) {}

  /** Settles when the batch is committed or given up; never rejects. */
  get done(): Promise<void> {
    return this.settled.promise;
  }

  get handles(): SessionHandle[] {
    return [...this.byHandle.keys()];
  }

  settle(): void {
    this.settled.resolve();
  }

  add(handle: SessionHandle, writes: SessionWrites): void {
    const rows = this.rowsOf(handle);
    for (const key of writes.keys ?? []) {
      rows.keys.set(keyName(key.type, key.id), key);
      this.rows += 1;
    }
    for (const row of writes.inbox ?? []) {
      rows.inbox.push(row);
      this.rows += 1;
    }
    if (writes.credentials !== undefined) {
      rows.credentials = writes.credentials;
      this.rows += 1;
    }
    this.bytes += bytesOf(writes);
  }

  /** @returns the pending value (null: deleted), or undefined when this batch does not touch the key */
  findKey(handle: SessionHandle, type: string, id: string): PendingValue | undefined {
    return this.byHandle.get(handle)?.keys.get(keyName(type, id))?.value;
  }

  findInbox(handle: SessionHandle, hash: string): PlainInboxRow | undefined {
    return this.byHandle.get(handle)?.inbox.find((row) => row.hash === hash);
  }

  /** Everything that was written for a handle; to fill its cache after the commit. */
  keysOf(handle: SessionHandle): Iterable<CommittedKey> {
    return this.byHandle.get(handle)?.keys.values() ?? [];
  }

  hasInbox(handle: SessionHandle): boolean {
    return this.inboxCount(handle) > 0;
  }

  /** @returns how many received messages of the session are in it */
  inboxCount(handle: SessionHandle): number {
    return this.byHandle.get(handle)?.inbox.length ?? 0;
  }

  /** @returns ids of the received messages that are in it */
  messageIds(): string[] {
    return [...this.byHandle.values()].flatMap(({ inbox }) => inbox.map(({ messageId }) => messageId));
  }

  /** Leaves out the rows of handles that were given up meanwhile. */
  dropRevoked(): void {
    for (const handle of this.byHandle.keys()) {
      if (handle.revoked) {
        this.byHandle.delete(handle);
      }
    }
  }

  /** Encodes and seals. Done at the last moment, so that overwritten versions cost nothing. */
  seal(handles: SessionHandle[]): Omit<SessionBatch, 'writer' | 'seq'> {
    const batch: Omit<SessionBatch, 'writer' | 'seq'> = {
      epochs: [],
      credentials: [],
      upserts: [],
      deletes: [],
      inbox: [],
    };
    for (const handle of handles) {
      sealRows(batch, handle, this.rowsOf(handle));
    }
    return batch;
  }

  private rowsOf(handle: SessionHandle): HandleRows {
    let rows = this.byHandle.get(handle);
    if (!rows) {
      rows = { keys: new Map(), inbox: [] };
      this.byHandle.set(handle, rows);
    }
    return rows;
  }
}

function sealRows(
  batch: Omit<SessionBatch, 'writer' | 'seq'>,
  handle: SessionHandle,
  rows: HandleRows,
): void {
  const { instanceId, epoch, account, cipher } = handle;
  batch.epochs.push({ instanceId, epoch });
  for (const { type, id, value } of rows.keys.values()) {
    if (value) {
      batch.upserts.push({ instanceId, type, id, value: cipher.sealKey(type, id, encode(value)) });
    } else {
      batch.deletes.push({ instanceId, type, id });
    }
  }
  for (const row of rows.inbox) {
    const body = row.body && cipher.sealBody(row.hash, row.body);
    // What is handed on to a worker of this process need not be opened again.
    const plain = row.body && new PlainBody(row.body);
    batch.inbox.push({ ...row, instanceId, body, plain, account });
  }
  if (rows.credentials !== undefined) {
    const sessionData = cipher.sealCredentials(rows.credentials);
    batch.credentials.push({
      instanceId,
      sessionData,
      accountPhone: account.phone,
      accountLid: account.lid,
    });
  }
}

function keyName(type: string, id: string): string {
  return `${type}/${id}`;
}
