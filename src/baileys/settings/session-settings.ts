import { OutboundSettings } from './outbound-settings.js';

/** Times and bounds of the sessions. The class is its own injection token; tests shorten what they wait for. */
export class SessionSettings {
  /**
   * Sockets between dialling and being on line, at the same time. To WhatsApp that takes six round trips, about a second: so
   * many go with thirty dials a second. Nobody says how many it takes from one address; so many phones of an office come back
   * when its line does.
   */
  simultaneousHandshakes = 24;
  /** Time between two dials of the process, half to one and a half of it at random, in ms: thirty a second. Longer while dials fail. */
  handshakeSpacingMs = 33;
  /** Sessions taken over from the database at the same time. */
  simultaneousTakeOvers = 8;
  /** Phones that the process links at the same time: each has a socket that waits for a person. */
  simultaneousPairings = 500;
  /** Not on line (nor showing a QR) after so long: the attempt is ended, in ms. */
  connectWatchdogMs = 45_000;
  /** A connection that held for `stableMs` starts counting failures anew, in ms. */
  reconnect = { baseMs: 1_000, maxMs: 5 * 60_000, stableMs: 60_000 };
  /** Failures that keep coming: from then on one attempt in each pause, until a connection holds. */
  breaker = { failures: 10, windowMs: 10 * 60_000, pauseMs: 10 * 60_000 };
  /**
   * Another client took our place although the lease is ours: one more attempt after about `retryMs`; a second time within
   * `windowMs` ends the session.
   */
  replaced = { retryMs: 10_000, windowMs: 10 * 60_000 };
  /** A temporary ban that lasts longer than `maxMs` is not waited for; after one, up to `jitterMs` are added. */
  ban = { maxMs: 7 * 24 * 60 * 60_000, jitterMs: 60_000 };
  /** How long a pairing code works after WhatsApp accepted the request, in ms. */
  pairingCodeMs = 60_000;
  /** How long QR codes are shown, from the first one, whichever process goes on giving new ones, in ms. WhatsApp's six last for 160 s. */
  pairingQrMs = 200_000;
  /** How long one QR code is shown, in ms; undefined: WhatsApp's own times, a minute for the first and 20 s for each that follows. */
  qrMs: number | undefined;
  /** A pairing that is being completed when its code expires may go on for so long, in ms. */
  pairingGraceMs = 15_000;
  /** How long WhatsApp may take to accept a code or to give the first QR, in ms. */
  pairingAnswerMs = 30_000;
  /** How long a connect call of a linked instance waits for its line, in ms. */
  resumeAnswerMs = 5_000;
  /** How long a send waits for WhatsApp's acknowledgement, in ms. */
  sendAckMs = 20_000;
  /** How long a lookup of a recipient may take, in ms. */
  lookupMs = 10_000;
  /** How long a send may take before it counts as unknown, in ms. */
  sendMs = 30_000;
  /** How long WhatsApp may take to confirm a logout before it is asked again, in ms. */
  logoutMs = 5_000;
  /** However long ago it was asked for, the process that takes such a session over tries for so long, in ms. */
  logoutLeastMs = 60_000;
  /** How long a call waits for a logout, which goes on without it, in ms. */
  logoutAnswerMs = 5_000;
  /** How long the end of a session waits until its last status is stored, in ms. */
  farewellMs = 5_000;
  /** A shutdown's hand-overs take no more than what this leaves to them, in ms. Less than `runProcess` allows. */
  stopMs = 40_000;
  /** How long handing sessions over to other nodes may take at a shutdown, in ms. */
  handOverMs = 25_000;
  /** How long the rest of a shutdown may take, in ms. */
  shutdownMs = 10_000;
  /** Sessions without an owner that a running node takes at a time. */
  claimBatch = 50;
  /** Requests of other nodes that are done at the same time. */
  simultaneousRequests = 200;
  /** Of these, for one instance. */
  simultaneousInstanceRequests = 50;
  /** How long a node waits for another one's answer beyond what the other may take, in ms. */
  requestGraceMs = 5_000;
  /** How long an instance is still logged out after no caller waits for it any more, in ms. */
  logoutLingerMs = 10 * 60_000;
  /** How long WhatsApp may take to answer a question, in ms. Less than `sendMs`: a send that asks one then hears that nothing left. */
  queryMs = 20_000;
  /** A line that was quiet for so long is pinged, in ms. */
  keepAliveMs = 12_000;
  /** A ping that is not answered in this time: the line is dead, in ms. */
  pingAnswerMs = 6_000;
  /** A stanza whose handling takes longer: the session is deaf, in ms. Longer than the database may keep it waiting. */
  stanzaMs = 60_000;
  /** A transaction on the keys that takes longer: something in it hangs, in ms. Longer than three queries. */
  transactionMs = 95_000;
  outbound = new OutboundSettings();
  keyStore = { readTimeoutMs: 5_000, giveUpMs: 30_000 };
  /** Keys kept in memory: of one session, and of all sessions of the process, in bytes. */
  keyCache = { sessionBytes: 2 * 1024 * 1024, totalBytes: 128 * 1024 * 1024 };
  /** Asking whether the database takes writes again: how long one question may take, and the pauses between, in ms. */
  storageProbe = { timeoutMs: 3_000, baseMs: 500, maxMs: 5_000 };
}
