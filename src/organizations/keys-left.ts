import type { KeysLeft } from '../repositories/api-key.js';
import { ApiKeyResponse, toApiKeyResponse } from './api-key.response.js';

/** Schema of the keys that somebody made who may do less from now on. */
export const KEYS_LEFT: { revoked_keys: [typeof ApiKeyResponse]; kept_keys: [typeof ApiKeyResponse] } = {
  revoked_keys: [ApiKeyResponse],
  kept_keys: [ApiKeyResponse],
};

/** @returns such keys as REST names them: those that ended, and those that may be used still */
export function toKeysLeftAnswer({ revoked, kept }: KeysLeft): {
  revoked_keys: ApiKeyResponse[];
  kept_keys: ApiKeyResponse[];
} {
  return { revoked_keys: revoked.map(toApiKeyResponse), kept_keys: kept.map(toApiKeyResponse) };
}
