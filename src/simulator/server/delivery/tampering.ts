import { type BinaryNode, node } from '../../protocol/node.js';

/** Disturbances for the next message stanzas; each number counts down to 0. */
export interface Tampering {
  duplicate: number;
  swapWithNext: number;
  corrupt: number;
  empty: number;
}

/** Within the ciphertext or MAC of both `msg` and `pkmsg`. */
const CORRUPTED_FROM_END = 14;

/** A copy of a message stanza whose ciphertext no longer decrypts. */
export function corrupted(stanza: BinaryNode): BinaryNode {
  const spoil = (item: BinaryNode): BinaryNode => {
    if (item.tag !== 'enc' || !(item.content instanceof Uint8Array)) {
      return item;
    }
    const bytes = Buffer.from(item.content);
    const position = Math.max(0, bytes.length - CORRUPTED_FROM_END);
    bytes[position] = (bytes[position] ?? 0) ^ 0xff;
    return { ...item, content: bytes };
  };
  return Array.isArray(stanza.content) ? { ...stanza, content: stanza.content.map(spoil) } : stanza;
}

/** A copy of a message stanza that brings no message, only word that there is one, as ads and view-once messages come. */
export function emptied(stanza: BinaryNode): BinaryNode {
  return { ...stanza, content: [node('unavailable')] };
}
