import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { peerAddress, type ProxyTrust } from './client-address.js';
import { hasBody } from './json-body.js';

export interface ConnectionBounds {
  /** Open connections of all addresses together. */
  total: number;
  /** Of one address; 0: as many as there are. */
  perAddress: number;
  /** Connections of the operator's own proxies are those of many callers. */
  trust: ProxyTrust;
}

/** The open connections of one address, or of all. */
class Pool {
  open = 0;
  /** Those that nobody would miss, the longest idle first. */
  readonly idle = new Set<Duplex>();
}

/**
 * Bounds the open connections of a server, those of each address and all together. Where a bound is reached, the one that has gone
 * longest without a whole request gives way: connections that drip their headers or body oust one another, and neither a
 * request that is being answered nor a socket that was let in. Without any such, the new one is closed.
 */
export class ConnectionLimits {
  private readonly all = new Pool();
  private readonly byAddress = new Map<string, Pool>();
  private readonly poolsOf = new Map<Duplex, Pool[]>();

  /** @param server before it listens */
  constructor(
    server: Server,
    private readonly bounds: ConnectionBounds,
  ) {
    server.on('connection', (socket: Socket) => this.admit(socket));
    // Late, so that it comes before those who keep requests of sockets to themselves.
    server.once('listening', () =>
      server.prependListener('request', (request, response) => this.watch(request, response)),
    );
  }

  /** Counts a connection as used for as long as it is open: a socket that was let in. */
  readonly keep = (connection: Duplex): void => {
    this.poolsOf.get(connection)?.forEach(({ idle }) => idle.delete(connection));
  };

  private admit(socket: Socket): void {
    const { total, perAddress, trust } = this.bounds;
    const isProxy = trust(socket.remoteAddress ?? '', 0);
    const address = peerAddress(socket.remoteAddress);
    const own = perAddress === 0 || isProxy ? undefined : (this.byAddress.get(address) ?? new Pool());
    if (!this.makeRoom(own, perAddress) || !this.makeRoom(this.all, total)) {
      socket.destroy();
      return;
    }
    const pools = own === undefined ? [this.all] : [this.all, own];
    if (own !== undefined) {
      this.byAddress.set(address, own);
    }
    this.poolsOf.set(socket, pools);
    for (const pool of pools) {
      pool.open += 1;
      pool.idle.add(socket);
    }
    socket.once('close', () => {
      this.remove(socket);
      if (own?.open === 0) {
        this.byAddress.delete(address);
      }
    });
  }

  private watch(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    if (hasBody(request)) {
      request.once('end', () => this.keep(socket));
    } else {
      this.keep(socket);
    }
    response.once('finish', () => this.release(socket));
  }

  private release(socket: Duplex): void {
    for (const { idle } of this.poolsOf.get(socket) ?? []) {
      idle.add(socket); // one that still drips its body keeps its place
    }
  }

  private makeRoom(pool: Pool | undefined, bound: number): boolean {
    if (pool === undefined || pool.open < bound) {
      return true;
    }
    const [longestIdle] = pool.idle;
    if (longestIdle !== undefined) {
      this.remove(longestIdle);
      longestIdle.destroy();
    }
    return longestIdle !== undefined;
  }

  private remove(connection: Duplex): void {
    for (const pool of this.poolsOf.get(connection) ?? []) {
      pool.open -= 1;
      pool.idle.delete(connection);
    }
    this.poolsOf.delete(connection);
  }
}
