import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { CoalescedRun } from '../common/coalesced-run.js';
import { withTimeout } from '../common/with-timeout.js';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { InboxNotifier } from '../queue/inbox-notifier.js';
import { InboxHandoff } from '../queue/inbox-handoff.js';
import { WorkerStatus } from '../queue/worker-status.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';
import { Backoff } from '../common/backoff.js';
import { CommitIngestion } from './commit-ingestion.js';
import { InboxBatch } from './inbox-batch.js';
import { SearchCalls } from './search-calls.js';

/** Where a call costs least per message, by measurement. */
const MAX_BATCH_ROWS = 200;
const SWEEP_INTERVAL_MS = 5_000;
/** After failures of a batch, in ms. */
const RETRY = { baseMs: 250, maxMs: 10_000 };
/** Longer than a statement may take; a process manager kills after 30 s as a rule. */
const STOP_TIMEOUT_MS = 15_000;
/** What is added to the end of another worker's claim: that much earlier, the look would be in vain. */
const CLAIM_END_MARGIN_MS = 20;
const NO_REDIS = 'Workers disabled: Redis not configured';

/**
 * Empties the inbox: what is handed over right after its commit, where that has not ingested it, and from the table what waits there, at start, when the
 * notification comes, and on a sweep for what none announced. One batch of each at a time, beside each other: a backlog of one
 * number must not hold up what others receive. Failures are retried for ever, ever more slowly.
 */
