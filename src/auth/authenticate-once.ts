import type { IncomingMessage } from 'node:http';
import type { Authenticator } from './authenticator.js';
import type { Principal } from './principal.js';

const attempts = new WeakMap<IncomingMessage, { token: string | undefined; principal: Promise<Principal> }>();

/**
 * Authenticates a request for all who ask while it lives: its token is looked up once.
 * @throws as `Authenticator.authenticate`
 */
export function authenticateOnce(
  authenticator: Authenticator,
  request: IncomingMessage,
  token: string | undefined,
): Promise<Principal> {
  const known = attempts.get(request);
  if (known !== undefined && known.token === token) {
    return known.principal;
  }
  const principal = authenticator.authenticate(token);
  attempts.set(request, { token, principal });
  return principal;
}
