import type { StoredBytes } from './databases.js';
import type { Latency } from './figures.js';
import type { SubjectMemory } from './memory.js';
import type { LoadFigures } from './load-figures.js';
import type { LoadSteps } from './round-steps.js';
import type { SubjectSpeed } from './speed.js';
import type { StartFigures } from './starts.js';
import { describeEnvironment, type EnvironmentInfo } from './environment-info.js';
import { formatSteps } from './steps-report.js';
import { formatSummary } from './summary-report.js';
import type { SummaryRow } from './summary-row.js';
import { number, table } from './table.js';

/** What a run measured. */
export interface BenchFigures {
  speed: {
    sessions: number;
    subjects: SubjectSpeed[];
    /** What the rows of one message of the service take. */
    stored: StoredBytes | undefined;
  }[];
  memory: SubjectMemory[];
  starts: StartFigures | undefined;
  steps: LoadSteps[];
}

/** Everything that a run found out. */
export interface BenchReport extends EnvironmentInfo, BenchFigures {
  summary: SummaryRow[];
  seconds: number;
}

const MEBIBYTE = 1024 * 1024;

/** @returns tables for a terminal */
export function formatReport(report: BenchReport): string {
  const { database, speed, memory, steps, summary } = report;
  const lines = [
    ...describeEnvironment(report),
    ...busyWarnings(speed).map((warning) => `WARNING: ${warning}`),
    ...(database && !database.keepsCommitTimes
      ? ['track_commit_timestamp is off: of committed rows only the upper bound (acknowledged) is known']
      : []),
    '',
    'Medians (and lowest and highest) of the rounds; to the Socket.IO event, of bare Baileys to its receipt',
    formatSummary(summary),
  ];
  for (const { sessions, subjects } of speed) {
    lines.push(...loadTables(sessions, subjects));
  }
  if (memory.length > 0) {
    lines.push(
      '',
      'Idle sessions, after garbage collection: heap with buffers / RSS in MiB',
      memoryTable(memory),
    );
  }
  lines.push(
    ...formatSteps(steps),
    '',
    'acknowledged: WhatsApp has the receipt, which the service sends after the commit: an upper bound of the committed row.',
    'committed: time of the transaction (pg_xact_commit_timestamp), taken just before its flush.',
    'by CPU: CPU per message of bare to that of the subject, i.e. the ratio if every process had a core of its own.',
    'WAL: of the whole server, with the full pages that follow a checkpoint. CPU of Postgres: its background processes included.',
    'bare acknowledges what is in memory only. Other work on this machine changes the absolute figures more than the ratios.',
  );
  return lines.join('\n');
}

function loadTables(sessions: number, subjects: readonly SubjectSpeed[]): string[] {
  const where = `${sessions} session${sessions === 1 ? '' : 's'}`;
  const loads: [title: string, of: (speed: SubjectSpeed) => LoadFigures | undefined][] = [
    ['saturated', ({ saturated }) => saturated],
    ['at half of its own saturation', ({ half }) => half],
    ...(subjects[0]?.steady ?? []).map(({ rate }): (typeof loads)[number] => [
      `at ${rate}/s`,
      ({ steady }) => steady.find((each) => each.rate === rate)?.figures,
    ]),
  ];
  return loads.flatMap(([title, of]) => {
    const rows = subjects.flatMap((speed) => {
      const load = of(speed);
      return load ? [rowOf(speed, load, load === speed.saturated)] : [];
    });
    return rows.length === 0
      ? []
      : ['', `${where}, ${title} (p50 / p99 in ms since the phone's send)`, table(HEADINGS, rows)];
  });
}

function memoryTable(memory: readonly SubjectMemory[]): string {
  const headings = (memory[0]?.points ?? []).map(({ sessions, after }) =>
    after === 'linking' ? `${sessions}` : `${sessions} restarted`,
  );
  const rows = memory.map(({ subject, points, perSession }) => [
    subject,
    ...points.map(mebibytes),
    mebibytes(perSession.linking),
    mebibytes(perSession.restart),
  ]);
  return table(['', ...headings, 'per session', 'per restarted'], rows);
}

/** Saturated, bare Baileys takes a core of its own where it can get one. */
const FREE_CORES = 0.9;

function busyWarnings(speed: BenchReport['speed']): string[] {
  return speed.flatMap(({ sessions, subjects }) => {
    const cores = subjects.find(({ subject }) => subject === 'bare')?.saturated?.cores;
    return cores !== undefined && cores < FREE_CORES
      ? [
          `${sessions} sessions: the machine was busy with something else (bare got ${cores.toFixed(2)} cores): ` +
            'latencies say little, and of the ratios only those by CPU count',
        ]
      : [];
  });
}

const HEADINGS = [
  '',
  'msg/s',
  'to bare',
  'by CPU',
  'range',
  'acknowledged',
  'committed',
  'event',
  'CPU ms/msg',
  'cores',
];

function rowOf({ subject, ratio, cpuRatio }: SubjectSpeed, load: LoadFigures, hasRatios: boolean): string[] {
  const [low, high] = load.rates ?? [];
  return [
    subject,
    number(load.rate, 0),
    number(hasRatios ? ratio : undefined, 2),
    number(hasRatios ? cpuRatio : undefined, 2),
    `${number(low, 0)}-${number(high, 0)}`,
    spanOf(load.acknowledged),
    spanOf(load.committed),
    spanOf(load.event),
    number(load.cpuPerMessage, 2),
    number(load.cores, 2),
  ];
}

function spanOf({ p50, p99 }: Latency): string {
  return p50 === undefined ? '–' : `${number(p50, 1)} / ${number(p99, 1)}`;
}

function mebibytes(memory: { heap: number; rss: number } | undefined): string {
  return memory === undefined
    ? '–'
    : `${(memory.heap / MEBIBYTE).toFixed(2)} / ${(memory.rss / MEBIBYTE).toFixed(2)}`;
}
