import { afterEach, expect, it, vi } from 'vitest';
import { aLibrarySocket, libraryText } from '../../../test/support/library-socket.js';
import { promiseTimeout } from '@whiskeysockets/baileys';
import { LIBRARY_TIMERS_OFF } from './library-timers.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('has the time taken away by which the library bounds what it sends and its wait for the hello', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const { heard, close } = await aLibrarySocket({ ...LIBRARY_TIMERS_OFF, connectTimeoutMs: 12_345 });
  try {
    await expect.poll(() => heard).toHaveLength(1);
    const bounds = timers.mock.calls.filter(([, ms]) => ms === 12_345);

    expect(bounds).toHaveLength(2);
    expect(LIBRARY_TIMERS_OFF.connectTimeoutMs).toBe(0);
  } finally {
    await close();
  }
});

it('bounds nothing by a time of 0', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const waited = await promiseTimeout<string>(0, (resolve) => resolve('done'));

  expect([waited, timers.mock.calls]).toEqual(['done', []]);
});

it('names options that the library still goes by', () => {
  const socket = libraryText('@whiskeysockets/baileys/lib/Socket/socket.js');
  const receiving = libraryText('@whiskeysockets/baileys/lib/Socket/messages-recv.js');

  expect(socket).toContain('}, keepAliveIntervalMs));');
  expect(socket).toContain('promiseTimeout(connectTimeoutMs,');
  expect(receiving).toMatch(/if \(retryRequestDelayMs\) \{/);
});
