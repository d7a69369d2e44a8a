import { describe, expect, it } from 'vitest';
import { together } from './together.ts';

function reader(missing: string[] = []) {
  const calls: [string, string[]][] = [];
  const one = together(async (organizationId, ids) => {
    calls.push([organizationId, ids]);
    return ids.filter((id) => !missing.includes(id)).map((id) => ({ id, name: `${organizationId} ${id}` }));
  });
  return { calls, one };
}

describe('what is asked for at one moment', () => {
  it('is read in one call for each organization, each id once', async () => {
    const { calls, one } = reader(['c']);

    const found = await Promise.all([
      one('a', 'x'),
      one('a', 'y'),
      one('b', 'x'),
      one('a', 'x'),
      one('a', 'c'),
    ]);

    expect(found.map((item) => item?.name)).toEqual(['a x', 'a y', 'b x', 'a x', undefined]);
    expect(calls).toEqual([
      ['a', ['x', 'y', 'c']],
      ['b', ['x']],
    ]);
    await one('a', 'x');
    expect(calls).toHaveLength(3);
  });

  it('is read in several calls where it does not fit into an address', async () => {
    const { calls, one } = reader();

    const found = await Promise.all(Array.from({ length: 250 }, (_, index) => one('a', String(index))));

    expect(found.map((item) => item!.id)).toEqual(Array.from({ length: 250 }, (_, index) => String(index)));
    expect(calls.map(([, ids]) => ids.length)).toEqual([100, 100, 50]);
  });

  it('fails together, and is read anew the next time', async () => {
    let isBroken = true;
    const one = together(async (_organization, ids) => {
      if (isBroken) {
        throw new Error('gone');
      }
      return ids.map((id) => ({ id }));
    });

    const outcomes = await Promise.allSettled([one('a', 'x'), one('a', 'y')]);
    isBroken = false;

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await one('a', 'x')).toEqual({ id: 'x' });
  });
});
