import type { AuthenticationCreds, WASocket } from '@whiskeysockets/baileys';
import { Browsers } from '@whiskeysockets/baileys';
import { AppError, InvalidStateError, UpstreamError } from '../../common/app-error.js';
import type { PairingMethod } from '../../common/instance.js';
import { requestPairingCode } from './pairing-code.js';
import { TRUST_ADVICE } from '../connection/server-not-trusted-error.js';
import type { SessionSettings } from '../session-settings.js';

export interface PairingRequest {
  method: PairingMethod;
  /** Digits; needed for a code. */
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
  onFailed(cause: string): void;
}

/** How recent a step of the phone must be to let a pairing outlive its code, in ms. */
const RECENT_STEP_MS = 10_000;

/** One attempt to link an instance: from connect to linked, failed, expired or replaced. */
export class PairingAttempt {
  /** The accepted code; rejects with an AppError when there will be none. Never settles for a QR. */
  readonly code: Promise<PairingCode>;
  private readonly issued = Promise.withResolvers<PairingCode>();
  private expiry: NodeJS.Timeout | undefined;
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
    // Whoever called connect may be gone already.
    this.code.catch(() => undefined);
    if (request.method === 'code') {
      this.expireAfter(settings.pairingAnswerMs, () => this.fail('no_answer', unavailable()));
    }
  }

  /** WhatsApp offers a registration. In code mode only the first offer matters: each new code voids the one before. */
  qrOffered(qr: string, socket: WASocket): void {
    if (this.isOver) {
      return;
    }
    if (this.request.method === 'qr') {
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

  /** @returns whether the same attempt can go on with a new socket */
  canRetry(): boolean {
    return !this.isOver && !this.hasRequested;
  }

  /** @param cause stored as the instance's reason; `error` is what a waiting connect call gets */
  fail(cause: string, error: AppError = cause === 'server_not_trusted' ? notTrusted() : ended()): void {
    if (this.isOver) {
      return;
    }
    this.finish();
    this.issued.reject(error);
    this.listener.onFailed(cause);
  }

  /** A newer connect call, or a logout, takes the place of this attempt. */
  cancel(): void {
    if (!this.isOver) {
      this.finish();
      this.issued.reject(replaced());
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
      const isRefused = error instanceof AppError;
      this.fail(isRefused ? error.code : 'pairing_failed', isRefused ? error : unavailable());
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

  private expireAfter(ms: number, action: () => void): void {
    clearTimeout(this.expiry);
    this.expiry = setTimeout(action, ms);
  }

  private finish(): void {
    this.isOver = true;
    clearTimeout(this.expiry);
  }
}

function unavailable(): UpstreamError {
  return new UpstreamError('whatsapp_unavailable', 'WhatsApp could not be reached. Try again.');
}

function ended(): UpstreamError {
  return new UpstreamError('pairing_failed', 'The pairing ended before WhatsApp gave a code. Try again.');
}

function notTrusted(): UpstreamError {
  return new UpstreamError(
    'server_not_trusted',
    `The server that answered could not prove that it belongs to WhatsApp: it showed no valid certificate that the trusted root signed. Nothing was told to it; the log says what is wrong. ${TRUST_ADVICE}`,
  );
}

function replaced(): InvalidStateError {
  return new InvalidStateError('pairing_replaced', 'A newer call took the place of this pairing.');
}
