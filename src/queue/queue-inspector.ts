import { Inject, Injectable } from '@nestjs/common';
import { withTimeout } from '../common/with-timeout.js';
import { RedisLinks } from '../redis/redis-links.js';
import { INBOX_QUEUE_TOKEN, type InboxQueue } from './inbox-queue.js';

const TIMEOUT_MS = 2_000;
const STATES = ['waiting', 'active', 'delayed', 'failed', 'completed'] as const;

/** How many jobs are in which state. */
export type JobCounts = Record<(typeof STATES)[number], number>;

export type RedisState = 'up' | 'down' | 'not_configured';

/** What Redis knows of the work. */
export interface QueueReport {
  redis: RedisState;
  /** Undefined where there is no queue in Redis, or Redis does not answer. */
  jobs?: JobCounts | undefined;
  /** Workers of all processes that are connected to the queue. */
  workers?: number | undefined;
}

/** Looks at the queue of notifications. Answers within 2 s, whatever Redis does. */
@Injectable()
export class QueueInspector {
  constructor(
    private readonly links?: RedisLinks,
    @Inject(INBOX_QUEUE_TOKEN) private readonly queue?: InboxQueue,
  ) {}

  /** Never rejects. */
  async look(): Promise<QueueReport> {
    if (!this.links) {
      return { redis: 'not_configured' };
    }
    if (this.links.queue.status !== 'ready' || !(await this.links.ping())) {
      return { redis: 'down' };
    }
    if (!this.queue) {
      return { redis: 'up' };
    }
    const answers = Promise.all([this.queue.getJobCounts(...STATES), this.queue.getWorkersCount()]);
    const answer = await withTimeout(
      answers.catch(() => undefined),
      TIMEOUT_MS,
    );
    return answer ? { redis: 'up', jobs: answer[0] as JobCounts, workers: answer[1] } : { redis: 'down' };
  }
}
