import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError } from '../common/app-error.js';
import { Logs } from '../logging/logs.js';
import { answerError, toSocketError } from './socket-errors.js';
import type { ClientSocket } from './socket-events.js';

/** Answers every exception of a socket handler in the contract's words. */
@Catch()
@Injectable()
export class SocketExceptionsFilter implements ExceptionFilter {
  private readonly log: Logger;

  constructor(logs: Logs) {
    this.log = logs.component('realtime');
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    const socket = host.switchToWs().getClient<ClientSocket>();
    if (!(exception instanceof AppError)) {
      this.log.error({ socketId: socket.id, err: exception }, 'socket call failed');
    }
    answerError(socket, host.getArgs().slice(1), toSocketError(exception));
  }
}
