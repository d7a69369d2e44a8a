import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { KeyedLock } from './keyed-lock.js';

describe('KeyedLock', () => {
  it('runs one at a time for a key, in order, also after a failure', async () => {
    const lock = new KeyedLock();
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

  it('runs each in the async context of its own caller', async () => {
    const lock = new KeyedLock();
    const context = new AsyncLocalStorage<string>();
    const seen = await Promise.all(
      ['tenant a', 'tenant b'].map((tenant) =>
        context.run(tenant, () => lock.run('5511999887766.0', async () => context.getStore())),
      ),
    );
    expect(seen).toEqual(['tenant a', 'tenant b']);
  });
});
