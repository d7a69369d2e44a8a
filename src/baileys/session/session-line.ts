import type { BaileysEventMap, BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import type { Instance } from '../../repositories/instance.js';
import { InstanceCaches } from '../connection/cache-store.js';
import { ConnectionCycle, type CycleListener } from '../connection/connection-cycle.js';
import type { DisconnectDecision } from '../connection/disconnect-policy.js';
import type { GiveBack } from '../connection/reconnect-limiter.js';
import { connectSession } from '../connection/session-connection.js';
import type { ConnectionListener, WaConnection } from '../connection/wa-connection.js';
import { mayHaveAgain } from '../outbound/resend-permission.js';
import type { SessionPairing } from '../pairing/session-pairing.js';
import type { OwnedSession } from '../storage/owned-session.js';
import type { FileAnswer } from '../connection/file-answers.js';
import type { GroupNotice } from '../decoding/group-notice.js';
import { AccountRestrictions } from './account-restrictions.js';
import { AddressLearner } from './address-learner.js';
import { FileAnswers } from './file-answers.js';
import { GroupLearner } from './group-learner.js';
import type { Occasion } from './occasion.js';
import type { SessionContext } from './session-context.js';
import { SessionRecorder } from './session-recorder.js';
import type { SessionEvent } from './session-transitions.js';

/** What a line needs of its session. */
export interface LineOwner {
  readonly instance: Pick<Instance, 'id' | 'organizationId'>;
  readonly owned: OwnedSession;
  /** While a phone is being linked. */
  readonly pairing: SessionPairing | undefined;
  raise(event: SessionEvent, occasion?: Partial<Occasion>): void;
  /** A connection of the linked session ended. */
  lost(decision: DisconnectDecision): void;
}

/**
 * The connections of one session, and what they say: it goes to the pairing, to the recorder, or to the session as an event.
 * What is received goes through the group commit, never through here.
 */
export class SessionLine implements CycleListener {
  readonly cycle: ConnectionCycle;
  readonly restrictions: AccountRestrictions;
  private readonly recorder: SessionRecorder;
  private readonly addresses: AddressLearner;
  private readonly files: FileAnswers;
  private readonly groups: GroupLearner;
  private readonly caches = new InstanceCaches();

  constructor(
    private readonly owner: LineOwner,
    private readonly context: SessionContext,
    private readonly log: Logger,
  ) {
    this.cycle = new ConnectionCycle(context.settings, { acquire: this.awaitStart.bind(this) }, log, this);
    this.recorder = new SessionRecorder(context, log);
    this.files = new FileAnswers(context.media, context.bus, log);
    this.groups = new GroupLearner(owner.instance.id, this.cycle, context.groups, context.bus, log);
    this.restrictions = new AccountRestrictions(owner, context.statuses, log);
    this.addresses = new AddressLearner(owner.instance, context, log);
  }

  /** @param isForced also where they did not change */
  saveCredentials(isForced = false): void {
    this.recorder.saveCredentials(this.owner.owned, isForced);
  }

  makeConnection(listener: ConnectionListener, isCurrent: () => boolean): WaConnection {
    const { owned, pairing } = this.owner;
    const parts = { owned, caches: this.caches, isCodePairing: pairing?.isByCode ?? false, log: this.log };
    return connectSession(this.context, parts, listener, isCurrent);
  }

  onQr(qr: string, socket: WASocket): void {
    const { pairing } = this.owner;
    if (pairing) {
      pairing.offered(qr, socket);
    } else {
      // WhatsApp takes our credentials for new ones, and nobody is there to scan.
      this.owner.raise('unusable', { cause: 'not_linked' });
    }
  }

  onLinked(): void {
    if (this.owner.pairing?.confirmed(this.owner.owned.creds) !== false) {
      this.owner.raise('linked');
    }
  }

  onCredentials(): void {
    this.owner.pairing?.credentialsChanged(this.owner.owned.creds);
    this.saveCredentials();
  }

  onOpen(): void {
    const { openSocket } = this.cycle;
    if (openSocket) {
      this.restrictions.opened(openSocket);
    }
    this.owner.raise('opened');
  }

  onDue(): void {
    this.owner.raise('due');
  }

  onUpdated(updates: BaileysEventMap['messages.update']): void {
    this.recorder.saveReceipts(this.owner.owned, updates);
  }

  onPaired(pair: BaileysEventMap['lid-mapping.update']): void {
    this.addresses.add(pair);
  }

  mayHaveAgain(receipt: BinaryNode): Promise<boolean> {
    return mayHaveAgain(this.context, this.owner.owned, receipt);
  }

  onFileAnswer(answer: FileAnswer): Promise<void> {
    return this.files.add(this.owner.owned.handle, answer);
  }

  onGroup(jid: string): void {
    this.groups.add(jid);
  }

  onGroupNotice(notice: GroupNotice): Promise<void> {
    return this.groups.note(notice);
  }

  onLost(decision: DisconnectDecision): void {
    const { pairing } = this.owner;
    if (!pairing) {
      this.owner.lost(decision);
    } else if (pairing.survives(decision)) {
      this.owner.raise('line_lost', { cause: decision.cause });
    }
  }

  private awaitStart(isUrgent: boolean, signal: AbortSignal): Promise<GiveBack> {
    const kind = this.owner.pairing ? 'pairing' : isUrgent ? 'urgent' : 'returning';
    const { organizationId } = this.owner.instance;
    return this.context.limiter.acquire({ organizationId, kind }, signal);
  }
}
