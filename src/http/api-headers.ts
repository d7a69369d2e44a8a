import { component } from './openapi-components.js';

/** Headers of answers, as the API documentation shows them. */
type Headers = Record<string, { description: string; schema: object }>;

const AUTHENTICATE: Headers = {
  'WWW-Authenticate': {
    description: 'How to authenticate.',
    schema: { type: 'string', example: 'Bearer realm="auzap"' },
    ...component('headers', 'Authenticate'),
  },
};

const RETRY_AFTER: Headers = {
  'Retry-After': {
    description: 'After how many seconds to try again.',
    schema: { type: 'integer', minimum: 0, example: 5 },
    ...component('headers', 'RetryAfter'),
  },
};

/** @returns the headers that tell more about a failed call, by its status */
export function errorHeaders(status: number): Headers {
  return {
    ...(status === 401 ? AUTHENTICATE : {}),
    ...(status === 429 || status === 503 ? RETRY_AFTER : {}),
  };
}
