/** First come, first served for each owner, and the owners in turn: however much one of them brings, another waits for one item of each. */
export class FairQueue<T> {
  /** The owner whose turn is next comes first. */
  private readonly lanes = new Map<string, T[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** @returns how many items of an owner wait */
  sizeOf(owner: string): number {
    return this.lanes.get(owner)?.length ?? 0;
  }

  push(owner: string, item: T): void {
    const lane = this.lanes.get(owner);
    if (lane) {
      lane.push(item);
    } else {
      this.lanes.set(owner, [item]);
    }
    this.count += 1;
  }

  /**
   * @param mayGo whether an owner's turn may be now; others get it meanwhile
   * @returns the item whose turn it is, with its owner; undefined when none waits whose turn may be
   */
  shift(mayGo: (owner: string) => boolean = () => true): { owner: string; item: T } | undefined {
    for (const [owner, lane] of this.lanes) {
      if (!mayGo(owner)) {
        continue;
      }
      const item = lane.shift() as T;
      this.count -= 1;
      this.lanes.delete(owner);
      if (lane.length > 0) {
        this.lanes.set(owner, lane);
      }
      return { owner, item };
    }
    return undefined;
  }

  /** @returns whether the item was still waiting */
  remove(owner: string, item: T): boolean {
    const lane = this.lanes.get(owner);
    const place = lane?.indexOf(item) ?? -1;
    if (!lane || place < 0) {
      return false;
    }
    lane.splice(place, 1);
    this.count -= 1;
    if (lane.length === 0) {
      this.lanes.delete(owner);
    }
    return true;
  }

  /** @returns the latest item of the owner who has most of them, which is not in the queue any more */
  dropFromLongest(): T | undefined {
    let longest: [string, T[]] | undefined;
    for (const entry of this.lanes) {
      longest = longest && longest[1].length >= entry[1].length ? longest : entry;
    }
    if (!longest) {
      return undefined;
    }
    const [owner, lane] = longest;
    this.count -= 1;
    if (lane.length === 1) {
      this.lanes.delete(owner);
    }
    return lane.pop();
  }

  clear(): void {
    this.lanes.clear();
    this.count = 0;
  }
}
