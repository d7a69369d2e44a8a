import type { ProbeFigures } from './latency-probe.js';
import type { FloodReport } from './flood.js';
import { describeEnvironment } from './environment-info.js';
import { number, table } from './table.js';

const AIM = 2;

/** @returns a table for a terminal */
export function formatFlood(report: FloodReport): string {
  const { idle, during, flood, generator, cores } = report;
  const seconds = flood.ms / 1_000;
  const ratio = (of: (figures: ProbeFigures) => number | undefined) => {
    const [before, after] = [of(idle), of(during)];
    return before && after && after / before;
  };
  const worst = Math.max(ratio(({ p50 }) => p50) ?? Infinity, ratio(({ p95 }) => p95) ?? Infinity);
  const row = (label: string, figures: ProbeFigures) => [
    label,
    number(figures.p50, 1),
    number(figures.p95, 1),
    number(figures.max, 1),
    `${figures.arrived} of ${figures.written}`,
    String(figures.outOfOrder),
  ];
  return [
    ...describeEnvironment(report),
    '',
    `${flood.written} messages for one organization, ${flood.waiting} of them at once: ${flood.arrived} events ` +
      `within ${number(seconds, 1)} s (${number(flood.arrived / seconds, 0)}/s), ${flood.stored} stored, ` +
      `${flood.doubled} twice; ${number(cores, 2)} cores`,
    '',
    table(
      ['another organization, in ms', 'p50', 'p95', 'max', 'arrived', 'out of order'],
      [
        row('before', idle),
        row('during the flood', during),
        ['ratio', ...[ratio(({ p50 }) => p50), ratio(({ p95 }) => p95)].map((value) => number(value, 2))],
      ],
    ),
    '',
    `Aim: within ${AIM} times: ${worst <= AIM ? 'met' : 'MISSED'}`,
    'From the send of a phone to the Socket.IO event of a subscriber. Phones and network share a process, whose timers were',
    `late by ${number(generator.idleP95, 1)} ms before and ${number(generator.duringP95, 1)} ms during the flood (p95): part of every latency.`,
  ].join('\n');
}
