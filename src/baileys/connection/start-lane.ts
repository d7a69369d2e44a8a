/** One that waits for its start. */
export interface Waiting {
  organizationId: string;
  start: () => void;
}

/** Those that wait for a start of one kind: organizations take turns, and within one it is first come, first served. */
export class StartLane {
  /** In the order of their turns. */
  private readonly queues = new Map<string, Waiting[]>();
  private size = 0;

  get waitingCount(): number {
    return this.size;
  }

  push(waiting: Waiting): void {
    const queue = this.queues.get(waiting.organizationId);
    if (queue) {
      queue.push(waiting);
    } else {
      this.queues.set(waiting.organizationId, [waiting]);
    }
    this.size += 1;
  }

  /** @returns whether it was still waiting */
  remove(waiting: Waiting): boolean {
    const queue = this.queues.get(waiting.organizationId);
    const index = queue?.indexOf(waiting) ?? -1;
    if (!queue || index < 0) {
      return false;
    }
    queue.splice(index, 1);
    this.settle(waiting.organizationId, queue);
    return true;
  }

  /**
   * Takes out the next one in turn.
   * @param mayStart whether an organization may have one more start now; others get its turn
   */
  shift(mayStart: (organizationId: string) => boolean): Waiting | undefined {
    for (const [organizationId, queue] of this.queues) {
      if (mayStart(organizationId)) {
        const next = queue.shift()!;
        // Behind all others.
        this.queues.delete(organizationId);
        this.queues.set(organizationId, queue);
        this.settle(organizationId, queue);
        return next;
      }
    }
    return undefined;
  }

  private settle(organizationId: string, queue: Waiting[]): void {
    this.size -= 1;
    if (queue.length === 0) {
      this.queues.delete(organizationId);
    }
  }
}
