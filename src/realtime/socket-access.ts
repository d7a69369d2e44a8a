import { Injectable } from '@nestjs/common';
import type { Server } from 'socket.io';
import type { Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import { CallerWatch, type StayingCaller } from './caller-watch.js';
import { toSocketError } from './socket-errors.js';
import type { ClientSocket } from './socket-events.js';
import { listenAsAllowed, organizationsOf } from './socket-rooms.js';

/** Sockets listen to what their callers may listen to now, and end with their tokens. */
@Injectable()
export class SocketAccess {
  constructor(private readonly callers: CallerWatch) {}

  /** @param server whose sockets to look after from now on */
  attach(server: Server): void {
    this.callers.watch(() => {
      const sockets = [...server.of('/').sockets.values()] as unknown as ClientSocket[];
      return sockets.map(asCaller);
    });
  }
}

function asCaller(socket: ClientSocket): StayingCaller {
  return { principal: socket.data.principal, apply: (principal) => apply(socket, principal) };
}

async function apply(socket: ClientSocket, principal: Principal | null): Promise<void> {
  if (principal === null) {
    end(socket);
    return;
  }
  socket.data.principal = principal;
  for (const organizationId of organizationsOf(socket)) {
    if (!(await listenAsAllowed(socket, organizationId))) {
      socket.emit('exception', toSocketError(mayNotListen(organizationId)));
    }
  }
}

/** @returns why somebody hears an organization no longer */
export function mayNotListen(organizationId: string): AppError {
  const message = `The token does not allow listening to ${organizationId} any more.`;
  return new AppError('organization_forbidden', { message });
}

/** @returns why somebody who was let in hears nothing any more */
export function tokenIsOver(): AppError {
  const message = 'The token is not valid any more: connect again with another one.';
  return new AppError('unauthorized', { message });
}

function end(socket: ClientSocket): void {
  socket.emit('exception', toSocketError(tokenIsOver()));
  socket.disconnect(true);
}
