import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withTimeout } from './with-timeout.js';

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});

afterEach(() => {
  process.off('unhandledRejection', note);
});

describe('a wait with a limit', () => {
  it('gives the result that comes in time', async () => {
    await expect(withTimeout(Promise.resolve('rows'), 1_000, () => new Error('late'))).resolves.toBe('rows');
  });

  it('fails with its own error when the time is over', async () => {
    const never = Promise.withResolvers<void>();

    await expect(withTimeout(never.promise, 1, () => new Error('late'))).rejects.toThrow('late');
  });

  it('ends with the reason of the signal', async () => {
    const never = Promise.withResolvers<void>();
    const ended = new AbortController();
    const waiting = withTimeout(never.promise, 1_000, () => new Error('late'), ended.signal);

    ended.abort(new Error('the connection is over'));

    await expect(waiting).rejects.toThrow('the connection is over');
  });

  it('leaves no rejection behind when the signal came before the wait', async () => {
    const query = Promise.withResolvers<void>();
    const ended = AbortSignal.abort(new Error('the connection is over'));

    await expect(withTimeout(query.promise, 1_000, () => new Error('late'), ended)).rejects.toThrow(
      'the connection is over',
    );
    query.reject(new Error('the database is gone'));
    await turn();

    expect(unhandled).toEqual([]);
  });
});
