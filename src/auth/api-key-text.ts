import { randomBytes } from 'node:crypto';

const FORM = /^auz_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/;

/** A key in clear: shown once, to the caller who asked for it. */
export interface DrawnKey {
  text: string;
  /** Its beginning, by which people recognize it in a list. */
  prefix: string;
}

/** @returns a new key: `auz_<8 hex digits>_<32 random bytes>` */
export function drawApiKey(): DrawnKey {
  const prefix = `auz_${randomBytes(4).toString('hex')}`;
  return { text: `${prefix}_${randomBytes(32).toString('base64url')}`, prefix };
}

/** @returns whether a token looks like a key; what does not needs no look into the database */
export function isApiKeyText(token: string): boolean {
  return FORM.test(token);
}
