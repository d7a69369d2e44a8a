/** Events between the line that brings them and who works on them, in their order and no more than a bound. */
export class EventQueue<Event> {
  private readonly waiting: Event[] = [];
  private wake: (() => void) | undefined;
  private end: { error?: unknown } | undefined;

  /** @param bound from which on it counts as full */
  constructor(private readonly bound: number) {}

  get isFull(): boolean {
    return this.waiting.length >= this.bound;
  }

  /** Whether there is room for a good part of the bound again. */
  get hasRoom(): boolean {
    return this.waiting.length <= this.bound / 2;
  }

  push(event: Event): void {
    this.waiting.push(event);
    this.wake?.();
  }

  /** Nothing more comes; who takes gets what is left first, then the error. */
  close(error?: unknown): void {
    this.end ??= error === undefined ? {} : { error };
    this.wake?.();
  }

  /** Nothing is given any more. */
  clear(): void {
    this.waiting.length = 0;
  }

  /**
   * @returns the next event, once there is one; undefined where none comes any more
   * @throws what it was closed with
   */
  async take(): Promise<Event | undefined> {
    while (this.waiting.length === 0 && !this.end) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    this.wake = undefined;
    const event = this.waiting.shift();
    if (event === undefined && this.end && 'error' in this.end) {
      throw this.end.error;
    }
    return event;
  }
}
