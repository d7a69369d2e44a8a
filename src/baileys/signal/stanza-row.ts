import { createHash } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { shownChatOf } from '../decoding/ignored-jids.js';
import { DECRYPT_FAIL, UNAVAILABLE } from '../decoding/stanza-hints.js';
import type { PlainInboxRow } from '../storage/pending-batch.js';

/** A received stanza and one of its ciphertexts. */
export interface Delivery {
  attrs: Record<string, string>;
  encryption: string;
  ciphertext: Uint8Array;
}

/** @returns the ciphertexts of a `<message>` stanza */
export function deliveriesOf(stanza: BinaryNode): Delivery[] {
  if (!Array.isArray(stanza.content)) {
    return [];
  }
  return stanza.content.flatMap(({ tag, attrs, content }) =>
    tag === 'enc' && content instanceof Uint8Array
      ? [{ attrs: withHints(stanza, attrs), encryption: attrs['type'] ?? '', ciphertext: content }]
      : [],
  );
}

/** What decoding wants to know of what stands within the stanza. */
function withHints(stanza: BinaryNode, { 'decrypt-fail': decryptFail }: BinaryNode['attrs']) {
  return { ...stanza.attrs, ...(decryptFail !== undefined && { [DECRYPT_FAIL]: decryptFail }) };
}

/** @returns attributes for the row of a stanza that brings nothing readable: with the reason, where the stanza gives one */
export function placeholderAttrs({ attrs, content }: BinaryNode): Record<string, string> {
  const parts = Array.isArray(content) ? content : [];
  const unavailable = parts.find(({ tag }) => tag === 'unavailable');
  return { ...attrs, ...(unavailable && { [UNAVAILABLE]: unavailable.attrs['type'] ?? '' }) };
}

/** Encryptions that the signal repository is asked to open. */
const SIGNAL_TYPES = new Set(['pkmsg', 'msg', 'skmsg']);
/** How WhatsApp's own assistants write; never part of a conversation with a client. */
const BOT_TYPES = new Set(['msmsg', 'bot_unavailable_fanout']);

/** @returns whether a `<message>` stanza is for an assistant, or of one, and for nobody else */
export function isOfBots({ content }: BinaryNode): boolean {
  const types = Array.isArray(content) ? content.map(({ attrs: { type = '' } }) => type) : [];
  return types.some((type) => BOT_TYPES.has(type)) && !types.some((type) => SIGNAL_TYPES.has(type));
}

/** @returns whether a `<message>` stanza only says that there is a message: an ad's first, one to be viewed once; nobody's words come in clear */
export function bringsNothingReadable({ content }: BinaryNode): boolean {
  const parts = Array.isArray(content) ? content : [];
  return !parts.some(
    ({ tag, attrs: { type = '' }, content: bytes }) =>
      BOT_TYPES.has(type) || (bytes instanceof Uint8Array && tag === 'enc' && SIGNAL_TYPES.has(type)),
  );
}

/** @returns whether nobody asked for this copy */
export function isFirstCopy({ content }: BinaryNode): boolean {
  const parts = Array.isArray(content) ? content : [];
  return parts.every(({ tag, attrs }) => tag !== 'enc' || attrs['count'] === undefined);
}

/**
 * Names a delivered ciphertext. Addressing is part of the name, so that nobody can pass somebody else's message off as
 * a redelivery.
 * @returns SHA-256 in hex
 */
export function deliveryHash({ attrs, encryption, ciphertext }: Delivery): string {
  return createHash('sha256').update(addressingOf(attrs, encryption)).update(ciphertext).digest('hex');
}

/**
 * @param delivery what came
 * @param extra attributes that were resolved here, e.g. `sender_pn`
 * @param body the decrypted, still padded message
 */
export function toInboxRow(
  delivery: Delivery,
  hash: string,
  extra: Record<string, string>,
  body: Uint8Array,
): PlainInboxRow {
  return rowOf({ ...extra, ...delivery.attrs }, delivery.encryption, hash, body);
}

/**
 * The row of a message of which no plaintext exists.
 * @param attrs attributes of its stanza, as far as they are known
 */
export function toPlaceholderRow(attrs: Record<string, string>): PlainInboxRow {
  const hash = createHash('sha256').update(addressingOf(attrs, 'none')).digest('hex');
  return rowOf(attrs, 'none', hash, null);
}

function rowOf(
  attrs: Record<string, string>,
  encryption: string,
  hash: string,
  body: Uint8Array | null,
): PlainInboxRow {
  const from = attrs['from'] ?? '';
  return {
    messageId: attrs['id'] ?? '',
    chat: shownChatOf(attrs) ?? '',
    sender: attrs['participant'] ?? from,
    hash,
    attrs: { ...attrs },
    encryption,
    body,
    receivedAt: new Date(),
  };
}

// JSON keeps the fields apart, whatever they contain.
function addressingOf(attrs: Record<string, string>, encryption: string): string {
  const { from, participant, recipient, id } = attrs;
  return JSON.stringify([from ?? '', participant ?? '', recipient ?? '', id ?? '', encryption]);
}
