import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../common/app-error.js';
import type { AppConfig, QueueDriver } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import type { TickQuestions, TicksRepository } from '../repositories/ticks.repository.js';
import { TickSettings } from '../ticker/tick-settings.js';
import { Ticker } from '../ticker/ticker.js';
import { LedgerSettings } from './ledger-settings.js';
import { UndecryptedSweep } from './undecrypted-sweep.js';

function aSweep(queueDriver: QueueDriver = 'embedded') {
  const tick = vi.fn<(questions: TickQuestions) => Promise<unknown>>().mockResolvedValue({ undecrypted: 0 });
  const logs = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
  const config = { queueDriver, leaseSeconds: 15 } as AppConfig;
  const ticker = new Ticker({ tick } as unknown as TicksRepository, new TickSettings(), config, logs);
  return { sweep: new UndecryptedSweep(ticker, new LedgerSettings(), config, logs), tick };
}

describe('UndecryptedSweep', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks about once a minute, soon after a failure, until the end', async () => {
    const { sweep, tick } = aSweep();
    tick.mockRejectedValueOnce(new AppError('database_unavailable'));

    sweep.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(tick.mock.calls).toEqual([
      [{ undecrypted: { afterMs: 600_000 } }],
      [{ undecrypted: { afterMs: 600_000 } }],
    ]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(tick.mock.calls.length).toBeGreaterThan(9);
    expect(tick.mock.calls.length).toBeLessThan(13);
    await sweep.beforeApplicationShutdown();
    tick.mockClear();
    await vi.advanceTimersByTimeAsync(600_000);

    expect(tick).not.toHaveBeenCalled();
  });

  it('ends when what it asked was answered', async () => {
    const { sweep, tick } = aSweep();
    const answer = Promise.withResolvers<object>();
    tick.mockReturnValueOnce(answer.promise);
    sweep.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tick).toHaveBeenCalledTimes(1);

    const stopped = vi.fn<() => void>();
    const stopping = sweep.beforeApplicationShutdown().then(stopped);
    await vi.advanceTimersByTimeAsync(0);
    expect(stopped).not.toHaveBeenCalled();
    answer.resolve({ undecrypted: 3 });

    await stopping;
  });

  it('does not run where no worker runs', async () => {
    const { sweep, tick } = aSweep('none');

    sweep.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(600_000);

    expect(tick).not.toHaveBeenCalled();
  });
});
