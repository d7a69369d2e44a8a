import type { Socket } from 'socket.io';
import type { Principal } from '../auth/principal.js';
import type { ToldPayloads, WhatsappEventName } from '../common/whatsapp-events.js';
import type { LimitedCaller } from '../limits/rate-limits.js';
import type { Activity, ShownActivity } from './activity-request.js';
import type { JoinOptions, OrganizationId } from './join-request.js';
import type { SocketErrorBody } from './socket-error-body.js';

/** Acknowledges `leave-organization` and `show-activity`, and `join-organization` without options. */
export interface RoomAnswer {
  success: true;
  organizationId: string;
}

/** Acknowledges `join-organization`. With options it says where the socket goes on live, and how many events came before. */
export interface JoinAnswer extends RoomAnswer {
  /**
   * Of the last event that was told: the socket goes on live after it.
   * @asType integer
   */
  sequence?: number;
  /**
   * How many events were told before this answer.
   * @asType integer
   */
  replayed?: number;
}

/** Arguments of what clients send, without the acknowledgement that they may end with. */
export interface ClientArguments {
  /** Listens to an organization. What followed `after` is told first, in sequence; then the answer comes, and then what happens. */
  'join-organization': [organizationId: OrganizationId, options?: JoinOptions];
  /** Listens to an organization no more. */
  'leave-organization': [organizationId: OrganizationId];
  /**
   * Tells the others of the organization what somebody does in a conversation, as `whatsapp:activity`; it is kept nowhere. Repeat it every
   * 20 s while that goes on. `writing` needs the permission to send.
   */
  'show-activity': [organizationId: OrganizationId, activity: Activity];
}

/** What clients are answered where they send an acknowledgement. */
export interface Acknowledgements {
  'join-organization': JoinAnswer;
  'leave-organization': RoomAnswer;
  'show-activity': RoomAnswer;
}

/** What clients send. Of each argument is checked that it is what it should be. */
export type ClientToServerEvents = {
  [Name in keyof ClientArguments]: (
    ...args: [...Unchecked<ClientArguments[Name]>, acknowledge?: Acknowledge<Acknowledgements[Name]>]
  ) => void;
};

type Unchecked<Arguments extends unknown[]> = { [Position in keyof Arguments]: unknown };
type Acknowledge<Answer> = (answer: Answer | SocketErrorBody) => void;

/** What clients receive: the `whatsapp:*` events of the organizations that they joined, and their own faults. */
export type ServerToClientEvents = {
  [Name in WhatsappEventName]: (payload: ToldPayloads[Name], offset?: string) => void;
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
  /** What the others know of what its person does. */
  activity?: ShownActivity;
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
  'show-activity',
]);
