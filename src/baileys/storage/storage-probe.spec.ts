import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../common/app-error.js';
import { DatabaseRejectedError } from '../../repositories/database-rejected-error.js';
import type { SessionBatch } from '../../repositories/session-batch.js';
import type { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import type { GroupCommit } from './group-commit.js';
import { SessionSettings } from '../settings/session-settings.js';
import { StorageHealth } from './storage-health.js';
import { StorageProbe } from './storage-probe.js';

/** A database that answers as told, one answer for each question; then it works. */
function probeOf(...answers: (() => Promise<never>)[]) {
  const asked: SessionBatch[] = [];
  const store = {
    commitBatch: (batch: SessionBatch) => {
      asked.push(batch);
      return (answers.shift() ?? (() => Promise.resolve({ outcome: 'committed' })))();
    },
  } as unknown as SessionStoreRepository;
  const storage = new StorageHealth();
  const log = { storage, storageIsBack: () => void storage.worked() } as unknown as GroupCommit;
  const settings = new SessionSettings();
  settings.storageProbe = { timeoutMs: 10, baseMs: 1, maxMs: 2 };
  return { probe: new StorageProbe(store, log, settings), asked, storage };
}

const away = () => Promise.reject(new AppError('database_unavailable'));
const hangs = () => new Promise<never>(() => undefined);

describe('StorageProbe', () => {
  it('asks one question at a time for all who wait, until a write goes through', async () => {
    const { probe, asked, storage } = probeOf(away, hangs, away);
    await Promise.all([probe.untilUp(), probe.untilUp(), probe.untilUp()]);

    expect(asked.map(({ seq }) => seq)).toEqual([1, 1, 1, 1]);
    expect(storage.fault).toBeUndefined();
    await probe.untilUp();
    expect(asked.at(-1)?.seq).toBe(2);
  });

  it.each(['42501', '42883', '25006', 'XX000', 'PGRST100'])('takes %s for no answer', async (code) => {
    const refused = () => Promise.reject(new DatabaseRejectedError(code, ''));
    const { probe, asked, storage } = probeOf(refused, refused);
    storage.gaveUp(new AppError('database_unavailable'));
    await probe.untilUp();

    expect(asked).toHaveLength(3);
    expect(storage.fault).toBeUndefined();
  });

  it('begins anew where the database has lost its numbers', async () => {
    const lost = () => Promise.reject(new DatabaseRejectedError('AZ002', 'out of order'));
    const { probe, asked } = probeOf(lost);
    await probe.untilUp();

    expect(asked.map(({ seq }) => seq)).toEqual([1, 1]);
    expect(asked[0]!.writer).not.toBe(asked[1]!.writer);
  });

  it('begins by itself when sessions were given up, and ends when it is stopped', async () => {
    const { probe, asked, storage } = probeOf(...Array.from({ length: 1_000 }, () => away));
    storage.gaveUp(new AppError('database_unavailable'));
    expect(asked).toHaveLength(1);
    probe.stop();
    await probe.untilUp();
    const count = asked.length;
    await pause(10);

    expect(asked).toHaveLength(count);
  });
});
