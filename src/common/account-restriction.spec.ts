import { expect, it } from 'vitest';
import { type AccountRestriction, standing } from './account-restriction.js';

const NOW = Date.parse('2030-01-01T00:00:00Z');

it.each<[until: string | null, isStanding: boolean]>([
  [null, true],
  ['2030-01-01T00:00:01.000Z', true],
  ['2030-01-01T00:00:00.000Z', false],
])('a restriction until %s stands: %s', (until, isStanding) => {
  const restriction: AccountRestriction = { kind: 'new_chats', reason: 'default', until };

  expect(standing(restriction, NOW)).toBe(isStanding ? restriction : null);
});

it('none is none', () => {
  expect(standing(null, NOW)).toBeNull();
});
