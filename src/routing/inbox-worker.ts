import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { Bell } from '../queue/bell.js';
import { FreshInbox } from '../queue/fresh-inbox.js';
import { WorkerStatus } from '../queue/worker-status.js';
import { Backoff } from '../common/backoff.js';
import { InboxBatch } from './inbox-batch.js';

/** Where a call costs least per message, by measurement. */
const MAX_BATCH_ROWS = 200;
const SWEEP_INTERVAL_MS = 5_000;
/** After failures of a batch, in ms. */
const RETRY = { baseMs: 250, maxMs: 10_000 };
/** Longer than a statement may take; a process manager kills after 30 s as a rule. */
const STOP_TIMEOUT_MS = 15_000;
const NO_REDIS = 'Workers disabled: Redis not configured';

/**
 * Empties the inbox: what is handed over right after its commit, and from the table what waits there, at start, when the
 * bell rings, and on a sweep for what no bell announced. One batch at a time. Failures are retried for ever, ever more
 * slowly.
 */
@Injectable()
export class InboxWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: ReturnType<Logs['component']>;
  /** Unlike the node's name, never that of another process: a claim must tell two apart. */
  private readonly name: string;
  private readonly backoff = new Backoff(RETRY);
  private readonly stopping = new AbortController();
  private work: Promise<void> | undefined;
  private batchRows = MAX_BATCH_ROWS;
  /** Rows may wait in the table that nobody will hand over. */
  private isBehind = true;
  private retryTimer: NodeJS.Timeout | undefined;
  private sweepTimer: NodeJS.Timeout | undefined;
  private stopListening: (() => void)[] = [];

  constructor(
    private readonly batch: InboxBatch,
    private readonly bell: Bell,
    private readonly fresh: FreshInbox,
    private readonly status: WorkerStatus,
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
    this.status.set({ running: true, isFailing: false });
    this.stopListening = [this.bell.onRing(() => this.search()), this.fresh.open(() => this.wake())];
    this.sweepTimer = setInterval(() => this.search(), SWEEP_INTERVAL_MS);
    this.log.info({ worker: this.name }, 'Message worker started');
    this.wake();
  }

  /** Finishes the batch in hand, within 15 s; what is left waits in the inbox. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.stopListening.forEach((stop) => stop());
    clearInterval(this.sweepTimer);
    clearTimeout(this.retryTimer);
    this.status.set({ ...this.status.read(), running: false });
    if (this.work && !(await endsWithin(this.work, STOP_TIMEOUT_MS))) {
      this.log.warn('message worker did not finish in time');
    }
  }

  private search(): void {
    this.isBehind = true;
    this.wake();
  }

  private wake(): void {
    // While a retry is due, nothing shortens the wait.
    if (!this.work && !this.retryTimer && !this.stopping.signal.aborted) {
      this.work = this.drain().finally(() => {
        this.work = undefined;
        if (this.isBehind) {
          this.wake();
        }
      });
    }
  }

  /** Never rejects. */
  private async drain(): Promise<void> {
    try {
      for (let isWorkLeft = true; isWorkLeft && !this.stopping.signal.aborted;) {
        isWorkLeft = await this.runBatch();
      }
    } catch (err) {
      this.fail(err);
    }
  }

  /** @returns false when there is nothing to do */
  private async runBatch(): Promise<boolean> {
    if (this.isBehind) {
      // What is handed over from here on may be in the claim, too: then it is closed already when its turn comes.
      this.isBehind = false;
      this.fresh.clear();
      this.isBehind = (await this.batch.claim(this.name, this.batchRows)) || this.isBehind;
    } else {
      const received = this.fresh.take();
      if (!received) {
        return false;
      }
      this.isBehind = !(await this.batch.take(this.name, received)) || this.isBehind;
    }
    this.recover();
    return true;
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
    // A batch that is too much for a database in trouble must not stay so.
    this.batchRows = Math.max(1, this.batchRows >> 1);
    const retryMs = this.backoff.nextDelayMs();
    if (!this.status.read().isFailing) {
      this.status.set({ ...this.status.read(), isFailing: true });
      this.log.error({ err, retryMs }, 'message worker can not proceed');
    }
    if (!this.stopping.signal.aborted) {
      this.retryTimer = setTimeout(() => {
        this.retryTimer = undefined;
        this.wake();
      }, retryMs);
    }
  }
}

async function endsWithin(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const ended = await Promise.race([work.then(() => true), timeout]);
  clearTimeout(timer);
  return ended;
}
