/** Bounds of the calls that are under way at the same time. */
export interface LaneBounds {
  /** Of both lanes together. */
  total: number;
  /** Of these, kept free for urgent calls. */
  reserved: number;
  /** Calls that wait for their turn, at most, in each lane. */
  waiting: number;
}

interface Waiting {
  start: () => void;
}

/**
 * Lets so many calls go at the same time, in order of arrival: urgent ones before all others, and some places are theirs
 * alone, so that bulk work never keeps a node from saying that it lives.
 */
export class RequestLanes {
  private readonly urgent: Waiting[] = [];
  private readonly bulk: Waiting[] = [];
  private running = 0;

  constructor(private readonly bounds: LaneBounds) {}

  /**
   * @param isUrgent which lane
   * @param signal ends the wait
   * @returns gives the place back; further calls of it do nothing
   * @throws Error when too many wait, and the signal's reason
   */
  async enter(isUrgent: boolean, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.running >= this.roomFor(isUrgent)) {
      await this.wait(isUrgent ? this.urgent : this.bulk, signal);
    } else {
      this.running += 1;
    }
    let isOver = false;
    return () => {
      if (!isOver) {
        isOver = true;
        this.running -= 1;
        this.startNext();
      }
    };
  }

  private roomFor(isUrgent: boolean): number {
    return isUrgent ? this.bounds.total : this.bounds.total - this.bounds.reserved;
  }

  private wait(lane: Waiting[], signal: AbortSignal): Promise<void> {
    if (lane.length >= this.bounds.waiting) {
      throw new Error('too many calls wait for the database');
    }
    return new Promise((resolve, reject) => {
      const one: Waiting = {
        start: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        lane.splice(lane.indexOf(one), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      lane.push(one);
    });
  }

  private startNext(): void {
    for (const [lane, isUrgent] of [
      [this.urgent, true],
      [this.bulk, false],
    ] as const) {
      while (lane.length > 0 && this.running < this.roomFor(isUrgent)) {
        this.running += 1;
        lane.shift()!.start();
      }
    }
  }
}
