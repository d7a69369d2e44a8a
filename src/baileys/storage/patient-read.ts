import { setTimeout as delay } from 'node:timers/promises';
import { isUnavailable } from './commit-fault.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import { StoreStuckError } from './store-stuck-error.js';
import { withTimeout } from '../../common/with-timeout.js';

/** How long a session waits for something that the database has to tell. */
export interface Patience {
  /** One read that takes longer is repeated, in ms. */
  readTimeoutMs: number;
  /** Reads that fail for longer than this are given up, in ms. */
  giveUpMs: number;
}

/**
 * Asks the database for a session, again and again while it is away. Nothing bounds here how many do: each caller bounds its own.
 *
 * @param handle while it is good
 * @param ended aborted when no caller waits for the answer any more
 * @throws what the database said last; why the handle was given up; the signal's reason
 */
export async function readPatiently<T>(
  query: () => Promise<T>,
  handle: Pick<SessionHandle, 'assertUsable'>,
  { readTimeoutMs, giveUpMs }: Patience,
  ended?: AbortSignal,
): Promise<T> {
  const deadline = Date.now() + giveUpMs;
  for (let attempt = 0; ; attempt++) {
    handle.assertUsable();
    try {
      const result = await withTimeout(query(), readTimeoutMs, () => new StoreStuckError(), ended);
      handle.assertUsable();
      return result;
    } catch (error) {
      ended?.throwIfAborted();
      if (!isUnavailable(error) || Date.now() >= deadline) {
        throw error;
      }
      await delay(Math.min(20 * 2 ** Math.min(attempt, 10), 500));
    }
  }
}
