import type { RotationListener } from '../secrets/key-rotation.js';
import type { MoveListener } from '../supabase/move/data-move.js';

/** At most one line in this time, in ms. */
const LINE_MS = 1_000;

/** Tells how far a rotation or a move is, line by line. */
export class ProgressLines implements RotationListener, MoveListener {
  private title = '';
  private total = 0;
  private done = 0;
  /** Of what is done; where nothing is changed, undefined. */
  private changed: number | undefined;
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
    Object.assign(this, { title, total, done: 0, changed: undefined });
    this.beganAt = this.toldAt = this.now();
  }

  advanced(done: number, changed?: number): void {
    this.done = done;
    this.changed = changed;
    if (this.now() - this.toldAt >= LINE_MS) {
      this.toldAt = this.now();
      const perSecond = done / Math.max((this.now() - this.beganAt) / 1_000, 0.001);
      const secondsLeft = Math.ceil(Math.max(this.total - done, 0) / Math.max(perSecond, 0.001));
      this.write(`${this.state}, ${Math.round(perSecond)}/s, about ${secondsLeft} s left`);
    }
  }

  ended(): void {
    if (this.done > 0) {
      this.write(`${this.state}, done`);
    }
  }

  private get state(): string {
    // Rows come and go meanwhile.
    const total = Math.max(this.total, this.done);
    const percent = Math.floor((100 * this.done) / Math.max(total, 1));
    const [unit, more] =
      this.changed === undefined ? ['rows', ''] : ['checked', `, ${this.changed} sealed anew`];
    return `${this.title}: ${this.done}/${total} ${unit} (${percent} %)${more}`;
  }
}
