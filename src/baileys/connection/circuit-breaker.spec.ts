import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const OPTIONS = { failures: 3, windowMs: 60_000 };

describe('CircuitBreaker', () => {
  it('opens at the last of so many failures within the time, says so once, and stays open', () => {
    const breaker = new CircuitBreaker(OPTIONS);
    const opened = [1, 2, 3, 4].map(() => breaker.failed());
    vi.advanceTimersByTime(3_600_000);
    opened.push(breaker.failed());

    expect({ opened, isOpen: breaker.isOpen }).toEqual({
      opened: [false, false, true, false, false],
      isOpen: true,
    });
  });

  it('does not mind failures that are far between', () => {
    const breaker = new CircuitBreaker(OPTIONS);
    for (let index = 0; index < 20; index++) {
      vi.advanceTimersByTime(30_001);
      breaker.failed();
    }
    expect(breaker.isOpen).toBe(false);
  });

  it('begins anew after a connection that held', () => {
    const breaker = new CircuitBreaker(OPTIONS);
    [1, 2, 3].forEach(() => breaker.failed());
    breaker.reset();

    expect([breaker.isOpen, breaker.failed(), breaker.failed(), breaker.failed()]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});
