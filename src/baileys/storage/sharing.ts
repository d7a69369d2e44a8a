/** So long after another instance received something, the process counts as shared, in ms. */
const MEMORY_MS = 60_000;

/** Whether several instances of the process receive messages these days: then a flood of one must leave room for others. */
export class Sharing {
  private last: string | undefined;
  private changedAt = -Infinity;

  /** @param instanceId received something */
  note(instanceId: string): void {
    if (this.last !== instanceId) {
      if (this.last !== undefined) {
        this.changedAt = performance.now();
      }
      this.last = instanceId;
    }
  }

  get isShared(): boolean {
    return performance.now() - this.changedAt < MEMORY_MS;
  }
}
