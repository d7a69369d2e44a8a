import type { ApiKey, KeysLeft } from '../repositories/api-key.js';

/** @returns sentences that name the keys that ended with their maker, and those that stay; empty where there are none */
export function keysLeftSentence({ revoked, kept }: KeysLeft): string {
  const named = (keys: readonly ApiKey[]) =>
    keys
      .map(({ prefix, organizationId }) => `${prefix} of ${organizationId ?? 'the whole service'}`)
      .join(', ');
  return [
    revoked.length > 0 ? ` Keys that ended with that: ${named(revoked)}.` : '',
    kept.length > 0 ? ` Keys of the same maker that may still be used: ${named(kept)}.` : '',
  ].join('');
}
