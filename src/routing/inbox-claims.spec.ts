import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../common/app-error.js';
import type { InboxRow } from '../common/inbox.js';
import type { AppConfig } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import type { InboxRepository } from '../repositories/inbox.repository.js';
import { InboxClaims } from './inbox-claims.js';

const rows = [{ id: '1' }, { id: '2' }] as InboxRow[];

function aClaims(config: Partial<AppConfig> = {}) {
  const calls: string[] = [];
  const inbox = {
    claim: vi.fn<InboxRepository['claim']>(async () => {
      calls.push('claim');
      return { rows, owners: new Map() };
    }),
    releaseClaims: vi.fn<InboxRepository['releaseClaims']>(async () => {
      calls.push('release');
      return 1;
    }),
    renewClaims: vi.fn<InboxRepository['renewClaims']>(async () => undefined),
  };
  const logs = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
  const claims = new InboxClaims(inbox as unknown as InboxRepository, config as AppConfig, logs);
  return { claims, inbox, calls };
}

describe('InboxClaims', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('ends what an earlier process claimed of the embedded database, once', async () => {
    const { claims, calls } = aClaims();

    await claims.claim('w', 200);
    await claims.claim('w', 200);

    expect(calls).toEqual(['release', 'claim', 'claim']);
  });

  it('claims nothing before that succeeded', async () => {
    const { claims, inbox, calls } = aClaims();
    inbox.releaseClaims.mockRejectedValueOnce(new AppError('database_unavailable', { message: 'away' }));

    await expect(claims.claim('w', 200)).rejects.toThrow('away');
    await claims.claim('w', 200);

    expect(calls).toEqual(['release', 'claim']);
  });

  it.each([{ databaseUrl: 'postgres://x' }, { supabaseUrl: 'https://x' }])(
    'leaves the claims of others alone in a database that may be shared (%j)',
    async (config) => {
      const { claims, calls } = aClaims(config);

      await claims.claim('w', 200);

      expect(calls).toEqual(['claim']);
    },
  );

  it('renews the claims while the work goes on, and no longer', async () => {
    const { claims, inbox } = aClaims();
    const work = Promise.withResolvers<number>();
    const kept = claims.keep('w', rows, () => work.promise);

    await vi.advanceTimersByTimeAsync(1_999);
    expect(inbox.renewClaims).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(4_001);
    expect(inbox.renewClaims).toHaveBeenCalledTimes(3);
    work.resolve(7);

    await expect(kept).resolves.toBe(7);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(inbox.renewClaims).toHaveBeenCalledTimes(3);
    expect(inbox.renewClaims).toHaveBeenLastCalledWith({ worker: 'w', ids: ['1', '2'], leaseSeconds: 5 });
  });

  it('asks once at a time, and does not lose the work when a renewal fails', async () => {
    const { claims, inbox } = aClaims();
    const answer = Promise.withResolvers<undefined>();
    inbox.renewClaims.mockReturnValueOnce(answer.promise);
    const work = Promise.withResolvers<number>();
    const kept = claims.keep('w', rows, () => work.promise);

    await vi.advanceTimersByTimeAsync(9_000);
    expect(inbox.renewClaims).toHaveBeenCalledTimes(1);
    answer.reject(new AppError('database_unavailable', { message: 'away' }));
    // It took longer than the pause between two: the next one comes at once.
    await vi.advanceTimersByTimeAsync(1_900);
    expect(inbox.renewClaims).toHaveBeenCalledTimes(2);
    work.resolve(7);

    await expect(kept).resolves.toBe(7);
  });

  it('stops renewing when the work fails', async () => {
    const { claims, inbox } = aClaims();

    await expect(claims.keep('w', rows, () => Promise.reject(new Error('no')))).rejects.toThrow('no');

    await vi.advanceTimersByTimeAsync(10_000);
    expect(inbox.renewClaims).not.toHaveBeenCalled();
  });
});
