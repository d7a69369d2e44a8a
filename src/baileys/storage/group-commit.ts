import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { MESSAGE_STEPS, passed } from '../../common/message-steps.js';
import { Logs } from '../../logging/logs.js';
import { InboxNotifier } from '../../queue/inbox-notifier.js';
import { InboxHandoff } from '../../queue/inbox-handoff.js';
import { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { BatchCommitter } from './batch-committer.js';
import { GroupCommitOptions } from './group-commit-options.js';
import { bytesOf, PendingBatch, type PlainInboxRow, type SessionWrites } from './pending-batch.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import { Sharing } from './sharing.js';
import { StorageHealth } from './storage-health.js';
import type { PendingValue } from '../sealing/stored-value.js';

/**
 * Commits the writes of all sessions of the process together, in order: one batch in flight while the next one fills.
 * A write is visible to readers of the same session at once, and durable when its ticket is.
 */
@Injectable()
export class GroupCommit {
  readonly storage = new StorageHealth();
  private readonly log: Logger;
  /** In order; the first may be in flight, the last one is open. */
  private queue: PendingBatch[] = [new PendingBatch(1)];
  private durable = 0;
  private isPumping = false;
  private readonly sharing = new Sharing();
  private readonly committer: BatchCommitter;

  constructor(
    store: SessionStoreRepository,
    private readonly notifier: InboxNotifier,
    private readonly handoff: InboxHandoff,
    private readonly options: GroupCommitOptions,
    logs: Logs,
  ) {
    this.log = logs.component('groupCommit');
    const allHandles = () => [...new Set(this.queue.flatMap((batch) => batch.handles))];
    const { log, storage } = this;
    this.committer = new BatchCommitter(store, options, log, storage, allHandles, handoff);
  }

  /** Everything up to this ticket is committed. */
  get durableTicket(): number {
    return this.durable;
  }

  get pendingRows(): number {
    return this.queue.reduce((sum, batch) => sum + batch.rows, 0);
  }

  /** The database does not take commits at the moment. */
  get isDegraded(): boolean {
    return this.storage.fault !== undefined;
  }

  /** Another part saw that the database takes writes. */
  storageIsBack(): void {
    if (this.storage.worked()) {
      this.log.info('the database takes writes again');
    }
  }

  /**
   * Takes writes over; they are stored together or not at all. Synchronous on purpose: one call is one atomic append.
   *
   * @returns a promise to wait for when the log is full or the session has had its share (backpressure), else undefined; it
   *   never rejects
   * @throws the fault of a handle that was given up
   */
  append(handle: SessionHandle, writes: SessionWrites): Promise<void> | undefined {
    handle.assertUsable();
    const open = this.batchFor(writes);
    open.add(handle, writes);
    if (writes.inbox?.length) {
      this.sharing.note(handle.instanceId);
    }
    handle.lastTicket = open.ticket;
    this.schedule();
    if (open.rows >= this.options.maxRows || open.bytes >= this.options.maxBytes) {
      this.queue.push(new PendingBatch(open.ticket + 1));
    }
    const { shareRows, shareRestMs } = this.options;
    if (writes.inbox?.length && this.sharing.isShared && open.inboxCount(handle) >= shareRows) {
      return open.done.then(() => delay(shareRestMs));
    }
    return this.queue.length > 2 ? open.done : undefined;
  }

  /** @returns the latest write that is not known to be durable (null: deleted), or undefined */
  findKey(handle: SessionHandle, type: string, id: string): PendingValue | undefined {
    for (let index = this.queue.length - 1; index >= 0; index--) {
      const value = this.queue[index]!.findKey(handle, type, id);
      if (value !== undefined) {
        return value;
      }
    }
    return undefined;
  }

  findInbox(handle: SessionHandle, hash: string): PlainInboxRow | undefined {
    for (const batch of this.queue) {
      const row = batch.findInbox(handle, hash);
      if (row) {
        return row;
      }
    }
    return undefined;
  }

  /** Waits until everything appended so far is committed or given up. Never rejects. */
  async flush(): Promise<void> {
    const open = this.openBatch();
    await (open.rows > 0 ? open.done : this.queue.at(-2)?.done);
  }

  /** Waits until the writes of one session are committed; returns early when it is given up. */
  async durableFor(handle: SessionHandle): Promise<void> {
    const batch = this.queue.find(({ ticket }) => ticket === handle.lastTicket);
    await batch?.done;
  }

  private openBatch(): PendingBatch {
    return this.queue.at(-1)!;
  }

  /** The open batch, or the next one where that would become too large: a single call's writes are never cut. */
  private batchFor(writes: SessionWrites): PendingBatch {
    const open = this.openBatch();
    if (open.rows > 0 && open.bytes + bytesOf(writes) > this.options.maxBytes) {
      this.queue.push(new PendingBatch(open.ticket + 1));
    }
    return this.openBatch();
  }

  private schedule(): void {
    if (!this.isPumping) {
      this.isPumping = true;
      setImmediate(() => void this.pump());
    }
  }

  private async pump(): Promise<void> {
    while (this.queue[0]!.rows > 0) {
      const batch = this.queue[0]!;
      if (this.queue.length === 1) {
        this.queue.push(new PendingBatch(batch.ticket + 1));
      }
      passed(MESSAGE_STEPS.closed, batch);
      try {
        await this.committer.commit(batch);
      } catch (error) {
        // Whatever it is, the pump must go on; the sessions of this batch can't.
        this.log.error({ err: error }, 'commit failed unexpectedly');
        this.committer.giveUp(batch.handles, error);
      }
      this.complete(batch);
    }
    this.isPumping = false;
  }

  private complete(batch: PendingBatch): void {
    batch.dropRevoked();
    passed(MESSAGE_STEPS.committed, batch);
    this.durable = batch.ticket;
    const handles = batch.handles;
    for (const handle of handles) {
      handle.announceCommitted(batch.keysOf(handle));
    }
    this.queue.shift();
    handles.forEach((handle) => handle.announceReleasable());
    passed(MESSAGE_STEPS.released, batch);
    this.announceInbox(batch);
    batch.settle();
  }

  private announceInbox(batch: PendingBatch): void {
    const handles = batch.handles.filter((handle) => batch.hasInbox(handle));
    const unannounced = new Set(handles.map(({ instanceId }) => instanceId));
    for (const received of batch.received) {
      const refused = this.handoff.offer(received);
      received.rows.forEach(({ instanceId }) => refused.has(instanceId) || unannounced.delete(instanceId));
    }
    for (const { plan, result } of batch.ingested) {
      // The whole batch, and the answer names all that is left of it.
      unannounced.clear();
      this.handoff.offer(plan.committed(result)).forEach((instanceId) => unannounced.add(instanceId));
    }
    unannounced.forEach((instanceId) => this.notifier.notify(instanceId));
  }
}
