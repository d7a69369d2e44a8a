import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Server } from 'socket.io';
import type { Principal } from '../auth/principal.js';
import { Standing } from '../auth/standing.js';
import { Logs } from '../logging/logs.js';
import { AccessSignals } from '../queue/access-signals.js';
import type { ClientSocket } from './socket-events.js';
import { listenAsAllowed, organizationsOf } from './socket-rooms.js';

/** How late a socket may be ended of whose end no signal told: by the command line, by hand, or while Redis is away. */
const LOOK_EVERY_MS = 1_000;

/**
 * Sockets stay as long as their tokens allow it: one whose key was revoked, whose user was removed or whose token is past its
 * end is ended, and one that may do less, or more, than before listens to what it may listen to now.
 */
@Injectable()
export class SocketAccess implements OnApplicationShutdown {
  private readonly log: Logger;
  private server: Server | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopListening: () => void = () => undefined;
  private looking: Promise<void> | undefined;
  private isDueAgain = false;
  private isFailing = false;

  constructor(
    private readonly standing: Standing,
    private readonly signals: AccessSignals,
    logs: Logs,
  ) {
    this.log = logs.component('realtime');
  }

  /** @param server whose sockets to look after from now on */
  attach(server: Server): void {
    this.server = server;
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
    this.stopListening = this.signals.onTold(() => this.look());
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.stopListening();
    this.server = undefined;
  }

  /** One look at a time; whatever is told during one is looked up by the next. */
  private look(): void {
    if (this.looking) {
      this.isDueAgain = true;
      return;
    }
    this.looking = this.lookOnce().finally(() => {
      this.looking = undefined;
      if (this.isDueAgain) {
        this.isDueAgain = false;
        this.look();
      }
    });
  }

  /** Never rejects. While nothing can be looked up, sockets stay: there is nothing new to be heard then either. */
  private async lookOnce(): Promise<void> {
    const sockets = this.sockets().filter((socket) => mayEnd(socket.data.principal));
    if (sockets.length === 0) {
      return;
    }
    const [ended, current] = [sockets.filter(isPastEnd), sockets.filter((socket) => !isPastEnd(socket))];
    ended.forEach(end);
    try {
      const standingOf = await this.standing.of(current.map((socket) => socket.data.principal));
      await Promise.all(current.map((socket) => apply(socket, standingOf(socket.data.principal))));
      this.isFailing = false;
    } catch (err) {
      if (!this.isFailing) {
        this.log.warn({ err }, 'tokens of open sockets can not be checked');
      }
      this.isFailing = true;
    }
  }

  private sockets(): ClientSocket[] {
    return [...(this.server?.of('/').sockets.values() ?? [])] as unknown as ClientSocket[];
  }
}

function mayEnd({ kind }: Principal): boolean {
  return kind === 'api-key' || kind === 'user';
}

function isPastEnd({ data }: ClientSocket): boolean {
  const { expiresAt } = data.principal;
  return expiresAt !== undefined && expiresAt.getTime() <= Date.now();
}

async function apply(socket: ClientSocket, principal: Principal | null): Promise<void> {
  if (principal === null) {
    end(socket);
    return;
  }
  socket.data.principal = principal;
  for (const organizationId of organizationsOf(socket)) {
    if (!(await listenAsAllowed(socket, organizationId))) {
      const error = `The token does not allow listening to ${organizationId} any more.`;
      socket.emit('exception', { success: false, error, code: 'organization_forbidden' });
    }
  }
}

function end(socket: ClientSocket): void {
  const error = 'The token is not valid any more: connect again with another one.';
  socket.emit('exception', { success: false, error, code: 'unauthorized' });
  socket.disconnect(true);
}
