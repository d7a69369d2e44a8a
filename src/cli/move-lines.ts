import type { MoveListener } from '../supabase/move/data-move.js';

/** At most one line in this time, in ms. */
const LINE_MS = 1_000;

/** Tells how far a move is, line by line. */
export class MoveLines implements MoveListener {
  private title = '';
  private total = 0;
  private done = 0;
  private toldAt = 0;
  private told = '';

  /** @param write takes a line @param now the time, in ms */
  constructor(
    private readonly write: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  began(title: string, total: number): void {
    Object.assign(this, { title, total, done: 0 });
    this.toldAt = this.now();
  }

  advanced(done: number): void {
    this.done = done;
    if (this.now() - this.toldAt >= LINE_MS) {
      this.tell();
    }
  }

  ended(): void {
    if (this.total > 0 && this.told !== this.state) {
      this.tell();
    }
  }

  private tell(): void {
    this.toldAt = this.now();
    this.told = this.state;
    this.write(this.told);
  }

  private get state(): string {
    const percent = Math.floor((100 * this.done) / Math.max(this.total, this.done, 1));
    return `${this.title} ${this.done}/${this.total} rows (${percent} %)`;
  }
}
