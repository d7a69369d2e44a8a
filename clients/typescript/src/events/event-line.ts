import type { Socket } from 'socket.io-client';
import { AuzapError } from '../auzap-error.js';
import { backoffMs } from '../backoff.js';
import { type TokenSource, tokenNow } from '../client-options.js';
import type {
  Activity,
  ClientToServerEvents,
  JoinAnswer,
  ServerToClientEvents,
  SocketErrorBody,
} from '../generated/events.js';
import type { ClientEvent, FeedState } from './events-options.js';

type FeedSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** Where a line leads to. */
export interface LineTarget {
  take(event: ClientEvent): void;
  /** It listens; `sequence` is where it began, where it was not told where to. */
  joined(sequence: number | undefined): void;
  /** @returns once it may go on with the oldest event; rejects where it may not */
  expired(error: AuzapError): Promise<void>;
  changed(state: FeedState, error?: AuzapError): void;
  end(error: AuzapError): void;
}

/** Which service to listen to, and as whom. */
export interface LineSource {
  url: URL;
  token: TokenSource | undefined;
  organizationId: string;
  /** Sequence of the last event that is known. */
  after: number | undefined;
}

/** Trying again changes nothing about these. */
const FINAL = new Set([
  'organization_forbidden',
  'permission_denied',
  'no_membership',
  'access_undeclared',
  'host_not_allowed',
  'origin_not_allowed',
  'organization_not_found',
  'organization_id_required',
  'invalid_organization_id',
  'validation_failed',
  'unknown_event',
]);
const MAX_UNAUTHORIZED = 3;
/** How long a service may tell nothing while it ought to catch up. */
const STALL_MS = 60_000;
const RECONNECT = { reconnectionDelay: 250, reconnectionDelayMax: 5_000, randomizationFactor: 0.5 };

/**
 * A line to the service over which an organization's events come: each stored one once and in its order, whatever happens to the line. It asks
 * for what follows the last event that it has, at every connection.
 */
export class EventLine {
  private socket: FeedSocket | undefined;
  private isWanted = false;
  private isCatchingUp = false;
  private failures = 0;
  private unauthorized = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private expiring: Promise<void> | undefined;
  private said: AuzapError | undefined;
  private last: number | undefined;

  /** Not where a log that shows a feed would show the token. */
  readonly #source: LineSource;

  constructor(
    source: LineSource,
    private readonly target: LineTarget,
  ) {
    this.#source = source;
    this.last = source.after;
  }

  open(): void {
    this.isWanted = true;
    void this.connect();
  }

  /** What comes from now on is not taken; `open` goes on after the last event that was. */
  close(): void {
    this.isWanted = false;
    this.stopWatching();
    this.socket?.close();
    this.socket = undefined;
  }

  /** Tells the others of the organization what somebody does in a conversation; while the line is away nobody is told. */
  showActivity(activity: Activity): void {
    if (this.socket?.connected) {
      this.socket.emit('show-activity', this.#source.organizationId, activity, () => undefined);
    }
  }

  private async connect(): Promise<void> {
    this.target.changed('connecting', this.said);
    const { io } = await import('socket.io-client');
    if (!this.isWanted || this.socket) {
      return;
    }
    const { url } = this.#source;
    const socket: FeedSocket = io(url.origin, {
      ...RECONNECT,
      path: `${url.pathname.replace(/\/$/, '')}/socket.io`,
      forceNew: true,
      auth: (give) => void this.authenticate(socket, give),
    });
    this.socket = socket;
    const ifCurrent =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args) => {
        if (this.socket === socket) {
          act(...args);
        }
      };
    socket.on(
      'connect',
      ifCurrent(() => this.join(socket)),
    );
    socket.on(
      'connect_error',
      ifCurrent((error: Error) => this.refused(socket, error)),
    );
    socket.on(
      'disconnect',
      ifCurrent(() => this.lost(socket)),
    );
    socket.onAny(ifCurrent((name: string, payload: unknown) => this.hear(name, payload)));
  }

