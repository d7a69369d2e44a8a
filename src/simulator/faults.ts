import type { CertificateFlaw } from './protocol/certificate-authority.js';
import type { DownloadFault, UploadFault } from './media-host/media-faults.js';
import { node } from './protocol/node.js';
import type { Phone } from './phones/phone.js';
import type { Connection } from './server/connection/connection.js';
import type { Tampering } from './server/delivery/tampering.js';
import type { OutageMode } from './server/fault-rules.js';
import type { LinkedDevice } from './server/linked-device.js';
import type { Fragmentation } from './server/connection/faulty-socket.js';
import type { Network } from './server/network.js';

/** A phone stands for all its linked clients. */
export type Target = Phone | LinkedDevice;

/** The disturbances a test can cause. Those on a connection end with that connection. */
export class Faults {
  constructor(
    private readonly network: Network,
    private readonly connections: ReadonlySet<Connection>,
    private readonly expireCode: (number: string) => void,
  ) {}

  /** Cuts the TCP connections at once. Returns how many. */
  dropConnection(target: Target): number {
    return this.onConnections(target, (connection) => connection.destroy('dropped on demand'));
  }

  /** Stops reading and writing while the connections stay up. */
  freeze(target: Target): number {
    return this.onConnections(target, (connection) => connection.socket.freeze());
  }

  /** Ends a freeze. */
  thaw(target: Target): number {
    return this.onConnections(target, (connection) => connection.socket.thaw());
  }

  /** Delays everything the server says by so many milliseconds. */
  delay(target: Target, ms: number): number {
    return this.onConnections(target, (connection) => connection.socket.delay(ms));
  }

  /** Cuts frames into single bytes, or joins them, from now on. */
  fragment(target: Target, mode: Fragmentation): number {
    return this.onConnections(target, (connection) => {
      connection.socket.fragmentation = mode;
    });
  }

  /** Ends the stream as if the device had logged in elsewhere (client: 440). */
  replaced(target: Target): number {
    const conflict = node('conflict', { type: 'replaced' });
    return this.onConnections(target, (connection) =>
      connection.streamError({}, 'replaced on demand', [conflict]),
    );
  }

  /** Ends the stream with an error code, e.g. 503 or 515. */
  streamError(target: Target, code: number): number {
    return this.onConnections(target, (connection) =>
      connection.streamError({ code: String(code) }, `stream error ${code} on demand`),
    );
  }

  /** Sends a frame that does not decrypt. */
  garbage(target: Target): number {
    return this.onConnections(target, (connection) => connection.sendGarbage());
  }

  /** Sends half a frame, then closes. */
  halfFrame(target: Target): number {
    return this.onConnections(target, (connection) => connection.sendHalfFrame());
  }

  /** Delivers the next message stanzas twice each. */
  duplicate(target: Target, times = 1): void {
    this.tamper(target, 'duplicate', times);
  }

  /** Delivers the next message stanza after the one that follows it. */
  reorder(target: Target, times = 1): void {
    this.tamper(target, 'swapWithNext', times);
  }

  /** Spoils the ciphertext of the next message stanzas; the client asks for a new copy. */
  corrupt(target: Target, times = 1): void {
    this.tamper(target, 'corrupt', times);
  }

  /** Delivers the next message stanzas without their message: the client gets a placeholder. */
  empty(target: Target, times = 1): void {
    this.tamper(target, 'empty', times);
  }

  /** The phone loses its sessions: it cannot read what its peers send next and asks them for a new copy. */
  forgetSessions(phone: Phone): void {
    phone.primary.forgetSessions();
  }

  /** Refuses logins of an account: 401, 403, 402 (with `code` and `expire`), 405, 503 … */
  failLogins(phone: Phone, reason: number, times = 1, attrs: Readonly<Record<string, string>> = {}): void {
    this.network.faults.failLogins(phone.number, { reason: String(reason), ...attrs }, times);
  }

  /** Refuses the next messages of an account's clients, e.g. with 463 or 479. */
  refuseMessages(phone: Phone, code: number, times = 1): void {
    this.network.faults.refuseMessages(phone.number, code, times);
  }

  /** Takes the next messages of an account's clients without saying so: delivered, but never acknowledged. */
  withholdAcknowledgements(phone: Phone, times = 1): void {
    this.network.faults.withholdAcknowledgements(phone.number, times);
  }

  /** Never answers the next queries with this namespace. */
  swallowQueries(xmlns: string, times = 1): void {
    this.network.faults.disturbQueries(xmlns, { kind: 'swallow' }, times);
  }

  /** Answers the next queries with this namespace with an error. */
  refuseQueries(xmlns: string, code: number, times = 1): void {
    this.network.faults.disturbQueries(xmlns, { kind: 'refuse', code }, times);
  }

  /** Refuses the next request for a pairing code, with 400 or 429. */
  refusePairing(code: 400 | 429): void {
    this.network.faults.refusePairing(code);
  }

  /** Makes the code that was requested for a phone expire now. */
  expirePairingCode(phone: Phone): void {
    this.expireCode(phone.number);
  }

  /**
   * Cuts all connections and refuses new ones until the returned function is called. Mind that Baileys hangs for its
   * `connectTimeoutMs` on `http-503`: it listens to `unexpected-response` and so keeps `ws` from giving up.
   */
  outage(mode: OutageMode = 'reset'): () => void {
    this.network.faults.outage = mode;
    for (const connection of this.connections) {
      connection.destroy('outage');
    }
    return () => this.endOutage();
  }

  /** Lets clients in again. */
  endOutage(): void {
    this.network.faults.outage = undefined;
  }

  /** Shows new connections certificates that a client must not trust, until it is called without a flaw. */
  certificate(flaw?: CertificateFlaw): void {
    this.network.faults.certificateFlaw = flaw;
  }

  /** The server vouches for clients that are linked from now on as if it were their phone; a client must not believe it. */
  forgeIdentities(): void {
    this.network.faults.areIdentitiesForged = true;
  }

  /** Disturbs the next downloads from the media server: of one file, or whichever comes. */
  disturbDownloads(fault: DownloadFault, times = 1, file?: { readonly directPath: string }): void {
    this.network.faults.media.downloads.add(fault, times, file?.directPath);
  }

  /** Disturbs the next uploads to the media server. */
  disturbUploads(fault: UploadFault, times = 1): void {
    this.network.faults.media.uploads.add(fault, times);
  }

  /** Ends every rule that is still on. */
  clear(): void {
    this.network.faults.clear();
  }

  private onConnections(target: Target, act: (connection: Connection) => void): number {
    const connections = devicesOf(target).flatMap(({ connection }) => (connection ? [connection] : []));
    connections.forEach(act);
    return connections.length;
  }

  private tamper(target: Target, what: keyof Tampering, times: number): void {
    for (const device of devicesOf(target)) {
      device.queue.tampering[what] += times;
    }
  }
}

function devicesOf(target: Target): LinkedDevice[] {
  return 'devices' in target ? target.devices : [target];
}
