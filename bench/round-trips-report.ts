import type { RoundTripReport, Waited } from './round-trips.js';
import { describeEnvironment } from './environment-info.js';
import { number, table } from './table.js';

/** @returns tables for a terminal */
export function formatRoundTrips(report: RoundTripReport): string {
  const both = ({ p50, p95 }: Waited) => `${number(p50, 0)} · ${number(p95, 0)}`;
  return [
    ...describeEnvironment(report),
    '',
    'One number, one thing at a time; p50 · p95 in ms',
    '',
    table(
      ['round trip', 'acknowledgement', 'event', 'send', 'reading', 'requests a message'],
      report.figures.map((figures) => [
        `${figures.roundTripMs} ms`,
        both(figures.acknowledgement),
        both(figures.event),
        both(figures.send),
        both(figures.read),
        number(figures.requestsPerMessage, 1),
      ]),
    ),
    '',
    ...report.figures.map(
      ({ roundTripMs, idle }) =>
        `idle at ${roundTripMs} ms: ${idle.requests} requests a minute (${named(idle.byName)}), ${number((idle.bytesOut * 43_200) / 1e9, 2)} GB ` +
        `of answers and ${number((idle.bytesIn * 43_200) / 1e9, 2)} GB of questions in 30 days`,
    ),
  ].join('\n');
}

function named(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
