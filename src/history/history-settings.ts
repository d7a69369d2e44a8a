/** Numbers of the history worker. The class is its own injection token; tests shorten what they wait for. */
export class HistorySettings {
  /** How often to ask whether history waits, in ms. */
  everyMs = 2_000;
  /** A piece that nobody prolongs for so long is another process's, in s. */
  leaseSeconds = 30;
  /** Of a download, from the first question to the last byte, in ms. */
  downloadMs = 120_000;
  /** Of an encrypted piece, which is held in memory; one piece at a time. */
  maxBytes = 64 * 1024 * 1024;
  /** Of an inflated piece, of which one chat is held at a time. */
  maxInflatedBytes = 1024 * 1024 * 1024;
  /** Messages that are stored in one transaction. */
  batch = 50;
  /** Tries of one piece. */
  attempts = 8;
  /** Before the second try, in s; then twice as long each time. */
  retrySeconds = 15;
}
