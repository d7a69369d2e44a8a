import { describe, expect, it } from 'vitest';
import { CachedPromise } from './cached-promise.js';

/** Gives these one after the other; an error is thrown. */
function cacheOf(...outcomes: (string | Error)[]) {
  return new CachedPromise<string>(() => {
    const outcome = outcomes.shift()!;
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  });
}

describe('CachedPromise', () => {
  const gone = new Error('gone');
  it.each<[string, (string | Error)[], ('get' | 'renew')[], unknown[]]>([
    ['is found out once', ['a', 'b'], ['get', 'get'], ['a', 'a']],
    ['is found out anew when that is wanted', ['a', 'b'], ['get', 'renew', 'get'], ['a', 'b', 'b']],
    ['is tried again after a failure', [gone, 'b'], ['get', 'get', 'get'], [gone, 'b', 'b']],
    [
      'is not there after it could not be renewed',
      ['a', gone, 'c'],
      ['get', 'renew', 'get'],
      ['a', gone, 'c'],
    ],
  ])('%s', async (_name, outcomes, calls, expected) => {
    const cache = cacheOf(...outcomes);
    const answers: unknown[] = [];
    for (const call of calls) {
      answers.push(await cache[call]().catch((error: unknown) => error));
    }

    expect(answers).toEqual(expected);
  });

  it('shares a failure with all who wait for it, and no older one ends what is newer', async () => {
    const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const finds = [first, second];
    const cache = new CachedPromise<string>(() => finds.shift()!.promise);
    const waiting = Promise.allSettled([cache.get(), cache.get()]);
    const newer = cache.renew();

    first.reject(gone);
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    second.resolve('b');

    expect([cache.current, await cache.get()]).toEqual([newer, 'b']);
  });
});
