import type { Socket } from 'socket.io';
import type { Principal } from '../auth/principal.js';
import type { WhatsappEventName, WhatsappEvents } from '../common/whatsapp-events.js';
import type { LimitedCaller } from '../limits/rate-limits.js';
import type { SocketErrorBody } from './socket-error-body.js';

/** Acknowledges `join-organization` and `leave-organization`. */
export interface RoomAnswer {
  success: true;
  organizationId: string;
}

type Acknowledge = (answer: RoomAnswer | SocketErrorBody) => void;

/** What clients send. */
export interface ClientToServerEvents {
  'join-organization': (organizationId: unknown, acknowledge?: Acknowledge) => void;
  'leave-organization': (organizationId: unknown, acknowledge?: Acknowledge) => void;
}

/** What clients receive: the `whatsapp:*` events of the organizations that they joined, and their own faults. */
export type ServerToClientEvents = {
  [Name in WhatsappEventName]: (payload: WhatsappEvents[Name]) => void;
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
