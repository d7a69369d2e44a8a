import { describe, expect, it } from 'vitest';
import { Findings } from '../chaos/findings.js';
import { compareEvents } from './compare-events.js';

function figures(expected: string[], told: string[]): Record<string, number> {
  const findings = new Findings();
  compareEvents(expected, told, {}, findings);
  return findings.figures;
}

describe('what a subscriber was told', () => {
  it('is fine when it is what is stored, in its order', () => {
    expect(figures(['a', 'b', 'c'], ['a', 'b', 'c'])).toEqual({});
  });

  it.each([
    ['misses one', ['a', 'c'], { 'events not told': 1 }],
    ['has one twice', ['a', 'b', 'b', 'c'], { 'events told twice': 1 }],
    ['is in another order', ['b', 'a', 'c'], { 'events told out of order': 1 }],
  ])('is wrong when it %s', (_, told, wrong) => {
    expect(figures(['a', 'b', 'c'], told)).toEqual(wrong);
  });
});
