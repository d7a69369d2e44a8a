import { randomBytes } from 'node:crypto';
import { ProtocolViolation } from '../../protocol/frame-reader.js';
import type { HandshakeResult } from '../../protocol/noise-responder.js';
import { SERVER, child, node, stanzaId } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import type { Connection, ConnectionHandler } from '../connection/connection.js';
import type { DeviceRegistration } from '../linked-device.js';
import { PairingError } from './pairing-error.js';

const REFS = 6;

/** What a pairing session tells the server that keeps track of all of them. */
export interface PairingSessionListener {
  codeStanza(session: PairingSession, iq: BinaryNode, step: BinaryNode): void;
  ended(session: PairingSession): void;
}

interface Expected {
  resolve(reply: BinaryNode): void;
  reject(error: Error): void;
}

/** A connection of a client that is not linked yet: it offers refs and waits for a phone to accept it. */
export class PairingSession implements ConnectionHandler {
  readonly refs: readonly string[] = Array.from(
    { length: REFS },
    () => `2@${randomBytes(32).toString('base64')}`,
  );
  readonly startedAtMs = performance.now();
  readonly registration: DeviceRegistration;
  /** A phone is pairing with it right now. */
  busy = false;
  private readonly expected = new Map<string, Expected>();

  constructor(
    readonly connection: Connection,
    handshake: HandshakeResult,
    private readonly listener: PairingSessionListener,
  ) {
    this.registration = registrationOf(handshake);
    connection.label = 'registration';
    const refs = this.refs.map((ref) => node('ref', {}, Buffer.from(ref)));
    this.request([node('pair-device', {}, refs)]).catch(() => undefined);
  }

  /** Sends an iq set; resolves with the client's result, rejects when the connection ends first. */
  request(content: BinaryNode[], attrs: Record<string, string> = {}): Promise<BinaryNode> {
    const id = stanzaId();
    this.connection.send(node('iq', { from: SERVER, type: 'set', id, xmlns: 'md', ...attrs }, content));
    return new Promise((resolve, reject) => this.expected.set(id, { resolve, reject }));
  }

  /** Answers a client's iq. */
  reply(iq: BinaryNode, content?: BinaryNode[]): void {
    this.connection.send(
      node('iq', { from: iq.attrs['to'] ?? SERVER, type: 'result', id: iq.attrs['id'] }, content),
    );
  }

  /** Answers a client's iq with an error. */
  replyError(iq: BinaryNode, code: number, text: string): void {
    const attrs = { from: iq.attrs['to'] ?? SERVER, type: 'error', id: iq.attrs['id'] };
    this.connection.send(node('iq', attrs, [node('error', { code: String(code), text })]));
  }

  received(stanza: BinaryNode): void {
    const { type, id = '' } = stanza.attrs;
    if (stanza.tag !== 'iq') {
      return;
    }
    if (type === 'result' || type === 'error') {
      this.expected.get(id)?.resolve(stanza);
      this.expected.delete(id);
      return;
    }
    const step = child(stanza, 'link_code_companion_reg');
    if (step) {
      this.listener.codeStanza(this, stanza, step);
    } else {
      this.reply(stanza);
    }
  }

  closed(): void {
    for (const waiting of this.expected.values()) {
      waiting.reject(new PairingError('connection-closed'));
    }
    this.expected.clear();
    this.listener.ended(this);
  }

  drained(): void {
    // A pairing client gets next to nothing.
  }
}

function registrationOf({ noiseKey, payload }: HandshakeResult): DeviceRegistration {
  const data = payload.devicePairingData;
  const bytes = (value: Uint8Array | null | undefined, length: number, name: string): Buffer => {
    if (value?.length !== length) {
      throw new ProtocolViolation(`registration with a bad ${name}`);
    }
    return Buffer.from(value);
  };
  const identity = bytes(data?.eIdent, 32, 'identity key');
  const signature = bytes(data?.eSkeySig, 64, 'prekey signature');
  return {
    noiseKey,
    identity,
    registrationId: bytes(data?.eRegid, 4, 'registration id').readUInt32BE(0),
    signedPreKey: {
      id: bytes(data?.eSkeyId, 3, 'prekey id').readUIntBE(0, 3),
      value: bytes(data?.eSkeyVal, 32, 'signed prekey'),
      signature,
    },
  };
}
