import { RestError, unsupported } from './rest-error.js';

const PREFERENCES = new Set([
  'count=exact',
  'return=representation',
  'return=minimal',
  'return=headers-only',
  'resolution=merge-duplicates',
  'resolution=ignore-duplicates',
]);

/** @throws RestError for a preference that is not part of the subset */
export function parsePreferences(headers: Headers): Set<string> {
  const preferences = (headers.get('prefer') ?? '').split(',').map((part) => part.trim());
  const given = new Set(preferences.filter((part) => part !== ''));
  for (const preference of given) {
    if (!PREFERENCES.has(preference)) {
      throw unsupported(`the preference "${preference}"`);
    }
  }
  return given;
}

/** @returns what an insert does about rows that are there already */
export function resolutionOf(preferences: Set<string>): 'merge' | 'ignore' | undefined {
  if (preferences.has('resolution=merge-duplicates')) {
    return 'merge';
  }
  return preferences.has('resolution=ignore-duplicates') ? 'ignore' : undefined;
}

/** @throws RestError for a media type that is not part of the subset */
export function wantsOneObject(headers: Headers): boolean {
  const accept = headers.get('accept') ?? '*/*';
  if (accept === 'application/vnd.pgrst.object+json') {
    return true;
  }
  if (accept !== 'application/json' && !accept.includes('*/*')) {
    throw new RestError(406, 'PGRST107', `None of these media types are available: ${accept}`);
  }
  return false;
}

/** @returns the rows that a `Range` header names */
export function parseRange(headers: Headers): { offset: number; limit: number | undefined } {
  const [, from, to] = /^(\d{1,15})-(\d{0,15})$/.exec(headers.get('range') ?? '') ?? [];
  const offset = Number(from ?? 0);
  return { offset, limit: to ? Math.max(Number(to) - offset + 1, 0) : undefined };
}
