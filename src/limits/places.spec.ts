import { describe, expect, it } from 'vitest';
import type { Principal } from '../auth/principal.js';
import type { PlaceBounds } from '../config/app-config.js';
import { Places } from './places.js';

const ROOMY: PlaceBounds = {
  key: 100,
  user: 100,
  organization: 100,
  address: 100,
  total: 1_000,
  reserved: 0,
};
const OPEN: Principal = { kind: 'open', id: 'open', name: 'anybody', grants: 'all' };
const ADMINISTRATOR: Principal = { kind: 'administrator', id: 'environment', name: 'E', grants: 'all' };

function principal(kind: 'api-key' | 'user', id: string, ...organizations: string[]): Principal {
  const grants = new Map(organizations.map((name) => [name, new Set(['read'] as const)]));
  return { kind, id, name: id, grants };
}

const key = (id: string, organization = 'org-a') => principal('api-key', id, organization);
const user = (id: string, ...organizations: string[]) => principal('user', id, ...organizations);
const nobody = undefined;

function takerOf(bounds: Partial<PlaceBounds>) {
  const places = new Places({ ...ROOMY, ...bounds });
  return (who: Principal | undefined, address = '192.0.2.1') => places.take({ principal: who, address });
}

const outcome = (taken: ReturnType<Places['take']>) =>
  typeof taken === 'function' ? 'in' : `${taken.boundedBy} ${taken.bound}`;

describe('Places', () => {
  it.each<[string, Partial<PlaceBounds>, (Principal | undefined)[], string[]]>([
    ['a key', { key: 2 }, [key('1'), key('1'), key('1'), key('2')], ['in', 'in', 'key 2', 'in']],
    [
      'a user, wherever a member',
      { user: 1, key: 9 },
      [user('u', 'org-a', 'org-b'), user('u', 'org-a'), user('v', 'org-a')],
      ['in', 'user 1', 'in'],
    ],
    [
      'an organization, keys and users together',
      { organization: 2 },
      [key('1'), user('u', 'org-a'), key('2'), user('v', 'org-a'), key('3', 'org-b')],
      ['in', 'in', 'organization 2', 'organization 2', 'in'],
    ],
    [
      'members of two organizations by the places of both',
      { organization: 1 },
      [
        user('u', 'org-a', 'org-b'),
        user('v', 'org-a', 'org-b'),
        user('w', 'org-a', 'org-b'),
        key('1', 'org-b'),
      ],
      ['in', 'in', 'organization 1', 'organization 1'],
    ],
    [
      'who has no token, by the address',
      { address: 1 },
      [nobody, nobody, key('1')],
      ['in', 'address 1', 'in'],
    ],
    ['an open service, by the address', { address: 1, key: 1 }, [OPEN, OPEN], ['in', 'address 1']],
    [
      'tenants, by what is not reserved',
      { total: 3, reserved: 1 },
      [key('1'), nobody, key('2', 'org-b'), ADMINISTRATOR, ADMINISTRATOR],
      ['in', 'in', 'process 2', 'in', 'process 3'],
    ],
    [
      'an administrator, too, so that another one finds a place',
      { key: 1, total: 9 },
      [ADMINISTRATOR, ADMINISTRATOR, { ...key('root'), grants: 'all' }],
      ['in', 'key 1', 'in'],
    ],
    [
      'nobody, where there is no bound',
      { key: 0, organization: 0 },
      Array.from({ length: 500 }, () => key('1')),
      Array.from({ length: 500 }, () => 'in'),
    ],
  ])('bound %s', (_name, bounds, seekers, expected) => {
    const take = takerOf(bounds);

    expect(seekers.map((who) => outcome(take(who)))).toEqual(expected);
  });

  it('are free again once they are given back, each once', () => {
    const take = takerOf({ key: 1, total: 2 });
    const giveBack = take(key('1')) as () => void;
    const other = take(key('2', 'org-b')) as () => void;
    expect(outcome(take(key('1')))).toBe('key 1');

    giveBack();
    giveBack();
    expect([take(key('1')), take(key('3'))].map(outcome)).toEqual(['in', 'process 2']);
    other();
    expect(outcome(take(key('3')))).toBe('in');
  });

  it('tell the first refusal of many from those that follow', () => {
    const take = takerOf({ key: 1 });
    const giveBack = take(key('1')) as () => void;
    const isFirst = () => (take(key('1')) as { isFirst: boolean }).isFirst;

    expect([isFirst(), isFirst()]).toEqual([true, false]);
    giveBack();
    take(key('1'));
    expect([isFirst(), isFirst()]).toEqual([true, false]);
  });

  it('take nothing for who is refused', () => {
    const take = takerOf({ key: 5, organization: 1 });
    const giveBack = take(key('1')) as () => void;
    for (let round = 0; round < 10; round += 1) {
      take(key('2'));
    }

    giveBack();
    expect(outcome(take(key('2')))).toBe('in');
  });
});
