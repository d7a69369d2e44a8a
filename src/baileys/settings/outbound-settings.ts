import { RETRY_SECONDS } from '../../common/errors/send-errors.js';
import type { PassingKind } from '../../common/send-failures.js';

/** Times and bounds of sending. */
export class OutboundSettings {
  /** Messages of one instance that wait to be written, callers that wait for its line included. */
  maxWaiting = 100;
  /** Messages of one instance that were written and that are not confirmed; more wait. */
  maxUnconfirmed = 400;
  /** Files on their way to WhatsApp at a time: of one instance, of one organization, and of all instances of the process. */
  maxPreparing = 3;
  maxUploadsOfOne = 5;
  maxUploads = 8;
  /** How long bringing a file to WhatsApp may take, in ms: at least, and for each byte of it. */
  upload = { leastMs: 60_000, perByteMs: 1 / 64 };
  /** Messages in doubt that are taken up for one instance at a time. */
  maxTakenUp = 1_000;
  /** How long a send waits for a line that is coming back, in ms. */
  lineWaitMs = 10_000;
  /** How long a caller waits for the outcome, counted from its call, in ms. */
  answerMs = 30_000;
  /** How long receipts that WhatsApp kept for us may take after a login before messages are repeated, in ms. */
  settleMs = 2_000;
  /** How long storing a message is tried, in ms. */
  storeMs = 10_000;
  /** How long after WhatsApp did not take a message a caller may have it sent again under its idempotency key, in ms. */
  reopenMs: Record<PassingKind, number> = {
    limited: RETRY_SECONDS.limited * 1_000,
    temporary: RETRY_SECONDS.temporary * 1_000,
  };
  /** Pause before a message is written again whose repeat was refused, in ms. */
  refusedMs = 15_000;
  /** Pause after a fault of the database, in ms. */
  pauseMs = 1_000;
  /** A message in doubt for longer than this is given up, in ms. */
  maxAgeMs = 24 * 60 * 60_000;
  /** A message is written again so many times at most. */
  maxRepeats = 10;
  /** How often messages in doubt are looked for, in ms. */
  sweepMs = 60_000;
  /** A message that was not confirmed on a line that is still up is written again after so long, in ms. */
  sameLineMs = 5 * 60_000;
  /** How often a message is looked for whose storing was not confirmed, in ms. */
  lateLookMs = 3_000;
  /** How long after an answer the database may still do what it was asked before, in ms: longer than its statements may take. */
  lateStoreMs = 30_000;
  /** How long such a message is looked for while the database does not answer, in ms. */
  lateMaxMs = 10 * 60_000;
  /** How long a shutdown waits for acknowledgements, in ms. */
  closeMs = 2_000;
}
