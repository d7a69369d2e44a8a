import type { StatusChange } from '../../repositories/instance-status.repository.js';

/** A change that waits, with those who want to know when it is stored. */
export interface QueuedChange {
  change: StatusChange;
  done: PromiseWithResolvers<void>[];
}

/** More changes of one instance than this are merged: only an outage of the database makes so many wait. */
const MAX_WAITING = 20;

/** The changes of one instance that are not stored yet, in order. */
export class StatusQueue {
  private readonly waiting: QueuedChange[] = [];

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** @returns settles when the change is stored or given up */
  push(change: StatusChange): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.waiting.push({ change, done: [done] });
    if (this.waiting.length > MAX_WAITING) {
      const [older, newer] = this.waiting.splice(0, 2) as [QueuedChange, QueuedChange];
      this.waiting.unshift({
        change: { ...older.change, ...definedOf(newer.change) },
        done: [...older.done, ...newer.done],
      });
    }
    return done.promise;
  }

  shift(): QueuedChange | undefined {
    return this.waiting.shift();
  }
}

/** A later change says nothing about what it leaves out. */
function definedOf(change: StatusChange): Partial<StatusChange> {
  const fields = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as Partial<StatusChange>;
}
