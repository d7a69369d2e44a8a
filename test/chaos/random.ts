/** Numbers that look random and are the same for the same seed. */
export class Random {
  private state: number;
  private readonly name: string;

  constructor(seed: string) {
    this.name = seed;
    this.state = Array.from(seed).reduce(
      (hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193),
      0x811c9dc5,
    );
  }

  /** A stream of its own, so that one user of numbers does not shift another's. */
  fork(name: string): Random {
    return new Random(`${this.name}/${name}`);
  }

  /** From 0 up to but not including 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  integer(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Pauses between events that come independently of one another, in ms. */
  pause(perSecond: number): number {
    return (-Math.log(1 - this.next()) * 1000) / perSecond;
  }

  /** @throws Error for an empty list */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) {
      throw new Error('nothing to pick from');
    }
    return items[Math.floor(this.next() * items.length)]!;
  }

  /** Picks in proportion to the weights. */
  weighted<T>(items: readonly (readonly [item: T, weight: number])[]): T {
    const total = items.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.next() * total;
    const found = items.find(([, weight]) => (left -= weight) < 0);
    return (found ?? items.at(-1)!)[0];
  }
}
