/**
 * A message's bytes in clear, on their way through this process. Shows nothing of them to what prints, logs or stores the object that
 * holds it.
 */
export class PlainBody {
  readonly #bytes: Uint8Array;

  /** @param bytes taken as they are; not to be changed any more */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** In bytes. */
  get length(): number {
    return this.#bytes.length;
  }

  /** @returns what it holds */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  toJSON(): string {
    return '[body]';
  }
}
