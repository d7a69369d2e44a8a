import { type Findings, tally } from '../chaos/findings.js';

/**
 * Compares the events that a subscriber got with those that are stored.
 * @param expected texts in the order of their events
 * @param told texts in the order of their arrival
 * @param about for the report
 */
export function compareEvents(
  expected: readonly string[],
  told: readonly string[],
  about: object,
  findings: Findings,
): void {
  const counts = tally(told, (text) => text);
  const place = new Map(expected.map((text, index) => [text, index]));
  for (const text of expected) {
    const count = counts.get(text) ?? 0;
    findings.add('events not told', { ...about, text }, 1 - count);
    findings.add('events told twice', { ...about, text, count }, count - 1);
  }
  told.forEach((text, index) => {
    const before = told[index - 1];
    if (before !== undefined && place.get(before)! > place.get(text)!) {
      findings.add('events told out of order', { ...about, before, text });
    }
  });
}
