/**
 * After a time without the database every lease may have run out, those of nodes that live and will renew them as well:
 * until they had the time for it, what looks free is nobody's to take.
 */
export class ClaimRest {
  private lastAnswerAt: number | undefined;
  private until = -Infinity;

  /** @param leaseMs how long a lease holds, in ms */
  constructor(private readonly leaseMs: number) {}

  /** Longer than a call that hangs is waited for and a node's next try is away, so that each had its turn. */
  private get restMs(): number {
    return this.leaseMs / 2;
  }

  /** To be called whenever the database answered. @param at by the monotonic clock, in ms */
  answered(at: number): void {
    if (this.isDue(at)) {
      this.until = at + this.restMs;
    }
    this.lastAnswerAt = at;
  }

  /** Whether an answer that comes now ends an outage. */
  isDue(at: number): boolean {
    return this.lastAnswerAt !== undefined && at - this.lastAnswerAt > this.restMs;
  }

  isOver(at: number): boolean {
    return at >= this.until;
  }
}
