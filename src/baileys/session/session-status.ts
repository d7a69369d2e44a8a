import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import type { InstanceStatus, PairingMethod } from '../../common/instance.js';
import type { NewEvent, StatusChange } from '../../repositories/instance-status.repository.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import { isLeaving, isPairing, type SessionState, statusOf } from './session-state.js';
import type { StatusPublisher } from './status-publisher.js';

/** How an instance stands, as far as the process that runs it knows. */
export interface LiveStatus {
  status: InstanceStatus;
  /** Why it is not connected; null when it is, or was not yet. */
  reason: string | null;
}

/** Tells the world how one instance stands: once for each real change, not for each retry. */
export class SessionStatus {
  /** The reason of the last disconnection that subscribers were told, until it is on line again. */
  private toldReason: string | undefined;
  private shown: InstanceStatus | undefined;
  private reason: string | null = null;
  /** Just linked: the linked number replaces whatever was stored. */
  private isFresh = false;
  /** The owner's number as it is stored; null while none was given. */
  private phoneNumber: string | null = null;

  constructor(
    private readonly organizationId: string,
    private handle: SessionHandle,
    private readonly publisher: StatusPublisher,
  ) {}

  /** What was told last, stored or not. Undefined while nothing was told. */
  get live(): LiveStatus | undefined {
    return this.shown && { status: this.shown, reason: this.reason };
  }

  /** Further changes are made by this owner. */
  adopt(handle: SessionHandle, phoneNumber: string | null): void {
    this.handle = handle;
    this.phoneNumber = phoneNumber;
    this.publisher.takenOver(handle.instanceId, handle.epoch);
  }

  connecting(): void {
    if (this.shown !== 'connecting') {
      void this.show('connecting');
    }
  }

  /** A phone is to be linked: what ended the attempt before says nothing of this one. */
  pairing(pairingMethod: PairingMethod): void {
    void this.show('connecting', { pairingMethod, reason: null });
  }

  /** The phone has confirmed: from now on it is to be on line, wherever it is run. */
  linked(): void {
    this.isFresh = true;
    void this.show('connecting', { desiredState: 'running' });
  }

  waitingForScan(): void {
    if (this.shown !== 'qr_pending') {
      void this.show('qr_pending', { reason: null });
    }
  }

  connected(): void {
    if (this.isConnected) {
      return;
    }
    this.toldReason = undefined;
    const { phone, lid } = this.handle.account;
    if (phone && (this.isFresh || this.phoneNumber === null)) {
      this.phoneNumber = phone;
    }
    this.isFresh = false;
    const payload = {
      instanceId: this.handle.instanceId,
      organizationId: this.organizationId,
      phoneNumber: phone ?? this.phoneNumber ?? '',
      timestamp: new Date().toISOString(),
    };
    void this.show('connected', {
      desiredState: 'running',
      isConnectedNow: true,
      reason: null,
      ...(phone && { accountPhone: phone, phoneNumber: this.phoneNumber }),
      ...(lid && { accountLid: lid }),
      event: { name: 'whatsapp:connected', payload },
    });
  }

  /**
   * Subscribers are told when the line is lost, once more when the instance is given up for another reason than that, and when
   * linking a phone ended without a link. Of one that is deleted only the reason is kept why the line is down.
   * @param reason stored with the instance and told to subscribers
   * @param from where the session was
   * @param to where it is now
   * @returns settles when it is stored
   */
  lost(reason: DisconnectReason, from: SessionState, to: SessionState): Promise<void> {
    if (isLeaving(from)) {
      return this.reason === reason ? Promise.resolve() : this.show('disconnected', { reason });
    }
    const status = statusOf(to) ?? 'connecting';
    const isOver = status === 'disconnected';
    const isGivenUp = isOver && (isPairing(from) || (this.isOfAnAccount && this.toldReason !== reason));
    const event = this.isConnected || isGivenUp ? this.disconnectedEvent(reason) : undefined;
    this.toldReason = event ? reason : this.toldReason;
    if (!event && this.shown === status && (!isOver || this.reason === reason)) {
      return Promise.resolve();
    }
    return this.show(status, { reason, event });
  }

  /** Still trying, for a reason that people should see. */
  struggling(reason: DisconnectReason): void {
    if (!this.isConnected && this.reason !== reason) {
      void this.show('connecting', { reason });
    }
  }

  /** Whether subscribers were told so, and nothing else since. */
  private get isConnected(): boolean {
    return this.shown === 'connected';
  }

  /** One that was never linked goes off line for nobody. */
  private get isOfAnAccount(): boolean {
    return this.handle.account.phone !== undefined;
  }

  private disconnectedEvent(reason: DisconnectReason): NewEvent {
    const { instanceId } = this.handle;
    return {
      name: 'whatsapp:disconnected',
      payload: { instanceId, reason, timestamp: new Date().toISOString() },
    };
  }

  private show(status: InstanceStatus, change: Partial<StatusChange> = {}): Promise<void> {
    this.shown = status;
    this.reason = change.reason === undefined ? this.reason : change.reason;
    const { instanceId, epoch } = this.handle;
    return this.publisher.publish({ instanceId, epoch, status, ...change });
  }
}
