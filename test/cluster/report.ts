import { HEADLINES } from '../chaos/report.js';
import { formatSections, type Rows, spread } from '../chaos/table.js';
import type { TrialResult } from './trial-result.js';

/** One scenario as a table for people: the figures in short, then all of them. */
export function formatTrial(result: TrialResult): string {
  const { figures } = result.findings;
  const faults = Object.entries(result.faults);
  const inShort: Rows = [
    [result.scenario, ''],
    ['faults', faults.reduce((sum, [, count]) => sum + count, 0)],
    ['messages', result.written + result.replies],
    ...HEADLINES.map((name): [string, number] => [name, figures[name] ?? 0]),
  ];
  const { nodes, workers, lease, database, seed } = result;
  return formatSections(inShort, [
    [
      `${nodes} API processes, ${workers || 'no'} workers, leases of ${lease} s, ${database}, seed ${seed}`,
      [
        ['duration', `${result.seconds.toFixed(0)} s`],
        ['sessions', result.sessions],
        ['messages and notes written', result.written],
        ['acknowledgements compared with the time of their commit', result.comparedTimes],
        ['processes that wrote to sessions', result.writers.join(', ')],
        ...(result.heard === undefined
          ? []
          : ([['events heard by subscribers', result.heard]] satisfies Rows)),
      ],
    ],
    ['sends, to any API process', [['all', result.replies], ...Object.entries(result.replyAnswers)]],
    ['other calls, to any API process', Object.entries(result.calls)],
    ['faults', faults],
    [
      'times (median, max)',
      Object.entries(result.times).map(([what, times]): [string, string] => [what, spread(times)]),
    ],
    ['last acknowledgement before to first after (median, max; count)', gapRows(result)],
    ['must be zero', Object.entries(figures)],
  ]);
}

/** All scenarios for programs. */
export function formatJson(results: readonly TrialResult[]): string {
  const plain = results.map(({ findings, ...rest }) => ({ ...rest, figures: findings.figures }));
  return JSON.stringify(plain, undefined, 2);
}

function gapRows({ gaps, longestGaps }: TrialResult): Rows {
  const byCause = Map.groupBy(gaps, ({ during }) => during);
  return [
    ...[...byCause].map(([during, all]): [string, string] => [
      during,
      `${spread(all.map(({ ms }) => ms))}; ${all.length}`,
    ]),
    ['the longest of each session', `${spread(longestGaps)}; ${longestGaps.length}`],
  ];
}
