import { describeEnvironment } from './environment-info.js';
import { number, table } from './table.js';
import type { WorkerSetupFigures, WorkersReport } from './workers.js';

/** @returns a table for a terminal */
export function formatWorkers(report: WorkersReport): string {
  const { rows, rounds, setups } = report;
  const [first] = setups;
  return [
    ...describeEnvironment(report),
    '',
    `${rows} received messages, from the inbox to the event; medians of ${rounds} round${rounds === 1 ? '' : 's'}`,
    table(
      ['', 'rows/s', 'range', `to ${first ? nameOf(first) : 'none'}`, 'rows per batch', 'CPU ms/row'],
      setups.map((setup) => [
        nameOf(setup),
        number(setup.rate, 0),
        setup.rates.map((rate) => number(rate, 0)).join('-'),
        number(first && setup.rate / first.rate, 2),
        number(setup.rowsPerBatch, 0),
        number(setup.cpuPerRow, 3),
      ]),
    ),
    '',
    'Each round was checked: every message, note and event there once, sequences without a gap, the order of each number',
    'kept. CPU is that of the worker processes; with PGlite the database and the service are in the same process. Workers',
    'and Postgres share the machine.',
  ].join('\n');
}

function nameOf({ database, processes }: WorkerSetupFigures): string {
  return `${database}, ${processes} ${processes === 1 ? 'process' : 'processes'}`;
}
