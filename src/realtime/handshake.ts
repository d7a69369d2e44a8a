import { Injectable } from '@nestjs/common';
import type { Socket } from 'socket.io';
import { Authenticator } from '../auth/authenticator.js';
import { bearerToken } from '../auth/bearer-token.js';
import type { Principal } from '../auth/principal.js';
import { AppConfig } from '../config/app-config.js';
import { type ProxyTrust, proxyTrust, senderAddress } from '../http/client-address.js';
import { CallLimits } from '../limits/call-limits.js';
import { SocketPlaces } from './socket-places.js';
import type { SocketData } from './socket-events.js';
import { toSocketError } from './socket-errors.js';

/** Checks who connects, before anything can be joined or received. */
@Injectable()
export class Handshake {
  private readonly trust: ProxyTrust;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly limits: CallLimits,
    private readonly places: SocketPlaces,
    config: AppConfig,
  ) {
    this.trust = proxyTrust(config);
  }

  /**
   * Counts the handshake as a call, and gives the socket a place.
   * @param socket a socket that is not connected yet; the token is `auth.token` or the Authorization header
   * @returns who connects, and from where
   * @throws Error whose `data` is a `SocketErrorBody`; Socket.IO hands both to the client as `connect_error`
   */
  async admit(socket: Socket): Promise<SocketData> {
    const token = tokenOf(socket);
    try {
      let principal: Promise<Principal> | undefined;
      const authenticate = () => (principal ??= this.authenticator.authenticate(token));
      // The connection of a polling handshake may be gone by now; its address is remembered.
      const sender = {
        headers: socket.handshake.headers,
        socket: { remoteAddress: socket.conn.remoteAddress },
      };
      const caller = await this.limits.count(sender, { token, authenticate });
      const data = { caller, principal: await authenticate(), address: senderAddress(sender, this.trust) };
      this.places.keep(socket, { principal: data.principal, address: caller.address });
      return data;
    } catch (error) {
      throw refusal(error);
    }
  }
}

function tokenOf({ handshake }: Socket): string | undefined {
  const token: unknown = handshake.auth['token'];
  if (typeof token === 'string') {
    return bearerToken(token) ?? token;
  }
  return bearerToken(handshake.headers.authorization);
}

function refusal(cause: unknown): Error {
  const data = toSocketError(cause);
  return Object.assign(new Error(data.error, { cause }), { data });
}
