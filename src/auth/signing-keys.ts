import type * as Jose from 'jose';
import { AppError } from '../common/app-error.js';

const FETCH_TIMEOUT_MS = 5_000;
/** A key that is not known has the set read again, but not more often than this. */
const UNKNOWN_KEY_PAUSE_MS = 30_000;
/** A set of this age is read again beside the call; the old one serves until the new one is there. */
const MAX_AGE_MS = 10 * 60_000;
const FAILURE_PAUSE_MS = 5_000;

/**
 * The public keys with which an identity provider signs, by their address. What was read once serves for as long as the
 * provider can't be reached.
 *
 * @param jose the library
 * @param url of the JSON Web Key Set
 * @returns finds the key of a token
 * @throws AppError `signing_keys_unavailable`, from what is returned, when a key is needed that can't be read
 */
export function signingKeysAt(jose: typeof Jose, url: string): Jose.JWTVerifyGetKey {
  let readAt = 0;
  let failedAt = -Infinity;

  const read = async (...args: Parameters<typeof fetch>): Promise<Response> => {
    const now = performance.now();
    if (now - failedAt < FAILURE_PAUSE_MS) {
      throw unavailable();
    }
    try {
      const response = await fetch(...args);
      if (!response.ok) {
        throw new Error(`answered ${response.status}`);
      }
      // Read here, so that half an answer is a failure like any other.
      const keys: unknown = await response.json();
      if (!Array.isArray((keys as { keys?: unknown } | null)?.keys)) {
        throw new Error('answered something that is no key set');
      }
      readAt = performance.now();
      return Response.json(keys);
    } catch (cause) {
      failedAt = performance.now();
      throw unavailable(cause);
    }
  };

  const keys = jose.createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: UNKNOWN_KEY_PAUSE_MS,
    cacheMaxAge: Infinity,
    [jose.customFetch]: (address, options) => read(address, options),
  });
  return (header, token) => {
    if (keys.fresh && performance.now() - readAt > MAX_AGE_MS && !keys.reloading) {
      keys.reload().catch(() => undefined);
    }
    return keys(header, token);
  };
}

function unavailable(cause?: unknown): AppError {
  const message =
    'Tokens can not be checked at the moment: the signing keys can not be read. Try again later.';
  return new AppError('signing_keys_unavailable', { message, cause });
}
