import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LineClock } from './line-clock.js';

const ROUND_MS = 1_500;

let clock: LineClock;

beforeEach(() => {
  vi.useFakeTimers();
  clock = new LineClock(ROUND_MS);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('LineClock', () => {
  it('takes one timer for all lines, and none without lines', () => {
    const ends = Array.from({ length: 1_000 }, () => clock.join(() => undefined));
    expect(vi.getTimerCount()).toBe(1);

    ends.forEach((end) => end());

    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives each line its turn once in a round', () => {
    const looks = Array.from({ length: 100 }, () => vi.fn<() => void>());
    looks.forEach((look) => clock.join(look));

    vi.advanceTimersByTime(10 * ROUND_MS);

    expect(new Set(looks.map(({ mock }) => mock.calls.length))).toEqual(new Set([10]));
  });

  it('spreads the turns over the round', () => {
    let atOnce = 0;
    let most = 0;
    for (let line = 0; line < 600; line++) {
      clock.join(() => (atOnce += 1));
    }

    for (let ms = 0; ms < ROUND_MS; ms += 10) {
      atOnce = 0;
      vi.advanceTimersByTime(10);
      most = Math.max(most, atOnce);
    }

    expect(most).toBe(100);
  });

  it('goes on after a line that failed, whose fault is thrown all the same', () => {
    const thrown: unknown[] = [];
    vi.spyOn(globalThis, 'setImmediate').mockImplementation(((work: () => void) => {
      try {
        work();
      } catch (error) {
        thrown.push(error);
      }
    }) as typeof setImmediate);
    const fault = new Error('of one line');
    const other = vi.fn<() => void>();
    clock.join(() => {
      throw fault;
    });
    for (let line = 0; line < 6; line++) {
      clock.join(other);
    }

    vi.advanceTimersByTime(ROUND_MS);

    expect(thrown).toEqual([fault]);
    expect(other).toHaveBeenCalledTimes(6);
  });

  it('looks no more at a line that has ended, also from within its turn', () => {
    const look = vi.fn<() => void>(() => end());
    const end = clock.join(look);

    vi.advanceTimersByTime(5 * ROUND_MS);

    expect(look).toHaveBeenCalledOnce();
  });
});
