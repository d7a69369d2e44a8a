import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { type EncryptedMessage, SignalPeer } from '../../src/simulator/phones/signal-peer.js';
import type { Random } from '../chaos/random.js';
import type { Account } from './account.js';

export type Addressing = 'lid' | 'pn';

/** One device of somebody. */
export class ContactDevice {
  peer: SignalPeer;
  private installs = 1;

  readonly contact: Contact;
  readonly device: number;

  constructor(contact: Contact, device: number) {
    this.contact = contact;
    this.device = device;
    this.peer = this.install();
  }

  address(addressing: Addressing): string {
    return `${this.contact.user(addressing)}${this.device === 0 ? '' : `:${this.device}`}@${serverOf(addressing)}`;
  }

  /** It has new keys, and knows nobody. */
  reinstall(): void {
    this.installs += 1;
    this.peer = this.install();
  }

  encrypt(account: Account, plaintext: Buffer, isFresh: boolean): Promise<EncryptedMessage> {
    return this.peer.encrypt(account, plaintext, isFresh || undefined);
  }

  private install(): SignalPeer {
    const peer = new SignalPeer(`${this.contact.name} ${this.device}#${this.installs}`);
    // Nobody checks it here, and it takes longer to make than everything else.
    return Object.assign(peer, { signature: Buffer.alloc(64, 1) });
  }
}

/** Digits of the two addresses of an account. */
export type Users = Record<Addressing, string>;

/** Somebody with a number, a LID and some devices. */
export class Contact {
  readonly devices: ContactDevice[];

  readonly name: string;
  private users: Users;

  constructor(name: string, users: Users, devices: readonly number[]) {
    this.name = name;
    this.users = users;
    this.devices = devices.map((device) => new ContactDevice(this, device));
  }

  user(addressing: Addressing): string {
    return this.users[addressing];
  }

  /** The number has another LID from now on. */
  changeLid(): void {
    this.users = { ...this.users, lid: `${Number(this.users.lid) + 100_000}` };
  }

  jid(addressing: Addressing): string {
    return `${this.user(addressing)}@${serverOf(addressing)}`;
  }
}

function serverOf(addressing: Addressing): string {
  return addressing === 'lid' ? 'lid' : 's.whatsapp.net';
}

type Kind = readonly [message: proto.IMessage | Buffer, weight: number];

const KEY = { remoteJid: '200000000001@lid', fromMe: true, id: 'OURS' };
const TEXT = { conversation: 'how much is it?' };
/** What people send, and what nobody should. */
const KINDS: readonly Kind[] = [
  [TEXT, 60],
  [{ extendedTextMessage: { text: 'look: https://example.org', title: 'x' } }, 8],
  [{ ...TEXT, messageContextInfo: { messageSecret: Buffer.alloc(32, 7) } }, 8],
  [{ imageMessage: { caption: 'a picture', mimetype: 'image/jpeg', fileLength: 12 } }, 4],
  [{ locationMessage: { degreesLatitude: 1, degreesLongitude: 2 } }, 2],
  [{ contactMessage: { displayName: 'Bia', vcard: 'BEGIN:VCARD' } }, 1],
  [{ reactionMessage: { key: KEY, text: '👍' } }, 2],
  [{ reactionMessage: { text: '👍' } }, 1],
  [{ protocolMessage: { key: KEY, type: proto.Message.ProtocolMessage.Type.REVOKE } }, 2],
  [
    {
      protocolMessage: {
        key: KEY,
        type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
        editedMessage: { conversation: 'mended' },
      },
    },
    1,
  ],
  [{ editedMessage: { message: { protocolMessage: { key: KEY, type: 14, editedMessage: TEXT } } } }, 1],
  [{ ephemeralMessage: { message: TEXT } }, 1],
  [{ deviceSentMessage: { destinationJid: KEY.remoteJid, message: TEXT } }, 1],
  [{ protocolMessage: { type: 6, appStateSyncKeyShare: { keys: [] } } }, 1],
  [{ ...TEXT, senderKeyDistributionMessage: { groupId: '1203630@g.us' } }, 1],
  [{ encEventResponseMessage: { eventCreationMessageKey: KEY } }, 1],
  [{ pollUpdateMessage: { pollCreationMessageKey: KEY } }, 1],
  [{}, 1],
  [Buffer.from('no message at all, with 300 at the end of it'), 1],
  [Buffer.from([0x0a, 0x05, 0x61, 0x01]), 1],
  [Buffer.from([0x0a, 0x01, 0x61, 0xff]), 1],
];

/** @returns a message as it is encrypted */
export function somethingToSay(random: Random): Buffer {
  const kind = random.weighted(KINDS);
  if (Buffer.isBuffer(kind)) {
    return kind;
  }
  const pad = random.integer(1, 16);
  return Buffer.concat([proto.Message.encode(kind).finish(), Buffer.alloc(pad, pad)]);
}

type Changed = (stanza: BinaryNode) => BinaryNode;

const withAttrs =
  (attrs: Record<string, string>): Changed =>
  (stanza) => ({ ...stanza, attrs: { ...stanza.attrs, ...attrs } });
const withEnc =
  (attrs: Record<string, string>): Changed =>
  (stanza) => ({
    ...stanza,
    content: (stanza.content as BinaryNode[]).map((child) => ({
      ...child,
      attrs: { ...child.attrs, ...attrs },
    })),
  });
const withChild =
  (...children: BinaryNode[]): Changed =>
  (stanza) => ({ ...stanza, content: [...(stanza.content as BinaryNode[]), ...children] });

/** What a stanza may have beside what the usual one has. */
export const CHANGES: readonly (readonly [change: Changed, weight: number])[] = [
  [withAttrs({ offline: '1' }), 6],
  [withAttrs({ unheard: 'of' }), 1],
  [withAttrs({ category: 'peer' }), 1],
  [withAttrs({ recipient: '200000000002@lid' }), 1],
  [withAttrs({ participant: '200000000002@lid' }), 1],
  [withAttrs({ edit: '1' }), 1],
  [withAttrs({ addressing_mode: 'pn' }), 1],
  [withAttrs({ sender_pn: '552198877669@s.whatsapp.net' }), 1],
  [withAttrs({ sender_lid: '200000000009@lid' }), 1],
  [withAttrs({ sender_pn: '552198877661:3@s.whatsapp.net' }), 1],
  [withEnc({ count: '1' }), 2],
  [withEnc({ mediatype: 'image' }), 3],
  [withEnc({ 'decrypt-fail': 'hide' }), 1],
  [withEnc({ v: '3' }), 1],
  [withEnc({ type: 'pkmsg' }), 1],
  [withEnc({ type: 'of the future' }), 1],
  [
    withChild({
      tag: 'reporting',
      attrs: {},
      content: [{ tag: 'reporting_token', attrs: { v: '2' }, content: Buffer.from('x') }],
    }),
    4,
  ],
  [withChild({ tag: 'unavailable', attrs: { type: 'view_once' } }), 1],
  [withChild({ tag: 'plaintext', attrs: {}, content: Buffer.from([0x0a, 0x01, 0x61]) }), 1],
  [withChild({ tag: 'verified_name', attrs: { v: '1' }, content: Buffer.from([1]) }), 1],
  [withChild({ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: Buffer.alloc(60, 0x33) }), 1],
  [(stanza) => ({ ...stanza, content: [{ tag: 'unavailable', attrs: { type: 'view_once' } }] }), 1],
];
