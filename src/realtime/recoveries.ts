import type { Adapter } from 'socket.io-adapter';
import { sequenceAt } from './event-offset.js';
import { organizationOfRoom } from './realtime-emitter.js';
import type { SocketData } from './socket-events.js';

/** How long a client may be away. */
export const RECOVERABLE_MS = 120_000;
/** Who was away longest goes first. */
const MAX_SESSIONS = 10_000;

type Session = Parameters<Adapter['persistSession']>[0];

interface Lost {
  sid: Session['sid'];
  organizationId: string;
  at: number;
}

/**
 * What Socket.IO's connection state recovery needs of an adapter, without a copy of what was sent: a socket that comes back goes on
 * after the last event that its client has, out of the table, with the rights that it has then. Of a socket that listened to
 * several organizations the client tells of one alone, so that it is a new one, and so is one that comes to another process.
 */
export class Recoveries {
  private readonly sessions = new Map<string, Lost>();

  /** @returns the same adapter, which recovers sockets */
  recover<Base extends Adapter>(adapter: Base): Base {
    return Object.assign(adapter, {
      persistSession: (session: Session) => this.keep(session),
      restoreSession: async (pid: string, offset: string) => this.restore(pid, offset),
    });
  }

  private keep({ pid, sid, rooms, data }: Session): void {
    const { replays } = data as SocketData;
    const listened = rooms.flatMap((room) => organizationOfRoom(room) ?? []);
    const [organizationId, ...others] = new Set([...listened, ...(replays?.keys() ?? [])]);
    if (organizationId === undefined || others.length > 0) {
      return;
    }
    this.sessions.set(pid, { sid, organizationId, at: performance.now() });
    const [longest] = this.sessions.keys();
    if (this.sessions.size > MAX_SESSIONS) {
      this.sessions.delete(longest!);
    }
  }

  private restore(pid: string, offset: string): Awaited<ReturnType<Adapter['restoreSession']>> | null {
    const lost = this.sessions.get(pid);
    this.sessions.delete(pid);
    const after = lost && sequenceAt(offset, lost.organizationId);
    if (lost === undefined || after === undefined || performance.now() - lost.at > RECOVERABLE_MS) {
      return null;
    }
    // Rooms and packets come when it is known who that is.
    const data: Partial<SocketData> = { resumes: { organizationId: lost.organizationId, after } };
    return { sid: lost.sid, pid, rooms: [], data, missedPackets: [] };
  }
}
