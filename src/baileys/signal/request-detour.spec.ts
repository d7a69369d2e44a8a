import { EventEmitter } from 'node:events';
import { addTransactionCapability, type SignalKeyStore } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asksForCopy, followStanza, letRequestsStepAside } from './request-detour.js';

const store: SignalKeyStore = { get: async () => ({}), set: async () => undefined };

let lock: PromiseWithResolvers<void>;
let done: string[];

beforeEach(() => {
  vi.useFakeTimers();
  lock = Promise.withResolvers<void>();
  done = [];
});

afterEach(() => {
  vi.useRealTimers();
});

/** Keys whose lock a send holds, and a line whose stanzas are handled as `work` says. */
function line(work: (transact: (name: string) => Promise<void>) => Promise<void>) {
  const options = { maxCommitRetries: 1, delayBetweenTriesMs: 1 };
  const keys = addTransactionCapability(store, pino({ level: 'silent' }), options);
  letRequestsStepAside(keys);
  const holding = keys.transaction(() => lock.promise, 'me');
  const transact = (name: string) => keys.transaction(async () => void done.push(name), 'me');
  const emitter = new EventEmitter();
  const handle = () => void work(transact).then(() => done.push('line'));
  emitter.on('CB:message', () => followStanza(handle));
  return { handle: () => emitter.emit('CB:message', {}), transact, holding };
}

describe('letRequestsStepAside', () => {
  it('has the line wait for a moment only while a request waits for the lock, and the request leave later', async () => {
    const { handle } = line(async (transact) => {
      asksForCopy();
      await transact('request');
    });
    handle();
    await vi.advanceTimersByTimeAsync(99);
    const early = [...done];
    await vi.advanceTimersByTimeAsync(1);
    const late = [...done];
    lock.resolve();
    await vi.advanceTimersByTimeAsync(0);

    expect([early, late, done]).toEqual([[], ['line'], ['line', 'request']]);
  });

  it('sends the request before the line goes on where nobody holds the lock', async () => {
    lock.resolve();
    const { handle } = line(async (transact) => {
      asksForCopy();
      await transact('request');
    });
    handle();
    await vi.advanceTimersByTimeAsync(0);

    expect(done).toEqual(['request', 'line']);
  });

  it.each<[string, boolean]>([
    ['that asks for nothing', false],
    ['after its request', true],
  ])('leaves other work of a stanza %s where it is', async (_name, isAsking) => {
    const { handle } = line(async (transact) => {
      if (isAsking) {
        asksForCopy();
        await transact('request');
      }
      await transact('other');
    });
    handle();
    await vi.advanceTimersByTimeAsync(10_000);
    const meanwhile = [...done];
    lock.resolve();
    await vi.advanceTimersByTimeAsync(0);

    expect(meanwhile).toEqual([]);
    expect(done.at(-1)).toBe('line');
  });

  it('leaves a send alone that begins while a stanza asks', async () => {
    const { handle, transact } = line(async () => {
      asksForCopy();
      await lock.promise;
    });
    handle();
    const sending = transact('send').then(() => done.push('sent'));
    await vi.advanceTimersByTimeAsync(10_000);
    const meanwhile = [...done];
    lock.resolve();
    await sending;

    expect(meanwhile).toEqual([]);
    expect(done.slice(-2)).toContain('sent');
  });
});
