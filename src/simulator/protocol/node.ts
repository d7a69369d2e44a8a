import { randomBytes } from 'node:crypto';
import { decodeDecompressedBinaryNode } from '@whiskeysockets/baileys';
import type { BinaryNode } from '@whiskeysockets/baileys';
import * as dictionary from '@whiskeysockets/baileys/lib/WABinary/constants.js';
import { ProtocolViolation } from './frame-reader.js';

export type { BinaryNode } from '@whiskeysockets/baileys';

/** The server's own address: a JID pair with an empty user. */
export const SERVER = '@s.whatsapp.net';

const COMPRESSED = 2;

/** Attributes of a stanza while it is being built; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** Builds a stanza, dropping undefined attributes. */
export function node(tag: string, attrs: Attributes = {}, content?: BinaryNode['content']): BinaryNode {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(attrs)) {
    if (value !== undefined) {
      kept[name] = value;
    }
  }
  return content === undefined ? { tag, attrs: kept } : { tag, attrs: kept, content };
}

/** Decodes the plaintext of a client frame. Clients never compress, so a compressed frame is a violation. */
export function decodeNode(plaintext: Buffer): BinaryNode {
  if (plaintext.length < 2 || ((plaintext[0] ?? 0) & COMPRESSED) !== 0) {
    throw new ProtocolViolation('empty or compressed frame');
  }
  return decodeDecompressedBinaryNode(plaintext.subarray(1), dictionary);
}

/** The child stanzas, optionally only those with a tag. */
export function children(parent: BinaryNode | undefined, tag?: string): BinaryNode[] {
  const content = parent?.content;
  if (!Array.isArray(content)) {
    return [];
  }
  return tag === undefined ? content : content.filter((item) => item.tag === tag);
}

/** The first child with a tag, if any. */
export function child(parent: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  const content = parent?.content;
  return Array.isArray(content) ? content.find((item) => item.tag === tag) : undefined;
}

/** Content as bytes: short contents may have been decoded as strings. Empty when there is none. */
export function bytesOf(item: BinaryNode | undefined): Buffer {
  const content = item?.content;
  if (content === undefined || Array.isArray(content)) {
    return Buffer.alloc(0);
  }
  return typeof content === 'string' ? Buffer.from(content, 'latin1') : Buffer.from(content);
}

/** Content of a named child as bytes. */
export function childBytes(parent: BinaryNode | undefined, tag: string): Buffer {
  return bytesOf(child(parent, tag));
}

/** Reads a big-endian unsigned number from a named child. */
export function childNumber(parent: BinaryNode | undefined, tag: string): number {
  const bytes = childBytes(parent, tag);
  return bytes.length === 0 || bytes.length > 6 ? 0 : bytes.readUIntBE(0, bytes.length);
}

/** An unsigned number as big-endian bytes. */
export function bigEndian(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

/** Unix time in seconds, as WhatsApp writes it in attributes. */
export function unixSeconds(at: Date = new Date()): string {
  return String(Math.floor(at.getTime() / 1000));
}

/** An id for stanzas the server makes up. */
export function stanzaId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}
