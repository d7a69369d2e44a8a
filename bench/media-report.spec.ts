import { expect, it } from 'vitest';
import { delayOf, growthOf, isAllThere } from './media-report.js';
import type { MediaReport } from './media.js';

const figures = { written: 2, arrived: 2, outOfOrder: 0, p50: 1, p95: 2, p99: 3, max: 40 };

it('a text that did not come is infinitely late', () => {
  expect(delayOf({ idle: figures, during: { ...figures, max: 100 } })).toBe(60);
  expect(delayOf({ idle: figures, during: { ...figures, arrived: 1 } })).toBe(Infinity);
});

it('a process that shrinks does not grow', () => {
  expect([growthOf({ before: 5, peak: 8 }), growthOf({ before: 8, peak: 5 })]).toEqual([3, 0]);
});

it('a run in which something stayed away has failed', () => {
  const received = { before: 0, peak: 0, lateP99: 0, lateMax: 0, files: 2, bytes: 2, ready: 2, ms: 1 };
  const sent = { before: 0, peak: 0, lateP99: 0, lateMax: 0, bytes: 2, ms: 1, arrived: 2 };
  const report = { during: figures, received, sent } as MediaReport;

  expect(isAllThere(report)).toBe(true);
  expect(isAllThere({ ...report, received: { ...received, ready: 1 } })).toBe(false);
  expect(isAllThere({ ...report, sent: { ...sent, arrived: 1 } })).toBe(false);
});
