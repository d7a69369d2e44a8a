import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

const options = { baseMs: 1_000, maxMs: 300_000 };

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

  it('starts anew after a reset, which tells whether there was anything to forget', () => {
    const backoff = new Backoff(options, () => 0.999999);
    expect(backoff.reset()).toBe(false);
    backoff.nextDelayMs();
    expect(backoff.nextDelayMs()).toBe(2_000);
    expect(backoff.reset()).toBe(true);
    expect(backoff.nextDelayMs()).toBe(1_000);
  });
});
