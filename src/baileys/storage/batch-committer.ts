import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { InboxHandoff } from '../../queue/inbox-handoff.js';
import type { PlannedIngest } from '../../queue/early-ingestion.js';
import type { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { DatabaseRejectedError } from '../../repositories/database-rejected-error.js';
import { DatabaseUnavailableError } from '../../repositories/database-unavailable-error.js';
import { mayBeOfContent, readCommitFault } from './commit-fault.js';
import type { GroupCommitOptions } from './group-commit-options.js';
import { EmptyCommits, NOTHING } from './empty-commits.js';
import type { PendingBatch } from './pending-batch.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import type { StorageHealth } from './storage-health.js';
import { StoreStuckError } from './store-stuck-error.js';
import { withTimeout } from '../../common/with-timeout.js';

/** An attempt is worth making only if it may take so long, in ms. */
const MIN_ATTEMPT_MS = 250;
/** So many refusals in a row that may be for what is in a batch: then it is sent in a form that shows nothing of it. */
const REFUSALS_IN_CLEAR = 2;
/** So many of them, the later ones in that form: then it is found out whose rows are refused. */
const MAX_REFUSALS = REFUSALS_IN_CLEAR + 3;

/** Gets one batch after the other into the database: numbers them, repeats what is in doubt, gives up what can't be stored. */
export class BatchCommitter {
  private writer: string = randomUUID();
  private seq = 1;
  /** An attempt under the current number may be stored, or still on its way. */
  private isInDoubt = false;
  private readonly emptyCommits: EmptyCommits;

  /**
   * @param allHandles every session that has writes waiting, for an outage that is too long
   * @param handoff where inbox rows go: whether they are asked for, and who decides about them before
   */
  constructor(
    private readonly store: SessionStoreRepository,
    private readonly options: GroupCommitOptions,
    private readonly log: Logger,
    private readonly storage: StorageHealth,
    private readonly allHandles: () => SessionHandle[],
    private readonly handoff: Pick<InboxHandoff, 'isOpen' | 'earlyIngestion'>,
  ) {
    this.emptyCommits = new EmptyCommits(store);
  }

  /** Settles when each row is stored or its session given up. */
  async commit(batch: PendingBatch): Promise<void> {
    // Only where the batch before ended unexpectedly.
    await this.settleNumber();
    const isolated = await this.commitHandles(batch, undefined);
    for (const handle of isolated) {
      await this.commitHandles(batch, handle);
      await this.settleNumber();
    }
    await this.settleNumber();
  }

  /**
   * @param only commits this handle's rows alone
   * @returns handles to commit one by one because together they were refused
   */
  private async commitHandles(
    batch: PendingBatch,
    only: SessionHandle | undefined,
  ): Promise<SessionHandle[]> {
    const deadline = Date.now() + this.options.giveUpMs;
    // Alone because together they were refused: that was in clear enough often.
    let refusals = only ? REFUSALS_IN_CLEAR : 0;
    let areOthersTaken = false;
    let mayIngest = only === undefined;
    for (let attempt = 0; ; attempt++) {
      batch.dropRevoked();
      const handles = only ? batch.handles.filter((handle) => handle === only) : batch.handles;
      if (handles.length === 0) {
        return [];
      }
      const form = { isEncoded: refusals >= REFUSALS_IN_CLEAR, mayIngest };
      const failed = await this.attempt(batch, handles, deadline, form);
      if (failed === undefined) {
        return [];
      }
      const { error, plan } = failed;
      const fault = readCommitFault(error);
      if (plan && fault.kind !== 'fenced') {
        mayIngest = false;
        plan.failed();
        if (fault.kind === 'data') {
          // Of what, if not of what was to be ingested with it, the next attempt tells.
          continue;
        }
      }
      this.isInDoubt ||= fault.kind === 'in_doubt';
      const isOver = Date.now() >= deadline;
      if (fault.kind === 'in_doubt' && !isOver) {
        refusals = mayBeOfContent(error) ? refusals + 1 : 0;
        if (refusals < MAX_REFUSALS) {
          areOthersTaken &&= refusals > 0;
        } else if (handles.length > 1) {
          return handles;
        } else if (areOthersTaken) {
          this.giveUpRefused(handles, error);
          return [];
        } else {
          areOthersTaken = await this.takesOthers();
          // Once more: what refused everything may have ended just now.
          refusals = areOthersTaken ? MAX_REFUSALS - 1 : REFUSALS_IN_CLEAR;
        }
        await this.pause(attempt, error);
      } else if (fault.kind === 'in_doubt' || fault.kind === 'out_of_order') {
        this.giveUpAll(error);
        return [];
      } else {
        const culprits =
          fault.kind === 'fenced'
            ? handles.filter((handle) => fault.instanceIds.includes(handle.instanceId))
            : [];
        const guilty = handles.length === 1 ? handles : culprits;
        this.giveUp(guilty, error);
        if (guilty.length === 0) {
          return handles;
        }
      }
    }
  }

  private async attempt(
    batch: PendingBatch,
    handles: SessionHandle[],
    deadline: number,
    { isEncoded, mayIngest }: { isEncoded: boolean; mayIngest: boolean },
  ): Promise<{ error: unknown; plan: PlannedIngest | undefined } | undefined> {
    const timeoutMs = Math.min(
      this.options.attemptTimeoutMs,
      Math.max(deadline - Date.now(), MIN_ATTEMPT_MS),
    );
    let plan: PlannedIngest | undefined;
    try {
      const rows = batch.seal(handles);
      if (mayIngest && rows.inbox.length > 0) {
        plan = await this.handoff.earlyIngestion?.plan(rows.inbox);
      }
      const wantsInbox = !plan && rows.inbox.length > 0 && this.handoff.isOpen;
      const { writer, seq } = this;
      const ingest = plan?.ingest;
      const call = this.store.commitBatch({ ...rows, writer, seq, wantsInbox, isEncoded, ingest });
      const { received, ingested } = await withTimeout(call, timeoutMs, () => new StoreStuckError());
      this.advance();
      if (received) {
        batch.received.push(received);
      }
      if (plan && ingested) {
        batch.ingested.push({ plan, result: ingested });
      }
      if (this.storage.worked()) {
        this.log.info('commits go through again');
      }
      return undefined;
    } catch (error) {
      return { error: error ?? new Error('commit failed'), plan };
    }
  }

  private async pause(attempt: number, error: unknown): Promise<void> {
    if (this.storage.failed(error)) {
      this.log.warn(
        { err: error, reason: this.storage.fault?.reason },
        'commits are held: database not available',
      );
    }
    await delay(Math.min(20 * 2 ** Math.min(attempt, 10), this.options.maxRetryDelayMs));
  }

  /** The outcome of the batch in flight stays unknown: new epochs fence it, and a new writer starts its own numbers. */
  private giveUpAll(error: unknown): void {
    this.giveUp(this.allHandles(), error);
    this.storage.gaveUp(error);
    this.startAnew();
  }

  /**
   * One session whose rows are refused while others are taken; nothing of them was acknowledged, so WhatsApp delivers them
   * again.
   */
  private giveUpRefused(handles: SessionHandle[], error: unknown): void {
    const code = error instanceof DatabaseUnavailableError ? `HTTP ${error.httpStatus}` : undefined;
    this.giveUp(
      handles,
      code === undefined ? error : new DatabaseRejectedError(code, 'refused by a gateway'),
    );
  }

  /**
   * Uses the number of what was given up for nothing, where that is in doubt. Other rows must never have it: they could be taken
   * for stored. And an attempt that is still on its way must not find it free: it may hold what sessions that go on have written
   * anew since.
   */
  private async settleNumber(): Promise<void> {
    const deadline = Date.now() + this.options.giveUpMs;
    for (let attempt = 0; this.isInDoubt; attempt++) {
      try {
        const call = this.store.commitBatch({ ...NOTHING, writer: this.writer, seq: this.seq });
        await withTimeout(call, this.options.attemptTimeoutMs, () => new StoreStuckError());
        this.advance();
        this.storage.worked();
      } catch (error) {
        const { kind } = readCommitFault(error);
        if (kind === 'out_of_order') {
          // A database that was put back to an earlier state: no attempt of this writer fits any more.
          this.startAnew();
        } else if (kind !== 'in_doubt' || Date.now() >= deadline) {
          this.giveUpAll(error);
        } else {
          await this.pause(attempt, error);
        }
      }
    }
  }

  private advance(): void {
    this.seq += 1;
    this.isInDoubt = false;
  }

  private async takesOthers(): Promise<boolean> {
    try {
      await this.emptyCommits.commit(this.options.attemptTimeoutMs);
      return true;
    } catch {
      return false;
    }
  }

  private startAnew(): void {
    this.writer = randomUUID();
    this.seq = 1;
    this.isInDoubt = false;
  }

  /** Revokes handles: their writes can't be stored. */
  giveUp(handles: SessionHandle[], error: unknown): void {
    const fault = error instanceof Error ? error : new Error('commit failed', { cause: error });
    for (const handle of handles) {
      this.log.error(
        { err: fault, instanceId: handle.instanceId },
        'session given up: its writes can not be stored',
      );
      handle.revoke(fault);
    }
  }
}
