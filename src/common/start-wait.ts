import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 5_000;

/** What keeps a process from starting. */
export interface StartFault {
  /** One sentence that says what to do. */
  sentence: string;
  /** It may pass without anybody doing anything. */
  passes: boolean;
}

export interface StartWaitOptions {
  /** What the failure of an attempt means; undefined: it is thrown as it is. */
  explain: (error: unknown) => StartFault | undefined;
  /** How long what passes is waited for, in ms; 0 not at all. */
  waitMs: number;
  /** Told before each pause, with the sentence. */
  onWaiting?: ((sentence: string) => void) | undefined;
}

/**
 * Does what a start needs, again while that fails for reasons that pass by themselves: services and their databases are
 * started together, and one answer that fails must not end the process.
 *
 * @returns what the attempt that worked returned
 * @throws Error with the sentence, the failure as its cause; a failure that was not explained
 */
export async function attemptStart<T>(
  attempt: () => Promise<T>,
  { explain, waitMs, onWaiting }: StartWaitOptions,
): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      const fault = explain(error);
      if (fault === undefined) {
        throw error;
      }
      const leftMs = deadline - performance.now();
      if (!fault.passes || leftMs <= 0) {
        throw new Error(fault.sentence, { cause: error });
      }
      onWaiting?.(fault.sentence);
      await delay(Math.min(pauseMs, leftMs));
    }
  }
}
