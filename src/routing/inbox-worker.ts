import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { Bell } from '../queue/bell.js';
import { WorkerStatus } from '../queue/worker-status.js';
import { Backoff } from './backoff.js';
import { InboxBatch } from './inbox-batch.js';

/** Where a call costs least per message, by measurement. */
const MAX_BATCH_ROWS = 200;
const SWEEP_INTERVAL_MS = 5_000;
/** Longer than a statement may take; a process manager kills after 30 s as a rule. */
const STOP_TIMEOUT_MS = 15_000;
const NO_REDIS = 'Workers disabled: Redis not configured';

/**
 * Empties the inbox: at start, when the bell rings, and on a sweep for what no bell announced. One pass at a time; a ring
 * during a pass makes one more. Failures are retried for ever, ever more slowly.
 */
@Injectable()
export class InboxWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: ReturnType<Logs['component']>;
  /** Unlike the node's name, never that of another process: a claim must tell two apart. */
  private readonly name: string;
  private readonly backoff = new Backoff();
  private readonly stopping = new AbortController();
  private passes: Promise<void> | undefined;
  private batchRows = MAX_BATCH_ROWS;
  private isWanted = false;
  private retryTimer: NodeJS.Timeout | undefined;
  private sweepTimer: NodeJS.Timeout | undefined;
  private stopListening: (() => void) | undefined;

  constructor(
    private readonly batch: InboxBatch,
    private readonly bell: Bell,
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
    this.stopListening = this.bell.onRing(() => this.wake());
    this.sweepTimer = setInterval(() => this.wake(), SWEEP_INTERVAL_MS);
    this.log.info({ worker: this.name }, 'Message worker started');
    this.wake();
  }

  /** Finishes the batch in hand, within 15 s; what is left waits in the inbox. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.stopListening?.();
    clearInterval(this.sweepTimer);
    clearTimeout(this.retryTimer);
    this.status.set({ ...this.status.read(), running: false });
    if (this.passes && !(await endsWithin(this.passes, STOP_TIMEOUT_MS))) {
      this.log.warn('message worker did not finish in time');
    }
  }

  private wake(): void {
    this.isWanted = true;
    // While a retry is due, neither bell nor sweep shortens the wait.
    if (!this.passes && !this.retryTimer && !this.stopping.signal.aborted) {
      this.passes = this.runPasses().finally(() => {
        this.passes = undefined;
        if (this.isWanted) {
          this.wake();
        }
      });
    }
  }

  /** Never rejects. */
  private async runPasses(): Promise<void> {
    while (this.isWanted && !this.retryTimer && !this.stopping.signal.aborted) {
      this.isWanted = false;
      try {
        await this.drain();
      } catch (err) {
        this.fail(err);
      }
    }
  }

  private async drain(): Promise<void> {
    for (let rows = 1; rows > 0 && !this.stopping.signal.aborted;) {
      rows = await this.batch.run(this.name, this.batchRows);
      this.recover();
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
    // A batch that is too much for a database in trouble must not stay so.
    this.batchRows = Math.max(1, this.batchRows >> 1);
    const retryMs = this.backoff.next();
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
