import { addTransactionCapability, type SignalKeyStore } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchTransactions } from './transaction-watch.js';

const store: SignalKeyStore = { get: async () => ({}), set: async () => undefined };

let held: number;

beforeEach(() => {
  vi.useFakeTimers();
  held = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

function watchedKeys() {
  const options = { maxCommitRetries: 1, delayBetweenTriesMs: 1 };
  const keys = addTransactionCapability(store, pino({ level: 'silent' }), options);
  watchTransactions(keys, 90_000, () => (held += 1));
  return keys;
}

describe('watchTransactions', () => {
  it('tells of a transaction that holds its lock for too long, and not of those that wait for it', async () => {
    const keys = watchedKeys();
    const hanging = Promise.withResolvers<void>();
    const first = keys.transaction(() => hanging.promise, 'me');
    const second = keys.transaction(() => Promise.resolve('done'), 'me');
    await vi.advanceTimersByTimeAsync(89_000);
    expect(held).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    hanging.resolve();
    await first;

    expect(await second).toBe('done');
    await vi.advanceTimersByTimeAsync(200_000);
    expect(held).toBe(1);
  });

  it('counts a transaction within another one as part of it, and forgets those that fail', async () => {
    const keys = watchedKeys();
    const inner = () => keys.transaction(() => Promise.resolve(7), 'peer');
    expect(await keys.transaction(inner, 'me')).toBe(7);
    await expect(keys.transaction(() => Promise.reject(new Error('no')), 'me')).rejects.toThrow('no');
    await vi.advanceTimersByTimeAsync(200_000);

    expect(held).toBe(0);
  });
});
