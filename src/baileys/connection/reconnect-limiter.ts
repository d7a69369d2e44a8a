/**
 * Bounds how many starts are under way at the same time, and how fast they follow each other: each one costs a handshake
 * and about seven queries, and after an outage all sessions come at once.
 */
export class ReconnectLimiter {
  private free: number;
  private nextStartAt = 0;
  private readonly urgent: (() => void)[] = [];
  private readonly waiting: (() => void)[] = [];

  /**
   * @param slots how many at a time
   * @param spacingMs time between two starts: half to one and a half of it, in ms
   * @param random a number from 0 to below 1
   */
  constructor(
    slots: number,
    private readonly spacingMs = 0,
    private readonly random: () => number = Math.random,
  ) {
    this.free = slots;
  }

  get waitingCount(): number {
    return this.urgent.length + this.waiting.length;
  }

  /**
   * Waits for a slot, and for its turn.
   * @param isUrgent a person is waiting: goes before those that come back by themselves
   * @returns gives the slot back; may be called more than once
   */
  async acquire(isUrgent = false): Promise<() => void> {
    if (this.free > 0) {
      this.free -= 1;
    } else {
      await new Promise<void>((resolve) => (isUrgent ? this.urgent : this.waiting).push(resolve));
    }
    await this.spaced();
    let isHeld = true;
    return () => {
      if (isHeld) {
        isHeld = false;
        this.release();
      }
    };
  }

  private async spaced(): Promise<void> {
    const now = Date.now();
    const startAt = Math.max(now, this.nextStartAt);
    this.nextStartAt = startAt + this.spacingMs * (0.5 + this.random());
    if (startAt > now) {
      await new Promise((resolve) => setTimeout(resolve, startAt - now));
    }
  }

  private release(): void {
    const next = this.urgent.shift() ?? this.waiting.shift();
    if (next) {
      next();
    } else {
      this.free += 1;
    }
  }
}
