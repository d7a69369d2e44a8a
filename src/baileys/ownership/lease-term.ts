/** One moment by both clocks of this process, in ms. */
export interface Moment {
  monotonic: number;
  wall: number;
}

export function now(): Moment {
  return { monotonic: performance.now(), wall: Date.now() };
}

/**
 * How long a lease holds as far as this process can tell by itself: counted from before the database was asked, it is
 * over here before it is over there. The monotonic clock stands still while a machine sleeps and the wall clock may be
 * set back, so it holds only while both say so.
 */
export class LeaseTerm {
  private end: Moment = { monotonic: Infinity, wall: Infinity };

  /** Never ends before the first renewal. */
  get holds(): boolean {
    return performance.now() < this.end.monotonic && Date.now() < this.end.wall;
  }

  renew(asked: Moment, ms: number): void {
    this.end = { monotonic: asked.monotonic + ms, wall: asked.wall + ms };
  }
}
