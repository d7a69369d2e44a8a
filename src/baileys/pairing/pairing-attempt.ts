import type { AuthenticationCreds, WASocket } from '@whiskeysockets/baileys';
import { Browsers } from '@whiskeysockets/baileys';
import { AppError } from '../../common/app-error.js';
import type { DisconnectReason, PairingEnd } from '../../common/disconnect-reasons.js';
import type { PairingMethod } from '../../common/instance.js';
import { PairingRequestError, requestPairingCode } from './pairing-code.js';
import { TRUST_ADVICE } from '../connection/server-not-trusted-error.js';
import type { SessionSettings } from '../settings/session-settings.js';

export interface PairingRequest {
  method: PairingMethod;
  /** Digits; needed for a code. A phone with another number that scans a QR is not linked. */
  phoneNumber?: string;
}

/** A code that WhatsApp has accepted. */
export interface PairingCode {
  pairingCode: string;
  acceptedAt: Date;
  expiresAt: Date;
}

export interface PairingListener {
  /** A QR to show; a new one follows when it expires unscanned. */
  onScannable(qr: string): void;
  onCode(code: PairingCode): void;
  /** The attempt is over without a link; credentials must be discarded. Called at most once. */
  onFailed(cause: PairingEnd): void;
}

/** How recent a step of the phone must be to let a pairing outlive its code, in ms. */
const RECENT_STEP_MS = 10_000;

/** One attempt to link an instance: from connect to linked, failed, expired or replaced. None lasts without end. */
export class PairingAttempt {
  /** The accepted code; rejects with an AppError when there will be none. Never settles for a QR. */
  readonly code: Promise<PairingCode>;
  private readonly issued = Promise.withResolvers<PairingCode>();
  private expiry: NodeJS.Timeout | undefined;
  /** Of an attempt by QR, from the first one. */
  private lifetime: NodeJS.Timeout | undefined;
  private isAwaitingOffer = false;
  private hasRequested = false;
  private isOver = false;
  private lastPhoneStepAt = 0;
  private wasRegistered = false;

  constructor(
    readonly request: PairingRequest,
    private readonly settings: SessionSettings,
    private readonly listener: PairingListener,
  ) {
    this.code = this.issued.promise;
    // The caller of connect may be gone already.
    this.code.catch(() => undefined);
    this.awaitOffer();
  }

  /** WhatsApp offers a registration. In code mode only the first offer matters: each new code voids the one before. */
  qrOffered(qr: string, socket: WASocket): void {
    if (this.isOver) {
      return;
    }
    if (this.request.method === 'qr') {
      clearTimeout(this.expiry);
      this.isAwaitingOffer = false;
      this.lifetime ??= setTimeout(() => this.fail('qr_expired'), this.settings.pairingQrMs);
      this.listener.onScannable(qr);
    } else if (!this.hasRequested) {
      this.hasRequested = true;
      void this.requestCode(socket);
    }
  }

  credentialsChanged(creds: AuthenticationCreds): void {
    if (creds.registered !== this.wasRegistered) {
      this.wasRegistered = creds.registered;
      this.lastPhoneStepAt = Date.now();
    }
  }

  /** The phone has confirmed. */
  linked(): void {
    this.finish();
  }

  /** The connection is lost; another one is being made for the same attempt. Failing again and again takes no longer. */
  interrupted(): void {
    if (!this.isOver && !this.isAwaitingOffer) {
      this.awaitOffer();
    }
  }

  /** @returns whether the same attempt can go on with a new socket */
  canRetry(): boolean {
    return !this.isOver && !this.hasRequested;
  }

  /** @param cause stored as the instance's reason; `error` is what a waiting connect call gets */
  fail(cause: PairingEnd, error: AppError = errorOf(cause)): void {
    if (this.isOver) {
      return;
    }
    this.finish();
    this.issued.reject(error);
    this.listener.onFailed(cause);
  }

  /** The session ends with the attempt under way. @param reason why, which the session tells */
  cancel(reason: DisconnectReason): void {
    if (!this.isOver) {
      this.finish();
      this.issued.reject(cancelled(reason));
    }
  }

  private async requestCode(socket: WASocket): Promise<void> {
    try {
      const { phoneNumber = '' } = this.request;
      const browser = Browsers.macOS('Chrome');
      const pairingCode = await requestPairingCode(
        socket,
        browser,
        phoneNumber,
        this.settings.pairingAnswerMs,
      );
      if (this.isOver) {
        return;
      }
      const { pairingCodeMs } = this.settings;
      const acceptedAt = new Date();
      const expiresAt = new Date(acceptedAt.getTime() + pairingCodeMs);
      const code = { pairingCode, acceptedAt, expiresAt };
      this.expireAfter(pairingCodeMs, () => this.codeExpired());
      this.listener.onCode(code);
      this.issued.resolve(code);
    } catch (error) {
      if (error instanceof PairingRequestError) {
        this.fail(error.end, error);
      } else {
        this.fail('pairing_failed');
      }
    }
  }

  private codeExpired(): void {
    if (Date.now() - this.lastPhoneStepAt < RECENT_STEP_MS) {
      // Typed at the last moment: the phone is about to confirm.
      this.expireAfter(this.settings.pairingGraceMs, () => this.fail('pairing_code_expired'));
    } else {
      this.fail('pairing_code_expired');
    }
  }

  /** Until WhatsApp offers a registration and, for a code, has accepted it. */
  private awaitOffer(): void {
    this.isAwaitingOffer = true;
    this.expireAfter(this.settings.pairingAnswerMs, () => this.fail('whatsapp_unavailable'));
  }

  private expireAfter(ms: number, action: () => void): void {
    clearTimeout(this.expiry);
    this.expiry = setTimeout(action, ms);
  }

  private finish(): void {
    this.isOver = true;
    clearTimeout(this.expiry);
    clearTimeout(this.lifetime);
  }
}

function errorOf(cause: PairingEnd): AppError {
  switch (cause) {
    case 'server_not_trusted':
      return notTrusted();
    case 'whatsapp_unavailable':
      return unavailable();
    default:
      return ended();
  }
}

function unavailable(): AppError {
  return new AppError('whatsapp_unavailable', { message: 'WhatsApp could not be reached. Try again.' });
}

function ended(): AppError {
  return new AppError('pairing_failed');
}

function notTrusted(): AppError {
  return new AppError('server_not_trusted', {
    message: `The server that answered could not prove that it belongs to WhatsApp: it showed no valid certificate that the trusted root signed. Nothing was told to it; the log says what is wrong. ${TRUST_ADVICE}`,
  });
}

function cancelled(reason: DisconnectReason): AppError {
  switch (reason) {
    case 'pairing_replaced':
      return new AppError('pairing_replaced');
    case 'pairing_cancelled':
      return new AppError('pairing_cancelled');
    case 'service_stopped':
    case 'handed_over':
      return new AppError('shutting_down');
    default:
      return ended();
  }
}
