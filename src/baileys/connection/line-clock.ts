/** In how many parts the lines are looked at: so many times fewer fall due together. */
const GROUPS = 6;

/**
 * The one timer by which all lines of the process are looked at, however many there are. Each has its turn once in a round;
 * turns are spread over the round, and with them the pings of lines that fell quiet together.
 */
export class LineClock {
  private readonly groups = Array.from({ length: GROUPS }, () => new Set<() => void>());
  private next = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param roundMs time from a line's turn to its next one, in ms */
  constructor(private readonly roundMs: number) {}

  /**
   * @param look called once in each round; what it throws is thrown out of turn, and keeps no other line from its own
   * @returns ends it
   */
  join(look: () => void): () => void {
    const group = this.groups.reduce((least, other) => (other.size < least.size ? other : least));
    group.add(look);
    this.timer ??= setInterval(() => this.tick(), Math.max(1, this.roundMs / GROUPS));
    return () => {
      group.delete(look);
      if (this.groups.every(({ size }) => size === 0)) {
        clearInterval(this.timer);
        this.timer = undefined;
      }
    };
  }

  private tick(): void {
    const group = this.groups[this.next]!;
    this.next = (this.next + 1) % GROUPS;
    for (const look of group) {
      try {
        look();
      } catch (error) {
        setImmediate(() => {
          throw error;
        });
      }
    }
  }
}
