import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { aCipher } from '../../../test/support/a-cipher.js';
import { AppError } from '../../common/app-error.js';
import type { Logs } from '../../logging/logs.js';
import { InboxNotifier } from '../../queue/inbox-notifier.js';
import { InboxHandoff } from '../../queue/inbox-handoff.js';
import type { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { GroupCommit } from './group-commit.js';
import { GroupCommitOptions } from './group-commit-options.js';
import { KeyCacheBudget } from './key-cache-budget.js';
import { SessionHandle } from '../ownership/session-handle.js';
import { SessionKeyStore } from './session-key-store.js';

class SilentInboxNotifier extends InboxNotifier {
  override notify(): void {}
  override onNotification(): () => void {
    return () => undefined;
  }
}

const logs = { component: () => pino({ level: 'silent' }), flush: () => undefined } as Logs;
const cipher = aCipher('instance');

let reads: string[][];
let read: (type: string, ids: string[]) => Promise<Map<string, Buffer>>;
let handle: SessionHandle;
let log: GroupCommit;

beforeEach(() => {
  reads = [];
  read = () => Promise.resolve(new Map());
  handle = new SessionHandle('instance', 1, cipher);
});

function sealed(type: string, id: string, value: unknown): Buffer {
  return cipher.sealKey(type, id, JSON.stringify(value));
}

/** Faults of a database, which can't be caused in a real one on demand. */
function open(keysComplete = false, keys: { type: string; id: string; value: Buffer }[] = []) {
  const store = {
    commitBatch: () => Promise.resolve({ outcome: 'committed' }),
    readSessionKeys: (_instance: string, type: string, ids: string[]) => {
      reads.push([type, ...ids]);
      return read(type, ids);
    },
  } as unknown as SessionStoreRepository;
  log = new GroupCommit(store, new SilentInboxNotifier(), new InboxHandoff(), new GroupCommitOptions(), logs);
  const options = { readTimeoutMs: 20, giveUpMs: 60, cacheBytes: 1024 * 1024 };
  const budget = new KeyCacheBudget(1024 * 1024);
  return new SessionKeyStore(handle, { store, groupCommit: log, options, budget }, { keys, keysComplete });
}

const always = () => true;

describe('SessionKeyStore', () => {
  it('reads its own writes at once and after the commit, without asking the database', async () => {
    const keys = open().forSocket(always);
    await keys.set({ 'device-list': { ana: ['0', '3'] } });
    const before = await keys.get('device-list', ['ana']);
    await log.flush();

    expect([before, await keys.get('device-list', ['ana'])]).toEqual([
      { ana: ['0', '3'] },
      { ana: ['0', '3'] },
    ]);
    expect(reads).toEqual([]);
  });

  it('gives fresh copies: Baileys changes lists in place', async () => {
    const keys = open().forSocket(always);
    const list = ['0'];
    await keys.set({ 'device-list': { ana: list } });
    list.push('written later');
    (await keys.get('device-list', ['ana']))['ana']!.push('read and changed');

    expect(await keys.get('device-list', ['ana'])).toEqual({ ana: ['0'] });
  });

  it('keeps bytes, deletes by null, and takes types that it does not know', async () => {
    const keys = open().forSocket(always);
    await keys.set({ 'identity-key': { ana: Buffer.from([5, 1, 2]) }, unheard: { of: 1 } } as never);
    const written = await keys.get('identity-key', ['ana']);
    await keys.set({ 'identity-key': { ana: null } });

    expect(written).toEqual({ ana: Buffer.from([5, 1, 2]) });
    expect(await keys.get('identity-key', ['ana'])).toEqual({});
    expect(await keys.get('unheard' as never, ['of'])).toEqual({ of: 1 });
  });

  it('needs no query for what was read at take-over, nor for a miss when that was everything', async () => {
    const keys = open(true, [{ type: 'lid-mapping', id: 'ana', value: sealed('lid-mapping', 'ana', '99') }]);

    expect(await keys.forSocket(always).get('lid-mapping', ['ana', 'bia'])).toEqual({ ana: '99' });
    expect(reads).toEqual([]);
  });

  it('asks once for a miss otherwise, and every time for a pre-key', async () => {
    const keys = open().forSocket(always);
    await keys.get('session', ['ana.0']);
    await keys.get('session', ['ana.0']);
    await keys.get('pre-key', ['1']);
    await keys.get('pre-key', ['1']);

    expect(reads).toEqual([
      ['session', 'ana.0'],
      ['pre-key', '1'],
      ['pre-key', '1'],
    ]);
  });

  it('prefers a write that happened while the database was asked', async () => {
    const answer = Promise.withResolvers<Map<string, Buffer>>();
    read = () => answer.promise;
    const keys = open().forSocket(always);
    const reading = keys.get('lid-mapping', ['ana']);
    await keys.set({ 'lid-mapping': { ana: 'new' } });
    await log.flush();
    answer.resolve(new Map([['ana', sealed('lid-mapping', 'ana', 'old')]]));

    expect(await reading).toEqual({ ana: 'new' });
    expect(await keys.get('lid-mapping', ['ana'])).toEqual({ ana: 'new' });
  });

  it.each([
    ['fails', () => Promise.reject(new AppError('database_unavailable'))],
    ['hangs', () => new Promise<never>(() => undefined)],
    [
      'answers with a value that was moved here',
      (type: string) => Promise.resolve(new Map([['x', sealed(type, 'y', 1)]])),
    ],
  ])('gives the session up when a read %s: never "no session"', async (_name, fault) => {
    read = fault;
    const keys = open().forSocket(always);

    await expect(keys.get('session', ['x'])).rejects.toBeInstanceOf(Error);

    expect(handle.revoked).toBeInstanceOf(Error);
    expect(() => keys.set({ session: { x: null } })).toThrow(Error);
  });

  it('takes no late writes of a socket that was replaced', async () => {
    let isCurrent = true;
    const keys = open().forSocket(() => isCurrent);
    isCurrent = false;

    expect(() => keys.set({ 'lid-mapping': { ana: '1' } })).toThrow(/replaced/);
    await expect(keys.get('lid-mapping', ['ana'])).rejects.toThrow(/replaced/);
    expect(log.pendingRows).toBe(0);
  });

  it('ends the reads of a socket that is over at once, without giving the session up', async () => {
    read = () => new Promise(() => undefined);
    const over = new AbortController();
    const keys = open().forSocket(always, over.signal);
    const reading = keys.get('pre-key', ['1']);
    over.abort(new Error('the connection is over'));

    await expect(reading).rejects.toThrow('the connection is over');
    expect(handle.revoked).toBeUndefined();
  });
});
