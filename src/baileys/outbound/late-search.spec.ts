import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LateSearch } from './late-search.js';

describe('LateSearch', () => {
  let looks: number;
  let search: LateSearch;

  beforeEach(() => {
    vi.useFakeTimers();
    looks = 0;
    search = new LateSearch(() => (looks += 1), {
      lateLookMs: 1_000,
      lateStoreMs: 10_000,
      lateMaxMs: 60_000,
    });
  });
  afterEach(() => {
    search.stop();
    vi.useRealTimers();
  });

  const looksIn = (ms: number): number => {
    looks = 0;
    vi.advanceTimersByTime(ms);
    return looks;
  };

  it('looks for nothing before it is told to, and not after it was stopped', () => {
    search.answered();
    expect(looksIn(5_000)).toBe(0);
    search.begin();
    search.stop();
    expect(looksIn(5_000)).toBe(0);
  });

  it('goes on until what was asked of the database can not be done any more', () => {
    search.begin();
    expect(looksIn(30_000)).toBe(30);
    search.answered();
    expect(looksIn(9_500)).toBe(9);
    search.answered();
    expect(looksIn(60_000)).toBe(1);
  });

  it('goes on for longer when there is something new to look for, and looks no oftener', () => {
    search.begin();
    search.answered();
    vi.advanceTimersByTime(5_000);
    search.begin();
    search.answered();
    expect(looksIn(60_000)).toBe(10);
  });

  it('gives up where the database does not answer', () => {
    search.begin();
    expect(looksIn(600_000)).toBe(60);
  });
});
