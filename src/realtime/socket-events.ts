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
  [Name in WhatsappEventName]: (payload: ToldPayload<Name>) => void;
} & { exception: (body: SocketErrorBody) => void };

/** What the service remembers of a connected socket. */
export interface SocketData {
  principal: Principal;
  /** Whom its events are counted for. */
  caller: LimitedCaller;
  /** Where it connected from, behind trusted proxies. */
  address: string;
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
