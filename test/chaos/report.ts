import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoundResult } from './round-parts.js';
import { formatSections, type Rows, spread } from './table.js';

export const HEADLINES = ['lost', 'doubled', 'out of order', 'acknowledged early'];

/** The result as a table for people: the figures in short, then all of them. */
export function formatTable(result: RoundResult): string {
  const { findings, ...rest } = result;
  const faults = Object.entries(rest.faults).toSorted(([, a], [, b]) => b - a);
  const figures: Record<string, number> = findings.figures;
  const inShort: Rows = [
    ['faults', Object.values(rest.faults).reduce((sum, count) => sum + count, rest.kills)],
    ['messages', rest.written + rest.replies],
    ...HEADLINES.map((name): [string, number] => [name, figures[name] ?? 0]),
  ];
  const sections: [title: string, rows: Rows][] = [
    [
      `${rest.subject} on ${rest.database}, seed ${rest.seed}`,
      [
        ['duration', `${rest.seconds.toFixed(0)} s`],
        ['messages and notes written', rest.written],
        ['sends through the API', rest.replies],
        ...Object.entries(rest.replyAnswers).map(([name, count]): [string, number] => [`  ${name}`, count]),
        ['acknowledgements compared with the time of their commit', rest.comparedTimes],
        ['database, this harness, at the end', `${rest.databaseMb} MB, ${rest.harnessMb} MB`],
        ['start of the process (median, max)', spread(rest.startMs)],
        ...Object.entries(rest.recoveries).map(([what, times]): [string, string] => [
          `first acknowledgement after ${what} (median, max)`,
          spread(times),
        ]),
      ],
    ],
    [
      'faults',
      [
        ['SIGKILL', rest.kills],
        ...Object.entries(rest.killMoments).map(([name, count]): [string, number] => [`  ${name}`, count]),
        ...faults,
        ['starts that failed meanwhile', rest.failedStarts],
        ...Object.entries(rest.logDrops).map(([reason, count]): [string, number] => [
          `the log took no lines: ${reason}`,
          count,
        ]),
      ],
    ],
    ['must be zero', Object.entries(figures)],
    ['not done here', rest.skipped.map((what) => [what, ''])],
  ];
  return formatSections(inShort, sections);
}

/** The result for programs. */
export function formatJson({ findings, ...rest }: RoundResult): string {
  return JSON.stringify({ ...rest, figures: findings.figures }, undefined, 2);
}

/**
 * Writes what was found wrong.
 * @returns the path of the file
 */
export function writeDetails(result: Pick<RoundResult, 'findings' | 'seed'>, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${result.seed}-findings.json`);
  const { findings, ...rest } = result;
  writeFileSync(
    path,
    JSON.stringify({ figures: findings.figures, examples: findings.examples, ...rest }, undefined, 2),
  );
  return path;
}
