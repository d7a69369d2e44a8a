import type { Socket } from 'socket.io';
import type { Principal } from '../auth/principal.js';
import type { ToldPayload, WhatsappEventName } from '../common/whatsapp-events.js';
import type { LimitedCaller } from '../limits/rate-limits.js';
import type { SocketErrorBody } from './socket-error-body.js';

/** Acknowledges `leave-organization`, and `join-organization` without options. */
export interface RoomAnswer {
  success: true;
  organizationId: string;
}

/** Acknowledges `join-organization`. With options it says where the socket goes on live, and how many events came before. */
export interface JoinAnswer extends RoomAnswer {
  sequence?: number;
  replayed?: number;
}

type Acknowledge<Answer> = (answer: Answer | SocketErrorBody) => void;

/** What clients send. */
export interface ClientToServerEvents {
  'join-organization': (
    organizationId: unknown,
    options?: unknown,
    acknowledge?: Acknowledge<JoinAnswer>,
  ) => void;
  'leave-organization': (organizationId: unknown, acknowledge?: Acknowledge<RoomAnswer>) => void;
}

/** What clients receive: the `whatsapp:*` events of the organizations that they joined, and their own faults. */
export type ServerToClientEvents = {
  [Name in WhatsappEventName]: (payload: ToldPayload<Name>, offset?: string) => void;
} & { exception: (body: SocketErrorBody) => void };

/** What a socket wants to catch up with, until it has, or wants something else. */
export interface Replay {
  readonly isWanted: boolean;
  /** It is over, whatever came of it. */
  end(): void;
}

/** A socket that comes back goes on where its client is. */
export interface Resumption {
  organizationId: string;
  /** Sequence of the last event that the client has. */
  after: number;
}

/** What the service remembers of a connected socket. */
export interface SocketData {
  principal: Principal;
  /** Whom its events are counted for. */
  caller: LimitedCaller;
  /** Where it connected from, behind trusted proxies. */
  address: string;
  /** The organizations that it catches up with, each with the replay that counts: the latest. */
  replays?: Map<string, Replay>;
  /** What it goes on with, as Socket.IO recovered it. */
  resumes?: Resumption;
}

/** A connected client. */
export type ClientSocket = Socket<
  ClientToServerEvents,
  ServerToClientEvents,
  Record<string, never>,
  SocketData
>;

/** Everything that a client may send. */
export const CLIENT_EVENTS: ReadonlySet<string> = new Set<keyof ClientToServerEvents>([
  'join-organization',
  'leave-organization',
]);
