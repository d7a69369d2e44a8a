/** What is found out once and kept. A failure is not kept: the next caller tries again. */
export class CachedPromise<T> {
  private cached: Promise<T> | undefined;

  /** @param find finds it out */
  constructor(private readonly find: () => Promise<T>) {}

  /** What there is, or is being found out; undefined before it was asked for. */
  get current(): Promise<T> | undefined {
    return this.cached;
  }

  /**
   * @returns what was found out, or is being
   * @throws what `find` throws
   */
  get(): Promise<T> {
    return this.cached ?? this.renew();
  }

  /** Finds it out anew, whatever there is. @throws what `find` throws */
  renew(): Promise<T> {
    const finding = this.find();
    this.cached = finding;
    finding.catch(() => {
      if (this.cached === finding) {
        this.cached = undefined;
      }
    });
    return finding;
  }
}
