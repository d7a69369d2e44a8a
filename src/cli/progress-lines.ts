import type { RotationListener } from '../secrets/key-rotation.js';

/** At most one line in this time, in ms. */
const LINE_MS = 1_000;

/** Tells how far a rotation is, line by line. */
export class ProgressLines implements RotationListener {
  private title = '';
  private total = 0;
  private scanned = 0;
  private changed = 0;
  private beganAt = 0;
  private toldAt = 0;

  /** @param write takes a line @param now the time, in ms */
  constructor(
    private readonly write: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  waits(nodeIds: string[]): void {
    this.write(
      `Waiting until these processes seal with the new key, or are known to be gone: ${nodeIds.join(', ')}.`,
    );
  }

  began(title: string, total: number): void {
    Object.assign(this, { title, total, scanned: 0, changed: 0 });
    this.beganAt = this.toldAt = this.now();
  }

  advanced(scanned: number, changed: number): void {
    this.scanned = scanned;
    this.changed = changed;
    if (this.now() - this.toldAt >= LINE_MS) {
      this.toldAt = this.now();
      const perSecond = scanned / Math.max((this.now() - this.beganAt) / 1_000, 0.001);
      const secondsLeft = Math.ceil(Math.max(this.total - scanned, 0) / Math.max(perSecond, 0.001));
      this.write(`${this.state}, ${Math.round(perSecond)}/s, about ${secondsLeft} s left`);
    }
  }

  ended(): void {
    if (this.scanned > 0) {
      this.write(`${this.state}, done`);
    }
  }

  private get state(): string {
    // Rows come and go meanwhile.
    const total = Math.max(this.total, this.scanned);
    const percent = Math.floor((100 * this.scanned) / Math.max(total, 1));
    return `${this.title}: ${this.scanned}/${total} checked (${percent} %), ${this.changed} sealed anew`;
  }
}
