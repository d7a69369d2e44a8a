import { createHash } from 'node:crypto';

const PLAIN_ID = /^[\x21-\x7e]{1,128}$/;
const MAX_NAME_LENGTH = 128;
/**
 * Nothing to see, although Unicode counts some of it among letters and symbols: fillers, zero width, direction marks, the blank
 * patterns of Braille, musical notation and Egyptian, and what stands for a thing that is missing.
 */
const INVISIBLE = String.raw`\p{Default_Ignorable_Code_Point}\p{Z}\p{Cc}\u2800\ufffc\ufffd\u{1d159}\u{13441}\u{13442}`;
const LEADING_INVISIBLE = new RegExp(`^[${INVISIBLE}]+`, 'u');
/** Marks alone say nothing: they change a letter that is not there. */
const READABLE = new RegExp(
  String.raw`(?![${INVISIBLE}])[\p{L}\p{N}\p{P}\p{S}\p{Extended_Pictographic}]`,
  'u',
);

/**
 * @param text anything a sender chose
 * @returns the text without what Postgres refuses to store: NUL, and surrogates without their other half
 */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/**
 * @param chosen the name that a sender gave itself
 * @returns one line of at most 128 UTF-16 units; undefined when nothing is left that could be seen
 */
export function cleanName(chosen: string | undefined): string | undefined {
  const line = cleanText(chosen ?? '')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replace(LEADING_INVISIBLE, '')
    .trim();
  // Cutting may halve a pair of surrogates.
  const name = line.slice(0, MAX_NAME_LENGTH).replace(/[\ud800-\udbff]$/, '');
  return READABLE.test(name) ? name : undefined;
}

/**
 * @param id a message id; its sender chose it freely
 * @returns the id, or a digest of one that is too long or too odd for an index: cutting it short could make two ids one
 */
export function cleanMessageId(id: string): string {
  return PLAIN_ID.test(id) ? id : `sha256-${createHash('sha256').update(JSON.stringify(id)).digest('hex')}`;
}
