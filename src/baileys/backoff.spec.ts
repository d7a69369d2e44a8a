import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

const options = { baseMs: 1_000, maxMs: 300_000, stableMs: 60_000 };

describe('Backoff', () => {
  it('doubles its bound up to the maximum', () => {
    const backoff = new Backoff(options, () => 0.999999);
    const delays = Array.from({ length: 12 }, () => backoff.nextDelayMs());
    expect(delays.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(delays.at(-1)).toBe(300_000);
  });

  it('spreads over the whole range', () => {
    expect(new Backoff(options, () => 0).nextDelayMs()).toBe(0);
    expect(new Backoff(options, () => 0.5).nextDelayMs()).toBe(500);
  });

  it('starts anew only after a connection that held', () => {
    const backoff = new Backoff(options, () => 0.999999);
    backoff.nextDelayMs();
    backoff.connectionEnded(59_999);
    expect(backoff.nextDelayMs()).toBe(2_000);
    backoff.connectionEnded(60_000);
    expect(backoff.nextDelayMs()).toBe(1_000);
  });
});
