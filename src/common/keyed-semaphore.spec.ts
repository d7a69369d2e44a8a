import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { KeyedSemaphore } from './keyed-semaphore.js';

describe('KeyedSemaphore', () => {
  it('lets a few at a time work for a key, in order, and others beside them', async () => {
    const semaphore = new KeyedSemaphore(2, 10);
    const began: string[] = [];
    const ends: (() => void)[] = [];
    const work = (name: string) => () => {
      began.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    };
    const all = [1, 2, 3, 4].map((place) => semaphore.run('a', work(`a${place}`)));
    const other = semaphore.run('b', work('b1'));

    expect(began).toEqual(['a1', 'a2', 'b1']);
    ends.shift()!();
    await all[0];
    expect(began).toEqual(['a1', 'a2', 'b1', 'a3']);
    while (ends.length > 0) {
      ends.shift()!();
      await turn();
    }
    await Promise.all([...all, other]);
    expect(began.at(-1)).toBe('a4');
  });

  it('is a lock unless it is told otherwise: one at a time for a key, in order, also after a failure', async () => {
    const lock = new KeyedSemaphore();
    const steps: string[] = [];
    const first = Promise.withResolvers<void>();
    const results = Promise.allSettled([
      lock.run('a', async () => {
        steps.push('first begins');
        await first.promise;
        steps.push('first ends');
        throw new Error('failed');
      }),
      lock.run('a', async () => {
        steps.push('second');
      }),
      lock.run('b', async () => {
        steps.push('another key');
      }),
    ]);
    await lock.run('b', async () => undefined);
    first.resolve();

    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(steps).toEqual(['first begins', 'another key', 'first ends', 'second']);
  });

  it('lets no two in where many come and go', async () => {
    const lock = new KeyedSemaphore();
    let [inside, most] = [0, 0];
    const visit = () =>
      lock.run('a', async () => {
        inside += 1;
        most = Math.max(most, inside);
        await Promise.resolve();
        inside -= 1;
      });
    const visitor = async () => {
      for (let visits = 0; visits < 50; visits += 1) {
        await visit();
      }
    };

    await Promise.all([visitor(), visitor(), visitor()]);

    expect(most).toBe(1);
  });

  it('runs each in the async context of its own caller', async () => {
    const lock = new KeyedSemaphore();
    const context = new AsyncLocalStorage<string>();
    const seen = await Promise.all(
      ['tenant a', 'tenant b'].map((tenant) =>
        context.run(tenant, () => lock.run('5511999887766.0', async () => context.getStore())),
      ),
    );
    expect(seen).toEqual(['tenant a', 'tenant b']);
  });

  it('has no place beyond its bound, and again when there is', async () => {
    const semaphore = new KeyedSemaphore(1, 1);
    let end = (): void => undefined;
    const first = semaphore.run('a', () => new Promise<void>((resolve) => (end = resolve)));
    expect(semaphore.hasPlaceFor('a')).toBe(true);
    const second = semaphore.run('a', () => Promise.resolve());

    expect([semaphore.hasPlaceFor('a'), semaphore.hasPlaceFor('b')]).toEqual([false, true]);
    end();
    await Promise.all([first, second]);
    expect(semaphore.hasPlaceFor('a')).toBe(true);
  });
});
