import type { BootFigures, BootReport } from './boot.js';
import { quantile } from './figures.js';
import { describeEnvironment } from './environment-info.js';
import { number, table } from './table.js';

const MEBIBYTE = 1024 * 1024;

const ROWS: [label: string, value: (boot: BootFigures) => string][] = [
  ['process ended within (s)', ({ endMs }) => seconds(endMs)],
  ['ready (s)', ({ readyMs }) => seconds(readyMs)],
  ['first session on line (s)', ({ onLineMs }) => seconds(onLineMs[0])],
  ['half of them (s)', ({ onLineMs }) => seconds(quantile(onLineMs, 0.5))],
  ['last one (s)', ({ onLineMs }) => seconds(onLineMs.at(-1))],
  ['all waiting messages stored (s)', ({ storedMs }) => seconds(storedMs)],
  ['connection attempts', ({ attempts }) => String(attempts)],
  ['  failed', ({ failed }) => String(failed)],
  ['  at the same time, at most', ({ simultaneous }) => String(simultaneous)],
  ['  in the busiest second', ({ perSecond }) => String(perSecond)],
  ['lines lost again', ({ lost }) => String(lost)],
  ['messages sent meanwhile', ({ messages }) => String(messages.sent)],
  ['  stored', ({ messages }) => String(messages.stored)],
  ['  stored twice', ({ messages }) => String(messages.doubled)],
  ['CPU until ready (s)', ({ cpuMs }) => seconds(cpuMs.ready)],
  ['CPU until all is stored (s)', ({ cpuMs }) => seconds(cpuMs.stored)],
  ['peak RSS (MiB)', ({ peakRss }) => number(peakRss / MEBIBYTE, 0)],
];

/** @returns a table for a terminal */
export function formatBoots(report: BootReport): string {
  const { sessions, boots } = report;
  return [
    ...describeEnvironment(report),
    '',
    `${sessions} stored session${sessions === 1 ? '' : 's'} come back; times from the start of the process`,
    table(
      ['after', ...boots.map(({ after }) => after)],
      ROWS.map(([label, value]) => [label, ...boots.map(value)]),
    ),
    '',
    'CPU and memory are those of the service process. The simulated network and Postgres share the machine with it.',
  ].join('\n');
}

function seconds(ms: number | undefined): string {
  return number(ms === undefined ? undefined : ms / 1_000, 2);
}
