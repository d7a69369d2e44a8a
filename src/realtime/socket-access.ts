import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Server } from 'socket.io';
import type { Principal } from '../auth/principal.js';
import { RepeatedTask } from '../common/repeated-task.js';
import { currentPrincipals, callersQuestion } from '../auth/current-principals.js';
import { AppError } from '../common/app-error.js';
import { Logs } from '../logging/logs.js';
import { AccessSignals } from '../queue/access-signals.js';
import type { CallersAnswer, CallersQuestion } from '../repositories/ticks.repository.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';
import { toSocketError } from './socket-errors.js';
import type { ClientSocket } from './socket-events.js';
import { listenAsAllowed, organizationsOf } from './socket-rooms.js';

/** How late a socket may be ended whose token came to its end. */
const ENDS_EVERY_MS = 1_000;

/**
 * Sockets stay as long as their tokens allow it: one whose key was revoked, whose user was removed or whose token is past its
 * end is ended, and one that may do less, or more, than before listens to what it may listen to now.
 */
@Injectable()
export class SocketAccess implements OnApplicationShutdown {
  private readonly log: Logger;
  private server: Server | undefined;
  private readonly ends = new RepeatedTask(() => this.endPast(), {
    everyMs: ENDS_EVERY_MS,
    onFailure: (err) => this.failed(err),
    unref: true,
  });
  private seat: TickSeat | undefined;
  private stopListening: () => void = () => undefined;
  /** Those that were asked about last. */
  private asked: ClientSocket[] = [];
  private isFailing = false;

  constructor(
    private readonly ticker: Ticker,
    private readonly signals: AccessSignals,
    logs: Logs,
  ) {
    this.log = logs.component('realtime');
  }

  /** @param server whose sockets to look after from now on */
  attach(server: Server): void {
    this.server = server;
    this.ends.start();
    this.seat = this.ticker.join({
      part: 'callers',
      everyMs: 0,
      ask: () => this.question(),
      answered: (answer) => void this.applyAll(answer),
      failed: (err) => this.failed(err),
    });
    // Of whom no signal tells, because it was done by the command line, by hand, or while Redis is away, the next tick does.
    this.stopListening = this.signals.onTold(() => void this.seat?.soon());
  }

  onApplicationShutdown(): void {
    void this.ends.stop();
    void this.seat?.leave();
    this.stopListening();
    this.server = undefined;
  }

  private endPast(): void {
    this.sockets().filter(isPastEnd).forEach(end);
  }

  private question(): CallersQuestion | undefined {
    this.endPast();
    this.asked = this.sockets();
    return callersQuestion(this.asked.map((socket) => socket.data.principal));
  }

  /** Never rejects. */
  private async applyAll(answer: CallersAnswer): Promise<void> {
    const now = currentPrincipals(answer);
    try {
      await Promise.all(this.asked.map((socket) => apply(socket, now(socket.data.principal))));
      this.isFailing = false;
    } catch (err) {
      this.failed(err);
    }
  }

  /** While nothing can be looked up, sockets stay: there is nothing new to be heard then either. */
  private failed(err: unknown): void {
    if (!this.isFailing) {
      this.log.warn({ err }, 'tokens of open sockets can not be checked');
    }
    this.isFailing = true;
  }

  private sockets(): ClientSocket[] {
    const all = [...(this.server?.of('/').sockets.values() ?? [])] as unknown as ClientSocket[];
    return all.filter(({ data }) => mayEnd(data.principal));
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
      const message = `The token does not allow listening to ${organizationId} any more.`;
      socket.emit('exception', toSocketError(new AppError('organization_forbidden', { message })));
    }
  }
}

function end(socket: ClientSocket): void {
  const message = 'The token is not valid any more: connect again with another one.';
  socket.emit('exception', toSocketError(new AppError('unauthorized', { message })));
  socket.disconnect(true);
}
