import type { NodeRequestsRepository } from '../../repositories/node-requests.repository.js';
import { isUnavailable } from '../storage/commit-fault.js';

/** `orphaned`: the node that was to do it is gone, or it is too old. */
export type AnswerState = 'answered' | 'orphaned' | 'late';

interface Awaited {
  /** As `Date.now()`. */
  deadline: number;
  pauseMs: number;
  settle: (state: AnswerState) => void;
  fail: (error: Error) => void;
}

const FIRST_LOOK_MS = 50;
const MAX_LOOK_MS = 250;

/** Looks for the answers that this process waits for, with one read for all of them, often for those who came just now. */
export class AnswerWatch {
  private readonly awaited = new Map<string, Awaited>();
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Infinity;
  private isLooking = false;

  constructor(private readonly requests: Pick<NodeRequestsRepository, 'readStates'>) {}

  /**
   * Waits for the answer to a request. While the database does not answer, there is none.
   * @param deadline as `Date.now()`
   */
  wait(id: string, deadline: number): Promise<AnswerState> {
    return new Promise((resolve, reject) => {
      const over = () => this.awaited.delete(id);
      this.awaited.set(id, {
        deadline,
        pauseMs: FIRST_LOOK_MS,
        settle: (state) => over() && resolve(state),
        fail: (error) => over() && reject(error),
      });
      this.plan(FIRST_LOOK_MS);
    });
  }

  private plan(pauseMs: number): void {
    const dueAt = Date.now() + pauseMs;
    if (!this.isLooking && dueAt < this.dueAt) {
      clearTimeout(this.timer);
      this.dueAt = dueAt;
      this.timer = setTimeout(() => void this.look(), pauseMs);
    }
  }

  private async look(): Promise<void> {
    this.dueAt = Infinity;
    this.isLooking = true;
    const looked = [...this.awaited];
    try {
      const states = await this.requests.readStates(looked.map(([id]) => id));
      for (const [id, { settle }] of looked) {
        const state = states.get(id);
        if (!state || state.isOrphaned) {
          settle('orphaned');
        } else if (state.isAnswered) {
          settle('answered');
        }
      }
    } catch (error) {
      if (!isUnavailable(error)) {
        const fault = error instanceof Error ? error : new Error('reading answers failed', { cause: error });
        looked.forEach(([, { fail }]) => fail(fault));
      }
    }
    for (const [, one] of looked) {
      one.pauseMs = Math.min(one.pauseMs * 1.5, MAX_LOOK_MS);
      if (Date.now() >= one.deadline) {
        one.settle('late');
      }
    }
    this.isLooking = false;
    if (this.awaited.size > 0) {
      this.plan(Math.min(...[...this.awaited.values()].map(({ pauseMs }) => pauseMs)));
    }
  }
}