  private async authenticate(socket: FeedSocket, give: (auth: object) => void): Promise<void> {
    try {
      const token = await tokenNow(this.#source.token);
      give(token === undefined ? {} : { token });
    } catch (cause) {
      if (this.socket === socket) {
        this.again(new AuzapError('network_error', 'There was no token to connect with.', { cause }));
      }
    }
  }

  private join(socket: FeedSocket): void {
    if (this.expiring) {
      return;
    }
    this.target.changed('catching-up');
    this.isCatchingUp = true;
    this.watchStall();
    const options = this.last === undefined ? {} : { after: this.last };
    socket.emit('join-organization', this.#source.organizationId, options, (answer) => {
      if (this.socket === socket) {
        this.joined(socket, answer);
      }
    });
  }

  private joined(socket: FeedSocket, answer: JoinAnswer | SocketErrorBody): void {
    this.stopWatching();
    if (!answer.success) {
      this.notJoined(socket, AuzapError.ofSocket(answer));
      return;
    }
    this.failures = 0;
    this.unauthorized = 0;
    this.said = undefined;
    const begin = this.last === undefined ? answer.sequence : undefined;
    this.last ??= answer.sequence;
    this.target.joined(begin);
    this.target.changed('live');
  }

  private notJoined(socket: FeedSocket, error: AuzapError): void {
    if (error.code === 'events_expired') {
      this.expiring = this.goOnWithOldest(socket, error);
    } else if (error.code !== 'replay_ended') {
      this.fail(error);
    }
  }

  /** Nobody joins meanwhile: it would be told the same again. */
  private async goOnWithOldest(socket: FeedSocket, error: AuzapError): Promise<void> {
    try {
      await this.target.expired(error);
    } catch {
      this.target.end(error);
      return;
    }
    this.last = error.oldest === undefined ? undefined : error.oldest - 1;
    this.expiring = undefined;
    if (this.socket === socket && socket.connected) {
      this.join(socket);
    }
  }

  private hear(name: string, payload: unknown): void {
    if (name === 'exception') {
      this.said = AuzapError.ofSocket(payload);
      if (FINAL.has(this.said.code)) {
        this.target.end(this.said);
      }
      return;
    }
    const { sequence } = payload as { sequence?: number };
    if (sequence !== undefined) {
      if (this.last !== undefined && sequence <= this.last) {
        return;
      }
      this.last = sequence;
    }
    if (this.isCatchingUp) {
      this.watchStall();
    }
    this.target.take({ name, payload, sequence } as ClientEvent);
  }

  private refused(socket: FeedSocket, error: Error & { data?: unknown }): void {
    if (socket.active) {
      // Socket.IO tries again by itself.
      this.target.changed(
        'connecting',
        new AuzapError('network_error', 'The service can not be reached.', { cause: error }),
      );
      return;
    }
    this.fail(AuzapError.ofSocket(error.data));
  }

  private lost(socket: FeedSocket): void {
    this.stopWatching();
    if (socket.active) {
      this.target.changed('connecting', this.said);
    } else {
      this.again(this.said);
    }
  }

  private fail(error: AuzapError): void {
    const isRefused = error.code === 'unauthorized' && ++this.unauthorized >= this.maxUnauthorized;
    if (isRefused || FINAL.has(error.code)) {
      this.target.end(error);
    } else {
      this.again(error);
    }
  }

  /** A token that is made anew may be good the next time. */
  private get maxUnauthorized(): number {
    return typeof this.#source.token === 'function' ? MAX_UNAUTHORIZED : 1;
  }

  /** Connects anew after a while. */
  private again(error: AuzapError | undefined): void {
    this.close();
    this.isWanted = true;
    this.said = error;
    this.target.changed('connecting', error);
    this.failures++;
    this.timer = setTimeout(() => void this.connect(), backoffMs(this.failures));
  }

  private stopWatching(): void {
    this.isCatchingUp = false;
    clearTimeout(this.timer);
  }

  private watchStall(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => this.again(new AuzapError('timeout', 'The service told nothing for a minute.')),
      STALL_MS,
    );
  }
}
