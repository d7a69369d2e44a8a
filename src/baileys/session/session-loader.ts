import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppConfig } from '../../config/app-config.js';
import { AppError } from '../../common/app-error.js';
import { KeyMissingError } from '../../common/secret-box.js';
import type { Instance } from '../../repositories/instance.js';
import type { AcquiredSession, HeldElsewhere } from '../../repositories/session-batch.js';
import { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { accountOf } from '../ownership/account-of.js';
import { Backoff } from '../../common/backoff.js';
import { isUnavailable } from '../storage/commit-fault.js';
import { GroupCommit } from '../storage/group-commit.js';
import { restoreCredentials } from '../sealing/credentials-codec.js';
import type { OwnedSession } from '../storage/owned-session.js';
import { KeyCacheBudget } from '../storage/key-cache-budget.js';
import { type Moment, now } from '../ownership/lease-term.js';
import { NodeLiveness } from '../ownership/node-liveness.js';
import { ReconnectLimiter, type StartKind } from '../connection/reconnect-limiter.js';
import { SessionHandle } from '../ownership/session-handle.js';
import { SessionKeyStore } from '../storage/session-key-store.js';
import { SessionSettings } from '../settings/session-settings.js';
import { SessionUnreadableError } from '../sealing/session-unreadable-error.js';
import type { SessionCipher } from '../sealing/session-cipher.js';
import { SessionCiphers } from '../sealing/session-ciphers.js';
import { StatusPublisher } from './status-publisher.js';
import { StorageProbe } from '../storage/storage-probe.js';

/** More than a process runs. Of one that is forgotten, a session that was fenced is given up and taken over once more. */
const MAX_IN_DOUBT = 10_000;

/** Takes sessions over, with everything that running them needs. */
@Injectable()
export class SessionLoader {
  private readonly slots: ReconnectLimiter;
  private readonly budget: KeyCacheBudget;
  /** Take-overs of which it is not known whether they happened; such a one may still happen, and fence our next one. */
  private readonly inDoubt = new LRUCache<string, true>({ max: MAX_IN_DOUBT });

  constructor(
    private readonly store: SessionStoreRepository,
    private readonly ciphers: SessionCiphers,
    private readonly groupCommit: GroupCommit,
    private readonly settings: SessionSettings,
    private readonly config: AppConfig,
    private readonly probe: StorageProbe,
    private readonly liveness: NodeLiveness,
    private readonly statuses: StatusPublisher,
  ) {
    this.slots = new ReconnectLimiter(settings.simultaneousTakeOvers);
    this.budget = new KeyCacheBudget(settings.keyCache.totalBytes);
  }

  /** Bytes of keys that all sessions keep in memory. */
  get cachedBytes(): number {
    return this.budget.bytes;
  }

  /**
   * Its owner before can write nothing from now on.
   * @param kind what it is taken over for
   * @returns null when the instance is missing or deleted
   * @throws AppError `database_unavailable`; SessionUnreadableError, and the instance says so, too
   * @throws AppError `encryption_key_missing`: it is left to processes that have the key; `too_many_pairings`: the
   *   organization links as many phones as it may
   */
  async acquire(
    { id: instanceId, organizationId }: Pick<Instance, 'id' | 'organizationId'>,
    kind: StartKind,
  ): Promise<OwnedSession | HeldElsewhere | null> {
    const release = await this.slots.acquire({ organizationId, kind });
    try {
      const asked = now();
      const acquired = await this.take(instanceId, kind);
      return acquired && !isHeldElsewhere(acquired) ? await this.own(instanceId, acquired, asked) : acquired;
    } catch (error) {
      if (isUnavailable(error)) {
        this.inDoubt.set(instanceId, true);
      }
      throw error;
    } finally {
      release();
    }
  }

  /**
   * Like `acquire`, but waits until the database is there, and gives the session out: a refusal is mended by those who change
   * a key, a right or a firewall, and no single one takes a number off line.
   * @param isCancelled asked before each attempt
   * @param onRefused told of each answer that is no outage
   * @returns null also when it was cancelled
   * @throws SessionUnreadableError
   */
  async acquireWhenPossible(
    instance: Pick<Instance, 'id' | 'organizationId'>,
    isCancelled: () => boolean,
    onRefused: (error: unknown) => void,
  ): Promise<OwnedSession | HeldElsewhere | null> {
    const backoff = new Backoff(this.settings.reconnect);
    while (!isCancelled()) {
      await this.probe.untilUp();
      if (isCancelled()) {
        break;
      }
      try {
        return await this.acquire(instance, 'returning');
      } catch (error) {
        if (error instanceof SessionUnreadableError) {
          throw error;
        }
        if (!isUnavailable(error)) {
          onRefused(error);
        }
      }
      await delay(backoff.nextDelayMs(), undefined, { ref: false });
    }
    return null;
  }

  /**
   * @returns whether an earlier take-over of our own, given up in an outage, may be what fenced this session; true only
   *   once for each such take-over
   */
  takeDoubt(instanceId: string): boolean {
    return this.inDoubt.delete(instanceId);
  }

  private async take(instanceId: string, kind: StartKind): Promise<AcquiredSession | HeldElsewhere | null> {
    const { nodeId, leaseSeconds, pairingsPerOrganization } = this.config;
    const offered = this.ciphers.offer(instanceId);
    const maxPairings = kind === 'pairing' && pairingsPerOrganization ? pairingsPerOrganization : undefined;
    const ask = () => this.store.acquireSession(instanceId, nodeId, leaseSeconds, offered, maxPairings);
    const acquired = await ask();
    const isFree = isHeldElsewhere(acquired) && (await this.liveness.bury([acquired.heldBy]));
    return isFree ? ask() : acquired;
  }

  private async own(instanceId: string, acquired: AcquiredSession, asked: Moment): Promise<OwnedSession> {
    const { cipher, creds, storedCredentials } = await this.open(instanceId, acquired);
    const handle = new SessionHandle(instanceId, acquired.epoch, cipher);
    handle.account = accountOf(creds);
    handle.storesGroups = acquired.storesGroups;
    if (!this.liveness.isAlone) {
      handle.renewLease(asked, this.config.leaseSeconds * 1_000);
    }
    const { store, groupCommit, budget } = this;
    const options = { ...this.settings.keyStore, cacheBytes: this.settings.keyCache.sessionBytes };
    const keys = new SessionKeyStore(handle, { store, groupCommit, budget, options }, acquired);
    const { phoneNumber, logoutMs, isRestricted } = acquired;
    return { handle, keys, creds, storedCredentials, phoneNumber, logoutMs, isRestricted };
  }

  private async open(
    instanceId: string,
    { sessionData, dataKeys, epoch }: AcquiredSession,
  ): Promise<{ cipher: SessionCipher } & Pick<OwnedSession, 'creds' | 'storedCredentials'>> {
    try {
      const cipher = this.ciphers.open(instanceId, dataKeys);
      const storedCredentials = sessionData && cipher.openCredentials(sessionData);
      return { cipher, creds: restoreCredentials(storedCredentials), storedCredentials };
    } catch (cause) {
      if (cause instanceof KeyMissingError) {
        await this.store.releaseSession(instanceId, epoch).catch(() => undefined);
        throw keyMissing(cause);
      }
      const error = cause instanceof SessionUnreadableError ? cause : new SessionUnreadableError(cause);
      void this.statuses.publish({ instanceId, epoch, status: 'disconnected', reason: 'session_unreadable' });
      // No process runs it; until its lease is over, that it stays ours in the database does no harm.
      await this.store.releaseSession(instanceId, epoch).catch(() => undefined);
      throw error;
    }
  }
}

function keyMissing(cause: Error): AppError {
  return new AppError('encryption_key_missing', { cause });
}

/** @returns whether another node runs what was to be taken over */
export function isHeldElsewhere(taken: object | null): taken is HeldElsewhere {
  return taken !== null && 'heldBy' in taken;
}
