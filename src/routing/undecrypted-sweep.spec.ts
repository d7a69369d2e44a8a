import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UpstreamError } from '../common/app-error.js';
import type { AppConfig, QueueDriver } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import type { IntegrityRepository } from '../repositories/integrity.repository.js';
import { LedgerSettings } from './ledger-settings.js';
import { UndecryptedSweep } from './undecrypted-sweep.js';

function aSweep(queueDriver: QueueDriver = 'embedded') {
  const giveUpOverdue = vi.fn<IntegrityRepository['giveUpOverdue']>().mockResolvedValue(0);
  const logs = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
  const integrity = { giveUpOverdue } as unknown as IntegrityRepository;
  const sweep = new UndecryptedSweep(integrity, new LedgerSettings(), { queueDriver } as AppConfig, logs);
  return { sweep, giveUpOverdue };
}

describe('UndecryptedSweep', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('looks once a minute, also after a failure, until the end', async () => {
    const { sweep, giveUpOverdue } = aSweep();
    giveUpOverdue.mockRejectedValueOnce(new UpstreamError('database_unavailable', 'away'));

    sweep.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(giveUpOverdue.mock.calls).toEqual([[600_000], [600_000]]);
    await sweep.beforeApplicationShutdown();
    await vi.advanceTimersByTimeAsync(600_000);

    expect(giveUpOverdue).toHaveBeenCalledTimes(2);
  });

  it('makes one sweep at a time, and shutdown waits for it', async () => {
    const { sweep, giveUpOverdue } = aSweep();
    const answer = Promise.withResolvers<number>();
    giveUpOverdue.mockReturnValueOnce(answer.promise);
    sweep.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(giveUpOverdue).toHaveBeenCalledTimes(1);

    const stopped = vi.fn<() => void>();
    const stopping = sweep.beforeApplicationShutdown().then(stopped);
    await vi.advanceTimersByTimeAsync(0);
    expect(stopped).not.toHaveBeenCalled();
    answer.resolve(3);

    await stopping;
  });

  it('does not run where no worker runs', async () => {
    const { sweep, giveUpOverdue } = aSweep('none');

    sweep.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(600_000);

    expect(giveUpOverdue).not.toHaveBeenCalled();
  });
});
