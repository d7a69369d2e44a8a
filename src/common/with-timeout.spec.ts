import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withTimeout } from './with-timeout.js';

const LONG_MS = 60_000;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
const late = () => new Error('late');
const over = new Error('the connection is over');

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});

afterEach(() => {
  process.off('unhandledRejection', note);
});

describe('withTimeout', () => {
  const rows = () => Promise.resolve('rows');
  const gone = () => Promise.reject<string>(new Error('gone'));
  const never = () => new Promise<string>(() => undefined);
  it.each<[string, () => Promise<string>, number, (() => Error) | undefined, unknown]>([
    ['a result in time', rows, LONG_MS, undefined, 'rows'],
    ['a result in time, where lateness is a fault', rows, LONG_MS, late, 'rows'],
    ['a failure in time', gone, LONG_MS, undefined, new Error('gone')],
    ['a failure in time, where lateness is a fault', gone, LONG_MS, late, new Error('gone')],
    ['nothing in time', never, 1, undefined, undefined],
    ['nothing in time, where lateness is a fault', never, 1, late, new Error('late')],
  ])('%s', async (_name, work, timeoutMs, fault, expected) => {
    const waiting = fault ? withTimeout(work(), timeoutMs, fault) : withTimeout(work(), timeoutMs);

    expect(await waiting.catch((error: unknown) => error)).toEqual(expected);
  });

  it('ends with the reason of the signal', async () => {
    const ended = new AbortController();
    const waiting = withTimeout(never(), LONG_MS, late, ended.signal);

    ended.abort(over);

    await expect(waiting).rejects.toBe(over);
  });

  it.each<[string, (work: Promise<string>) => Promise<unknown>]>([
    ['when the time was over', (work) => withTimeout(work, 1)],
    ['when the time was over, as a fault', (work) => withTimeout(work, 1, late)],
    [
      'when the signal came before the wait',
      (work) => withTimeout(work, LONG_MS, late, AbortSignal.abort(over)),
    ],
  ])('leaves no rejection behind %s', async (_name, wait) => {
    const query = Promise.withResolvers<string>();

    await wait(query.promise).catch(() => undefined);
    query.reject(new Error('the database is gone'));
    await turn();

    expect(unhandled).toEqual([]);
  });
});
