import type { AuthenticationCreds, WASocket } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { type DisconnectReason, lineEnd, type PairingEnd } from '../../common/disconnect-reasons.js';
import { phoneVariants } from '../../common/phone-number.js';
import type { Instance } from '../../repositories/instance.js';
import {
  PairingAttempt,
  type PairingCode,
  type PairingListener,
  type PairingRequest,
} from './pairing-attempt.js';
import type { DisconnectDecision } from '../connection/disconnect-policy.js';
import { accountOf } from '../ownership/account-of.js';
import type { DomainEventBus } from '../../common/domain-events.js';
import type { SessionSettings } from '../settings/session-settings.js';
import type { CurrentQr, PairingQrStore } from './pairing-qr-store.js';
import type { SessionHandle } from '../ownership/session-handle.js';

/** What pairings of all sessions share. */
export interface PairingContext {
  readonly settings: SessionSettings;
  readonly bus: DomainEventBus;
  readonly qrs: PairingQrStore;
}

export interface SessionPairingOutcome {
  /** The first QR is there, and so is each that follows. */
  onScannable(): void;
  /** @param cause becomes the instance's reason */
  onFailed(cause: PairingEnd): void;
}

/** The linking of one session: tells people what to scan or to type, and the session how it ended. */
export class SessionPairing implements PairingListener {
  readonly attempt: PairingAttempt;
  private qr: CurrentQr | null = null;

  constructor(
    request: PairingRequest,
    private readonly instance: Pick<Instance, 'id' | 'organizationId'>,
    private readonly handle: SessionHandle,
    private readonly context: PairingContext,
    private readonly log: Logger,
    private readonly outcome: SessionPairingOutcome,
  ) {
    this.attempt = new PairingAttempt(request, context.settings, this);
  }

  get isByCode(): boolean {
    return this.attempt.request.method === 'code';
  }

  get currentQr(): CurrentQr | null {
    return this.qr;
  }

  /** WhatsApp offers a registration. */
  offered(qr: string, socket: WASocket): void {
    this.attempt.qrOffered(qr, socket);
  }

  credentialsChanged(creds: AuthenticationCreds): void {
    this.attempt.credentialsChanged(creds);
  }

  /**
   * The phone has confirmed, and WhatsApp waits for our answer. Without it the phone links nothing, so one that has another
   * number than the one that was asked for is refused here.
   * @returns whether it is the phone that was asked for; otherwise the attempt has failed
   */
  confirmed(creds: AuthenticationCreds): boolean {
    this.qr = null;
    const { phoneNumber } = this.attempt.request;
    const { phone } = accountOf(creds);
    if (phoneNumber !== undefined && phone !== undefined && !phoneVariants(phoneNumber).includes(phone)) {
      this.attempt.fail('wrong_phone');
      return false;
    }
    this.attempt.linked();
    return true;
  }

  /**
   * A connection ended.
   * @returns whether the same attempt can go on with a new one; otherwise it has failed
   */
  survives({ action, cause }: DisconnectDecision): boolean {
    const isPassing = action === 'retry' || action === 'restart';
    // A caller who waits for a code should hear of that one at once.
    if (isPassing && cause !== 'server_not_trusted' && this.attempt.canRetry()) {
      return true;
    }
    this.fail(lineEnd(cause).pairing);
    return false;
  }

  /** The connection is lost, and with it the QR; another one is being made. */
  interrupted(): void {
    this.qr = null;
    this.attempt.interrupted();
  }

  fail(cause: PairingEnd): void {
    this.attempt.fail(cause);
  }

  /** The session ends. */
  cancel(reason: DisconnectReason): void {
    this.attempt.cancel(reason);
    this.qr = null;
  }

  onScannable(qr: string): void {
    this.qr = { qr, issuedAt: new Date() };
    this.outcome.onScannable();
    this.context.qrs.show(this.handle, this.qr);
    this.context.bus.emit('instance.qr_issued', { ...this.names, qr, at: this.qr.issuedAt });
  }

  onCode({ pairingCode, acceptedAt, expiresAt }: PairingCode): void {
    this.log.info('pairing code issued');
    const issued = { ...this.names, pairingCode, expiresAt, at: acceptedAt };
    this.context.bus.emit('instance.pairing_code_issued', issued);
  }

  onFailed(cause: PairingEnd): void {
    this.qr = null;
    this.outcome.onFailed(cause);
  }

  private get names() {
    return { organizationId: this.instance.organizationId, instanceId: this.instance.id };
  }
}
