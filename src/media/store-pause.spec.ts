import { expect, it } from 'vitest';
import { StorePause } from './store-pause.js';

it('grows with each failure after a pause, not with those in it, and ends with a success', () => {
  let now = 0;
  const pause = new StorePause({ baseMs: 1_000, maxMs: 64_000 }, () => now);
  expect(pause.isOver).toBe(true);

  let longest = 0;
  for (let failure = 0; failure < 40; failure++) {
    const ms = pause.begin();
    expect(pause.begin()).toBe(ms);
    longest = Math.max(longest, ms);
    now += ms / 2;
    expect(pause.isOver).toBe(ms === 0);
    expect(pause.begin()).toBe(ms / 2);
    now += ms / 2;
    expect(pause.isOver).toBe(true);
  }

  expect(longest).toBeGreaterThan(8_000);
  expect(longest).toBeLessThanOrEqual(64_000);
  pause.begin();
  pause.end();
  expect(pause.isOver).toBe(true);
  expect(pause.begin()).toBeLessThanOrEqual(1_000);
});
