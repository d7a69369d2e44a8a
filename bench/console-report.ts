import { type Aim, describeAim, isMet } from './aims.js';
import type { ConsoleReport, ViewFigures } from './console.js';
import { describeEnvironment } from './environment-info.js';
import { number, table } from './table.js';

/** In ms, of the slowest opening. */
const AIM: Aim = { of: 'value', is: '≤', bound: 1_500 };

/** @returns whether it could be used soon enough each time */
export function isSoonEnough({ cold, warm }: Pick<ViewFigures, 'cold' | 'warm'>): boolean {
  return isMet(AIM, { value: Math.max(cold.high, warm.high) }) === true;
}

/** @returns a table for a terminal */
export function formatConsole(report: ConsoleReport): string {
  const { views, openings, customers } = report;
  return [
    ...describeEnvironment(report),
    '',
    table(
      [
        `until it can be used, ${openings} times each, in ms`,
        'first: min',
        'median',
        'max',
        'again: min',
        'median',
        'max',
        'JavaScript, kB',
        '',
      ],
      views.map((view) => [
        view.path,
        ...[view.cold, view.warm].flatMap(({ low, median, high }) =>
          [low, median, high].map((ms) => number(ms, 0)),
        ),
        number(view.scriptBytes / 1_000, 0),
        isSoonEnough(view) ? '' : 'MISSED',
      ]),
    ),
    `Aim: each time ${describeAim(AIM)}.`,
    `A business with ${customers} customers, their messages and bookings. First: in a browser that has never been there. Browser and`,
    'service share the machine; JavaScript is what came over the line at the first visit.',
  ].join('\n');
}
