import { describeSurroundings } from './surroundings.js';
import { number, table } from './table.js';
import type { CrewFigures, WorkersReport } from './workers.js';

/** @returns a table for a terminal */
export function formatWorkers(report: WorkersReport): string {
  const { rows, rounds, crews } = report;
  const [first] = crews;
  return [
    ...describeSurroundings(report),
    '',
    `${rows} received messages, from the inbox to the event; medians of ${rounds} round${rounds === 1 ? '' : 's'}`,
    table(
      ['', 'rows/s', 'range', `to ${first ? nameOf(first) : 'none'}`, 'rows per batch', 'CPU ms/row'],
      crews.map((crew) => [
        nameOf(crew),
        number(crew.rate, 0),
        crew.rates.map((rate) => number(rate, 0)).join('-'),
        number(first && crew.rate / first.rate, 2),
        number(crew.rowsPerBatch, 0),
        number(crew.cpuPerRow, 3),
      ]),
    ),
    '',
    'Each round was checked: every message, note and event there once, sequences without a gap, the order of each number',
    'kept. CPU is that of the worker processes; with PGlite the database and the service are in the same process. Workers',
    'and Postgres share the machine.',
  ].join('\n');
}

function nameOf({ database, processes }: CrewFigures): string {
  return `${database}, ${processes} ${processes === 1 ? 'process' : 'processes'}`;
}
