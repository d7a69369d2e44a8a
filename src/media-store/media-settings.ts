/** Times of storing files. The class is its own injection token; tests shorten what they wait for. */
export class MediaStoreSettings {
  /** How long it may take to hand a file to its store, in ms; whoever takes longer has failed. */
  writeLeaseMs = 30 * 60_000;
  /** Within which something has to refer to a stored file, in ms. */
  graceMs = 15 * 60_000;
  /** Files that one look removes at most, and how long that may take, in ms. */
  removedAtOnce = 100;
  removeLeaseMs = 5 * 60_000;
  /** A file in the workspace to which nothing was written for so long is nobody's any more, in ms. */
  abandonedMs = 60 * 60_000;
}
