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
import { AuditLog } from '../audit/audit-log.js';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { knownTo, scopeFor } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import { CallLimits } from '../limits/call-limits.js';
import type { NewAuditEntry } from '../repositories/audit.repository.js';
import { Handshake } from './handshake.js';
import { type JoinRequest, toJoinRequest, toOrganizationId } from './join-request.js';
import { RealtimeEmitter } from './realtime-emitter.js';
import { MAX_ORGANIZATIONS_PER_SOCKET } from './realtime-limits.js';
import { SocketAccess } from './socket-access.js';
import { answerError, toSocketError } from './socket-errors.js';
import { CLIENT_EVENTS, type ClientSocket, type JoinAnswer, type RoomAnswer } from './socket-events.js';
import { SocketExceptionsFilter } from './socket-exceptions.filter.js';
import { boundWaitingPackets } from './socket-pressure.js';
import { type Replay, SocketReplays } from './socket-replays.js';
import { leaveOrganization, listenAsAllowed, organizationsOf } from './socket-rooms.js';
import { StoredEventsRelay } from './stored-events.relay.js';

/** The Socket.IO side of the service: who may connect, and which organizations a socket listens to. */
@WebSocketGateway()
@UseFilters(SocketExceptionsFilter)
export class RealtimeGateway implements OnGatewayInit, OnGatewayConnection, BeforeApplicationShutdown {
  private server: Server | undefined;

  constructor(
    private readonly handshake: Handshake,
    private readonly limits: CallLimits,
    private readonly emitter: RealtimeEmitter,
    private readonly relay: StoredEventsRelay,
    private readonly replays: SocketReplays,
    private readonly access: SocketAccess,
    private readonly audit: AuditLog,
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
    socket.once('disconnect', () => socket.conn.close());
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
    const request = toJoinRequest(payload);
    const entry = entryOf(socket, request.organizationId);
    if (request.from === undefined) {
      return this.audit.note(entry, () => this.enter(socket, request));
    }
    const replay = this.replays.begin(socket, request.organizationId);
    try {
      return await this.audit.note(entry, () => this.catchUp(socket, request, replay));
    } finally {
      replay.end();
    }
  }

  private async catchUp(socket: ClientSocket, request: JoinRequest, replay: Replay): Promise<JoinAnswer> {
    const organizationId = this.admitTo(socket, request.organizationId);
    const after = request.from?.after;
    const replayed = await this.replays.run(socket, replay, { organizationId, after });
    return { success: true, organizationId, ...replayed };
  }

  private async enter(socket: ClientSocket, request: JoinRequest): Promise<JoinAnswer> {
    const organizationId = this.admitTo(socket, request.organizationId);
    this.replays.stop(socket, organizationId);
    await listenAsAllowed(socket, organizationId);
    try {
      await this.relay.ready(organizationId);
    } catch (error) {
      await leaveOrganization(socket, organizationId);
      throw error;
    }
    return { success: true, organizationId };
  }

  /** @throws AppError `organization_forbidden`, `too_many_organizations` */
  private admitTo(socket: ClientSocket, requested: string): string {
    const organizationId = organizationOf(scopeFor(socket.data.principal, 'read'), requested);
    const pending = this.replays.pending(socket).filter((id) => id !== organizationId);
    const own = new Set([...organizationsOf(socket), ...pending]);
    if (own.size >= MAX_ORGANIZATIONS_PER_SOCKET) {
      throw new AppError('too_many_organizations');
    }
    if (!this.relay.hasPlaceFor(organizationId)) {
      throw new AppError('too_many_organizations', {
        message: 'This process serves too many organizations.',
      });
    }
    return organizationId;
  }

  @Access('read')
  @SubscribeMessage('leave-organization')
  async leave(@ConnectedSocket() socket: ClientSocket, @MessageBody() payload: unknown): Promise<RoomAnswer> {
    const organizationId = toOrganizationId(payload);
    this.replays.stop(socket, organizationId);
    await leaveOrganization(socket, organizationId);
    return { success: true, organizationId };
  }

  /** Clients reconnect by themselves when the server then closes their connection. */
  beforeApplicationShutdown(): void {
    // Those of other processes stay.
    const stopping = new AppError('shutting_down', { message: 'The service is stopping.' });
    this.server?.local.emit('exception', toSocketError(stopping));
  }
}

/** What to note of a socket that wants to listen to an organization. */
function entryOf({ data: { principal, address } }: ClientSocket, requested: string): NewAuditEntry {
  const { kind, id, name } = principal;
  const scope = knownTo(principal);
  const isKnown = scope === 'all' || scope.organizationIds.includes(requested);
  return {
    actor: { kind, id, name },
    action: 'SOCKET join-organization',
    scope,
    organizationId: isKnown ? requested : undefined,
    object: { type: 'organizations', id: requested },
    address,
  };
}
