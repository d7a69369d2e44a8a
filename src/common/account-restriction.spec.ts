import { expect, it } from 'vitest';
import { type AccountRestriction, inForce } from './account-restriction.js';

const NOW = Date.parse('2030-01-01T00:00:00Z');

it.each<[until: string | null, isInForce: boolean]>([
  [null, true],
  ['2030-01-01T00:00:01.000Z', true],
  ['2030-01-01T00:00:00.000Z', false],
])('a restriction until %s is in force: %s', (until, isInForce) => {
  const restriction: AccountRestriction = { kind: 'new_chats', reason: 'default', until };

  expect(inForce(restriction, NOW)).toBe(isInForce ? restriction : null);
});

it('none is none', () => {
  expect(inForce(null, NOW)).toBeNull();
});
