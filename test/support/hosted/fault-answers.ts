import { errorAnswer, gatewayAnswer, type HostedAnswer, JSON_TYPE } from './answer.js';

const HTML = { 'content-type': 'text/html; charset=UTF-8' };

function page(status: number, title: string, text: string): HostedAnswer {
  const body = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`;
  return { status, headers: { ...HTML, server: 'cloudflare' }, body };
}

/** Answers of gateway, Cloudflare and PostgREST that are about the way to the database, not about the request. */
export const FAULT_ANSWERS = {
  /** supabase/supabase #49655, #50124, #50651, PostgREST #5159: clocks of two of their machines, request by request. */
  'jwt-401': errorAnswer(401, 'PGRST303', 'JWT issued at future', {
    headers: {
      'www-authenticate': 'Bearer error="invalid_token", error_description="JWT issued at future"',
    },
  }),
  /** https://github.com/orgs/supabase/discussions/52680. */
  'empty-401': { status: 401, headers: {}, body: '' },
  'key-401': gatewayAnswer(401, {
    message: 'Invalid API key',
    hint: 'Double check your Supabase `anon` or `service_role` API key.',
  }),
  /** Spend cap or quota: https://supabase.com/docs/guides/platform/billing-faq#fair-use-policy. */
  'quota-402': gatewayAnswer(402, {
    message: 'Service for this project is restricted due to the following violations: exceed_egress_quota.',
  }),
  /** Cloudflare's firewall. */
  'html-403': page(403, 'Attention Required! | Cloudflare', 'Sorry, you have been blocked'),
  'html-404': page(404, 'Not Found', 'There is nothing here.'),
  'empty-404': { status: 404, headers: {}, body: '' },
  'list-404': { status: 404, headers: { 'content-type': JSON_TYPE }, body: '[]' },
  /** The schema cache is stale. */
  'cache-404': errorAnswer(404, 'PGRST202', 'Could not find the function in the schema cache'),
  'rate-429': {
    status: 429,
    headers: { 'content-type': JSON_TYPE, 'retry-after': '1' },
    body: JSON.stringify({ message: 'Too many requests' }),
  },
  'json-500': gatewayAnswer(500, { message: 'An unexpected error occurred' }),
  'html-502': page(502, 'Bad gateway', 'Error code 502'),
  'cache-503': errorAnswer(503, 'PGRST002', 'Could not query the database for the schema cache. Retrying.'),
  'html-503': page(503, 'Service Temporarily Unavailable', 'Try again.'),
  'pool-504': errorAnswer(504, 'PGRST003', 'Timed out acquiring connection from connection pool.'),
  'html-522': page(522, 'Connection timed out', 'Error code 522'),
  /** 540: the project is paused. */
  'paused-540': gatewayAnswer(540, { message: 'Project paused' }),
  'empty-200': { status: 200, headers: {}, body: '' },
  'empty-204': { status: 204, headers: {}, body: '' },
  'null-200': { status: 200, headers: { 'content-type': JSON_TYPE }, body: 'null' },
  'html-200': page(200, 'Just a moment...', 'Checking your browser'),
} satisfies Record<string, HostedAnswer>;

export type FaultAnswerName = keyof typeof FAULT_ANSWERS;

/** Answered with one of those, or the connection is closed without an answer. */
export type FaultKind = FaultAnswerName | 'closed';

export const FAULT_KINDS = [...Object.keys(FAULT_ANSWERS), 'closed'] as FaultKind[];
