import type { WASocket } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { Backoff } from '../../common/backoff.js';
import { lineEnd } from '../../common/disconnect-reasons.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { decideDisconnect, type DisconnectDecision, statusCodeOf } from './disconnect-policy.js';
import type { GiveBack } from './reconnect-limiter.js';
import type { SessionSettings } from '../settings/session-settings.js';
import type { ConnectionListener, WaConnection } from './wa-connection.js';

/** What a session makes of its connections. */
export interface CycleListener extends Omit<ConnectionListener, 'onUpdate' | 'onClosed'> {
  /**
   * Dials.
   * @param isCurrent false once this connection is not the session's own any more
   */
  makeConnection(listener: ConnectionListener, isCurrent: () => boolean): WaConnection;
  onQr(qr: string, socket: WASocket): void;
  /** The phone has confirmed; WhatsApp will ask for a restart. */
  onLinked(): void;
  onOpen(): void;
  /** A pause is over: it is dialled. */
  onDue(): void;
  /** Not called for an end that was asked for by `stop` or `close`. */
  onLost(decision: DisconnectDecision, wasOpen: boolean): void;
}

/** Where a session waits until it may dial. */
export interface DialGate {
  /**
   * @param isUrgent a person is waiting for it
   * @param signal aborted once it is not to dial any more
   * @returns to be called once the dial succeeded or failed; may be called more than once
   */
  acquire(isUrgent: boolean, signal: AbortSignal): Promise<GiveBack>;
}

/** Restarts that WhatsApp may ask for in a row without ever letting us on line. */
const MAX_PROMPT_RESTARTS = 3;

/** Makes one connection after the other for a session: never two at a time, bounded starts, backoff, watchdog. */
export class ConnectionCycle {
  private connection: WaConnection | undefined;
  private generation = 0;
  private openedAt: number | undefined;
  private promptRestarts = 0;
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;
  private watchdog: NodeJS.Timeout | undefined;
  private releaseSlot: GiveBack | undefined;
  /** A dial that waits for its slot. */
  private waitingDial: { isUrgent: boolean; over: AbortController } | undefined;
  private readonly backoff: Backoff;
  private readonly breaker: CircuitBreaker;

  constructor(
    private readonly settings: SessionSettings,
    private readonly gate: DialGate,
    private readonly log: Logger,
    private readonly listener: CycleListener,
  ) {
    this.backoff = new Backoff(settings.reconnect);
    this.breaker = new CircuitBreaker(settings.breaker);
  }

  /** The socket, while it is on line. */
  get openSocket(): WASocket | undefined {
    return this.openedAt === undefined ? undefined : this.connection?.socket;
  }

  /** Failures kept coming: attempts are far between until a connection holds. */
  get isTripped(): boolean {
    return this.breaker.isOpen;
  }

