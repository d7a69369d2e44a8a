import { describe, expect, it } from 'vitest';
import { KeyedSemaphore } from './keyed-semaphore.js';

describe('KeyedSemaphore', () => {
  it('lets a few at a time work for a key, in order, and others beside them', async () => {
    const turns = new KeyedSemaphore<string>(2, 10);
    const began: string[] = [];
    const ends: (() => void)[] = [];
    const work = (name: string) => () => {
      began.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    };
    const all = [1, 2, 3, 4].map((place) => turns.run('a', work(`a${place}`)));
    const other = turns.run('b', work('b1'));

    expect(began).toEqual(['a1', 'a2', 'b1']);
    ends.shift()!();
    await all[0];
    expect(began).toEqual(['a1', 'a2', 'b1', 'a3']);
    while (ends.length > 0) {
      ends.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all([...all, other]);
    expect(began.at(-1)).toBe('a4');
  });

  it('has no place beyond its bound, and again when there is', async () => {
    const turns = new KeyedSemaphore<string>(1, 1);
    let end = (): void => undefined;
    const first = turns.run('a', () => new Promise<void>((resolve) => (end = resolve)));
    expect(turns.hasPlaceFor('a')).toBe(true);
    const second = turns.run('a', () => Promise.resolve());

    expect(turns.hasPlaceFor('a')).toBe(false);
    expect(turns.hasPlaceFor('b')).toBe(true);
    end();
    await Promise.all([first, second]);
    expect(turns.hasPlaceFor('a')).toBe(true);
  });

  it('goes on after work that failed', async () => {
    const turns = new KeyedSemaphore<string>(1, 5);
    const failed = turns.run('a', () => Promise.reject(new Error('no')));
    const next = turns.run('a', () => Promise.resolve('done'));

    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('done');
  });
});
