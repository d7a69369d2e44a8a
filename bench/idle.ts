import { setTimeout as delay } from 'node:timers/promises';
import type { BenchEnvironment } from './bench-environment.js';
import { describeEnvironment, type EnvironmentInfo, environmentInfo } from './environment-info.js';
import type { BenchOptions } from './options.js';
import type { MemoryReading } from './process-probe.js';
import { ask, quote } from './sql.js';
import type { Subject } from './subject.js';
import { number, table } from './table.js';

/** After the last one came on line, until what follows a login is over, in ms. */
const SETTLE_MS = 20_000;
/** For how long the process is watched, in ms: several rounds of heartbeats and sweeps. */
const WATCHED_MS = 60_000;
const MEBIBYTE = 1024 * 1024;

/** A process with so many numbers that are on line, and nobody who writes. */
export interface IdleFigures {
  numbers: number;
  memory: MemoryReading;
  /** Timers that are set. */
  timers: number;
  /** Share of one CPU. */
  cpuShare: number;
  /** Transactions that the database did, per second. */
  transactionsPerSecond: number;
  /** What they wrote to its log, in bytes per second. */
  walPerSecond: number;
}

export interface IdleReport extends EnvironmentInfo {
  points: IdleFigures[];
}

/**
 * Links ever more numbers, restarts the service with them, and looks at what it takes while nothing happens.
 * @param counts ascending
 */
export async function measureIdle(
  bench: BenchEnvironment,
  counts: readonly number[],
  { databaseUrl }: Pick<BenchOptions, 'databaseUrl'>,
): Promise<IdleReport> {
  await bench.open({ needsPostgres: true, databaseUrl });
  const fixture = await bench.openFixture(['service'], counts.at(-1) ?? 1);
  const subject = fixture.subjects[0]!;
  const points: IdleFigures[] = [];
  let linked = 0;
  for (const numbers of counts) {
    bench.say(`linking ${numbers - linked} numbers`);
    await fixture.link(linked, numbers);
    linked = numbers;
    await subject.restart(fixture.population, numbers);
    bench.say(`watching ${numbers} idle numbers`);
    await delay(SETTLE_MS);
    points.push({ numbers, ...(await watch(subject)) });
  }
  const database = await bench.describeDatabase();
  await bench.closeFixture(fixture);
  return { ...environmentInfo(database), points };
}

async function watch(subject: Subject): Promise<Omit<IdleFigures, 'numbers'>> {
  const memory = await subject.memory();
  const [cpuBefore, before] = await Promise.all([subject.cpu(), readDatabase(subject.databaseUrl!)]);
  await delay(WATCHED_MS);
  const [cpuAfter, after] = await Promise.all([subject.cpu(), readDatabase(subject.databaseUrl!)]);
  const ms = cpuAfter.atMs - cpuBefore.atMs;
  return {
    memory,
    timers: await subject.timers(),
    cpuShare: (cpuAfter.cpuMs - cpuBefore.cpuMs) / ms,
    transactionsPerSecond: ((after.transactions - before.transactions) * 1_000) / ms,
    walPerSecond: ((after.walBytes - before.walBytes) * 1_000) / ms,
  };
}

/** From another database of the server, so that looking is not counted. */
async function readDatabase(url: string): Promise<{ transactions: number; walBytes: number }> {
  const elsewhere = new URL(url);
  const name = elsewhere.pathname.slice(1);
  elsewhere.pathname = 'postgres';
  const [row] = await ask<Record<'transactions' | 'wal', string>>(
    { databaseUrl: elsewhere.href },
    `select (xact_commit + xact_rollback)::text as transactions, (pg_current_wal_lsn() - '0/0')::text as wal
     from pg_stat_database where datname = ${quote(name)}`,
  );
  return { transactions: Number(row!.transactions), walBytes: Number(row!.wal) };
}

const ROWS: [label: string, value: (figures: IdleFigures) => number, digits: number][] = [
  ['RSS (MiB)', ({ memory }) => memory.rss / MEBIBYTE, 0],
  ['  heap and buffers (MiB)', ({ memory }) => memory.heap / MEBIBYTE, 1],
  ['timers', ({ timers }) => timers, 0],
  ['CPU (% of one)', ({ cpuShare }) => cpuShare * 100, 2],
  ['transactions per second', ({ transactionsPerSecond }) => transactionsPerSecond, 2],
  ['WAL (KiB per second)', ({ walPerSecond }) => walPerSecond / 1024, 1],
];

/** @returns a table for a terminal */
export function formatIdle(report: IdleReport): string {
  const { points } = report;
  const [first, last] = [points[0], points.at(-1)];
  const more = first && last ? last.numbers - first.numbers : 0;
  const perNumber = (of: keyof MemoryReading) =>
    number(more > 0 ? (last!.memory[of] - first!.memory[of]) / more / 1024 : undefined, 1);
  return [
    ...describeEnvironment(report),
    '',
    `numbers on line, and nobody writes; over ${WATCHED_MS / 1_000} s each, after a restart`,
    table(
      ['numbers', ...points.map(({ numbers }) => String(numbers))],
      ROWS.map(([label, value, digits]) => [label, ...points.map((point) => number(value(point), digits))]),
    ),
    '',
    `each number beyond the first: ${perNumber('rss')} KiB resident, ${perNumber('heap')} KiB of heap and buffers`,
  ].join('\n');
}
