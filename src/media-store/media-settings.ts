/** How long a store somewhere else may take, in ms. */
export interface RemoteBounds {
  connectMs: number;
  /** To begin an answer, and to give or take nothing of a file. */
  silenceMs: number;
}

/** Times of storing files. The class is its own injection token; tests shorten what they wait for. */
export class MediaStoreSettings {
  /** How long it may take to hand a file to its store, in ms; whoever takes longer has failed. */
  writeLeaseMs = 30 * 60_000;
  /** Within which it is given up: what comes later must not come to its place after it was removed there. */
  putMs = 20 * 60_000;
  /** How long a start, or a look at its health, waits for a store that says nothing, in ms. */
  checkMs = 10_000;
  /** How old the last look at its health may be, in ms: a look is four calls. While it is away, they are more often. */
  lookMs = 60_000;
  lookAwayMs = 5_000;
  remote: RemoteBounds = { connectMs: 5_000, silenceMs: 30_000 };
  /** Within which something has to refer to a stored file, in ms. */
  graceMs = 15 * 60_000;
  /** Files that one look removes at most, and how long that may take, in ms. */
  removedAtOnce = 100;
  removeLeaseMs = 5 * 60_000;
  /** A file in the workspace to which nothing was written for so long is nobody's any more, in ms. */
  abandonedMs = 60 * 60_000;
}