  /**
   * Dials now, unless a connection is there or being made.
   * @param isUrgent a person is waiting for it
   */
  dial(isUrgent = false): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    // One that waits already keeps its place, unless it becomes urgent now.
    const isComing = this.waitingDial !== undefined && (this.waitingDial.isUrgent || !isUrgent);
    if (!this.connection && !isComing) {
      void this.dialWhenFree(++this.generation, isUrgent);
    }
  }

  /**
   * Dials after the pause that the failures so far ask for.
   * @param isTelling the failure tells something about the account; one of the network or of the database does not
   */
  dialLater(isTelling = true): void {
    if (isTelling && this.breaker.failed()) {
      this.log.warn('too many failures: trying at long intervals');
    }
    const pauseMs = this.backoff.nextDelayMs();
    this.dialIn(this.breaker.isOpen ? withJitter(this.settings.breaker.pauseMs) : pauseMs);
  }

  /**
   * Dials after a time that somebody else decided, in ms.
   * @param isUrgent as `dial`
   */
  dialIn(ms: number, isUrgent = false): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.listener.onDue();
      this.dial(isUrgent);
    }, ms);
  }

  /** Dials at once, unless WhatsApp keeps asking for restarts. */
  redial(): void {
    this.promptRestarts += 1;
    if (this.promptRestarts > MAX_PROMPT_RESTARTS) {
      this.dialLater();
    } else {
      this.dialIn(0, true);
    }
  }

  /** Ends the connection at once and makes no further one until `dial`. */
  stop(reason: Error): void {
    const { connection } = this;
    this.forget();
    connection?.end(reason);
  }

  /** Ends the connection politely, within a bound, and for good. */
  async close(): Promise<void> {
    const { connection } = this;
    // A dial that gets its slot in this moment comes too late.
    this.isClosed = true;
    this.stopWaiting();
    this.cancelTimers();
    this.openedAt = undefined;
    // Late work of the socket may still write until the line is closed; nobody listens to its end.
    this.connection = undefined;
    await connection?.close();
    this.forget();
  }

  private async dialWhenFree(mine: number, isUrgent: boolean): Promise<void> {
    this.stopWaiting();
    const over = new AbortController();
    this.waitingDial = { isUrgent, over };
    const release = await this.gate.acquire(isUrgent, over.signal);
    if (mine !== this.generation || this.isClosed) {
      release();
      return;
    }
    this.waitingDial = undefined;
    this.releaseSlot = release;
    const { connectWatchdogMs } = this.settings;
    this.watchdog = setTimeout(() => this.connection?.giveUp('not_on_line'), connectWatchdogMs);
    try {
      this.connection = this.listener.makeConnection(this.listenerFor(mine), () => mine === this.generation);
    } catch (error) {
      this.ended(mine, error);
    }
  }

  private listenerFor(mine: number): ConnectionListener {
    const isCurrent = () => mine === this.generation;
    const { listener } = this;
    return {
      onUpdate: (update) => {
        if (!isCurrent() || !this.connection) {
          return;
        }
        if (update.qr !== undefined) {
          this.settle(false);
          listener.onQr(update.qr, this.connection.socket);
        }
        if (update.isNewLogin) {
          listener.onLinked();
        }
        // A server may say so twice; the second time changes nothing.
        if (update.connection === 'open' && this.openedAt === undefined) {
          this.settle(false);
          this.openedAt = Date.now();
          this.promptRestarts = 0;
          listener.onOpen();
        }
      },
      onCredentials: () => isCurrent() && listener.onCredentials(),
      onUpdated: (updates) => isCurrent() && listener.onUpdated(updates),
      onPaired: (pair) => isCurrent() && listener.onPaired(pair),
      mayHaveAgain: async (receipt) => isCurrent() && listener.mayHaveAgain(receipt),
      onFileAnswer: async (answer) => {
        if (isCurrent()) {
          await listener.onFileAnswer(answer);
        }
      },
      onGroup: (jid) => isCurrent() && listener.onGroup(jid),
      onGroupNotice: async (notice) => {
        if (isCurrent()) {
          await listener.onGroupNotice(notice);
        }
      },
      onClosed: (error) => this.ended(mine, error),
    };
  }

  private ended(mine: number, error: unknown): void {
    if (mine !== this.generation || (!this.connection && this.openedAt === undefined && !this.releaseSlot)) {
      return;
    }
    const wasOpen = this.openedAt !== undefined;
    const decision = decideDisconnect(error);
    // What WhatsApp refuses one account says nothing about the next one's dial.
    const hasFailed = lineEnd(decision.cause).pairing === 'whatsapp_unavailable';
    this.settle(hasFailed || undefined);
    this.forget();
    const fields = { cause: decision.cause, action: decision.action, code: statusCodeOf(error), wasOpen };
    this.log[decision.alert ? 'warn' : 'info'](fields, 'connection ended');
    this.listener.onLost(decision, wasOpen);
  }

  /** A slot is for starting only. */
  private settle(hasFailed?: boolean): void {
    clearTimeout(this.watchdog);
    this.releaseSlot?.(hasFailed);
    this.releaseSlot = undefined;
  }

  /** Gives the place up that a dial has among those that wait. */
  private stopWaiting(): void {
    this.waitingDial?.over.abort();
    this.waitingDial = undefined;
  }

  private cancelTimers(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.settle();
  }

  /** From here on nothing of the connection counts any more, its writes included. */
  private forget(): void {
    this.cancelTimers();
    this.stopWaiting();
    this.generation += 1;
    this.connection = undefined;
    const openMs = this.openedAt === undefined ? 0 : Date.now() - this.openedAt;
    this.openedAt = undefined;
    if (openMs >= this.settings.reconnect.stableMs) {
      this.backoff.reset();
      this.breaker.reset();
    }
  }
}

/** @returns half of it to all of it, in ms */
function withJitter(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
