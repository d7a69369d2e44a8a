import { type BeforeApplicationShutdown, UseFilters } from '@nestjs/common';
import {
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
  ConnectedSocket,
} from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';
import { Access } from '../auth/access.decorator.js';
import { AppError } from '../common/app-error.js';
import { CallLimits } from '../limits/call-limits.js';
import { toActivityRequest } from './activity-request.js';
import { Handshake } from './handshake.js';
import { toJoinRequest, toOrganizationId } from './join-request.js';
import { RealtimeEmitter } from './realtime-emitter.js';
import { SocketAccess } from './socket-access.js';
import { answerError, toSocketError } from './socket-errors.js';
import { CLIENT_EVENTS, type ClientSocket, type JoinAnswer, type RoomAnswer } from './socket-events.js';
import { SocketActivities } from './socket-activities.js';
import { SocketExceptionsFilter } from './socket-exceptions.filter.js';
import { SocketJoins } from './socket-joins.js';
import { boundWaitingPackets } from './socket-pressure.js';

/** The Socket.IO side of the service: who may connect, and which organizations a socket listens to. */
@WebSocketGateway()
@UseFilters(SocketExceptionsFilter)
export class RealtimeGateway implements OnGatewayInit, OnGatewayConnection, BeforeApplicationShutdown {
  private server: Server | undefined;

  constructor(
    private readonly handshake: Handshake,
    private readonly limits: CallLimits,
    private readonly emitter: RealtimeEmitter,
    private readonly joins: SocketJoins,
    private readonly access: SocketAccess,
    private readonly activities: SocketActivities,
  ) {}

  afterInit(server: Server): void {
    this.server = server;
    server.use((socket, next) => void this.admit(socket, next));
    this.emitter.attach(server);
    this.access.attach(server);
  }

  handleConnection(socket: ClientSocket): void {
    socket.use((packet, next) => void this.checkEvent(socket, packet, next));
    boundWaitingPackets(socket);
    // Who leaves with a packet alone would keep the connection, which nobody could tell from one that has not come yet.
    socket.once('disconnect', () => {
      this.activities.end(socket);
      socket.conn.close();
    });
    if (socket.data.resumes !== undefined) {
      void this.joins.resume(socket, socket.data.resumes);
    }
  }

  /** Never rejects: a refusal is handed to Socket.IO, which tells the client. */
  private async admit(socket: Socket, next: (refusal?: Error) => void): Promise<void> {
    let refusal: Error | undefined;
    try {
      Object.assign(socket.data, await this.handshake.admit(socket));
    } catch (error) {
      refusal = error as Error;
    }
    next(refusal);
  }

  /** Never rejects: an event that may not be handled is answered, and goes no further. */
  private async checkEvent(
    socket: ClientSocket,
    [event, ...args]: [string, ...unknown[]],
    next: () => void,
  ): Promise<void> {
    try {
      await this.limits.countAgain(socket.data.caller);
      if (!CLIENT_EVENTS.has(event)) {
        const known = [...CLIENT_EVENTS].join(', ');
        throw new AppError('unknown_event', { message: `There is no such event; there are ${known}.` });
      }
    } catch (error) {
      answerError(socket, args, toSocketError(error));
      return;
    }
    next();
  }

  @Access('read')
  @SubscribeMessage('join-organization')
  async join(@ConnectedSocket() socket: ClientSocket, @MessageBody() payload: unknown): Promise<JoinAnswer> {
    return this.joins.join(socket, toJoinRequest(payload));
  }

  @Access('read')
  @SubscribeMessage('leave-organization')
  async leave(@ConnectedSocket() socket: ClientSocket, @MessageBody() payload: unknown): Promise<RoomAnswer> {
    const organizationId = toOrganizationId(payload);
    await this.joins.leave(socket, organizationId);
    return { success: true, organizationId };
  }

  @Access('read')
  @SubscribeMessage('show-activity')
  showActivity(@ConnectedSocket() socket: ClientSocket, @MessageBody() payload: unknown): RoomAnswer {
    const request = toActivityRequest(payload);
    this.activities.show(socket, request);
    return { success: true, organizationId: request.organizationId };
  }

  /** Clients reconnect by themselves when the server then closes their connection. */
  beforeApplicationShutdown(): void {
    // Those of other processes stay.
    const stopping = new AppError('shutting_down', { message: 'The service is stopping.' });
    this.server?.local.emit('exception', toSocketError(stopping));
  }
}
