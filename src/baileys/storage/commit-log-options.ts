/** Bounds of the commit log. The class is its own injection token. */
export class CommitLogOptions {
  /** An outage longer than this gives all sessions up, in ms. */
  giveUpMs = 30_000;
  /** A batch with this many rows is closed, and its writers wait. */
  maxRows = 2_000;
  /** The same in bytes. */
  maxBytes = 8 * 1024 * 1024;
  /** Messages of one session in a batch, where several receive: whoever has more waits until these are committed, and rests. */
  shareRows = 8;
  /** How long, in ms. */
  shareRestMs = 10;
  /** An attempt that takes longer counts as in doubt, in ms. */
  attemptTimeoutMs = 10_000;
  /** Longest pause between two attempts, in ms. */
  maxRetryDelayMs = 500;
}
