import type { BackoffOptions } from '../common/backoff.js';

/** Times of getting files. The class is its own injection token; tests shorten what they wait for. */
export class MediaSettings {
  /** How long a file is a worker's without a sign of life, in ms. */
  leaseMs = 60_000;
  /** How long a server may send nothing, in ms. */
  stallMs = 30_000;
  /** How often a file is tried before it is given up. */
  maxAttempts = 10;
  /** Bounds of the wait before the next try, in ms. */
  baseDelayMs = 5_000;
  maxDelayMs = 60 * 60_000;
  /** How often a file leads to asking the phone; each time it gets a new place, of which the file may be gone, too. */
  maxPhoneRounds = 3;
  /** How often a phone is asked for a file before it is given up, and bounds of the wait for its answer, in ms: three days in all. */
  maxAsks = 8;
  baseAskMs = 60_000;
  maxAskMs = 24 * 60 * 60_000;
  /** How many phones a process asks at the same time, and of those the ones of one organization. */
  asks = 8;
  asksPerOrganization = 4;
  /** Bounds of the pause while nothing can be stored. */
  storePause: BackoffOptions = { baseMs: 5_000, maxMs: 5 * 60_000 };
  /** How often it is looked whether there is work that nobody told of, in ms. */
  lookMs = 5_000;
}
