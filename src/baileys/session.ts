import type { BaileysEventMap, WASocket } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { FencedError } from '../repositories/fenced-error.js';
import type { Instance } from '../repositories/instance.js';
import { accountOf, isLinked } from './account-of.js';
import { InstanceCaches } from './cache-store.js';
import { ConnectionCycle, type CycleListener } from './connection-cycle.js';
import { serializeCredentials } from './credentials-codec.js';
import type { DisconnectDecision } from './disconnect-policy.js';
import { InstanceStanding } from './instance-standing.js';
import {
  PairingAttempt,
  type PairingCode,
  type PairingListener,
  type PairingRequest,
} from './pairing-attempt.js';
import type { SessionContext } from './session-context.js';
import { connectSession } from './session-connection.js';
import { placeholdersOf, receiptsOf } from './session-events.js';
import type { SessionHandle } from './session-handle.js';
import type { OwnedSession } from './session-loader.js';
import type { ConnectionListener, WaConnection } from './wa-connection.js';

/** How a session ended for good. `wipe`: its credentials are worthless. */
export interface SessionEnd {
  wipe: boolean;
}

/**
 * One instance's session while this process runs it: translates between connections, pairing and the instance's
 * standing. What is received goes through the commit log, never through here.
 */
export class Session implements CycleListener, PairingListener {
  private readonly log: Logger;
  private readonly cycle: ConnectionCycle;
  private readonly standing: InstanceStanding;
  private readonly caches = new InstanceCaches();
  private pairing: PairingAttempt | undefined;
  private isFresh = false;
  private isOver = false;
  private qr: { qr: string; issuedAt: Date } | null = null;
  private readonly opened = Promise.withResolvers<void>();

  /** @param onEnd called once, when the session is over by itself */
  constructor(
    readonly instance: Pick<Instance, 'id' | 'organizationId'>,
    private owned: OwnedSession,
    private readonly context: SessionContext,
    private readonly onEnd: (end: SessionEnd) => void,
  ) {
    this.log = context.log.child({ instanceId: instance.id });
    this.cycle = new ConnectionCycle(context.settings, context.limiter, this.log, this);
    this.standing = new InstanceStanding(instance.organizationId, owned.handle, context.statuses);
    this.adopt(owned);
  }

  get handle(): SessionHandle {
    return this.owned.handle;
  }

  get isLinked(): boolean {
    return isLinked(this.owned.creds);
  }

  /** The socket, while the instance is linked and on line. */
  get openSocket(): WASocket | undefined {
    return this.isOver ? undefined : this.cycle.openSocket;
  }

  get currentQr(): { qr: string; issuedAt: Date } | null {
    return this.qr;
  }

  /** For the health page. */
  get phase(): 'connected' | 'pairing' | 'waiting' | 'connecting' {
    if (this.openSocket) {
      return 'connected';
    }
    return this.pairing ? 'pairing' : this.cycle.isWaiting ? 'waiting' : 'connecting';
  }

  /** Settles when the session comes on line for the first time. */
  get firstOpen(): Promise<void> {
    return this.opened.promise;
  }

  /** Brings a linked session on line; when it is waiting to retry, at once. */
  resume(): void {
    this.standing.connecting();
    this.cycle.dial();
  }

  /** Links the session. To be called once, on a session that is not linked. */
  pair(request: PairingRequest): PairingAttempt {
    this.pairing = new PairingAttempt(request, this.context.settings, this);
    this.standing.connecting(request.method);
    this.cycle.dial();
    return this.pairing;
  }

  /** Ends the session; the device stays linked. Never rejects. */
  async close(reason: string): Promise<void> {
    if (!this.isOver) {
      this.over();
      await this.cycle.close();
      await this.context.commitLog.durableFor(this.handle);
      await this.standing.lost(reason, true);
    }
  }

  // --- what the connections say

  makeConnection(listener: ConnectionListener, isCurrent: () => boolean): WaConnection {
    const isCodePairing = this.pairing?.request.method === 'code';
    const parts = { owned: this.owned, caches: this.caches, isCodePairing, log: this.log };
    return connectSession(this.context, parts, listener, isCurrent);
  }

  onQr(qr: string, socket: WASocket): void {
    if (this.pairing) {
      this.pairing.qrOffered(qr, socket);
    } else {
      // WhatsApp takes our credentials for new ones, and nobody is there to scan.
      this.finish('not_linked', false);
    }
  }

  onLinked(): void {
    this.pairing?.linked();
    this.pairing = undefined;
    this.isFresh = true;
    this.qr = null;
    this.standing.connecting();
    this.log.info('instance linked');
  }

