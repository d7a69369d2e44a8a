import { describeEnvironment } from './environment-info.js';
import type { ListFigures, ListsReport } from './lists.js';
import { number, table } from './table.js';

/** In ms, for one reader. */
const AIM = { p50: 20, p99: 100 };

/** @returns whether a list is as fast as it should be */
export function isFastEnough({ p50 = Infinity, p99 = Infinity }: Pick<ListFigures, 'p50' | 'p99'>): boolean {
  return p50 < AIM.p50 && p99 < AIM.p99;
}

/** @returns a table for a terminal */
export function formatLists(report: ListsReport): string {
  const { lists, messages, calls, sequentialScans } = report;
  const scans = Object.entries(sequentialScans).map(([name, count]) => `${name} ${count}`);
  return [
    ...describeEnvironment(report),
    '',
    table(
      [`${messages} messages, one reader, ${calls} calls each, in ms`, 'p50', 'p99', 'items', ''],
      lists.map((one) => [
        one.what,
        number(one.p50, 1),
        number(one.p99, 1),
        String(one.items),
        isFastEnough(one) ? '' : 'MISSED',
      ]),
    ),
    `Aim: p50 below ${AIM.p50} ms and p99 below ${AIM.p99} ms for each of them.`,
    `Large tables that were read from end to end: ${scans.length === 0 ? 'none' : scans.join(', ')}.`,
  ].join('\n');
}
