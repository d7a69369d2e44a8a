import { join } from 'node:path';
import type { BenchEnvironment } from './bench-environment.js';
import { type ArrivalFigures, BootWatch } from './boot-watch.js';
import { describeEnvironment, type EnvironmentInfo, environmentInfo } from './environment-info.js';
import { median, quantile } from './figures.js';
import type { Fixture } from './fixture.js';
import type { BenchOptions } from './options.js';
import { number, table } from './table.js';

/** By when all of so many numbers should be back, in s after the start of the process. */
const AIMS: ReadonlyMap<number, number> = new Map([
  [50, 6],
  [200, 12],
]);
const ROUNDS = 3;

/** One restart; times in ms from the start of the process. */
export interface RestartFigures extends ArrivalFigures {
  /** `GET /health/ready` answers 200. */
  readyMs: number;
  /** CPU of the process when all are on line. */
  cpuMs: number;
}

export interface RestartReport extends EnvironmentInfo {
  counts: { sessions: number; rounds: RestartFigures[] }[];
}

/**
 * Links ever more numbers of an organization each, and restarts the service with them after an orderly end: how long until
 * all of them are on line, and what that asks of the network.
 * @param counts ascending
 * @throws Error when they do not come back in time
 */
export async function measureRestarts(
  bench: BenchEnvironment,
  counts: readonly number[],
  { databaseUrl, profile }: Pick<BenchOptions, 'databaseUrl' | 'profile'>,
): Promise<RestartReport> {
  await bench.open({ needsPostgres: true, databaseUrl });
  const fixture = await bench.openFixture(['service'], counts.at(-1) ?? 1);
  const measured: RestartReport['counts'] = [];
  let linked = 0;
  for (const sessions of counts) {
    bench.say(`linking ${sessions - linked} numbers`);
    await fixture.link(linked, sessions);
    linked = sessions;
    const rounds: RestartFigures[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      bench.say(`restarting with ${sessions}, round ${round}`);
      rounds.push(await restart(fixture, sessions, round === 1 ? profile : undefined));
    }
    measured.push({ sessions, rounds });
  }
  const database = await bench.describeDatabase();
  await bench.closeFixture(fixture);
  return { ...environmentInfo(database), counts: measured };
}

async function restart(fixture: Fixture, sessions: number, profile?: string): Promise<RestartFigures> {
  const subject = fixture.subjects[0]!;
  await subject.kill('SIGTERM');
  const watch = new BootWatch(fixture.sim);
  const startedAt = performance.now();
  await subject.start();
  if (profile !== undefined) {
    await subject.startProfile();
  }
  await subject.ready();
  const readyMs = performance.now() - startedAt;
  await watch.untilOnLine(sessions, 60_000 + sessions * 500);
  const { cpuMs } = await subject.cpu();
  if (profile !== undefined) {
    await subject.stopProfile(join(profile, `restart-${sessions}.cpuprofile`));
  }
  return { ...watch.stop(), readyMs, cpuMs };
}

const ROWS: [label: string, value: (figures: RestartFigures) => number | undefined, digits: number][] = [
  ['ready (s)', ({ readyMs }) => readyMs / 1_000, 2],
  ['first on line (s)', ({ onLineMs }) => onLineMs[0]! / 1_000, 2],
  ['half of them (s)', ({ onLineMs }) => quantile(onLineMs, 0.5)! / 1_000, 2],
  ['all of them (s)', ({ onLineMs }) => onLineMs.at(-1)! / 1_000, 2],
  ['handshakes at the same time, at most', ({ simultaneous }) => simultaneous, 0],
  ['  in the busiest second', ({ perSecond }) => perSecond, 0],
  ['  that failed', ({ failed }) => failed, 0],
  ['CPU until all are on line (s)', ({ cpuMs }) => cpuMs / 1_000, 2],
];

/** @returns a table for a terminal: medians of the rounds */
export function formatRestarts(report: RestartReport): string {
  const { counts } = report;
  const middleOf = (rounds: RestartFigures[], value: (typeof ROWS)[number][1], digits: number) =>
    number(median(rounds.map(value)), digits);
  return [
    ...describeEnvironment(report),
    '',
    `numbers come back after an orderly end; medians of ${ROUNDS} restarts, times from the start of the process`,
    table(
      ['numbers', ...counts.map(({ sessions }) => String(sessions))],
      [
        ...ROWS.map(([label, value, digits]) => [
          label,
          ...counts.map(({ rounds }) => middleOf(rounds, value, digits)),
        ]),
        ['aim for all of them (s)', ...counts.map(({ sessions }) => number(AIMS.get(sessions), 0))],
      ],
    ),
    '',
    'The simulated network and Postgres share the machine with the process.',
  ].join('\n');
}
