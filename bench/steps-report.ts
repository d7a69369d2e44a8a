import { type Pauses, STALL_MS } from './pause-watch.js';
import type { LoadSteps } from './round-steps.js';
import { number, table } from './table.js';

/** @returns lines for a terminal */
export function formatSteps(loads: readonly LoadSteps[]): string[] {
  return loads.flatMap(({ load, messages, places, acknowledged, pauses }) => [
    '',
    `${load}: the way of ${messages} messages, ms`,
    table(
      ['to', 'p50', 'p95', 'p99', 'max', 'in the slowest', 'since sent: p50', 'p99'],
      places.map(({ place, took, inSlowest, since }) => [
        place,
        ...[took.p50, took.p95, took.p99, took.max, inSlowest, since.p50, since.p99].map((ms) =>
          number(ms, 2),
        ),
      ]),
    ),
    `WhatsApp has the receipt: p50 ${number(acknowledged.p50, 2)}, p99 ${number(acknowledged.p99, 2)}`,
    ...pauses.map((round, index) => `round ${index + 1}: ${describePauses(round)}`),
  ]);
}

function describePauses({ loop, stalls, collections }: Pauses): string {
  const late = `timers late by ${number(loop.p50, 1)} (p50), ${number(loop.p99, 1)} (p99), ${number(loop.max, 1)} (max)`;
  const stalled =
    stalls.count === 0
      ? `never stalled for ${STALL_MS}`
      : `${stalls.count} stalls of ${STALL_MS} and more (${number(stalls.totalMs, 0)} in all, ${number(stalls.maxMs, 0)} at most, ` +
        `${number(stalls.cpuMs, 0)} of it CPU of the thread)`;
  const collected = collections.map(
    ({ kind, count, totalMs, maxMs }) =>
      `${count} × ${kind} (${number(totalMs, 0)} in all, ${number(maxMs, 1)} at most)`,
  );
  return [late, stalled, ...collected].join('; ');
}
