import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { Semaphore } from './semaphore.js';

/** Pieces of work that tell when they begin and end when they are told to. */
function pieces() {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const work = (name: string) => () => {
    begun.push(name);
    const end = Promise.withResolvers<void>();
    ends.set(name, end);
    return end.promise;
  };
  return { begun, work, end: (name: string) => ends.get(name)!.resolve() };
}

describe('Semaphore', () => {
  it.each([
    [1, ['a']],
    [2, ['a', 'b']],
    [3, ['a', 'b', 'c']],
  ])('%i at once: begins %j, and the next one when the first ends', async (atOnce, expected) => {
    const semaphore = new Semaphore(atOnce);
    const { begun, work, end } = pieces();
    const runs = ['a', 'b', 'c', 'd'].map((name) => semaphore.run(work(name)));

    expect(begun).toEqual(expected);
    end('a');
    await runs[0];
    expect(begun).toEqual(['a', 'b', 'c', 'd'].slice(0, atOnce + 1));
  });

  it.each([
    [0, 0, false],
    [0, 1, false],
    [1, 1, true],
    [1, 2, false],
    [Infinity, 50, true],
  ])('of which %d may wait, with %i there: has a place: %s', (maxWaiting, there, expected) => {
    const semaphore = new Semaphore(1, maxWaiting);
    const { work } = pieces();
    for (let piece = 0; piece < there; piece += 1) {
      void semaphore.run(work(String(piece)));
    }

    expect([semaphore.hasPlace, semaphore.isIdle]).toEqual([expected, there === 0]);
  });

  it('goes on after work that failed, in any way', async () => {
    const semaphore = new Semaphore(1);
    const runs = await Promise.allSettled([
      semaphore.run(() => Promise.reject(new Error('later'))),
      semaphore.run(() => {
        throw new Error('at once');
      }),
      semaphore.run(() => Promise.resolve('done')),
    ]);

    expect(runs.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(semaphore.isIdle).toBe(true);
  });

  it('runs each in the async context of its own caller', async () => {
    const semaphore = new Semaphore(1);
    const context = new AsyncLocalStorage<string>();
    const seen = await Promise.all(
      ['tenant a', 'tenant b'].map((tenant) =>
        context.run(tenant, () => semaphore.run(async () => context.getStore())),
      ),
    );
    expect(seen).toEqual(['tenant a', 'tenant b']);
  });
});