@Injectable()
export class InboxWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: ReturnType<Logs['component']>;
  /** Unlike the node's name, never that of another process: a claim must tell two apart. */
  private readonly name: string;
  private readonly backoff = new Backoff(RETRY);
  private readonly stopping = new AbortController();
  private readonly searches = new SearchCalls();
  private readonly searching = new CoalescedRun(() => this.drain(() => this.claimBatch()));
  private readonly takingOver = new CoalescedRun(() => this.drain(() => this.takeBatch()));
  private batchRows = MAX_BATCH_ROWS;
  /** Rows may wait in the table that are not handed over. */
  private isBehind = true;
  private retryTimer: NodeJS.Timeout | undefined;
  private sweeps: TickSeat | undefined;
  private claimEndTimer: NodeJS.Timeout | undefined;
  private stopListening: (() => void)[] = [];

  constructor(
    private readonly batch: InboxBatch,
    private readonly commits: CommitIngestion,
    private readonly notifier: InboxNotifier,
    private readonly handoff: InboxHandoff,
    private readonly status: WorkerStatus,
    private readonly ticker: Ticker,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
    this.name = `${config.nodeId}/${randomUUID()}`;
  }

  /** Starts, unless the configuration says that no worker runs here. */
  onApplicationBootstrap(): void {
    if (this.config.queueDriver === 'none') {
      this.status.set({ running: false, isFailing: false, disabledReason: NO_REDIS });
      this.log.warn(NO_REDIS);
      return;
    }
    if (!hasWorker(this.config)) {
      this.log.info('no message worker in this process: npm run worker starts one of its own');
      return;
    }
    this.status.set({ running: true, isFailing: false });
    this.stopListening = [
      this.notifier.onNotification(() => this.look()),
      this.handoff.open(() => this.takeOver(), this.commits),
    ];
    this.sweeps = this.ticker.join({
      part: 'inbox',
      everyMs: SWEEP_INTERVAL_MS,
      ask: () => true,
      answered: ({ isWaiting }) => isWaiting && this.look(),
      // Whether it can work is told by a look alone.
      failed: () => this.look(),
    });
    this.log.info({ worker: this.name }, 'Message worker started');
    this.wake();
  }

  /** Finishes the batch in hand, within 15 s; what is left waits in the inbox. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.stopListening.forEach((stop) => stop());
    void this.sweeps?.leave();
    clearTimeout(this.retryTimer);
    clearTimeout(this.claimEndTimer);
    this.status.set({ ...this.status.read(), running: false });
    const inHand = Promise.all([this.searching.settled(), this.takingOver.settled()]).then(() => true);
    if (!(await withTimeout(inHand, STOP_TIMEOUT_MS))) {
      this.log.warn('message worker did not finish in time');
    }
    this.searches.fail(stopped());
  }

  /**
   * Looks into the table, for as many callers as there are in one pass.
   * @returns once a pass that began after the call found nothing more
   * @throws whatever kept the pass from its end, and when the worker stops or does not run; the rows wait in the inbox
   */
  async search(): Promise<void> {
    if (!this.sweeps || this.stopping.signal.aborted) {
      throw stopped();
    }
    const found = this.searches.add();
    this.look();
    await found;
  }

  private look(): void {
    this.isBehind = true;
    this.wake();
  }

  private get mayWork(): boolean {
    // While a retry is due, nothing shortens the wait.
    return !this.retryTimer && !this.stopping.signal.aborted;
  }

  private wake(): void {
    if (this.mayWork) {
      void this.searching.run();
    }
  }

  private takeOver(): void {
    if (this.mayWork) {
      void this.takingOver.run();
    }
  }

  /** Never rejects. */
  private async drain(runBatch: () => Promise<boolean>): Promise<void> {
    try {
      for (let isWorkLeft = true; isWorkLeft && this.mayWork;) {
        isWorkLeft = await runBatch();
      }
    } catch (err) {
      this.fail(err);
    }
  }

  /** Takes what waits in the table. @returns false when there is nothing to do */
  private async claimBatch(): Promise<boolean> {
    if (!this.isBehind) {
      return false;
    }
    this.isBehind = false;
    this.searches.begin();
    const laggards = this.handoff.laggards();
    const { isWorkLeft, instanceIds, freeInMs } = await this.batch.claim(this.name, this.batchRows);
    this.isBehind ||= isWorkLeft;
    this.handoff.caughtUp(laggards.filter((id) => instanceIds?.has(id) === false));
    if (!isWorkLeft) {
      this.searches.end();
      this.lookWhenFree(freeInMs);
    }
    this.recover();
    return true;
  }

  /** Takes what was handed over. @returns false when there is nothing to do */
  private async takeBatch(): Promise<boolean> {
    const received = this.handoff.next();
    if (!received) {
      return false;
    }
    if (!(await this.batch.take(this.name, received))) {
      this.handoff.fallBehind(received.rows.map(({ instanceId }) => instanceId));
      this.look();
    }
    this.recover();
    return true;
  }

  /** A worker that was killed holds up its instances until its claims end, and no longer. */
  private lookWhenFree(freeInMs: number | undefined): void {
    clearTimeout(this.claimEndTimer);
    if (freeInMs !== undefined && !this.stopping.signal.aborted) {
      this.claimEndTimer = setTimeout(() => this.look(), freeInMs + CLAIM_END_MARGIN_MS);
    }
  }

  private recover(): void {
    this.batchRows = Math.min(MAX_BATCH_ROWS, this.batchRows * 2);
    if (this.backoff.reset()) {
      this.status.set({ running: !this.stopping.signal.aborted, isFailing: false });
      this.log.info('message worker recovered');
    }
  }

  private fail(err: unknown): void {
    this.isBehind = true;
    this.handoff.clear();
    this.searches.fail(err);
    // A batch that is too much for a database in trouble must not stay so.
    this.batchRows = Math.max(1, this.batchRows >> 1);
    const retryMs = this.backoff.nextDelayMs();
    if (!this.status.read().isFailing) {
      this.status.set({ ...this.status.read(), isFailing: true });
      this.log.error({ err, retryMs }, 'message worker can not proceed');
    }
    if (!this.retryTimer && !this.stopping.signal.aborted) {
      this.retryTimer = setTimeout(() => {
        this.retryTimer = undefined;
        this.wake();
        this.takeOver();
      }, retryMs);
    }
  }
}

function stopped(): AppError {
  return new AppError('worker_stopped');
}
