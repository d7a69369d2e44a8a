import { randomBytes } from 'node:crypto';

const PREFIX_BYTES = 4;
/** That a key is made of. */
export const API_KEY_BYTES = PREFIX_BYTES + 32;

const FORM = /^auz_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/;

/** A key in clear: shown once, to the caller who asked for it. */
export interface DrawnKey {
  text: string;
  /** Its beginning, by which people recognize it in a list. */
  prefix: string;
}

/**
 * @param bytes that nobody can guess
 * @returns a new key: `auz_<8 hex digits>_<32 random bytes>`
 */
export function drawApiKey(bytes: Buffer = randomBytes(API_KEY_BYTES)): DrawnKey {
  const prefix = `auz_${bytes.subarray(0, PREFIX_BYTES).toString('hex')}`;
  return { text: `${prefix}_${bytes.subarray(PREFIX_BYTES).toString('base64url')}`, prefix };
}

/** @returns whether a token looks like a key; what does not needs no look into the database */
export function isApiKeyText(token: string): boolean {
  return FORM.test(token);
}
