import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AuditLog } from '../audit/audit-log.js';
import { organizationOf } from '../auth/organization-of.js';
import { knownTo, scopeFor } from '../auth/principal.js';
import { AppError, hasCode } from '../common/app-error.js';
import { Logs } from '../logging/logs.js';
import type { NewAuditEntry } from '../repositories/audit.repository.js';
import type { JoinRequest } from './join-request.js';
import { MAX_ORGANIZATIONS_PER_SOCKET } from './realtime-limits.js';
import { toSocketError } from './socket-errors.js';
import type { ClientSocket, JoinAnswer, Replay, Resumption } from './socket-events.js';
import { SocketReplays } from './socket-replays.js';
import { leaveOrganization, listenAsAllowed, organizationsOf } from './socket-rooms.js';
import { StoredEventsRelay } from './stored-events.relay.js';

/** A recovered socket, on its way to what it listened to. */
interface Resuming extends Resumption {
  answer: Promise<JoinAnswer>;
}

/** How sockets come to listen to an organization, and leave it. */
@Injectable()
export class SocketJoins {
  private readonly log: Logger;
  /** Until the client, which may not know that it was recovered, joins itself. */
  private readonly resuming = new WeakMap<ClientSocket, Resuming>();

  constructor(
    private readonly relay: StoredEventsRelay,
    private readonly replays: SocketReplays,
    private readonly audit: AuditLog,
    logs: Logs,
  ) {
    this.log = logs.component('realtime');
  }

  /**
   * @returns once the socket listens
   * @throws AppError that says why it does not
   */
  async join(socket: ClientSocket, request: JoinRequest): Promise<JoinAnswer> {
    const { organizationId, from } = request;
    const resuming = this.takeResuming(socket, request);
    const resumed = resuming && (await resuming.answer.catch(() => undefined));
    if (resumed !== undefined) {
      return from === undefined ? { success: true, organizationId } : resumed;
    }
    if (from !== undefined) {
      return this.catchUp(socket, { organizationId, after: from.after });
    }
    return this.audit.note(entryOf(socket, organizationId), () => this.enter(socket, organizationId));
  }

  async leave(socket: ClientSocket, organizationId: string): Promise<void> {
    this.replays.stop(socket, organizationId);
    await leaveOrganization(socket, organizationId);
  }

  /** What a recovered socket listened to goes on after the last event that its client has. Never rejects: the client is told. */
  async resume(socket: ClientSocket, resumption: Resumption): Promise<void> {
    const answer = this.catchUp(socket, resumption);
    this.resuming.set(socket, { ...resumption, answer });
    try {
      await answer;
    } catch (error) {
      if (!(error instanceof AppError)) {
        this.log.error({ socketId: socket.id, err: error }, 'socket not recovered');
      }
      if (!hasCode(error, 'replay_ended')) {
        socket.emit('exception', toSocketError(error));
      }
    }
  }

  /** A client that joins at every connection, recovered or not, is told nothing twice. */
  private takeResuming(socket: ClientSocket, request: JoinRequest): Resuming | undefined {
    const resuming = this.resuming.get(socket);
    const after = request.from?.after ?? Infinity;
    if (resuming?.organizationId !== request.organizationId || after < resuming.after) {
      return undefined;
    }
    this.resuming.delete(socket);
    return resuming;
  }

  private async catchUp(
    socket: ClientSocket,
    request: { organizationId: string; after: number | undefined },
  ): Promise<JoinAnswer> {
    const replay = this.replays.begin(socket, request.organizationId);
    const entry = entryOf(socket, request.organizationId);
    try {
      return await this.audit.note(entry, () => this.replay(socket, replay, request));
    } finally {
      replay.end();
    }
  }

  private async replay(
    socket: ClientSocket,
    replay: Replay,
    request: { organizationId: string; after: number | undefined },
  ): Promise<JoinAnswer> {
    const organizationId = this.admitTo(socket, request.organizationId);
    const replayed = await this.replays.run(socket, replay, { ...request, organizationId });
    return { success: true, organizationId, ...replayed };
  }

  private async enter(socket: ClientSocket, requested: string): Promise<JoinAnswer> {
    const organizationId = this.admitTo(socket, requested);
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
