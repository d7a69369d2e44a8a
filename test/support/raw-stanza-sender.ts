import { randomBytes } from 'node:crypto';
import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { LinkedDevice } from '../../src/simulator/server/linked-device.js';

const PREKEY_VERSION = Buffer.of(0x33);
const CURVE_KEY = 5;

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

function field(number: number, value: number | Buffer): Buffer {
  return typeof value === 'number'
    ? Buffer.from([...varint(number << 3), ...varint(value)])
    : Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(value.length)]), value]);
}

function someKey(): Buffer {
  return Buffer.concat([Buffer.of(CURVE_KEY), randomBytes(32)]);
}

/** A ratchet message that no session opens. */
function ratchetMessage(): Buffer {
  return Buffer.concat([
    PREKEY_VERSION,
    field(1, someKey()),
    field(2, 0),
    field(3, 0),
    field(4, randomBytes(48)),
    randomBytes(8),
  ]);
}

/** @returns a first message that is well-formed and names keys, while nothing fits them */
export function preKeyMessage(to: LinkedDevice): Buffer {
  return Buffer.concat([
    PREKEY_VERSION,
    field(5, 1234),
    field(6, to.signedPreKey.id),
    field(2, someKey()),
    field(3, someKey()),
    field(4, ratchetMessage()),
  ]);
}

/** What somebody can put on the wire with a client of his own. */
export class RawStanzaSender {
  private count = 0;

  constructor(
    readonly phone: Phone,
    private readonly to: LinkedDevice,
  ) {}

  /** A `<message>` that nobody can read. */
  unreadable({ device = 0, id = this.nextId(), type = 'msg' } = {}): BinaryNode {
    const content = type === 'pkmsg' ? preKeyMessage(this.to) : ratchetMessage();
    return this.message({ device, id }, [{ tag: 'enc', attrs: { v: '2', type }, content }]);
  }

  /** A `<message>` that only says that there is one. */
  unavailable(): BinaryNode {
    return this.message({ device: 0, id: this.nextId() }, [{ tag: 'unavailable', attrs: {} }]);
  }

  /** A stanza of any kind, from this person. */
  stanza(tag: string, attrs: Record<string, string> = {}, content?: BinaryNode[]): BinaryNode {
    const base = { id: this.nextId(), from: this.phone.address('lid'), t: seconds() };
    return { tag, attrs: { ...base, ...attrs }, ...(content && { content }) };
  }

  /** Queues them on the line of the client, as the server would. */
  sends(stanzas: readonly BinaryNode[]): void {
    stanzas.forEach((stanza) => this.to.queue.push({ stanza }));
  }

  private message(from: { device: number; id: string }, content: BinaryNode[]): BinaryNode {
    return {
      tag: 'message',
      attrs: {
        id: from.id,
        from: this.phone.address('lid', from.device),
        sender_pn: this.phone.address('pn'),
        addressing_mode: 'lid',
        t: seconds(),
        type: 'text',
        notify: this.phone.name,
      },
      content,
    };
  }

  private nextId(): string {
    this.count += 1;
    return `3EB0${this.phone.number}${String(this.count).padStart(6, '0')}`;
  }
}

/** A readable message of a kind that nobody knows. */
export function unknownKind(): proto.IMessage {
  return { protocolMessage: { type: 999 as proto.Message.ProtocolMessage.Type } };
}

function seconds(): string {
  return String(Math.floor(Date.now() / 1_000));
}
