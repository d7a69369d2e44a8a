import type { Latency } from './figures.js';
import type { SubjectMemory } from './memory.js';
import type { LoadFigures } from './load-figures.js';
import type { SubjectSpeed } from './speed.js';
import { describeEnvironment, type EnvironmentInfo } from './environment-info.js';
import { number, table } from './table.js';

/** Everything that a run found out. */
export interface BenchReport extends EnvironmentInfo {
  speed: { sessions: number; subjects: SubjectSpeed[] }[];
  memory: SubjectMemory[];
  aims: Aim[];
  seconds: number;
}

/** One aim of the project and what was measured. */
export interface Aim {
  what: string;
  aim: string;
  measured: number | undefined;
  isMet: boolean;
}

const MEBIBYTE = 1024 * 1024;

/** @returns what was measured of what the project promises */
export function aimsOf({ speed, memory }: Pick<BenchReport, 'speed' | 'memory'>): Aim[] {
  const aims: Aim[] = [];
  const atLeast = (what: string, measured: number | undefined, least: number) =>
    aims.push({ what, aim: `≥ ${least}`, measured, isMet: (measured ?? 0) >= least });
  const atMost = (what: string, measured: number | undefined, most: number) =>
    aims.push({ what, aim: `≤ ${most}`, measured, isMet: (measured ?? Infinity) <= most });
  for (const { sessions, subjects } of speed) {
    const of = (name: string) => subjects.find(({ subject }) => subject === name);
    const [session, service] = [of('session'), of('service')];
    if (of('bare') && session) {
      atLeast(`session process / bare, ${sessions} sessions`, session.ratio, 0.85);
    }
    if (of('bare') && service) {
      atLeast(`whole service / bare, ${sessions} sessions`, service.ratio, 0.6);
    }
    if (service) {
      atMost(`p99 to the event at half load (ms), ${sessions} sessions`, service.half.event.p99, 50);
    }
  }
  const bare = memory.find(({ subject }) => subject === 'bare');
  for (const { subject, perSession } of memory) {
    if (bare && (subject === 'service' || subject === 'session')) {
      for (const after of ['linking', 'restart'] as const) {
        const [own, theirs] = [perSession[after], bare.perSession[after]];
        const share = (part: 'heap' | 'rss') => own && theirs && own[part] / theirs[part];
        atMost(`${subject} heap / bare heap per idle session after ${after}`, share('heap'), 1.3);
        atMost(`${subject} RSS / bare RSS per idle session after ${after}`, share('rss'), 1.3);
      }
    }
  }
  return aims;
}

/** @returns tables for a terminal */
export function formatReport(report: BenchReport): string {
  const { database, speed, memory, aims } = report;
  const lines = [
    ...describeEnvironment(report),
    ...busyWarnings(speed).map((warning) => `WARNING: ${warning}`),
    ...(database && !database.keepsCommitTimes
      ? ['track_commit_timestamp is off: of committed rows only the upper bound (acknowledged) is known']
      : []),
  ];
  for (const { sessions, subjects } of speed) {
    lines.push(
      '',
      `${sessions} session${sessions === 1 ? '' : 's'}, saturated (p50 / p99 in ms since the phone's send)`,
    );
    lines.push(
      table(
        HEADINGS,
        subjects.map((each) => rowOf(each.subject, each.saturated, each)),
      ),
    );
    lines.push('', `${sessions} session${sessions === 1 ? '' : 's'}, at half of its own saturation`);
    lines.push(
      table(
        HEADINGS,
        subjects.map((each) => rowOf(each.subject, each.half)),
      ),
    );
  }
  if (memory.length > 0) {
    lines.push('', 'Idle sessions, after garbage collection: heap with buffers / RSS in MiB');
    const points = memory[0]?.points ?? [];
    const headings = points.map(({ sessions, after }) =>
      after === 'linking' ? `${sessions}` : `${sessions} restarted`,
    );
    const rows = memory.map(({ subject, points: own, perSession }) => [
      subject,
      ...own.map(mebibytes),
      mebibytes(perSession.linking),
      mebibytes(perSession.restart),
    ]);
    lines.push(table(['', ...headings, 'per session', 'per restarted'], rows));
  }
  lines.push('', table(['aim', '', 'measured', ''], aims.map(aimRow)));
  lines.push(
    '',
    'acknowledged: WhatsApp has the receipt, which the service sends after the commit: an upper bound of the committed row.',
    'committed: time of the transaction (pg_xact_commit_timestamp), taken just before its flush.',
    'by CPU: CPU per message of bare to that of the subject, i.e. the ratio if every process had a core of its own.',
    'bare acknowledges what is in memory only. Ratios are medians of neighbouring rounds; other work on this machine',
    'changes the absolute figures more than the ratios.',
  );
  return lines.join('\n');
}

/** Saturated, bare Baileys takes a core of its own where it can get one. */
const FREE_CORES = 0.9;

function busyWarnings(speed: BenchReport['speed']): string[] {
  return speed.flatMap(({ sessions, subjects }) => {
    const cores = subjects.find(({ subject }) => subject === 'bare')?.saturated.cores;
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

function rowOf(name: string, load: LoadFigures, ratios?: Pick<SubjectSpeed, 'ratio' | 'cpuRatio'>): string[] {
  const [low, high] = load.rates ?? [];
  return [
    name,
    number(load.rate, 0),
    number(ratios?.ratio, 2),
    number(ratios?.cpuRatio, 2),
    `${number(low, 0)}-${number(high, 0)}`,
    spanOf(load.acknowledged),
    spanOf(load.committed),
    spanOf(load.event),
    number(load.cpuPerMessage, 2),
    number(load.cores, 2),
  ];
}

function aimRow({ what, aim, measured, isMet }: Aim): string[] {
  return [what, aim, number(measured, 2), isMet ? 'met' : 'MISSED'];
}

function spanOf({ p50, p99 }: Latency): string {
  return p50 === undefined ? '–' : `${number(p50, 1)} / ${number(p99, 1)}`;
}

function mebibytes(memory: { heap: number; rss: number } | undefined): string {
  return memory === undefined
    ? '–'
    : `${(memory.heap / MEBIBYTE).toFixed(2)} / ${(memory.rss / MEBIBYTE).toFixed(2)}`;
}
