import { createHmac, timingSafeEqual } from 'node:crypto';
import { AnswerError, errorAnswer, gatewayAnswer } from './answer.js';
import { type ProjectKeys, signToken } from './project-keys.js';

/** Who a request is taken for. */
export interface RestCaller {
  role: string;
  claims: Record<string, unknown>;
}

const SKEW_SECONDS = 30;
const BROWSER = /^Mozilla\//;

/**
 * The gateway's part. https://supabase.com/docs/guides/api/api-keys: `apikey` is one of the project's keys; an opaque key in
 * `Authorization` must be the same; a secret key never comes from a browser. In place of an opaque key the gateway hands on a
 * short token that it has made.
 * @returns the token for PostgREST
 * @throws AnswerError 401, without a `code`
 */
export function tokenForRest(headers: Headers, keys: ProjectKeys): string {
  const apikey = headers.get('apikey');
  if (apikey === null || apikey === '') {
    throw unauthorized('No API key found in request', 'No `apikey` request header or url param was found.');
  }
  const roles: Record<string, string> = {
    [keys.secret]: 'service_role',
    [keys.publishable]: 'anon',
    [keys.legacyServiceRole]: 'service_role',
    [keys.legacyAnon]: 'anon',
  };
  const role = Object.hasOwn(roles, apikey) ? roles[apikey] : undefined;
  if (role === undefined) {
    throw unauthorized('Invalid API key', 'Double check your Supabase `anon` or `service_role` API key.');
  }
  if (apikey === keys.secret && BROWSER.test(headers.get('user-agent') ?? '')) {
    throw unauthorized(
      'Forbidden use of secret API key in browser',
      'Secret API keys can only be used in a protected environment and should never be used in a browser. Delete this secret API key immediately.',
    );
  }
  const bearer = /^Bearer (.*)$/.exec(headers.get('authorization') ?? '')?.[1];
  if (!apikey.startsWith('sb_')) {
    return bearer ?? apikey;
  }
  if (bearer === undefined || bearer === apikey) {
    const now = Math.floor(Date.now() / 1000);
    return signToken({ role, iat: now, exp: now + 60 }, keys.jwtSecret);
  }
  if (bearer.startsWith('sb_')) {
    throw unauthorized('Invalid API key', 'Double check your Supabase `anon` or `service_role` API key.');
  }
  return bearer;
}

/**
 * PostgREST's part: Auth/Jwt.hs `parseToken`, `validateClaims`.
 * @throws AnswerError PGRST301 for what is no token of the project, PGRST303 for one that does not hold now
 */
export function callerOf(token: string, keys: ProjectKeys): RestCaller {
  const parts = token.split('.');
  if (parts.length !== 3) {
    throw tokenError('PGRST301', `Expected 3 parts in JWT; got ${parts.length}`);
  }
  const [head, body, signature] = parts as [string, string, string];
  if (algorithmOf(head) !== 'HS256') {
    throw tokenError('PGRST301', 'No suitable key or wrong key type');
  }
  const expected = createHmac('sha256', keys.jwtSecret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw tokenError('PGRST301', 'JWT cryptographic operation failed');
  }
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
  const now = Math.floor(Date.now() / 1000);
  const { exp, nbf, iat, role } = claims;
  if (typeof exp === 'number' && exp < now - SKEW_SECONDS) {
    throw tokenError('PGRST303', 'JWT expired');
  }
  if (typeof nbf === 'number' && nbf > now + SKEW_SECONDS) {
    throw tokenError('PGRST303', 'JWT not yet valid');
  }
  if (typeof iat === 'number' && iat > now + SKEW_SECONDS) {
    throw tokenError('PGRST303', 'JWT issued at future');
  }
  const name = typeof role === 'string' ? role : 'anon';
  return { role: name, claims: { ...claims, role: name } };
}

function algorithmOf(head: string): unknown {
  try {
    return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg?: unknown }).alg;
  } catch {
    return undefined;
  }
}

function unauthorized(message: string, hint: string): AnswerError {
  return new AnswerError(gatewayAnswer(401, { message, hint }));
}

/** Error.hs, `ErrorHeaders JwtError`. */
function tokenError(code: string, message: string): AnswerError {
  const headers = { 'www-authenticate': `Bearer error="invalid_token", error_description="${message}"` };
  return new AnswerError(errorAnswer(401, code, message, { headers }));
}
