import type { ChatKind, PersonAddress } from '../../common/inbox.js';

/** Who wrote a stanza, to which kind of chat, as its attributes say. */
export interface MessageAddresses {
  chatKind: ChatKind;
  fromMe: boolean;
  isPeerTraffic: boolean;
  sender: PersonAddress;
  /** The other side of a direct chat. */
  peer?: PersonAddress | undefined;
  /** Of the group, where it was written in one. */
  groupJid?: string | undefined;
}

type Attributes = Readonly<Record<string, string | undefined>>;

const PHONE_SERVERS = new Set(['s.whatsapp.net', 'c.us', 'hosted']);
const LID_SERVERS = new Set(['lid', 'hosted.lid']);
const PLACES = new Map<string, ChatKind>([
  ['g.us', 'group'],
  ['broadcast', 'broadcast'],
  ['newsletter', 'newsletter'],
  ['bot', 'bot'],
]);

/** Meta AI's numbers, WhatsApp's announcements and its own business account: nobody to book. */
const BOT_NUMBERS = /^(?:0|16505361212|1313555\d{4}|131655500\d{2})$/;

/**
 * @param attrs attributes of a `<message>` stanza
 * @param account the account that received it
 * @returns who wrote it to what kind of chat
 * @throws Error when the stanza has no `from`, or claims a recipient although somebody else wrote it
 */
export function readAddresses(attrs: Attributes, account: PersonAddress): MessageAddresses {
  if (!attrs['from']) {
    throw new Error('stanza_without_sender');
  }
  const isPeerTraffic = attrs['category'] === 'peer';
  const place = chatKindOf(attrs['from']);
  if (place !== 'direct') {
    const sender = personOf(
      attrs['participant'],
      attrs['participant_pn'] ?? attrs['sender_pn'],
      attrs['participant_lid'] ?? attrs['sender_lid'],
    );
    const fromMe = isSamePerson(sender, account);
    // On a phone it stands in the chat with its author, like any other.
    const isForAccount = place === 'broadcast' && !fromMe && hasAddress(sender);
    return isForAccount
      ? { chatKind: 'direct', fromMe, isPeerTraffic, sender, peer: sender }
      : { ...placeOf(attrs['from'], place), fromMe, isPeerTraffic, sender };
  }
  const author = personOf(attrs['from']);
  if (isSamePerson(author, account)) {
    return { ...ownChat(attrs, account), fromMe: true, isPeerTraffic, sender: { ...account, ...author } };
  }
  const recipient = attrs['recipient'];
  if (recipient && chatKindOf(recipient) !== 'bot') {
    // Only the account's own devices name a recipient; anybody else's is forged or malformed.
    throw new Error('foreign_recipient');
  }
  const sender = personOf(attrs['from'], attrs['sender_pn'], attrs['sender_lid']);
  const chatKind = hasAddress(sender) ? 'direct' : 'other';
  return { chatKind, fromMe: false, isPeerTraffic, sender, peer: chatKind === 'direct' ? sender : undefined };
}

function placeOf(jid: string, chatKind: ChatKind): Pick<MessageAddresses, 'chatKind' | 'groupJid'> {
  return { chatKind, ...(chatKind === 'group' && { groupJid: jid }) };
}

function ownChat(
  attrs: Attributes,
  account: PersonAddress,
): Pick<MessageAddresses, 'chatKind' | 'peer' | 'groupJid'> {
  const recipient = attrs['recipient'];
  if (!recipient) {
    return { chatKind: 'self' };
  }
  const chatKind = chatKindOf(recipient);
  if (chatKind !== 'direct') {
    return placeOf(recipient, chatKind);
  }
  const peer = personOf(
    recipient,
    attrs['peer_recipient_pn'] ?? attrs['recipient_pn'],
    attrs['peer_recipient_lid'] ?? attrs['recipient_lid'],
  );
  if (isSamePerson(peer, account)) {
    return { chatKind: 'self' };
  }
  return hasAddress(peer) ? { chatKind, peer } : { chatKind: 'other' };
}

/** The kind of chat that a JID names, as far as the JID alone tells. */
function chatKindOf(jid: string): ChatKind {
  const { user, server } = splitJid(jid);
  if (jid === 'status@broadcast') {
    return 'status';
  }
  if (PHONE_SERVERS.has(server)) {
    return BOT_NUMBERS.test(user) ? 'bot' : 'direct';
  }
  return LID_SERVERS.has(server) ? 'direct' : (PLACES.get(server) ?? 'other');
}

/** @returns whether a JID, of whatever origin, is that of a person with whom there is a chat */
export function isDirectChat(jid: string): boolean {
  return chatKindOf(jid) === 'direct';
}

/** Reads a person's addresses: the JID itself, and its counterparts for the form that it does not have. */
export function personOf(jid?: string, phoneJid?: string, lidJid?: string): PersonAddress {
  const phone = digitsOf(jid, PHONE_SERVERS, 15) ?? digitsOf(phoneJid, PHONE_SERVERS, 15);
  const lid = digitsOf(jid, LID_SERVERS, 20) ?? digitsOf(lidJid, LID_SERVERS, 20);
  return { ...(phone && { phone }), ...(lid && { lid }) };
}

function digitsOf(jid: string | undefined, servers: Set<string>, maxDigits: number): string | undefined {
  if (!jid) {
    return undefined;
  }
  const { user, server } = splitJid(jid);
  const isNumber = /^\d+$/.test(user) && user.length <= maxDigits && /[1-9]/.test(user);
  return isNumber && servers.has(server) ? user : undefined;
}

/** Splits `user[_agent|.agent][:device]@server`. */
function splitJid(jid: string): { user: string; server: string } {
  const at = jid.indexOf('@');
  return {
    user: jid.slice(0, Math.max(at, 0)).replace(/(?:[._]\d+)?(?::\d+)?$/, ''),
    server: jid.slice(at + 1),
  };
}

/** @returns whether two addresses are one person's: phone with phone and LID with LID, the digits of the two never meet */
export function isSamePerson(one: PersonAddress, other: PersonAddress): boolean {
  return (
    (one.phone !== undefined && one.phone === other.phone) || (one.lid !== undefined && one.lid === other.lid)
  );
}

function hasAddress(person: PersonAddress): boolean {
  return person.phone !== undefined || person.lid !== undefined;
}
