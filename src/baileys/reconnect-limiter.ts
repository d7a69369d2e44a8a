/**
 * Bounds how many sockets are between dialling and being on line at the same time: each such start costs a handshake
 * and about seven queries, and after an outage all sessions come at once.
 */
export class ReconnectLimiter {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  /** @param slots how many at a time */
  constructor(slots: number) {
    this.free = slots;
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /**
   * Waits for a slot.
   * @returns gives the slot back; may be called more than once
   */
  async acquire(): Promise<() => void> {
    if (this.free > 0) {
      this.free -= 1;
    } else {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    let isHeld = true;
    return () => {
      if (isHeld) {
        isHeld = false;
        this.release();
      }
    };
  }

  private release(): void {
    const next = this.waiting.shift();
    if (next) {
      next();
    } else {
      this.free += 1;
    }
  }
}
