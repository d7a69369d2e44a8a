import { describe, expect, it } from 'vitest';
import type { ProbeFigures } from './latency-probe.js';
import { slowdownOf } from './webhooks-report.js';

const figures = (p95: number, arrived = 10): ProbeFigures => ({
  written: 10,
  arrived,
  outOfOrder: 0,
  p50: 1,
  p95,
  p99: p95,
  max: p95,
});

describe('how much later a webhook is called beside one that hangs', () => {
  it.each([
    ['is the ratio of both p95', figures(20), figures(30), 1.5],
    ['is without bounds where a call stayed away', figures(20), figures(20, 9), Infinity],
  ])('%s', (_what, idle, during, slowdown) => {
    expect(slowdownOf({ idle, during })).toBe(slowdown);
  });
});
