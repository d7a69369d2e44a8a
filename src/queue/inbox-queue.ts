import type { Queue } from 'bullmq';

/** Name of the queue whose jobs are notifications: each says that rows of one instance wait in the inbox, and carries no row. */
export const INBOX_QUEUE = 'inbox';

/** Injection token of the queue: the one by which `@nestjs/bullmq` looks for it, which is read only where there is a queue. */
export const INBOX_QUEUE_TOKEN = `BullQueue_${INBOX_QUEUE}`;

/** What a job carries. */
export interface InboxNotification {
  instanceId: string;
}

export type InboxQueue = Queue<InboxNotification, void>;

/** A pass that fails is repeated by the worker itself; retries are for a job whose worker can't do any more. */
export const JOB_OPTIONS = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
  removeOnComplete: { count: 100 },
  removeOnFail: { count: 500, age: 7 * 24 * 3600 },
} as const;
