import { describeAim } from './aims.js';
import type { Spread } from './figures.js';
import type { SummaryRow } from './summary-row.js';
import { number, table } from './table.js';

const HEADINGS = ['', 'bare Baileys', 'this service', 'ratio', 'aim', ''];
const RATIO_DIGITS = 2;

/** @returns the table for a terminal: medians, with the lowest and the highest of the rounds */
export function formatSummary(rows: readonly SummaryRow[]): string {
  return table(
    HEADINGS,
    rows.map(({ measure, digits, bare, service, ratio, aim, isMet }) => [
      measure,
      describe(bare, digits),
      describe(service, digits),
      describe(ratio, RATIO_DIGITS),
      aim === undefined ? '' : describeAim(aim),
      aim === undefined ? '' : isMet === undefined ? 'not measured' : isMet ? 'met' : 'MISSED',
    ]),
  );
}

function describe(spread: Spread | undefined, digits: number): string {
  const [median, low, high] = [spread?.median, spread?.low, spread?.high].map((value) =>
    number(value, digits),
  );
  return low === median && high === median ? median! : `${median} (${low}–${high})`;
}
