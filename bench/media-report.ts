import { describeEnvironment } from './environment-info.js';
import type { ProbeFigures } from './latency-probe.js';
import type { Growth, MediaReport } from './media.js';
import { number, table } from './table.js';

const MEGABYTE = 1024 ** 2;
/** By how much the process may grow, and how much later a text may come, than without files. */
export const MEDIA_AIMS = { growthBytes: 64 * MEGABYTE, delayMs: 1_000 } as const;

/** @returns by how much the process grew, in bytes */
export function growthOf({ before, peak }: Pick<Growth, 'before' | 'peak'>): number {
  return Math.max(peak - before, 0);
}

/** @returns by how much the latest text was later than the latest one without files, in ms */
export function delayOf({ idle, during }: Pick<MediaReport, 'idle' | 'during'>): number {
  return during.arrived < during.written ? Infinity : (during.max ?? Infinity) - (idle.max ?? 0);
}

/** @returns whether all files and texts came, as they have to whatever the figures are */
export function isAllThere({ during, received, sent }: MediaReport): boolean {
  return (
    during.arrived === during.written && received.ready === received.files && sent.arrived === sent.bytes
  );
}

/** @returns a table for a terminal */
export function formatMedia(report: MediaReport): string {
  const { idle, during, received, sent, generator } = report;
  const row = (label: string, figures: ProbeFigures) => [
    label,
    number(figures.p50, 1),
    number(figures.p95, 1),
    number(figures.max, 1),
    `${figures.arrived} of ${figures.written}`,
  ];
  const megabytes = (bytes: number) => number(bytes / MEGABYTE, 1);
  const aim = (isMet: boolean) => (isMet ? 'met' : 'MISSED');
  const files = [
    ['received', received, `${received.ready} of ${received.files} files`] as const,
    ['sent', sent, sent.arrived === sent.bytes ? 'whole' : 'NOT WHOLE'] as const,
  ];
  return [
    ...describeEnvironment(report),
    '',
    table(
      ['texts of the same number, in ms', 'p50', 'p95', 'max', 'arrived'],
      [row('without files', idle), row('while files come', during)],
    ),
    `Aim: none more than ${MEDIA_AIMS.delayMs} ms later: ${aim(delayOf(report) <= MEDIA_AIMS.delayMs)}`,
    '',
    table(
      [
        'files',
        'MB',
        's',
        'MB/s',
        'RSS before',
        'peak',
        'growth in MB',
        'timers late, p99',
        'max, ms',
        'arrived',
      ],
      files.map(([label, figures, arrived]) => [
        label,
        megabytes(figures.bytes),
        number(figures.ms / 1_000, 1),
        number(figures.bytes / MEGABYTE / (figures.ms / 1_000), 1),
        megabytes(figures.before),
        megabytes(figures.peak),
        megabytes(growthOf(figures)),
        number(figures.lateP99, 1),
        number(figures.lateMax, 1),
        arrived,
      ]),
    ),
    `Aim: grows by less than ${MEDIA_AIMS.growthBytes / MEGABYTE} MB: ` +
      aim(files.every(([, figures]) => growthOf(figures) < MEDIA_AIMS.growthBytes)),
    '',
    'From the send of a phone to the Socket.IO event of a subscriber. Phones, network and media host share a process, whose timers',
    `were late by ${number(generator.idleP95, 1)} ms without files and ${number(generator.duringP95, 1)} ms with them (p95): part of every latency.`,
  ].join('\n');
}
