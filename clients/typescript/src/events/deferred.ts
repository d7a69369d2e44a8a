/** A promise that is settled from elsewhere; `Promise.withResolvers` is younger than the oldest Node that is supported. */
export class Deferred {
  resolve!: () => void;
  reject!: (error: unknown) => void;
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}
