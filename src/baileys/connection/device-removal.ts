import type { WASocket } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { Backoff } from '../../common/backoff.js';
import type { LogoutResult } from '../../common/logout.js';
import type { SessionSettings } from '../settings/session-settings.js';
import { logoutDevice } from './device-logout.js';

/** What a device that is being removed needs of its session. */
export interface LeavingSession {
  /** The socket, while it is on line. */
  readonly openSocket: WASocket | undefined;
  /** The removal is over. Called once. */
  onRemoved(result: LogoutResult): void;
}

/** Takes one device off its account: asks whenever the line is up, until WhatsApp has confirmed it or the time is over. */
export class DeviceRemoval {
  private readonly backoff: Backoff;
  private expiry: NodeJS.Timeout | undefined;
  private pause: NodeJS.Timeout | undefined;
  private asking: WASocket | undefined;
  private isOver = false;

  constructor(
    private readonly session: LeavingSession,
    private readonly settings: Pick<SessionSettings, 'logoutMs' | 'logoutLeastMs' | 'reconnect'>,
    private readonly log: Logger,
  ) {
    this.backoff = new Backoff(settings.reconnect);
  }

  /** @param msLeft until it is given up, in ms */
  begin(msLeft: number): void {
    this.expiry = setTimeout(() => this.end('expired'), Math.max(msLeft, this.settings.logoutLeastMs));
    this.ask();
  }

  /** Asks WhatsApp, if the session is on line. */
  ask(): void {
    const { openSocket } = this.session;
    clearTimeout(this.pause);
    if (openSocket && this.asking !== openSocket && !this.isOver) {
      this.asking = openSocket;
      void this.askOn(openSocket);
    }
  }

  /** WhatsApp was asked, and has not answered yet. */
  get isAsking(): boolean {
    return this.asking !== undefined;
  }

  /** Another process goes on with it. */
  stop(): void {
    this.isOver = true;
    clearTimeout(this.expiry);
    clearTimeout(this.pause);
  }

  private async askOn(socket: WASocket): Promise<void> {
    const isConfirmed = await logoutDevice(socket, this.settings.logoutMs);
    this.asking = undefined;
    if (isConfirmed) {
      this.end('confirmed');
    } else if (!this.isOver) {
      this.log.warn('WhatsApp did not confirm the logout: it is asked again');
      this.pause = setTimeout(() => this.ask(), this.backoff.nextDelayMs());
    }
  }

  private end(result: LogoutResult): void {
    if (!this.isOver) {
      this.stop();
      this.session.onRemoved(result);
    }
  }
}
