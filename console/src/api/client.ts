import { AuzapError, type components, createClient } from '@auzap/client';
import { BASE } from '../app/base.ts';
import { session } from '../session/session.ts';
import { ApiError } from './api-error.ts';

/** Linking waits for WhatsApp, so it may take a while; nothing waits for ever. */
const TIMEOUT_MS = 60_000;

export type Schemas = components['schemas'];

/** The service's API with its types and events. Calls carry the token of the session; what failed is repeated by whoever asked. */
export const api = createClient({
  url: BASE.href,
  token: () => session.token(),
  fetch: fetchWithNewToken,
  retries: 0,
  timeoutMs: TIMEOUT_MS,
});

/** A token that ended meanwhile is renewed, and the call made once more. */
async function fetchWithNewToken(request: Request): Promise<Response> {
  const response = await fetch(request.clone());
  const token = request.headers.get('authorization')?.slice('Bearer '.length);
  if (response.status !== 401 || token === undefined) {
    return response;
  }
  const renewed = await session.renew(token);
  if (renewed === undefined) {
    return response;
  }
  const headers = new Headers(request.headers);
  headers.set('authorization', `Bearer ${renewed}`);
  return fetch(new Request(request, { headers }));
}

const NO_ANSWER = new Set(['network_error', 'timeout']);

/**
 * @param call of `api`
 * @returns what the service answered
 * @throws ApiError where it refused, or did not answer
 */
export async function answerOf<T>(call: Promise<{ data: T }>): Promise<T> {
  try {
    return (await call).data;
  } catch (error) {
    if (!(error instanceof AuzapError)) {
      throw error;
    }
    const { code, status, message, details, requestId } = error;
    throw new ApiError(NO_ANSWER.has(code) ? 'network' : code, status, message, details, requestId);
  }
}
