import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FairSemaphore } from './fair-semaphore.js';

/** Pieces of work, named by their owner's letter, that end when they are told to. */
function piecesOf(semaphore: FairSemaphore) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string, signal?: AbortSignal) =>
    semaphore.run(
      name[0]!,
      () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      },
      signal,
    );
  return { begun, run, end: (name: string) => (ends.get(name)!(), turn()) };
}

describe('FairSemaphore', () => {
  it.each<[number, number, string[]]>([
    [1, 1, ['a1']],
    [3, 3, ['a1', 'a2', 'a3']],
    [3, 2, ['a1', 'a2', 'b1']],
    [5, 1, ['a1', 'b1']],
  ])('%i at once, %i of one: begins %j', async (atOnce, ofOne, expected) => {
    const { begun, run } = piecesOf(new FairSemaphore(atOnce, ofOne));
    ['a1', 'a2', 'a3', 'a4', 'b1', 'b2'].forEach((name) => void run(name));

    await turn();
    expect(begun).toEqual(expected);
  });

  it('gives the owners turns', async () => {
    const { begun, run, end } = piecesOf(new FairSemaphore(1));
    ['a1', 'a2', 'a3', 'b1'].forEach((name) => void run(name));

    await turn();
    for (const name of ['a1', 'a2', 'b1']) {
      await end(name);
    }
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3']);
  });

  it('never begins what is not wanted any more, and goes on with the next', async () => {
    const { begun, run, end } = piecesOf(new FairSemaphore(1));
    const unwanted = new AbortController();
    void run('a1');
    const given = [run('b1', unwanted.signal), run('b2', AbortSignal.abort(new Error('never wanted')))];
    void run('c1');

    unwanted.abort(new Error('too late'));

    expect(await Promise.allSettled(given)).toMatchObject([
      { reason: { message: 'too late' } },
      { reason: { message: 'never wanted' } },
    ]);
    await end('a1');
    expect(begun).toEqual(['a1', 'c1']);
  });

  it('goes on after work that failed, in any way', async () => {
    const semaphore = new FairSemaphore(1);
    const runs = await Promise.allSettled([
      semaphore.run('a', () => Promise.reject(new Error('later'))),
      semaphore.run('a', () => {
        throw new Error('at once');
      }),
      semaphore.run('b', () => Promise.resolve('done')),
    ]);

    expect(runs.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });
});
