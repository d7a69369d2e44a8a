/** Trips once when what was begun neither ends nor makes progress for a while. */
export class StallTimer {
  private timer: NodeJS.Timeout | undefined;

  /** @param limitMs in ms */
  constructor(
    private readonly limitMs: number,
    private readonly onStall: () => void,
  ) {}

  /** Something begins, or goes on. */
  progress(): void {
    if (this.timer) {
      this.timer.refresh();
    } else {
      this.timer = setTimeout(this.onStall, this.limitMs);
    }
  }

  /** Nothing is under way any more. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
