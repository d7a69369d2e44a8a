/** Times and bounds of the sessions. The class is its own injection token; tests shorten what they wait for. */
export class SessionSettings {
  /** Sockets between dialling and being on line, at the same time. */
  simultaneousHandshakes = 10;
  /** Not on line (nor showing a QR) after so long: the attempt is ended, in ms. */
  connectWatchdogMs = 45_000;
  reconnect = { baseMs: 1_000, maxMs: 5 * 60_000, stableMs: 60_000 };
  /** How long a pairing code works after WhatsApp accepted the request, in ms. */
  pairingCodeMs = 60_000;
  /** A pairing that is being completed when its code expires may go on for so long, in ms. */
  pairingGraceMs = 15_000;
  /** How long a connect call waits for WhatsApp to accept a code, in ms. */
  pairingAnswerMs = 30_000;
  /** How long a send waits for WhatsApp's acknowledgement, in ms. */
  sendAckMs = 20_000;
  /** How long a lookup of a recipient may take, in ms. */
  lookupMs = 10_000;
  /** How long a send may take before it counts as unknown, in ms. */
  sendMs = 30_000;
  /** How long logging out at WhatsApp may take, in ms. */
  logoutMs = 5_000;
  /** How long a shutdown may take, in ms. */
  shutdownMs = 10_000;
  queryMs = 30_000;
  keepAliveMs = 25_000;
  keyStore = { readTimeoutMs: 5_000, giveUpMs: 30_000 };
}
