import type { ServerResponse } from 'node:http';
import { ApiId } from '../http/api-id.decorator.js';
import { markReplay } from '../http/idempotency-key.decorator.js';
import type { IssuedKey } from './api-keys.service.js';
import { type ApiKeyResponse, toApiKeyResponse } from './api-key.response.js';

/** Documents the `keyId` of a path. */
export const ApiKeyId = () => ApiId('keyId');

/** Schema of a key in clear. */
export const KEY_TEXT = {
  type: 'string',
  description:
    'The key itself: shown now, to the same call under the same `Idempotency-Key`, and never again.',
  example: 'auz_4f1c09ab_J8YyEr0UsS0n9vT1cG2l5qWkR7xZ3bN4mD6pF8hA0eI',
};

/** @returns the answer that shows a key for the only time */
export function toIssuedAnswer(
  { apiKey, text, isReplay }: IssuedKey,
  response: ServerResponse,
): { success: true; api_key: ApiKeyResponse; key: string } {
  markReplay(response, isReplay);
  return { success: true, api_key: toApiKeyResponse(apiKey), key: text };
}
