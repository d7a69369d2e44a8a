import { describeEnvironment } from './environment-info.js';
import type { ProbeFigures } from './latency-probe.js';
import { number, table } from './table.js';
import type { WebhooksReport } from './webhooks.js';

const AIM = 2;

/** @returns how many times as long p95 was beside an endpoint that hangs */
export function slowdownOf({ idle, during }: Pick<WebhooksReport, 'idle' | 'during'>): number {
  return during.arrived < during.written ? Infinity : (during.p95 ?? Infinity) / (idle.p95 ?? 0);
}

/** @returns a table for a terminal */
export function formatWebhooks(report: WebhooksReport): string {
  const { idle, during, hanging, generator } = report;
  const row = (label: string, figures: ProbeFigures) => [
    label,
    number(figures.p50, 1),
    number(figures.p95, 1),
    number(figures.max, 1),
    `${figures.arrived} of ${figures.written}`,
  ];
  const slowdown = slowdownOf(report);
  return [
    ...describeEnvironment(report),
    '',
    table(
      ['from the send of a phone to the call of the webhook, in ms', 'p50', 'p95', 'max', 'arrived'],
      [row('alone', idle), row('beside one that never answers', during)],
    ),
    `The other one had ${hanging.written} messages, and left ${hanging.calls} calls without an answer.`,
    `Aim: p95 within ${AIM} times: ${number(slowdown, 2)}, ${slowdown <= AIM ? 'met' : 'MISSED'}`,
    `Phones, network and endpoints share a process, whose timers were late by ${number(generator.idleP95, 1)} and ` +
      `${number(generator.duringP95, 1)} ms (p95): part of every latency.`,
  ].join('\n');
}
