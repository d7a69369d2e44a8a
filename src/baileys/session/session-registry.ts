import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import type { Instance } from '../../repositories/instance.js';
import { FencedError } from '../../repositories/fenced-error.js';
import { AppError, hasCode } from '../../common/app-error.js';
import type { LogoutResult } from '../../common/logout.js';
import type { HeldElsewhere } from '../../repositories/session-batch.js';
import { SessionStoreRepository, type SessionWipe } from '../../repositories/session-store.repository.js';
import type { StartKind } from '../connection/reconnect-limiter.js';
import { KeyedSemaphore } from '../../common/keyed-semaphore.js';
import { Session } from './session.js';
import { SessionContext } from './session-context.js';
import type { SessionEnd } from './session-effects.js';
import { isHeldElsewhere } from './session-loader.js';
import { withTimeout } from '../../common/with-timeout.js';

const WIPE_ATTEMPTS = 8;
/** What the instance and its subscribers are told of a logout that ended otherwise than by logging out. */
const REASONS: Partial<Record<LogoutResult, DisconnectReason>> = {
  banned: 'banned',
  expired: 'logout_expired',
  session_unreadable: 'session_unreadable',
};
/** The other nodes look for work within this time, in ms; less than a call follows an instance from node to node. */
const HANDED_OVER_MS = 1_500;

/** The sessions that this process runs; one for each instance at most, started and ended one step at a time. */
@Injectable()
export class SessionRegistry {
  private readonly sessions = new Map<string, Session>();
  private readonly locks = new KeyedSemaphore();
  private readonly work = new Set<Promise<void>>();
  private readonly handedOver = new Set<string>();

  constructor(
    private readonly context: SessionContext,
    private readonly store: SessionStoreRepository,
  ) {}

  get(instanceId: string): Session | undefined {
    return this.sessions.get(instanceId);
  }

  all(): Session[] {
    return [...this.sessions.values()];
  }

  /** Runs one step in the life of an instance's session at a time. */
  exclusively<T>(instanceId: string, step: () => Promise<T>): Promise<T> {
    return this.locks.run(instanceId, step);
  }

  /**
   * Takes the instance's session over, unless another node runs it; the caller brings it on line. One of a deleted instance
   * begins to log its device out by itself. Inside `exclusively`.
   * @param kind what it is taken over for
   * @throws AppError `instance_not_found`
   * @throws SessionUnreadableError; the instance says so, too
   * @throws AppError `too_many_pairings`, for a pairing
   */
  async open(
    instance: Pick<Instance, 'id' | 'organizationId'>,
    kind: StartKind,
  ): Promise<Session | HeldElsewhere> {
    const owned = await this.acquire(instance, kind);
    if (!owned) {
      throw new AppError('instance_not_found');
    }
    if (isHeldElsewhere(owned)) {
      return owned;
    }
    const session = new Session(instance, owned, this.context, (end) => this.ended(session, end));
    this.sessions.set(instance.id, session);
    if (owned.logoutMs !== null && !session.isLinked) {
      await this.remove(session, owned.logoutMs, false);
      throw new AppError('instance_not_found');
    }
    return session;
  }

  /**
   * Takes the device of a deleted instance off its account, in the background where there is one. Inside `exclusively`.
   * @param msLeft until it is given up, in ms
   * @param isUrgent a person is waiting for it
   */
  async remove(session: Session, msLeft: number, isUrgent: boolean): Promise<void> {
    if (session.isLinked) {
      session.leave(msLeft, isUrgent);
      return;
    }
    await this.close(session, 'logged_out');
    const { instanceId, epoch } = session.handle;
    await this.wipe(instanceId, { epoch, deleted: true, logout: 'not_linked' });
  }

  /**
   * Brings a stored session on line, taking it over where no process runs it.
   * @param isUrgent a person is waiting for it
   * @returns who else runs it, or is about to (then no name is known); undefined when it is run here, or is not linked after all
   * @throws as `open`
   */
  bringBack(
    instance: Pick<Instance, 'id' | 'organizationId'>,
    isUrgent: boolean,
  ): Promise<HeldElsewhere | undefined> {
    return this.exclusively(instance.id, async () => {
      if (this.get(instance.id)) {
        return undefined;
      }
      if (this.handedOver.has(instance.id)) {
        return { heldBy: '' };
      }
      const session = await this.open(instance, isUrgent ? 'urgent' : 'returning');
      if ('heldBy' in session) {
        return session;
      }
      if (session.isLeaving) {
        return undefined;
      }
      if (session.isLinked) {
        session.resume(isUrgent);
      } else {
        await this.close(session, 'not_linked');
      }
      return undefined;
    });
  }

