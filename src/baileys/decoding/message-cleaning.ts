import { createHash } from 'node:crypto';

const PLAIN_ID = /^[\x21-\x7e]{1,128}$/;
const MAX_NAME_LENGTH = 128;

/**
 * @param text anything a sender chose
 * @returns the text without what Postgres refuses to store: NUL, and surrogates without their other half
 */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/**
 * @param name the name that a sender gave itself
 * @returns one line of at most 128 UTF-16 units; undefined when nothing is left
 */
export function cleanName(name: string | undefined): string | undefined {
  const line = cleanText(name ?? '')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  // Cutting may halve a pair of surrogates.
  return line.slice(0, MAX_NAME_LENGTH).replace(/[\ud800-\udbff]$/, '') || undefined;
}

/**
 * @param id a message id; its sender chose it freely
 * @returns the id, or a digest of one that is too long or too odd for an index: cutting it short could make two ids one
 */
export function cleanMessageId(id: string): string {
  return PLAIN_ID.test(id) ? id : `sha256-${createHash('sha256').update(JSON.stringify(id)).digest('hex')}`;
}
