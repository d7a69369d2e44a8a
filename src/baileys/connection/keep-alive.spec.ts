import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeepAlive, lookMs } from './keep-alive.js';
import { LineClock } from './line-clock.js';

const OPTIONS = { keepAliveMs: 12_000, pingAnswerMs: 6_000 };

let isMuted: boolean;
let pings: number;
let silent: number;
let watch: KeepAlive;

beforeEach(() => {
  vi.useFakeTimers();
  isMuted = false;
  pings = 0;
  silent = 0;
  watch = new KeepAlive(
    { ping: () => (pings += 1), isMuted: () => isMuted, onSilent: () => (silent += 1) },
    OPTIONS,
    new LineClock(lookMs(OPTIONS)),
  );
  watch.heard();
});

afterEach(() => {
  watch.end();
  vi.useRealTimers();
});

describe('KeepAlive', () => {
  it('says nothing on a line that is busy', () => {
    for (let second = 0; second < 120; second++) {
      vi.advanceTimersByTime(1_000);
      watch.heard();
    }
    expect({ pings, silent }).toEqual({ pings: 0, silent: 0 });
  });

  it('pings a quiet line, and is content with any answer', () => {
    for (let round = 0; round < 5; round++) {
      vi.advanceTimersByTime(14_000);
      watch.heard();
    }
    expect({ pings, silent }).toEqual({ pings: 5, silent: 0 });
  });

  it('notices a dead line in less than 25 s, once', () => {
    vi.advanceTimersByTime(17_000);
    expect({ pings, silent }).toEqual({ pings: 1, silent: 0 });
    vi.advanceTimersByTime(8_000);
    expect(silent).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect({ pings, silent }).toEqual({ pings: 1, silent: 1 });
  });

  it('takes silence for nothing while reading is paused or a ping is held back, and starts anew after that', () => {
    vi.advanceTimersByTime(13_000);
    isMuted = true;
    vi.advanceTimersByTime(120_000);
    isMuted = false;
    vi.advanceTimersByTime(10_000);
    expect({ pings, silent }).toEqual({ pings: 1, silent: 0 });
    vi.advanceTimersByTime(15_000);
    expect({ pings, silent }).toEqual({ pings: 2, silent: 1 });
  });

  it('does not blame the line for a process that stood still', () => {
    vi.advanceTimersByTime(13_500);
    vi.setSystemTime(Date.now() + 40_000);
    vi.advanceTimersByTime(1_500);
    expect({ pings, silent }).toEqual({ pings: 1, silent: 0 });
    watch.heard();
    vi.advanceTimersByTime(10_000);
    expect(silent).toBe(0);
  });
});
