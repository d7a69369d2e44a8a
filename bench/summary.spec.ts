import { describe, expect, it } from 'vitest';
import { figuresOf, type LoadFigures, type RoundFigures } from './load-figures.js';
import type { SubjectSpeed } from './speed.js';
import { formatSummary } from './summary-report.js';
import { summarize } from './summary.js';

const NOTHING = { p50: undefined, p99: undefined };

/** @param p99 to the receipt, or to the event where there is one; p50 is a tenth of it */
function round(rate: number, cores: number, p99: number, postgresCpuMs?: number): RoundFigures {
  const latency = { p50: p99 / 10, p99 };
  const isService = postgresCpuMs !== undefined;
  return {
    rate,
    cores,
    acknowledged: isService ? { p50: 1, p99: 2 } : latency,
    event: isService ? latency : NOTHING,
    committed: NOTHING,
    ...(isService && {
      postgres: {
        work: {
          ms: 1_000,
          cpuMs: postgresCpuMs * rate,
          walBytes: 900 * rate,
          commits: rate,
          commitsMs: 1_000,
        },
        perMessage: { cpuMs: postgresCpuMs, transactions: 0.25, walBytes: 900 },
      },
    }),
  };
}

function speedOf(subject: SubjectSpeed['subject'], saturated: LoadFigures, at20: LoadFigures): SubjectSpeed {
  const steady = [{ rate: 20, figures: at20 }];
  return { subject, ratio: undefined, cpuRatio: undefined, saturated, half: saturated, steady };
}

const bare = speedOf(
  'bare',
  figuresOf([round(1_000, 1, 10), round(2_000, 1, 20)]),
  figuresOf([round(20, 0.04, 6)]),
);
const service = speedOf(
  'service',
  figuresOf([round(900, 0.9, 40, 0.3), round(1_500, 0.75, 40, 0.4)]),
  figuresOf([round(20, 0.1, 30, 1.5)]),
);

function lines(): Record<string, string> {
  const stored = { inbox: 400, messages: 200, events: 100 };
  const text = formatSummary(
    summarize({
      speed: [{ sessions: 1, subjects: [bare, service], stored }],
      memory: [],
      starts: { firstMs: 5_000, againMs: [2_400, 1_900, 1_950] },
    }),
  );
  const rows = text
    .split('\n')
    .slice(1)
    .map((line): [string, string] => {
      const [measure, ...rest] = line.split(/ {2,}/);
      return [measure!, rest.join(' | ')];
    });
  return Object.fromEntries(rows);
}

describe('the table of a comparison', () => {
  it('has medians with their range, the ratio of the medians with that of neighbouring rounds, and judges the aims', () => {
    expect(lines()).toEqual({
      'messages/s, saturated, 1 number':
        '1500 (1000–2000) | 1200 (900–1500) | 0.80 (0.75–0.90) | ratio ≥ 0.8 | met',
      'CPU of the process for 1,000 messages, s, saturated, 1 number':
        '0.75 (0.50–1.00) | 0.75 (0.50–1.00) | 1.00 | ratio ≥ 0.9 | met',
      'CPU of Postgres for 1,000 messages, s, saturated, 1 number':
        '– | 0.35 (0.30–0.40) | – | ≤ 0.3 | MISSED',
      'p50, ms, at 20/s, 1 number': '0.6 | 3.0 | 5.00',
      'p99, ms, at 20/s, 1 number': '6.0 | 30.0 | 5.00',
      'CPU of the process a message, ms, at 20/s, 1 number': '2.00 | 5.00 | 0.40',
      'CPU of Postgres a message, ms, at 20/s, 1 number': '– | 1.50 | – | ≤ 1.5 | met',
      'p50, ms, at half of the saturated load, 1 number':
        '1.5 (1.0–2.0) | 4.0 | 2.67 (2.00–4.00) | ratio ≤ 2.5 | MISSED',
      'p99, ms, at half of the saturated load, 1 number':
        '15.0 (10.0–20.0) | 40.0 | 2.67 (2.00–4.00) | ratio ≤ 3 | met',
      'transactions a message, at 20/s, 1 number': '– | 0.25 | –',
      'WAL a message, bytes (its rows take 700), at 20/s, 1 number': '– | 900 | –',
      'transactions a message, saturated, 1 number': '– | 0.25 | –',
      'WAL a message, bytes (its rows take 700), saturated, 1 number': '– | 900 | –',
      'ready, embedded database, second start, ms': '– | 1950 (1900–2400) | – | < 2000 | met',
    });
  });

  it('judges no ratio of what came out as less than nothing', () => {
    const memory = (subject: 'bare' | 'service', rss: number) => {
      const point = (sessions: number) => ({ sessions, after: 'linking' as const, rss, heap: rss });
      return {
        subject,
        points: [point(1), point(3)],
        perSession: { linking: { rss, heap: 1_000_000 }, restart: undefined },
      };
    };

    const rows = summarize({
      speed: [],
      memory: [memory('bare', -2_000_000), memory('service', 1_000_000)],
      starts: undefined,
    });

    const judged = rows.filter(({ aim }) => aim).map(({ measure, isMet }) => [measure, isMet]);
    expect(judged).toEqual([
      ['heap of one more idle number after linking, MiB', true],
      ['RSS of one more idle number after linking, MiB', undefined],
      ['heap of one more idle number after restart, MiB', undefined],
      ['RSS of one more idle number after restart, MiB', undefined],
    ]);
  });
});
