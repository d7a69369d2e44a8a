import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { withTimeout } from '../common/with-timeout.js';
import { Logs } from '../logging/logs.js';
import { INBOX_QUEUE } from '../queue/inbox-queue.js';
import { InboxWorker } from './inbox-worker.js';

/** Jobs only wait for a pass that they share: many at once cost nothing and keep batches full. */
const CONCURRENCY = 100;
/** A killed worker's jobs are taken over after this; its rows are found earlier, by the worker's sweep. */
const LOCK_MS = 10_000;
const RETRY_AFTER_LOSS_MS = 1_000;
const CLOSE_TIMEOUT_MS = 3_000;

/**
 * Takes the notifications in Redis: a job says that rows of an instance wait, and is done when a pass over the inbox that began after
 * it found nothing more. The rows themselves are claimed, classified and stored by the `InboxWorker`.
 */
@Processor(INBOX_QUEUE, {
  autorun: false,
  concurrency: CONCURRENCY,
  lockDuration: LOCK_MS,
  stalledInterval: LOCK_MS,
  maxStalledCount: 10,
  runRetryDelay: RETRY_AFTER_LOSS_MS,
})
export class InboxProcessor extends WorkerHost implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: ReturnType<Logs['component']>;

  constructor(
    private readonly inbox: InboxWorker,
    logs: Logs,
  ) {
    super();
    this.log = logs.component('messageWorker');
  }

  override async process(): Promise<void> {
    await this.inbox.search();
  }

  onApplicationBootstrap(): void {
    this.worker.run().catch((err: unknown) => this.log.error({ err }, 'the queue can not be read'));
  }

  /** Takes no more jobs, and waits for those in hand; what does not end in time is taken over by another worker. */
  async beforeApplicationShutdown(): Promise<void> {
    const isClosed = await withTimeout(
      this.worker.close().then(() => true),
      CLOSE_TIMEOUT_MS,
    );
    if (!isClosed) {
      // While Redis is away BullMQ never comes to the end of closing, for which the framework waits, too.
      this.worker.closing = Promise.resolve();
    }
  }

  /** Nothing is lost by any of it: rows wait in the inbox. Without a listener BullMQ would throw. */
  @OnWorkerEvent('error')
  onError(err: Error): void {
    this.log.debug({ err }, 'queue error');
  }
}
