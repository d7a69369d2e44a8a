/** Bounds of the group commit. The class is its own injection token. */
export class GroupCommitOptions {
  /** An outage longer than this gives all sessions up, in ms. */
  giveUpMs = 30_000;
  /** A batch with this many rows is closed, and its writers wait. */
  maxRows = 2_000;
  /** The same in bytes; what one call writes is never cut, and may be more. */
  maxBytes = 8 * 1024 * 1024;
  /** Messages of one session in a batch, where several receive: a session that has more waits until these are committed, and rests. */
  shareRows = 8;
  /** How long, in ms. */
  shareRestMs = 10;
  /** An attempt that takes longer counts as in doubt, in ms. */
  attemptTimeoutMs = 10_000;
  /** Longest pause between two attempts, in ms. */
  maxRetryDelayMs = 500;
}

/** What an attempt may upload to a hosted database, in bytes before it is encoded: in time also where the uplink is slow. */
const HOSTED_BATCH_BYTES = 1024 * 1024;

/** @param isHosted each commit goes over the internet */
export function groupCommitOptionsFor(isHosted: boolean): GroupCommitOptions {
  const options = new GroupCommitOptions();
  return isHosted ? Object.assign(options, { maxBytes: HOSTED_BATCH_BYTES }) : options;
}
