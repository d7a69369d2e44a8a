import { Injectable } from '@nestjs/common';
import { holdsAll } from '../auth/grants.js';
import { AppError } from '../common/app-error.js';
import { isIntact, toldPayload } from '../common/whatsapp-events.js';
import { offsetOf } from './event-offset.js';
import type { EventReader } from './event-reader.js';
import { mayNotListen } from './socket-access.js';
import type { ClientSocket, Replay } from './socket-events.js';
import { isDrained } from './socket-pressure.js';
import { leaveOrganization, listenAsAllowed } from './socket-rooms.js';
import { StoredEventsRelay } from './stored-events.relay.js';

/** How a replay ended. */
export interface Replayed {
  /** Of the last event that the socket was told; it goes on live after it. */
  sequence: number;
  /** How many events it was told. */
  replayed: number;
}

/** Tells sockets what they missed, and lets them listen from there on, without a gap and without a repeat. */
@Injectable()
export class SocketReplays {
  constructor(private readonly relay: StoredEventsRelay) {}

  /** @returns the organizations that a socket does not listen to yet, but will */
  pending({ data }: ClientSocket): string[] {
    return [...(data.replays?.keys() ?? [])];
  }

  /** Takes the place of another replay of the organization. In the turn in which the client asks, so that its calls count in their order. */
  begin({ data }: ClientSocket, organizationId: string): Replay {
    const own = (data.replays ??= new Map<string, Replay>());
    const replay: Replay = {
      get isWanted(): boolean {
        return own.get(organizationId) === replay;
      },
      end: () => {
        if (replay.isWanted) {
          own.delete(organizationId);
        }
      },
    };
    own.set(organizationId, replay);
    return replay;
  }

  /** Ends the replay of an organization, where there is one. */
  stop({ data }: ClientSocket, organizationId: string): void {
    data.replays?.delete(organizationId);
  }

  /**
   * Takes the place of whatever the socket hears of the organization.
   * @param request.after sequence of the last event that the client has; undefined: it goes on live at once
   * @returns once the socket listens
   * @throws AppError `events_expired`, `organization_forbidden`; `replay_ended` where the client left, or joined anew
   */
  async run(
    socket: ClientSocket,
    replay: Replay,
    request: { organizationId: string; after: number | undefined },
  ): Promise<Replayed> {
    const { organizationId, after } = request;
    await leaveOrganization(socket, organizationId);
    const reader = await this.relay.read(organizationId, after);
    try {
      return await catchUp(socket, organizationId, reader, replay);
    } finally {
      reader.close();
    }
  }
}

async function catchUp(
  socket: ClientSocket,
  organizationId: string,
  reader: EventReader,
  replay: Replay,
): Promise<Replayed> {
  const check = () => {
    if (!replay.isWanted || !socket.connected) {
      throw new AppError('replay_ended');
    }
    if (!holdsAll(socket.data.principal, organizationId, ['read'])) {
      throw mayNotListen(organizationId);
    }
  };
  for (let replayed = 0; ;) {
    check();
    if (reader.isCaughtUp) {
      // In the same turn: what comes next, comes by the room.
      const joined = listenAsAllowed(socket, organizationId);
      const { sequence } = reader;
      await joined;
      return { sequence, replayed };
    }
    const events = (await reader.read()).filter(isIntact);
    check();
    events.forEach((event) => socket.emit(event.name, ...([toldPayload(event), offsetOf(event)] as never)));
    replayed += events.length;
    await isDrained(socket);
  }
}
