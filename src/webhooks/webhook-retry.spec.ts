import { describe, expect, it } from 'vitest';
import { readRetryAfter, retryDelayMs } from './webhook-retry.js';
import { WebhookSettings } from './webhook-settings.js';

const { retry, windowMs } = new WebhookSettings();
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

describe('retryDelayMs', () => {
  it.each([
    [0, 0, 2.5 * SECOND],
    [0, 0.999, 5 * SECOND],
    [1, 0.999, 10 * SECOND],
    [5, 0, 80 * SECOND],
    [9, 0.999, 2_560 * SECOND],
    [10, 0.999, HOUR],
    [10, 0, HOUR / 2],
    [1_000, 0.999, HOUR],
  ])('after %i failures, with %f by chance, is about %i ms', (failures, chance, ms) => {
    expect(retryDelayMs(retry, failures, 0, () => chance) / ms).toBeCloseTo(1, 2);
  });

  it.each([
    [30 * SECOND, 30 * SECOND],
    [SECOND, 2.5 * SECOND],
    [48 * HOUR, HOUR],
  ])('heeds who asks for %i ms, within reason: %i ms', (asked, ms) => {
    expect(retryDelayMs(retry, 0, asked, () => 0)).toBe(ms);
  });

  it('leaves some eighty tries within three days', () => {
    let [at, tries] = [0, 1];
    while (at < windowMs) {
      at += retryDelayMs(retry, tries - 1, 0, () => 0.999);
      tries += 1;
    }
    expect(tries).toBeGreaterThan(75);
    expect(tries).toBeLessThan(95);
  });
});

describe('readRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['120', 120 * SECOND],
    [' 7 ', 7 * SECOND],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60 * SECOND],
    ['Wed, 31 Dec 2025 00:01:00 GMT', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('takes %j for %s ms', (header, ms) => {
    expect(readRetryAfter(header, now)).toBe(ms);
  });
});