  /** Ends the instance's session, if there is one; the device stays linked. Inside `exclusively`. */
  async close(session: Session, reason: DisconnectReason): Promise<void> {
    const { outbound, settings } = this.context;
    this.forget(session);
    await outbound.vacate(session.instance.id, settings.outbound.closeMs);
    await session.close(reason);
    await this.release(session);
  }

  /** As `close`, and for a moment the session is left to other nodes, whatever comes for it here. Inside `exclusively`. */
  async handOver(session: Session, reason: DisconnectReason): Promise<void> {
    const { id } = session.instance;
    await this.close(session, reason);
    this.handedOver.add(id);
    setTimeout(() => this.handedOver.delete(id), HANDED_OVER_MS).unref();
  }

  /** Forgets credentials and keys. Inside `exclusively`. */
  async wipe(instanceId: string, options: SessionWipe): Promise<void> {
    const event = await this.store.wipeSession(instanceId, options);
    if (event) {
      this.context.bus.emit('events.committed', [event]);
    }
  }

  /** Waits for what is still being cleaned up. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.work);
  }

  /** A session that is over by itself. */
  private ended(session: Session, { wipe, told, logout }: SessionEnd): void {
    const { id } = session.instance;
    // At once: nobody may find a session that is over.
    this.forget(session);
    const work = this.exclusively(id, async () => {
      // A wipe fences whatever comes later, the last status too.
      await withTimeout(told, this.context.settings.farewellMs);
      await this.context.groupCommit.durableFor(session.handle);
      await (wipe ? this.wipeWhenPossible(session, logout) : this.release(session));
    }).catch((err: unknown) => this.context.log.error({ err, instanceId: id }, 'session not cleaned up'));
    this.work.add(work);
    void work.then(() => {
      this.work.delete(work);
      session.wasCleanedUp();
    });
  }

  /** @throws as `open` */
  private async acquire(
    instance: Pick<Instance, 'id' | 'organizationId'>,
    kind: StartKind,
  ): ReturnType<SessionContext['loader']['acquire']> {
    const instanceId = instance.id;
    try {
      return await this.context.loader.acquire(instance, kind);
    } catch (error) {
      // Without its credentials a device can't be logged out; without their key it waits for somebody who has it.
      if (hasCode(error, 'session_unreadable')) {
        await this.wipe(instanceId, { onlyIf: 'leaving', ...endOf(instanceId, 'session_unreadable') });
      } else if (hasCode(error, 'encryption_key_missing')) {
        await this.wipe(instanceId, { onlyIf: 'expired', ...endOf(instanceId, 'expired') });
      }
      throw error;
    }
  }

  private forget(session: Session): void {
    const { id } = session.instance;
    if (this.sessions.get(id) === session) {
      this.sessions.delete(id);
    }
  }

  private async release(session: Session): Promise<void> {
    const { instanceId, epoch } = session.handle;
    await this.store.releaseSession(instanceId, epoch).catch((err: unknown) => {
      this.context.log.warn({ err, instanceId }, 'session not released');
    });
  }

  /** @param logout how taking the device off the account ended, where that was asked for */
  private async wipeWhenPossible({ handle }: Session, logout?: LogoutResult): Promise<void> {
    const { instanceId, epoch } = handle;
    // It may be deleted in the very moment in which WhatsApp says that the device is gone.
    const end = logout ? endOf(instanceId, logout) : { deleted: false, logout: 'already_unlinked' as const };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.wipe(instanceId, { epoch, ...end });
      } catch (error) {
        if (error instanceof FencedError) {
          return;
        }
        if (attempt === WIPE_ATTEMPTS) {
          throw error;
        }
        await delay(100 * 2 ** attempt);
      }
    }
  }
}

/** @returns what is stored when taking a device off its account is over */
function endOf(instanceId: string, logout: LogoutResult): SessionWipe {
  const reason = REASONS[logout] ?? 'logged_out';
  const payload = { instanceId, reason, timestamp: new Date().toISOString() };
  return { deleted: true, logout, reason, event: { name: 'whatsapp:disconnected', payload } };
}
