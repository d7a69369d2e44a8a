import type { IncomingMessage } from 'node:http';
import type { Instance } from '../repositories/instance.js';
import { type Authenticator, memberOf, type OpenedCall } from './authenticator.js';
import type { Principal } from './principal.js';

/** An instance that was read so long ago, in ms, is read again: a body may be long in coming. */
const FRESH_MS = 2_000;

interface Attempt {
  token: string | undefined;
  call: Promise<OpenedCall>;
  /** Once it was answered. */
  opened?: OpenedCall & { at: number };
}

const attempts = new WeakMap<IncomingMessage, Attempt>();

/**
 * Authenticates a request for all who ask while it lives: its token is looked up once.
 * @param options.instanceId of the instance that its path names, which is read by the way
 * @param options.isAnyUser whether a user who is a member of nothing is let in
 * @throws as `Authenticator.authenticate`
 */
export async function authenticateOnce(
  authenticator: Authenticator,
  request: IncomingMessage,
  token: string | undefined,
  { instanceId, isAnyUser = false }: { instanceId?: string | undefined; isAnyUser?: boolean } = {},
): Promise<Principal> {
  let attempt = attempts.get(request);
  if (attempt?.token !== token || attempt === undefined) {
    attempt = { token, call: authenticator.open(token, instanceId) };
    attempts.set(request, attempt);
  }
  const call = await attempt.call;
  attempt.opened ??= { ...call, at: performance.now() };
  return isAnyUser ? call.principal : memberOf(call);
}

/**
 * @returns the instance of the request's path as it was read when the caller was authenticated, null where the caller may
 *   know of none; undefined where it was not read then, or too long ago
 */
export function instanceReadWith(request: IncomingMessage): Instance | null | undefined {
  const opened = attempts.get(request)?.opened;
  return opened && performance.now() - opened.at < FRESH_MS ? opened.instance : undefined;
}

/** @returns whether the request was authenticated, or needs no token */
export function isAuthenticated(request: IncomingMessage): boolean {
  return attempts.get(request)?.opened !== undefined;
}
