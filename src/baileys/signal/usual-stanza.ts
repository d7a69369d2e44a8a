import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Delivery } from './stanza-row.js';

/** A person's address, taken apart. */
interface Address {
  /** Digits. */
  user: string;
  device: number;
  kind: 'lid' | 'pn';
}

/** A stanza with nothing in it that is not known, and one ciphertext. */
export interface UsualStanza {
  id: string;
  /** Whose device wrote, as the stanza says it. */
  from: string;
  sender: Address;
  /** Digits of the sender's other address, where the stanza names it. */
  other: string | undefined;
  delivery: Delivery & { ciphertext: Buffer };
}

/**
 * What a direct message's stanza says that decides nothing here and in the library beside what is read below. Whoever adds one looks for it in the
 * library's `messages-recv.js` and `decode-wa-message.js` first.
 */
const ATTRIBUTES = new Set([
  'id',
  'from',
  'type',
  't',
  'notify',
  'addressing_mode',
  'sender_pn',
  'sender_lid',
]);
/** `mediatype`: what kind of content the sender says that it is. */
const ENC_ATTRIBUTES = new Set(['v', 'type', 'mediatype']);
/** Children that nobody here reads: `reporting` has what WhatsApp needs when the message is reported to it. */
const UNREAD_CHILDREN = new Set(['reporting']);
const ADDRESS = /^(\d{1,20})(?::(\d{1,2}))?@(lid|s\.whatsapp\.net)$/;
/** Devices of businesses that are hosted have addresses of another kind. */
const HOSTED_DEVICE = 99;

/**
 * Reads a direct message of somebody's device, encrypted in a session that there is.
 * @returns undefined for whatever else it may be
 */
export function readUsualStanza({ tag, attrs, content }: BinaryNode): UsualStanza | undefined {
  const { id, from } = attrs;
  if (tag !== 'message' || !id || !from || !Object.keys(attrs).every((name) => ATTRIBUTES.has(name))) {
    return undefined;
  }
  const sender = addressOf(from);
  const ciphertext = ciphertextIn(content);
  const [otherKind, other] =
    sender?.kind === 'lid' ? ['pn', attrs['sender_pn']] : ['lid', attrs['sender_lid']];
  const otherAddress = other === undefined ? undefined : addressOf(other);
  const namesTwo = attrs['sender_pn'] !== undefined && attrs['sender_lid'] !== undefined;
  const isOtherKnown = other === undefined || (otherAddress?.kind === otherKind && !other.includes(':'));
  // The library would read the address by what the stanza says, not by how the address looks.
  const isMode = (attrs['addressing_mode'] ?? sender?.kind) === sender?.kind;
  const namesSame = attrs[`sender_${sender?.kind}`] !== undefined;
  if (!sender || !ciphertext || !isOtherKnown || namesTwo || namesSame || !isMode) {
    return undefined;
  }
  const delivery = { attrs: { ...attrs }, encryption: 'msg', ciphertext };
  return { id, from, sender, other: otherAddress?.user, delivery };
}

function addressOf(jid: string): Address | undefined {
  const [, user, digits, server] = ADDRESS.exec(jid) ?? [];
  const device = Number(digits ?? 0);
  return user === undefined || device === HOSTED_DEVICE
    ? undefined
    : { user, device, kind: server === 'lid' ? 'lid' : 'pn' };
}

/** @returns the one ciphertext, of the kind that goes on with a session */
function ciphertextIn(content: BinaryNode['content']): Buffer | undefined {
  if (!Array.isArray(content)) {
    return undefined;
  }
  const [enc, ...others] = content.filter(({ tag }) => !UNREAD_CHILDREN.has(tag));
  const isUsual =
    enc?.tag === 'enc' &&
    others.length === 0 &&
    enc.attrs['type'] === 'msg' &&
    enc.attrs['v'] === '2' &&
    Object.keys(enc.attrs).every((name) => ENC_ATTRIBUTES.has(name));
  return isUsual && Buffer.isBuffer(enc.content) ? enc.content : undefined;
}
