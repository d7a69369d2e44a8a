import { FairQueue } from './fair-queue.js';

/** Work of one kind, a few pieces at a time: of those that wait, the owners have their turns, and none has all places. */
export class FairSemaphore {
  private readonly underWay = new Map<string, number>();
  private readonly waiting = new FairQueue<() => void>();
  private running = 0;

  /**
   * @param atOnce how many pieces are under way together
   * @param atOnceOfOne how many of them may be one owner's
   */
  constructor(
    private readonly atOnce: number,
    private readonly atOnceOfOne = atOnce,
  ) {}

  /**
   * @param work begins at once where there is room, else when its owner's turn has come
   * @param signal aborted once it is not wanted any more: what has not begun by then never begins
   * @returns what it gives
   * @throws what it throws, or the signal's reason
   */
  async run<T>(owner: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    await this.turnOf(owner, signal);
    try {
      return await work();
    } finally {
      this.leave(owner);
    }
  }

  private async turnOf(owner: string, signal: AbortSignal | undefined): Promise<void> {
    const turn = Promise.withResolvers<void>();
    const giveUp = () => {
      if (this.waiting.remove(owner, turn.resolve)) {
        turn.reject(signal?.reason);
      }
    };
    this.waiting.push(owner, turn.resolve);
    this.beginNext();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await turn.promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  private beginNext(): void {
    while (this.running < this.atOnce) {
      const next = this.waiting.shift((owner) => this.countOf(owner) < this.atOnceOfOne);
      if (!next) {
        return;
      }
      this.running += 1;
      this.underWay.set(next.owner, this.countOf(next.owner) + 1);
      next.item();
    }
  }

  private leave(owner: string): void {
    const left = this.countOf(owner) - 1;
    this.running -= 1;
    if (left > 0) {
      this.underWay.set(owner, left);
    } else {
      this.underWay.delete(owner);
    }
    this.beginNext();
  }

  private countOf(owner: string): number {
    return this.underWay.get(owner) ?? 0;
  }
}
