import type { PersonAddress } from '../../common/inbox.js';
import { LeaseTerm, type Moment } from './lease-term.js';
import type { SessionCipher } from '../sealing/session-cipher.js';
import type { PendingValue } from '../sealing/stored-value.js';

/** A key that was written; null: deleted. */
export interface CommittedKey {
  type: string;
  id: string;
  value: PendingValue;
}

/**
 * One ownership of one session, from taking it over (an epoch) until it is released or given up. Every write carries
 * the handle that made it, so that rows of a handle that was given up can't be committed under its successor's epoch.
 */
export class SessionHandle {
  /** The last ticket of the group commit that wrote for this session: what its frames depend on now. */
  lastTicket = 0;
  /** The account that the session is linked to; copied into each inbox row. */
  account: PersonAddress = {};
  /** Whether the instance keeps what is written in groups; otherwise that is acknowledged, and no more. */
  storesGroups = false;
  /** While it does not hold, another process may run the session already: no frame may leave. */
  readonly lease = new LeaseTerm();
  private fault: Error | undefined;
  private readonly revokeListeners: ((fault: Error) => void)[] = [];
  private readonly releaseListeners = new Set<() => void>();
  private committedListener: ((keys: Iterable<CommittedKey>) => void) | undefined;

  constructor(
    readonly instanceId: string,
    readonly epoch: number,
    /** Seals what is written under this epoch. */
    readonly cipher: SessionCipher,
  ) {}

  /** Why this handle was given up; undefined while it is good. */
  get revoked(): Error | undefined {
    return this.fault;
  }

  /** @throws the fault that this handle was given up for */
  assertUsable(): void {
    if (this.fault) {
      throw this.fault;
    }
  }

  /**
   * Gives the handle up: from now on it can neither read nor write. Listeners run once, in the order in which they were
   * added (caches first, then the gate, then the socket). Never throws.
   */
  revoke(fault: Error): void {
    if (this.fault) {
      return;
    }
    this.fault = fault;
    this.releaseListeners.clear();
    for (const listener of this.revokeListeners) {
      this.run(() => listener(fault));
    }
  }

  onRevoked(listener: (fault: Error) => void): void {
    this.revokeListeners.push(listener);
  }

  /** The database said that the session is ours. @param asked when it was asked @param ms for how long from then */
  renewLease(asked: Moment, ms: number): void {
    this.lease.renew(asked, ms);
    this.announceReleasable();
  }

  /** @param listener called when held frames may be free to leave @returns removes the listener */
  onReleasable(listener: () => void): () => void {
    this.releaseListeners.add(listener);
    return () => this.releaseListeners.delete(listener);
  }

  /** The cache of committed keys; one for each handle. */
  onCommitted(listener: (keys: Iterable<CommittedKey>) => void): void {
    this.committedListener = listener;
  }

  /** Called by the group commit with the keys of a committed batch, before they leave it. Never throws. */
  announceCommitted(keys: Iterable<CommittedKey>): void {
    this.run(() => this.committedListener?.(keys));
  }

  /** Called by the group commit after a commit that wrote for this session. Never throws. */
  announceReleasable(): void {
    for (const listener of this.releaseListeners) {
      this.run(listener);
    }
  }

  // A listener's fault must not stop the group commit, which is the process's only pump; the session can't go on, though.
  private run(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.revoke(error instanceof Error ? error : new Error('session listener failed', { cause: error }));
    }
  }
}
