import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';
import type { AppConfig } from '../config/app-config.js';
import { corsOptions } from '../http/cors-options.js';
import type { OriginPolicy } from '../http/origin-policy.js';
import type { RedisLinks } from '../redis/redis-links.js';
import { acrossProcesses } from './across-processes.js';
import { CONNECT_TIMEOUT_MS, MAX_PACKET_BYTES } from './realtime-limits.js';

/** Socket.IO with this service's bounds, and open only to the web pages that REST is open to. */
export class RealtimeAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly config: AppConfig,
    private readonly policy: OriginPolicy,
    /** Where there is Redis, an event that is not stored reaches the sockets of all processes. */
    private readonly links?: RedisLinks,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const bounded: Partial<ServerOptions> = {
      ...options,
      ...(this.links && { adapter: acrossProcesses(this.links) }),
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
    return super.createIOServer(port, bounded as ServerOptions) as Server;
  }
}
