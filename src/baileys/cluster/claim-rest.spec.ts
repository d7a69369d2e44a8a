import { describe, expect, it } from 'vitest';
import { ClaimRest } from './claim-rest.js';

describe('ClaimRest', () => {
  it('does not keep a node from its start, nor after a short fault', () => {
    const rest = new ClaimRest(15_000);
    expect(rest.isOver(0)).toBe(true);

    rest.answered(60_000);
    rest.answered(67_000);

    expect(rest.isOver(67_000)).toBe(true);
  });

  it('gives the others time after an outage that their leases may not have survived', () => {
    const rest = new ClaimRest(15_000);
    rest.answered(0);
    rest.answered(20_000);
    rest.answered(21_000);

    expect(rest.isOver(21_000)).toBe(false);
    expect(rest.isOver(27_499)).toBe(false);
    expect(rest.isOver(27_500)).toBe(true);
  });
});
