import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { aCipher } from '../../../test/support/a-cipher.js';
import { AppError } from '../../common/app-error.js';
import type { InboxRow, InboxRows } from '../../common/inbox.js';
import type { Logs } from '../../logging/logs.js';
import { InboxNotifier } from '../../queue/inbox-notifier.js';
import { InboxHandoff } from '../../queue/inbox-handoff.js';
import { DatabaseRejectedError } from '../../repositories/database-rejected-error.js';
import { DatabaseUnavailableError } from '../../repositories/database-unavailable-error.js';
import { FencedError } from '../../repositories/fenced-error.js';
import type {
  CommitResult,
  EarlyIngest,
  EarlyIngested,
  SessionBatch,
} from '../../repositories/session-batch.js';
import type { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import { GroupCommit } from './group-commit.js';
import { GroupCommitOptions } from './group-commit-options.js';
import { SessionHandle } from '../ownership/session-handle.js';
import { freeze } from '../sealing/stored-value.js';

type Commit = (batch: SessionBatch) => Promise<CommitResult>;

const committed = () => Promise.resolve<CommitResult>({ outcome: 'committed' });

class CountingInboxNotifier extends InboxNotifier {
  readonly rung: string[] = [];
  override notify(instanceId: string): void {
    this.rung.push(instanceId);
  }
  override onNotification(): () => void {
    return () => undefined;
  }
}

const logs = { component: () => pino({ level: 'silent' }), flush: () => undefined } as Logs;
const cipherA = aCipher('a');
const cipherB = aCipher('b');

let batches: SessionBatch[];
let commit: Commit;
let notifier: CountingInboxNotifier;
let fresh: InboxHandoff;
let a: SessionHandle;
let b: SessionHandle;

beforeEach(() => {
  batches = [];
  commit = committed;
  notifier = new CountingInboxNotifier();
  fresh = new InboxHandoff();
  a = new SessionHandle('a', 1, cipherA);
  b = new SessionHandle('b', 1, cipherB);
});

/** A log over a store that can fail; faults like these can't be caused in a real one on demand. */
function startLog(options: Partial<GroupCommitOptions> = {}): GroupCommit {
  const store = {
    commitBatch: (batch: SessionBatch) => {
      batches.push(batch);
      return commit(batch);
    },
  } as SessionStoreRepository;
  const settings = Object.assign(new GroupCommitOptions(), { maxRetryDelayMs: 1 }, options);
  return new GroupCommit(store, notifier, fresh, settings, logs);
}

function key(id: string, value: unknown) {
  return { keys: [{ type: 'session', id, value: freeze('session', value) }] };
}

function message(hash: string) {
  const row = {
    messageId: hash,
    chat: 'c',
    sender: 's',
    hash,
    attrs: {},
    encryption: 'msg',
    receivedAt: new Date(),
  };
  return { inbox: [{ ...row, body: Buffer.from('text') }] };
}

/** Fails the first calls, one by one. */
function failing(...errors: Error[]): Commit {
  return () => {
    const error = errors.shift();
    return error ? Promise.reject(error) : committed();
  };
}

const unavailable = () => new AppError('database_unavailable');

describe('GroupCommit', () => {
  it('commits what all sessions wrote in one turn together, of each key the last write', async () => {
    const log = startLog();
    void log.append(a, key('x', { version: 1 }));
    void log.append(b, message('m1'));
    void log.append(a, key('x', { version: 2 }));

    await log.flush();

    expect(batches).toHaveLength(1);
    const [batch] = batches;
    expect(batch).toMatchObject({ seq: 1, epochs: [{ instanceId: 'a' }, { instanceId: 'b' }] });
    expect(batch!.upserts).toHaveLength(1);
    expect(cipherA.openKey('session', 'x', batch!.upserts[0]!.value)).toBe('{"version":2}');
    expect(cipherB.openBody('m1', batch!.inbox[0]!.body!).toString()).toBe('text');
    expect(Buffer.from(batch!.inbox[0]!.plain!.reveal()).toString()).toBe('text');
    expect(notifier.rung).toEqual(['b']);
    expect(batch).toMatchObject({ wantsInbox: false });
    expect(log.durableTicket).toBe(a.lastTicket);
  });

  it('hands committed messages to a worker of the process, and rings for those that it does not take', async () => {
    const received: InboxRows = {
      rows: [{ id: '1', instanceId: 'a', body: null } as InboxRow],
      owners: new Map(),
    };
    commit = () => Promise.resolve({ outcome: 'committed', received });
    fresh.open(() => undefined);
    const log = startLog();
    void log.append(a, message('m1'));
    void log.append(b, message('m2'));
    await log.flush();

    expect(batches[0]).toMatchObject({ wantsInbox: true });
    expect(fresh.next()).toEqual(received);
    expect(notifier.rung).toEqual(['b']);
  });

  describe('with a worker of the process that decides before', () => {
    const ended: string[] = [];
    /** Decides about everything; what comes of it is noted. */
    const decides = () => {
      ended.length = 0;
      const ingest = { bookingPolicy: 'off', items: new Map(), ownerVersions: new Map() } as EarlyIngest;
      const committed = ({ waiting }: EarlyIngested): InboxRows => {
        ended.push('committed');
        return { rows: waiting, owners: new Map() };
      };
      const plan = { ingest, committed, failed: () => void ended.push('failed') };
      fresh.open(() => undefined, { plan: () => Promise.resolve(plan) });
      return ingest;
    };
    const ingested = (waiting: string[] = []): CommitResult => {
      const rows = waiting.map((instanceId) => ({ id: '1', instanceId, body: null }) as InboxRow);
      return { outcome: 'committed', ingested: { events: [], processed: 1, waiting: rows } };
    };

    it('ingests with the commit, hands over what that left, and rings for nothing else', async () => {
      const ingest = decides();
      commit = () => Promise.resolve(ingested(['b']));
      const log = startLog();
      void log.append(a, message('m1'));
      void log.append(b, message('m2'));
      await log.flush();

      expect(batches).toMatchObject([{ wantsInbox: false, ingest }]);
      expect(fresh.next()).toMatchObject({ rows: [{ instanceId: 'b' }] });
      expect([ended, notifier.rung]).toEqual([['committed'], []]);
    });

    it('rings for what is left and not taken', async () => {
      decides();
      fresh.fallBehind(['b']);
      commit = () => Promise.resolve(ingested(['b']));
      const log = startLog();
      void log.append(a, message('m1'));
      void log.append(b, message('m2'));
      await log.flush();

      expect(notifier.rung).toEqual(['b']);
    });

    it('asks for no decision where nothing was received', async () => {
      decides();
      const log = startLog();
      void log.append(a, key('k', { step: 1 }));
      await log.flush();

      expect(batches).toMatchObject([{ ingest: undefined }]);
    });

    it.each([
      ['in doubt', unavailable()],
      ['for what is in it', new DatabaseRejectedError('22P05', '')],
    ])('repeats a commit that failed %s without it, and ends no session', async (_name, fault) => {
      const ingest = decides();
      commit = failing(fault);
      const log = startLog();
      void log.append(a, message('m1'));
      await log.flush();

      expect(batches.map(({ seq, ingest: given }) => [seq, given])).toEqual([
        [1, ingest],
        [1, undefined],
      ]);
      expect([ended, notifier.rung, a.revoked]).toEqual([['failed'], ['a'], undefined]);
    });

    it('ends a session that was taken over, and decides once more about the others', async () => {
      const ingest = decides();
      commit = () =>
        batches.length === 1 ? Promise.reject(new FencedError(['a'])) : Promise.resolve(ingested());
      const log = startLog();
      void log.append(a, message('m1'));
      void log.append(b, message('m2'));
      await log.flush();

      expect(batches.map(({ epochs, ingest: given }) => [epochs.length, given])).toEqual([
        [2, ingest],
        [1, ingest],
      ]);
      expect([ended, notifier.rung]).toEqual([['committed'], []]);
      expect([a.revoked, b.revoked]).toEqual([expect.any(FencedError), undefined]);
    });
  });

  it('shows a write to its own session at once, and to no other', async () => {
    const log = startLog();
    void log.append(a, key('x', { version: 1 }));
    const found = [log.findKey(a, 'session', 'x'), log.findKey(b, 'session', 'x')];
    await log.flush();
    expect(found).toEqual([{ kind: 'live', object: { version: 1 } }, undefined]);
    expect(log.findKey(a, 'session', 'x')).toBeUndefined();
  });

  it('fills the next batch while one is in flight, and never has two in flight', async () => {
    const first = Promise.withResolvers<CommitResult>();
    commit = () => (batches.length === 1 ? first.promise : committed());
    const log = startLog();
    void log.append(a, message('m1'));
    await expect.poll(() => batches.length).toBe(1);
    void log.append(a, message('m2'));
    void log.append(b, message('m3'));
    const durableMeanwhile = log.durableTicket;

    first.resolve({ outcome: 'committed' });
    await log.flush();

    expect(durableMeanwhile).toBe(0);
    expect(batches.map(({ seq, inbox }) => [seq, inbox.map(({ hash }) => hash)])).toEqual([
      [1, ['m1']],
      [2, ['m2', 'm3']],
    ]);
  });

  it('repeats a batch in doubt under the same number', async () => {
    commit = failing(unavailable(), unavailable());
    const log = startLog();
    void log.append(a, message('m1'));

    await log.flush();

    expect(batches.map(({ seq }) => seq)).toEqual([1, 1, 1]);
    expect(new Set(batches.map(({ writer }) => writer)).size).toBe(1);
    expect({ revoked: a.revoked, degraded: log.isDegraded }).toEqual({
      revoked: undefined,
      degraded: false,
    });
  });

  it('takes an attempt that hangs for one in doubt', async () => {
    commit = () =>
      batches.length === 1
        ? new Promise(() => undefined)
        : Promise.resolve<CommitResult>({ outcome: 'already' });
    const log = startLog({ attemptTimeoutMs: 5 });
    void log.append(a, message('m1'));

    await log.flush();

    expect(batches.map(({ seq }) => seq)).toEqual([1, 1]);
    expect(log.durableTicket).toBe(a.lastTicket);
  });

  it('gives all sessions up after too long an outage, and begins anew as another writer', async () => {
    commit = () => Promise.reject(unavailable());
    const log = startLog({ giveUpMs: 10 });
    void log.append(a, message('m1'));
    void log.append(b, message('m2'));
    await log.flush();
    const away = expect.objectContaining({ code: 'database_unavailable' }) as unknown;
    expect([a.revoked, b.revoked]).toEqual([away, away]);
    expect(() => log.append(a, message('m3'))).toThrow(away);
    expect(log.isDegraded).toBe(true);

    commit = committed;
    void log.append(new SessionHandle('a', 2, cipherA), message('m4'));
    await log.flush();

    expect(batches.at(-1)!.seq).toBe(1);
    expect(batches.at(-1)!.writer).not.toBe(batches[0]!.writer);
    expect(log.isDegraded).toBe(false);
  });

  it('gives up only the session that was taken over', async () => {
    commit = failing(new FencedError(['a']));
    const log = startLog();
    void log.append(a, message('m1'));
    void log.append(b, message('m2'));

    await log.flush();

    expect([a.revoked, b.revoked]).toEqual([expect.any(FencedError), undefined]);
    expect(batches.at(-1)).toMatchObject({ seq: 1, inbox: [{ hash: 'm2' }] });
    expect(notifier.rung).toEqual(['b']);
  });

  it('finds the session whose data can not be stored, and commits the others', async () => {
    commit = (batch) =>
      batch.inbox.some(({ hash }) => hash === 'bad')
        ? Promise.reject(new DatabaseRejectedError('22021', 'zero byte'))
        : committed();
    const log = startLog();
    void log.append(a, message('bad'));
    void log.append(b, message('m2'));

    await log.flush();

    expect([a.revoked, b.revoked]).toEqual([expect.any(DatabaseRejectedError), undefined]);
    expect(notifier.rung).toEqual(['b']);
  });

  const answered = (httpStatus: number) => new DatabaseUnavailableError({ httpStatus, answerCode: '' });
  const has = (batch: SessionBatch, hash: string) => batch.inbox.some((row) => row.hash === hash);

  it('sends what a firewall refuses in a form that shows nothing of it', async () => {
    commit = (batch) => (has(batch, 'bad') && !batch.isEncoded ? Promise.reject(answered(403)) : committed());
    const log = startLog();
    void log.append(a, message('bad'));
    void log.append(b, message('m2'));
    await log.flush();
    void log.append(a, message('m3'));
    await log.flush();

    expect([a.revoked, b.revoked]).toEqual([undefined, undefined]);
    expect(batches.map(({ seq, isEncoded }) => [seq, isEncoded])).toEqual([
      [1, false],
      [1, false],
      [1, true],
      [2, false],
    ]);
  });

  it.each([403, 413])('ends only the session whose rows are refused with %i in any form', async (status) => {
    commit = (batch) => (has(batch, 'bad') ? Promise.reject(answered(status)) : committed());
    const log = startLog();
    void log.append(a, message('bad'));
    void log.append(b, message('m2'));
    await log.flush();

    expect([a.revoked, b.revoked]).toEqual([expect.any(DatabaseRejectedError), undefined]);
    expect(notifier.rung).toEqual(['b']);
    expect(log.isDegraded).toBe(false);
  });

  it('never uses a number for other rows that may be taken by refused ones', async () => {
    // As a database that stores the first attempt although its answer is lost.
    const stored = new Map<string, string[]>();
    commit = (batch) => {
      const name = `${batch.writer}/${batch.seq}`;
      if (stored.has(name)) {
        return has(batch, 'bad') ? Promise.reject(answered(403)) : Promise.resolve({ outcome: 'already' });
      }
      if (has(batch, 'bad') && batches.length > 1) {
        return Promise.reject(answered(403));
      }
      stored.set(
        name,
        batch.inbox.map(({ hash }) => hash),
      );
      return batches.length === 1 ? Promise.reject(answered(0)) : committed();
    };
    const log = startLog();
    void log.append(a, message('bad'));
    await log.flush();
    void log.append(b, message('m2'));
    await log.flush();

    expect([...stored.values()].flat()).toContain('m2');
    expect(b.revoked).toBeUndefined();
  });

  it('never uses a number for other rows whose first attempt was stored without an answer', async () => {
    const stored = new Map<string, string[]>();
    commit = (batch) => {
      const name = `${batch.writer}/${batch.seq}`;
      if (stored.has(name)) {
        return Promise.resolve({ outcome: 'already' });
      }
      stored.set(
        name,
        batch.inbox.map(({ hash }) => hash),
      );
      if (batches.length > 1) {
        return committed();
      }
      // Meanwhile somebody else has the session.
      a.revoke(new FencedError(['a']));
      return Promise.reject(answered(0));
    };
    const log = startLog();
    void log.append(a, message('m1'));
    await log.flush();
    void log.append(b, message('m2'));
    await log.flush();

    expect([...stored.values()].flat()).toEqual(['m1', 'm2']);
    expect(b.revoked).toBeUndefined();
  });

  it('lets no attempt that comes late undo what was stored after a session was given up', async () => {
    // The first attempt hangs on the way, and comes when everything else is over.
    const values = new Map<string, string>();
    const lastSeq = new Map<string, number>();
    const store = (batch: SessionBatch): CommitResult => {
      const last = lastSeq.get(batch.writer) ?? 0;
      if (last >= batch.seq) {
        return { outcome: 'already' };
      }
      if (last !== batch.seq - 1) {
        throw new DatabaseRejectedError('AZ002', '');
      }
      lastSeq.set(batch.writer, batch.seq);
      batch.upserts.forEach(({ instanceId, id, value }) =>
        values.set(`${instanceId}/${id}`, value.toString('hex')),
      );
      return { outcome: 'committed' };
    };
    let late: SessionBatch | undefined;
    commit = (batch) => {
      if (has(batch, 'bad')) {
        late ??= batch;
        return Promise.reject(answered(late === batch ? 0 : 403));
      }
      return Promise.resolve(store(batch));
    };
    const log = startLog();
    void log.append(a, message('bad'));
    void log.append(b, key('k', { step: 1 }));
    await log.flush();
    void log.append(b, key('k', { step: 2 }));
    await log.flush();
    const newest = values.get('b/k');
    expect([a.revoked, b.revoked]).toEqual([expect.any(DatabaseRejectedError), undefined]);

    expect(store(late!)).toEqual({ outcome: 'already' });
    expect(values.get('b/k')).toBe(newest);
  });

  it('gives no session up for refusals that end while it is found out whose rows are refused', async () => {
    let isRefusing = true;
    commit = (batch) => {
      // A question of nothing is what comes first after the end.
      isRefusing &&= batch.epochs.length > 0;
      return isRefusing ? Promise.reject(answered(403)) : committed();
    };
    const log = startLog();
    void log.append(a, message('m1'));
    await log.flush();

    expect(a.revoked).toBeUndefined();
    expect(notifier.rung).toEqual(['a']);
  });

  it.each([
    ['401', answered(401)],
    ['403', answered(403)],
    ['404', answered(404)],
    ['42501', new DatabaseRejectedError('42501', '')],
    ['XX000', new DatabaseRejectedError('XX000', '')],
  ])(
    'holds everything while all commits get %s, and ends no session before its time',
    async (_name, fault) => {
      commit = () => (batches.length < 30 ? Promise.reject(fault) : committed());
      const log = startLog();
      void log.append(a, message('m1'));
      void log.append(b, message('m2'));
      await log.flush();

      expect([a.revoked, b.revoked]).toEqual([undefined, undefined]);
      expect(notifier.rung.toSorted()).toEqual(['a', 'b']);
    },
  );

  it('never commits rows of a handle that was given up under its successor', async () => {
    const log = startLog();
    void log.append(a, message('m1'));
    a.revoke(new Error('given up'));
    void log.append(new SessionHandle('a', 2, cipherA), message('m2'));

    await log.flush();

    expect(batches).toHaveLength(1);
    expect(batches[0]).toMatchObject({ epochs: [{ instanceId: 'a', epoch: 2 }], inbox: [{ hash: 'm2' }] });
  });

  it('closes full batches and makes writers wait', async () => {
    const first = Promise.withResolvers<CommitResult>();
    commit = () => (batches.length === 1 ? first.promise : committed());
    const log = startLog({ maxRows: 2 });
    const waits = ['m1', 'm2', 'm3', 'm4', 'm5'].map((hash) => log.append(a, message(hash)));
    expect(waits[0]).toBeUndefined();
    expect(waits[4]).toBeInstanceOf(Promise);

    first.resolve({ outcome: 'committed' });
    await waits[4];

    expect(batches.map(({ inbox }) => inbox.length)).toEqual([2, 2, 1]);
  });

  it('cuts what is too large for one call between the writes of two calls, in order', async () => {
    const first = Promise.withResolvers<CommitResult>();
    commit = () => (batches.length === 1 ? first.promise : committed());
    const large = (hash: string) => {
      const { inbox } = message(hash);
      return { inbox: [{ ...inbox[0]!, body: Buffer.alloc(400_000) }] };
    };
    const log = startLog({ maxBytes: 1024 * 1024 });
    for (const hash of ['m1', 'm2', 'm3', 'm4', 'm5']) {
      void log.append(a, large(hash));
    }
    first.resolve({ outcome: 'committed' });
    await log.flush();

    expect(batches.map(({ seq, inbox }) => [seq, inbox.map(({ hash }) => hash)])).toEqual([
      [1, ['m1', 'm2']],
      [2, ['m3', 'm4']],
      [3, ['m5']],
    ]);
    expect(new Set(batches.map(({ writer }) => writer)).size).toBe(1);
  });

  it('lets a session that receives more than its share wait, where others receive, too', async () => {
    const log = startLog({ shareRows: 3, shareRestMs: 1 });
    const alone = ['m1', 'm2', 'm3', 'm4'].map((hash) => log.append(a, message(hash)));
    void log.append(b, message('m5'));
    await log.flush();
    const shared = ['m6', 'm7', 'm8'].map((hash) => log.append(a, message(hash)));
    const others = log.append(b, message('m9'));

    expect([...alone, shared[0], shared[1], others]).toEqual(Array.from({ length: 7 }, () => undefined));
    await shared[2];

    expect(log.durableTicket).toBe(a.lastTicket);
  });

  it('goes on when a listener fails; only that session ends', async () => {
    const log = startLog();
    a.onReleasable(() => {
      throw new Error('listener failed');
    });
    void log.append(a, message('m1'));
    void log.append(b, message('m2'));
    await log.flush();
    void log.append(b, message('m3'));
    await log.flush();

    expect([a.revoked?.message, b.revoked]).toEqual(['listener failed', undefined]);
    expect(batches).toHaveLength(2);
  });
});
