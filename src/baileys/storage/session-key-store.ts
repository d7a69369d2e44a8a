import type { SignalDataSet, SignalDataTypeMap, SignalKeyStore } from '@whiskeysockets/baileys';
import type { AcquiredSession } from '../../repositories/session-batch.js';
import type { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import type { GroupCommit } from './group-commit.js';
import { KeyCache } from './key-cache.js';
import type { KeyCacheBudget } from './key-cache-budget.js';
import { type Patience, readPatiently } from './patient-read.js';
import type { PlainInboxRow } from './pending-batch.js';
import type { CommittedKey, SessionHandle } from '../ownership/session-handle.js';
import { TransactionCargo } from '../patches/key-transactions.js';
import { decode, encode, freeze, type StoredValue } from '../sealing/stored-value.js';

/** The keys of a session as one of its sockets has them, and its way into the inbox. */
export interface SocketKeys extends SignalKeyStore {
  /** Received messages that are stored in one commit with what a transaction on these keys writes. */
  readonly inbox: TransactionCargo<PlainInboxRow>;
  /**
   * Stores received messages by themselves, or with keys that belong to them.
   * @returns as `GroupCommit.append`
   * @throws Error when a newer socket has taken over, and the fault of a session that was given up
   */
  receive(rows: readonly PlainInboxRow[], keys?: SignalDataSet): Promise<void> | undefined;
  /**
   * Looks a key up without waiting for anything. What it gives may be shared: it must not be changed.
   * @returns as `get` has it; null when there is none, undefined when only the database knows
   * @throws as `receive`
   */
  peek(type: string, id: string): unknown;
  /** @param listener told of what is written, in the turn in which it is written */
  onWrite(listener: (data: SignalDataSet) => void): void;
}

/** Reads that fail for longer than its patience give the session up. */
export interface KeyStoreOptions extends Patience {
  /** Bound of this session's cache. */
  cacheBytes: number;
}

export interface KeyStoreParts {
  store: SessionStoreRepository;
  groupCommit: GroupCommit;
  options: KeyStoreOptions;
  /** What the caches of all sessions may take together. */
  budget: KeyCacheBudget;
}

/**
 * The keys of one session. Writes go to the group commit; reads look there first, then in the cache, then in the database.
 * A fault revokes the handle: it must never look like "no session".
 */
export class SessionKeyStore {
  private readonly cache: KeyCache;

  constructor(
    private readonly handle: SessionHandle,
    private readonly parts: KeyStoreParts,
    acquired: Pick<AcquiredSession, 'keys' | 'keysComplete'>,
  ) {
    this.cache = new KeyCache(parts.budget, acquired.keys, acquired.keysComplete, parts.options.cacheBytes);
    handle.onRevoked(() => this.dispose());
    handle.onCommitted((keys) => {
      for (const { type, id, value } of keys) {
        this.cache.set(type, id, value);
      }
    });
  }

  /**
   * The store as one socket sees it.
   * @param isCurrent false once a newer socket has taken over: late work of the old one must not write any more
   * @param ended aborted when the socket is over: its reads end at once, and with them the locks that they are made under
   */
  forSocket(isCurrent: () => boolean, ended?: AbortSignal): SocketKeys {
    const inbox = new TransactionCargo<PlainInboxRow>();
    const listeners: ((data: SignalDataSet) => void)[] = [];
    const write = (data: SignalDataSet, rows: readonly PlainInboxRow[]) => {
      const room = this.append(keysOf(data), rows);
      listeners.forEach((listener) => listener(data));
      return room;
    };
    return {
      inbox,
      get: async (type, ids) => {
        assertCurrent(isCurrent);
        return (await this.get(type, ids, ended)) as { [id: string]: SignalDataTypeMap[typeof type] };
      },
      // Not an async function on purpose: the append happens in the caller's own turn.
      set: (data) => {
        assertCurrent(isCurrent);
        return inbox.storeWith((rows) => write(data, rows));
      },
      receive: (rows, keys = {}) => {
        assertCurrent(isCurrent);
        return write(keys, rows);
      },
      peek: (type, id) => {
        assertCurrent(isCurrent);
        return this.peek(type, id);
      },
      onWrite: (listener) => void listeners.push(listener),
    };
  }

  /** Forgets the cache; to be called when the session ends. */
  dispose(): void {
    this.cache.dispose();
  }

  /**
   * Looks a delivered ciphertext up among the stored messages.
   * @returns its plaintext; null when the row has none any more; undefined when it was never stored
   */
  async findInbox(hash: string): Promise<Uint8Array | null | undefined> {
    const pending = this.parts.groupCommit.findInbox(this.handle, hash);
    if (pending) {
      return pending.body;
    }
    const { instanceId, cipher } = this.handle;
    const found = await this.read(() => this.parts.store.findInbox(instanceId, [hash]));
    const sealed = found.get(hash);
    if (!sealed) {
      return sealed;
    }
    try {
      return cipher.openBody(hash, sealed);
    } catch {
      // It is stored, which is what a redelivery asks; that it can't be opened shows where it is processed.
      return null;
    }
  }

  private append(keys: CommittedKey[], inbox: readonly PlainInboxRow[]): Promise<void> | undefined {
    return this.parts.groupCommit.append(this.handle, { keys, inbox });
  }

  private peek(type: string, id: string): unknown {
    this.handle.assertUsable();
    const value = this.known(type, id);
    return value ? this.reveal(type, id, value) : value;
  }

  private async get(type: string, ids: string[], ended?: AbortSignal): Promise<Record<string, unknown>> {
    this.handle.assertUsable();
    const found: Record<string, unknown> = {};
    const missing: string[] = [];
    for (const id of ids) {
      const value = this.known(type, id);
      if (value === undefined) {
        missing.push(id);
      } else if (value) {
        found[id] = this.reveal(type, id, value);
      }
    }
    if (missing.length > 0) {
      await this.readMissing(type, missing, found, ended);
    }
    return found;
  }

  private async readMissing(
    type: string,
    ids: string[],
    found: Record<string, unknown>,
    ended: AbortSignal | undefined,
  ): Promise<void> {
    const { instanceId } = this.handle;
    const rows = await this.read(() => this.parts.store.readSessionKeys(instanceId, type, ids), ended);
    for (const id of ids) {
      // A write may have happened, and even been committed, while the database was asked.
      const written = this.known(type, id);
      const sealed = rows.get(id);
      const value: StoredValue | null =
        written ?? (sealed && written === undefined ? { kind: 'sealed', bytes: sealed } : null);
      if (written === undefined) {
        this.cache.set(type, id, value);
      }
      if (value) {
        found[id] = this.reveal(type, id, value);
      }
    }
  }

  private known(type: string, id: string): StoredValue | null | undefined {
    const pending = this.parts.groupCommit.findKey(this.handle, type, id);
    return pending === undefined ? this.cache.get(type, id) : pending;
  }

  private reveal(type: string, id: string, value: StoredValue): unknown {
    if (value.kind === 'live') {
      return value.object;
    }
    const text =
      value.kind === 'text'
        ? encode(value)
        : this.guarded(() => this.handle.cipher.openKey(type, id, value.bytes));
    const revealed = decode(type, text);
    if (value.kind === 'sealed') {
      // Opened once is enough.
      this.cache.set(type, id, freeze(type, revealed));
    }
    return revealed;
  }

  /** Retries within the budget, then gives the handle up. */
  private async read<T>(query: () => Promise<T>, ended?: AbortSignal): Promise<T> {
    try {
      return await readPatiently(query, this.handle, this.parts.options, ended);
    } catch (error) {
      ended?.throwIfAborted();
      throw this.giveUp(error);
    }
  }

  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.giveUp(error);
    }
  }

  private giveUp(error: unknown): Error {
    const fault = error instanceof Error ? error : new Error('reading a key failed', { cause: error });
    this.handle.revoke(fault);
    return fault;
  }
}

function keysOf(data: SignalDataSet): CommittedKey[] {
  const keys: CommittedKey[] = [];
  for (const [type, values] of Object.entries(data)) {
    for (const [id, value] of Object.entries(values ?? {})) {
      keys.push({ type, id, value: freeze(type, value) });
    }
  }
  return keys;
}

function assertCurrent(isCurrent: () => boolean): void {
  if (!isCurrent()) {
    throw new Error('the socket was replaced');
  }
}
