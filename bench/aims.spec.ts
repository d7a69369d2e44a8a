import { describe, expect, it } from 'vitest';
import { type Aim, describeAim, isMet } from './aims.js';

describe('aims', () => {
  const atLeast: Aim = { of: 'ratio', is: '≥', bound: 0.8 };
  const atMost: Aim = { of: 'value', is: '≤', bound: 0.3 };
  const below: Aim = { of: 'value', is: '<', bound: 50 };

  it.each([
    { aim: atLeast, figures: { ratio: 0.79, value: 9 }, expected: false },
    { aim: atLeast, figures: { ratio: 0.8, value: 0 }, expected: true },
    { aim: atLeast, figures: { value: 0.9 }, expected: undefined },
    { aim: atMost, figures: { ratio: 0.1, value: 0.31 }, expected: false },
    { aim: atMost, figures: { ratio: 9, value: 0.3 }, expected: true },
    { aim: atMost, figures: { ratio: 0.1 }, expected: undefined },
    { aim: below, figures: { value: 50 }, expected: false },
    { aim: below, figures: { value: 49.9 }, expected: true },
  ])('$aim.of $aim.is $aim.bound, of $figures: $expected', ({ aim, figures, expected }) => {
    expect(isMet(aim, figures)).toBe(expected);
  });

  it('say what they are of', () => {
    expect([atLeast, atMost, below].map(describeAim)).toEqual(['ratio ≥ 0.8', '≤ 0.3', '< 50']);
  });
});
