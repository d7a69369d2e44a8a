/** A token as the service takes it; a function is asked before each call and each connection, so that it can renew one. */
export type TokenSource = string | (() => string | undefined | Promise<string | undefined>);

/** Where the service is, and how to call it. */
export interface ClientOptions {
  /** Such as `https://whatsapp.example.com`; a path in front of the service may follow. */
  url: string;
  /** An API key, or a Supabase user's access token. A service in open mode needs none. */
  token?: TokenSource;
  /** Whose data is meant where a call does not say it. Needed where the token belongs to several organizations, or to none. */
  organizationId?: string;
  /** Takes the place of the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
  /** How often a call is repeated at most, where that is safe (default 6). */
  retries?: number;
  /** How long one try may take until it is answered, in ms (default 30,000). */
  timeoutMs?: number;
}

/** Of one call. */
export interface CallOptions {
  /** Gives the call up. */
  signal?: AbortSignal | undefined;
  retries?: number | undefined;
  timeoutMs?: number | undefined;
}

/** Of a call that makes something, which is made once under its key. */
export interface CreateOptions extends CallOptions {
  /** A new one for each call by default. Give one of your own where the call may be repeated by another process, or after a restart. */
  idempotencyKey?: string | undefined;
}

/** @returns the token for now */
export async function tokenNow(token: TokenSource | undefined): Promise<string | undefined> {
  return typeof token === 'function' ? token() : token;
}
