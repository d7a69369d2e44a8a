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

/** Of answers to calls that are counted, whatever their status; shown where they say the most. */
const LIMITS: Headers = {
  'RateLimit-Policy': {
    description: 'Each limit that counted the call: `q` calls in `w` seconds.',
    schema: { type: 'string', example: '"key";q=600;w=60' },
    ...component('headers', 'RateLimitPolicy'),
  },
  RateLimit: {
    description: 'What is left of each: `r` calls, all of them again in `t` seconds.',
    schema: { type: 'string', example: '"key";r=0;t=12' },
    ...component('headers', 'RateLimit'),
  },
  ...Object.fromEntries(
    (
      [
        ['Limit', 'Calls of the limit that ends first.'],
        ['Remaining', 'How many of them are left.'],
        ['Reset', 'After how many seconds there are all of them again.'],
      ] as const
    ).map(([what, description]) => [
      `RateLimit-${what}`,
      { description, schema: { type: 'integer', minimum: 0 }, ...component('headers', `RateLimit${what}`) },
    ]),
  ),
};

/** @returns the headers that tell more about a failed call, by its status */
export function errorHeaders(status: number): Headers {
  return {
    ...(status === 401 ? AUTHENTICATE : {}),
    ...(status === 429 || status === 503 ? RETRY_AFTER : {}),
    ...(status === 429 ? LIMITS : {}),
  };
}
