import type { Duplex } from 'node:stream';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Namespace, Server, ServerOptions, Socket } from 'socket.io';
import { Adapter } from 'socket.io-adapter';
import type { AppConfig } from '../config/app-config.js';
import { clientAddress, type ProxyTrust, proxyTrust } from '../http/client-address.js';
import type { ConnectionLimits } from '../http/connection-limits.js';
import { corsOptions } from '../http/cors-options.js';
import type { OriginPolicy } from '../http/origin-policy.js';
import type { RedisLinks } from '../redis/redis-links.js';
import { acrossProcesses } from './across-processes.js';
import { answerRefusedHandshakes } from './refused-handshakes.js';
import { CONNECT_TIMEOUT_MS, MAX_PACKET_BYTES, MAX_UNKNOWN_CONNECTIONS } from './realtime-limits.js';
import { RECOVERABLE_MS, Recoveries } from './recoveries.js';
import { UnknownConnections } from './unknown-connections.js';

/** Socket.IO with this service's bounds, and open only to the web pages that REST is open to. */
export class RealtimeAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly config: AppConfig,
    private readonly policy: OriginPolicy,
    private readonly connections: ConnectionLimits,
    /** Where there is Redis, an event that is not stored reaches the sockets of all processes. */
    private readonly links?: RedisLinks,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const recoveries = new Recoveries();
    const make = this.links ? acrossProcesses(this.links) : (namespace: Namespace) => new Adapter(namespace);
    const bounded: Partial<ServerOptions> = {
      ...options,
      // Called with `new`, which an arrow function can't be.
      adapter: function adapter(namespace: Namespace) {
        return recoveries.recover(make(namespace));
      },
      connectionStateRecovery: { maxDisconnectionDuration: RECOVERABLE_MS, skipMiddlewares: false },
      cors: corsOptions(this.config),
      maxHttpBufferSize: MAX_PACKET_BYTES,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // CORS does not cover WebSockets: a page of any origin may open one unless it is refused here.
      allowRequest: (request, decide) => {
        const { host, origin } = request.headers;
        const isAllowed = this.policy.allowsHost(host) && this.policy.allowsOrigin(origin, host);
        decide(isAllowed ? null : 'origin not allowed', isAllowed);
      },
    };
    const server = super.createIOServer(port, bounded as ServerOptions) as Server;
    answerRefusedHandshakes(server.engine);
    boundUnknown(server, proxyTrust(this.config));
    server.on('connection', (socket) => keepConnection(socket, this.connections));
    return server;
  }
}

/** A flood of connections that never say who they are ousts itself, and nobody who does. */
function boundUnknown(server: Server, trust: ProxyTrust): void {
  const unknown = new UnknownConnections<Socket['conn']>(MAX_UNKNOWN_CONNECTIONS);
  server.engine.on('connection', (connection: Socket['conn']) => {
    const { remoteAddress, request } = connection;
    connection.once('close', () => unknown.remove(connection));
    unknown.add(connection, clientAddress({ headers: request.headers, socket: { remoteAddress } }, trust));
  });
  server.on('connection', ({ conn }) => unknown.remove(conn));
}

/** A socket that was let in keeps its connection, also the one to which it changes from polling. */
function keepConnection({ conn, request }: Socket, connections: ConnectionLimits): void {
  connections.keep(request.socket);
  // Private in the types alone.
  conn.on('upgrade', ({ socket }: { socket?: { _socket?: Duplex } }) => {
    if (socket?._socket) {
      connections.keep(socket._socket);
    }
  });
}
