import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventLoopYield } from './event-loop-yield.js';

describe('EventLoopYield', () => {
  let now = 0;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** Works in steps of 1 ms until it is told to pause. */
  function work(slice: EventLoopYield): { steps: number; pause: Promise<void> } {
    for (let steps = 1; ; steps += 1) {
      now += 1;
      const pause = slice.pause();
      if (pause) {
        return { steps, pause };
      }
    }
  }

  it('gives everybody together one slice of each turn of the loop', async () => {
    const slice = new EventLoopYield();
    const first = work(slice);
    const second = work(slice);
    expect([first.steps, second.steps]).toEqual([6, 1]);
    expect(second.pause).toBe(first.pause);

    const resumed = vi.fn<() => void>();
    void first.pause.then(resumed);
    await Promise.resolve();
    expect(resumed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(0);
    expect(resumed).toHaveBeenCalledOnce();
    expect(work(slice).steps).toBe(6);
  });

  it('holds up nobody whose turns are short', async () => {
    const slice = new EventLoopYield();
    for (let turn = 0; turn < 10; turn += 1) {
      now += 4;
      expect(slice.pause()).toBeUndefined();
      await vi.advanceTimersByTimeAsync(0);
    }
  });
});
