import type { ProbeFigures } from './latency-probe.js';
import { type GuessReport, isEveryCallAnswered } from './guess.js';
import type { CallerFigures } from './regular-caller.js';
import { describeEnvironment } from './environment-info.js';
import { number, table } from './table.js';

const MIB = 1024 * 1024;

/** @returns tables for a terminal */
export function formatGuesses(report: GuessReport): string {
  const { idle, during, attack, memory, cores, generator } = report;
  const row = (label: string, figures: CallerFigures | ProbeFigures) => [
    label,
    number(figures.p50, 1),
    number(figures.p99, 1),
    number(figures.max, 1),
    'made' in figures ? `${figures.answered} of ${figures.made}` : `${figures.arrived} of ${figures.written}`,
  ];
  const failures = Object.entries({
    ...idle.calls.failures,
    ...idle.others.failures,
    ...during.calls.failures,
    ...during.others.failures,
  });
  return [
    ...describeEnvironment(report),
    '',
    `${attack.guesses} guessed keys, ${attack.atOnce} at a time, in ${number(attack.guessMs / 1_000, 1)} s ` +
      `(${number((attack.guesses / attack.guessMs) * 1_000, 0)}/s): ${listed(attack.outcomes)}`,
    `${attack.slowPeers} slow connections at a time: ${attack.opened} opened, ${attack.closed} closed by the service`,
    `the service: ${number(cores, 2)} cores; ${megabytes(memory.before)} before, ${megabytes(memory.peak)} at most, ` +
      `${megabytes(memory.after)} after`,
    '',
    table(
      ['in ms', 'p50', 'p99', 'max', 'came through'],
      [
        row('a valid key, same address, before', idle.calls),
        row('a valid key, same address, during', during.calls),
        row('a valid key, elsewhere, before', idle.others),
        row('a valid key, elsewhere, during', during.others),
        row('events of a subscriber, before', idle.events),
        row('events of a subscriber, during', during.events),
      ],
    ),
    '',
    ...(failures.length > 0 ? [`Calls that were not answered: ${listed(Object.fromEntries(failures))}`] : []),
    `Every call and event came through: ${isEveryCallAnswered(report) ? 'yes' : 'NO'}`,
    `Timers of the process that calls were late by ${number(generator.idleP95, 1)} ms before and ` +
      `${number(generator.duringP95, 1)} ms during the attack (p95): part of every latency.`,
  ].join('\n');
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