  onCredentials(): void {
    this.pairing?.credentialsChanged(this.owned.creds);
    this.saveCredentials();
  }

  onOpen(): void {
    this.log.info('instance connected');
    this.standing.connected(this.isFresh);
    this.isFresh = false;
    this.opened.resolve();
  }

  onUpserted({ messages }: BaileysEventMap['messages.upsert']): void {
    const inbox = placeholdersOf(messages, this.owned.creds.me?.id ?? '');
    if (inbox.length > 0 && !this.handle.poisoned) {
      this.log.warn({ count: inbox.length }, 'undecryptable messages');
      void this.context.commitLog.append(this.handle, { inbox });
    }
  }

  onUpdated(updates: BaileysEventMap['messages.update']): void {
    for (const receipt of receiptsOf(this.instance.id, updates)) {
      this.context.receipts.add(receipt);
    }
  }

  onLost(decision: DisconnectDecision): void {
    if (this.isOver) {
      return;
    }
    if (this.pairing) {
      this.pairingLost(this.pairing, decision);
      return;
    }
    this.saveCredentials();
    switch (decision.action) {
      case 'restart':
        void this.restart(this.handle);
        break;
      case 'retry':
        void this.standing.lost(decision.cause, false);
        this.cycle.dialLater();
        break;
      case 'stop':
      case 'wipe':
        this.finish(decision.cause, decision.action === 'wipe');
        break;
    }
  }

  /** What WhatsApp confirmed must be stored before we log in with it. */
  private async restart(handle: SessionHandle): Promise<void> {
    await this.context.commitLog.durableFor(handle);
    if (!this.isOver && !handle.poisoned) {
      this.cycle.redial();
    }
  }

  // --- what the pairing says

  onScannable(qr: string): void {
    this.qr = { qr, issuedAt: new Date() };
    this.standing.waitingForScan();
    this.context.bus.emit('instance.qr_issued', { ...this.names, qr, at: this.qr.issuedAt });
  }

  onCode({ pairingCode, acceptedAt, expiresAt }: PairingCode): void {
    this.log.info('pairing code issued');
    const issued = { ...this.names, pairingCode, expiresAt, at: acceptedAt };
    this.context.bus.emit('instance.pairing_code_issued', issued);
  }

  onFailed(cause: string): void {
    this.finish(cause, false);
  }

  private pairingLost(pairing: PairingAttempt, { action, cause }: DisconnectDecision): void {
    if (action === 'retry' && pairing.canRetry()) {
      this.cycle.dialLater();
    } else {
      pairing.fail(cause);
    }
  }

  // --- ownership

  private adopt(owned: OwnedSession): void {
    this.owned = owned;
    this.standing.adopt(owned.handle, owned.phoneNumber);
    owned.handle.onPoisoned((fault) => {
      this.cycle.stop(fault);
      void this.recover(fault);
    });
  }

  /** The handle was given up: nothing in memory counts any more. */
  private async recover(fault: Error): Promise<void> {
    if (this.isOver) {
      return;
    }
    if (fault instanceof FencedError) {
      this.log.warn('session was taken over by another process');
      this.over();
      this.onEnd({ wipe: false });
      return;
    }
    if (this.pairing) {
      this.pairing.fail('storage_unavailable');
      return;
    }
    void this.standing.lost('storage_unavailable', false);
    const owned = await this.context.loader.acquireWhenPossible(this.instance.id, () => this.isOver);
    if (this.isOver) {
      return;
    }
    if (!owned || !isLinked(owned.creds)) {
      this.finish('not_linked', false);
      return;
    }
    this.adopt(owned);
    this.cycle.dialLater();
  }

  private saveCredentials(): void {
    const { creds, handle } = this.owned;
    if (handle.poisoned || !isLinked(creds)) {
      return;
    }
    handle.account = accountOf(creds);
    this.log.info('Saving credentials');
    void this.context.commitLog.append(handle, { credentials: serializeCredentials(creds) });
  }

  private finish(cause: string, wipe: boolean): void {
    if (this.isOver) {
      return;
    }
    this.over();
    this.cycle.stop(new Error(cause));
    this.log.info({ cause }, 'session ended');
    void this.standing.lost(cause, true).then(() => this.onEnd({ wipe }));
  }

  private over(): void {
    this.isOver = true;
    this.qr = null;
    this.pairing?.cancel();
  }

  private get names() {
    return { organizationId: this.instance.organizationId, instanceId: this.instance.id };
  }
}
