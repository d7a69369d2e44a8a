import { createClient } from '@supabase/supabase-js';
import type { DatabaseClient } from './supabase-client.js';

/**
 * @param url where the REST interface is
 * @param key sent with each call
 * @param clientFetch does the calls
 * @returns a client that repeats nothing by itself and keeps no session
 */
export function newClient(url: string, key: string, clientFetch: typeof fetch): DatabaseClient {
  return createClient(url, key, {
    global: { fetch: clientFetch },
    // Who calls decides about repeating: the group commit has a budget of its own, and readiness must answer at once.
    db: { retry: false },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}

/**
 * supabase-js takes a list with status 404, which old versions of PostgREST gave, for an empty result, and an empty answer
 * for null. Today only something that is not PostgREST answers so.
 *
 * @param inner the `fetch` that does the calls
 * @returns a `fetch` whose answers with 404 are errors, whatever their body is, and whose empty answers have no content
 */
export function withHonestAnswers(inner: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await inner(input, init);
    const { status, statusText, headers } = response;
    if (status !== 404 && status !== 200) {
      return response;
    }
    const text = await response.text();
    if (status === 200) {
      return text === '' ? new Response(null, { status: 204 }) : new Response(text, { status, headers });
    }
    const body = isObject(text) ? text : JSON.stringify({ message: text });
    return new Response(body, { status, statusText, headers });
  };
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
