type Call = PromiseWithResolvers<void>;

/** Who waits for a pass over the inbox. A call is answered by a pass that began after it, not by one under way. */
export class SearchCalls {
  private waiting: Call | undefined;
  private answered: Call[] = [];

  /** @returns settles with `end` or `fail`, after the next `begin` */
  add(): Promise<void> {
    this.waiting ??= Promise.withResolvers<void>();
    return this.waiting.promise;
  }

  /** A look into the table begins: it answers all calls so far. */
  begin(): void {
    if (this.waiting) {
      this.answered.push(this.waiting);
      this.waiting = undefined;
    }
  }

  /** Nothing more was found. */
  end(): void {
    this.answered.forEach((call) => call.resolve());
    this.answered = [];
  }

  /** The pass did not get to its end. */
  fail(reason: unknown): void {
    this.begin();
    this.answered.forEach((call) => call.reject(reason));
    this.answered = [];
  }
}
