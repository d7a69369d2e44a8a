import { messageOf } from '../../../common/error-message.js';
import { generateKeyPair } from '../../protocol/keys.js';
import { SERVER, bytesOf, child, childBytes, node, stanzaId, unixSeconds } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import type { Phone } from '../../phones/phone.js';
import type { HandshakeResult } from '../../protocol/noise-responder.js';
import type { Connection } from '../connection/connection.js';
import { acceptIdentity, offerIdentity } from './device-identity.js';
import { LinkedDevice } from '../linked-device.js';
import type { Network } from '../network.js';
import { exchangeByCode, isWrappedKey, normalizeCode, openKeyBundle } from './pairing-code.js';
import { PairingError } from './pairing-error.js';
import { parseQr } from './pairing-qr.js';
import { PairingSession } from './pairing-session.js';

const FIRST_DEVICE_ID = 10;
const LAST_DEVICE_ID = 98;

/** A client's request to be paired by code. */
interface PendingCode {
  readonly session: PairingSession;
  readonly wrappedKey: Buffer;
  readonly ref: string;
  readonly requestedAtMs: number;
  finish?: ((step: BinaryNode) => void) | undefined;
  fail?: ((error: Error) => void) | undefined;
}

/** Where clients that want to be linked and phones that accept them meet. */
export class PairingServer {
  private readonly byRef = new Map<string, PairingSession>();
  private readonly codes = new Map<string, PendingCode>();

  constructor(private readonly network: Network) {}

  /** Starts a pairing session on a fresh connection. Throws ProtocolViolation when the client's keys are malformed. */
  authenticate(connection: Connection, handshake: HandshakeResult): PairingSession {
    const session = new PairingSession(connection, handshake, {
      codeStanza: (from, iq, step) => this.codeStanza(from, iq, step),
      ended: (ended) => this.forget(ended),
    });
    for (const ref of session.refs) {
      this.byRef.set(ref, session);
    }
    return session;
  }

  /** A phone scans a QR code. Rejects with PairingError. */
  async scan(phone: Phone, qr: string): Promise<LinkedDevice> {
    const { ref, noiseKey, identity, advSecret } = parseQr(qr);
    const session = this.byRef.get(ref);
    if (!session) {
      throw new PairingError('unknown-ref');
    }
    if (performance.now() - session.startedAtMs > this.network.options.qrLifetimeMs) {
      throw new PairingError('expired');
    }
    const { registration } = session;
    if (!registration.noiseKey.equals(noiseKey) || !registration.identity.equals(identity)) {
      throw new PairingError('invalid-qr', 'keys differ from those of the connection');
    }
    return this.exclusively(session, () => this.link(phone, session, advSecret));
  }

  /** A pairing code is typed into a phone. Rejects with PairingError; after `wrong-code` it may be tried again. */
  async typeCode(phone: Phone, code: string): Promise<LinkedDevice> {
    const pending = this.codes.get(phone.number);
    if (!pending) {
      throw new PairingError('no-pending-pairing');
    }
    if (performance.now() - pending.requestedAtMs > this.network.options.pairingCodeLifetimeMs) {
      throw new PairingError('expired');
    }
    return this.exclusively(pending.session, () => this.exchange(phone, pending, normalizeCode(code)));
  }

  /** Makes a requested code expire now. */
  expireCode(number: string): void {
    const pending = this.codes.get(number);
    if (pending) {
      this.codes.set(number, { ...pending, requestedAtMs: -Infinity });
    }
  }

