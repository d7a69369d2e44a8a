import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Repeater } from './repeater.js';

describe('Repeater', () => {
  let runs: PromiseWithResolvers<void>[];
  let repeater: Repeater;

  beforeEach(() => {
    vi.useFakeTimers();
    runs = [];
    repeater = new Repeater(() => {
      const run = Promise.withResolvers<void>();
      runs.push(run);
      return run.promise;
    }, 1_000);
  });
  afterEach(() => void vi.useRealTimers());

  it('starts when told, and again after about the interval', async () => {
    const first = repeater.soon();
    runs[0]!.resolve();
    await first;

    await vi.advanceTimersByTimeAsync(799);
    expect(runs).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(401);
    expect(runs).toHaveLength(2);
  });

  it('runs once more, not twice at a time, when asked while it runs', async () => {
    void repeater.soon();
    const asked = repeater.soon();
    void repeater.soon();
    expect(runs).toHaveLength(1);

    runs[0]!.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toHaveLength(2);
    runs[1]!.resolve();
    await asked;
    expect(runs).toHaveLength(2);
  });

  it('does nothing more once it is stopped', async () => {
    void repeater.soon();
    const stopped = repeater.stop();
    runs[0]!.resolve();
    await stopped;

    await repeater.soon();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs).toHaveLength(1);
  });
});
