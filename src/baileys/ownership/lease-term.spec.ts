import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeaseTerm, now } from './lease-term.js';

describe('LeaseTerm', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('has no end before the first renewal', () => {
    const term = new LeaseTerm();
    vi.advanceTimersByTime(10 * 60_000);
    expect(term.holds).toBe(true);
  });

  it('counts from before the database was asked', () => {
    const term = new LeaseTerm();
    const asked = now();
    vi.advanceTimersByTime(900);
    term.renew(asked, 1_000);

    expect(term.holds).toBe(true);
    vi.advanceTimersByTime(100);
    expect(term.holds).toBe(false);
  });

  it('is over after a sleep of the machine, which only the wall clock sees', () => {
    const term = new LeaseTerm();
    term.renew(now(), 1_000);
    vi.setSystemTime(Date.now() + 60_000);
    expect(term.holds).toBe(false);
  });

  it('is not made longer by a wall clock that was set back', () => {
    const term = new LeaseTerm();
    term.renew(now(), 1_000);
    vi.setSystemTime(Date.now() - 60_000);
    vi.advanceTimersByTime(1_000);
    expect(term.holds).toBe(false);
  });
});