  private async exchange(phone: Phone, pending: PendingCode, code: string): Promise<LinkedDevice> {
    const { session, wrappedKey, ref } = pending;
    const { wrappedPrimaryKey, shared } = await exchangeByCode(code, wrappedKey);
    const finished = new Promise<BinaryNode>((resolve, reject) => {
      pending.finish = resolve;
      pending.fail = reject;
    });
    finished.catch(() => undefined);
    if (!session.connection.isOpen) {
      throw new PairingError('connection-closed');
    }
    const hello = node('link_code_companion_reg', { stage: 'primary_hello' }, [
      node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrappedPrimaryKey),
      node('primary_identity_pub', {}, phone.primary.identity.public),
      node('link_code_pairing_ref', {}, Buffer.from(ref)),
    ]);
    const attrs = { type: 'link_code_companion_reg', from: SERVER, id: stanzaId(), t: unixSeconds() };
    session.connection.send(node('notification', attrs, [hello]));
    const bundle = childBytes(await finished, 'link_code_pairing_wrapped_key_bundle');
    const secret = openKeyBundle(bundle, shared, phone.primary.identity, session.registration.identity);
    if (!secret) {
      throw new PairingError('wrong-code');
    }
    return this.link(phone, session, secret);
  }

  private async link(phone: Phone, session: PairingSession, advSecret: Buffer): Promise<LinkedDevice> {
    const { registration, connection } = session;
    const device = freeDeviceId(phone);
    const { identity } = phone.primary;
    const signer = this.network.faults.areIdentitiesForged
      ? { public: identity.public, private: generateKeyPair().private }
      : identity;
    const offer = offerIdentity(signer, registration.identity, advSecret, device);
    const linked = new LinkedDevice(phone, device, device, registration, this.network.options.queueLimit);
    const reply = await session.request(
      [
        node('pair-success', {}, [
          node('device-identity', {}, offer.sealed),
          node('device', { jid: linked.address('pn'), lid: linked.address('lid') }),
          node('platform', { name: 'android' }),
        ]),
      ],
      { t: unixSeconds() },
    );
    const answer = child(child(reply, 'pair-device-sign'), 'device-identity');
    try {
      linked.signedIdentity = acceptIdentity(offer, registration.identity, bytesOf(answer));
    } catch (error) {
      connection.destroy('invalid device signature');
      throw new PairingError('invalid-device-signature', messageOf(error));
    }
    phone.linked.set(device, linked);
    this.network.log('paired', { phone: phone.number, device });
    connection.streamError({ code: '515' }, 'paired, restart required');
    this.network.events.emit('device.paired', this.network.describe(linked));
    return linked;
  }

  private codeStanza(session: PairingSession, iq: BinaryNode, step: BinaryNode): void {
    if (step.attrs['stage'] === 'companion_finish') {
      session.reply(iq);
      const ref = childBytes(step, 'link_code_pairing_ref').toString();
      const pending = [...this.codes.values()].find((each) => each.session === session && each.ref === ref);
      pending?.finish?.(step);
      return;
    }
    this.requestCode(session, iq, step);
  }

  private requestCode(session: PairingSession, iq: BinaryNode, step: BinaryNode): void {
    const number = /^(\d{5,16})@s\.whatsapp\.net$/.exec(step.attrs['jid'] ?? '')?.[1];
    const wrappedKey = childBytes(step, 'link_code_pairing_wrapped_companion_ephemeral_pub');
    const noiseKey = childBytes(step, 'companion_server_auth_key_pub');
    const fault = this.network.faults.takePairing();
    if (fault !== undefined) {
      session.replyError(iq, fault, fault === 429 ? 'rate-overlimit' : 'bad-request');
    } else if (!number || !isWrappedKey(wrappedKey) || !noiseKey.equals(session.registration.noiseKey)) {
      session.replyError(iq, 400, 'bad-request');
    } else if (!this.network.phone(number)) {
      session.replyError(iq, 404, 'item-not-found');
    } else {
      const ref = stanzaId();
      this.codes.get(number)?.fail?.(new PairingError('expired', 'a newer code was requested'));
      this.codes.set(number, { session, wrappedKey, ref, requestedAtMs: performance.now() });
      const content = [node('link_code_pairing_ref', {}, Buffer.from(ref))];
      session.reply(iq, [node('link_code_companion_reg', { stage: 'companion_hello' }, content)]);
      const display = childBytes(step, 'companion_platform_display').toString();
      this.network.events.emit('pairing-code.requested', { number, display });
    }
  }

  private async exclusively<T>(session: PairingSession, work: () => Promise<T>): Promise<T> {
    if (session.busy) {
      throw new PairingError('busy');
    }
    session.busy = true;
    try {
      return await work();
    } finally {
      session.busy = false;
    }
  }

  private forget(session: PairingSession): void {
    for (const ref of session.refs) {
      this.byRef.delete(ref);
    }
    for (const [number, pending] of this.codes) {
      if (pending.session === session) {
        pending.fail?.(new PairingError('connection-closed'));
        this.codes.delete(number);
      }
    }
  }
}

function freeDeviceId(phone: Phone): number {
  const taken = (id: number): boolean => phone.linked.has(id) || phone.companions.has(id);
  const next = phone.nextDeviceId(FIRST_DEVICE_ID, LAST_DEVICE_ID);
  for (let i = 0; i <= LAST_DEVICE_ID - FIRST_DEVICE_ID; i++) {
    const id = FIRST_DEVICE_ID + ((next - FIRST_DEVICE_ID + i) % (LAST_DEVICE_ID - FIRST_DEVICE_ID + 1));
    if (!taken(id)) {
      return id;
    }
  }
  throw new PairingError('busy', 'too many linked devices');
}
