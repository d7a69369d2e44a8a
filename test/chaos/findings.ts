const MAX_EXAMPLES = 20;

/** Figures that must be zero, with examples of what makes them not so. */
export class Findings {
  private readonly found = new Map<string, { count: number; examples: unknown[] }>();

  /** Names a figure, so that a zero is shown. */
  declare(...names: string[]): void {
    for (const name of names) {
      this.found.set(name, this.found.get(name) ?? { count: 0, examples: [] });
    }
  }

  /** @param example what to look at */
  add(name: string, example: unknown, count = 1): void {
    if (count <= 0) {
      return;
    }
    const entry = this.found.get(name) ?? { count: 0, examples: [] };
    entry.count += count;
    if (entry.examples.length < MAX_EXAMPLES) {
      entry.examples.push(example);
    }
    this.found.set(name, entry);
  }

  /** Takes over what somebody else found. */
  merge(other: Findings): void {
    for (const [name, { count, examples }] of other.found) {
      this.declare(name);
      examples.forEach((example) => this.add(name, example));
      this.found.get(name)!.count += count - examples.length;
    }
  }

  get figures(): Record<string, number> {
    return Object.fromEntries([...this.found].map(([name, { count }]) => [name, count]));
  }

  /** Examples of the figures that are not zero. */
  get examples(): Record<string, unknown[]> {
    return Object.fromEntries(
      [...this.found].filter(([, { count }]) => count > 0).map(([name, { examples }]) => [name, examples]),
    );
  }

  get isClean(): boolean {
    return Object.values(this.figures).every((count) => count === 0);
  }
}

/** Counts by key. */
export function tally<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = keyOf(item);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
