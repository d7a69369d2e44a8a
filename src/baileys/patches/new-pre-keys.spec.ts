import { addTransactionCapability, type SignalDataSet } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { libraryText } from '../../../test/support/library-socket.js';
import { passNewPreKeysOn } from './new-pre-keys.js';

const pair = { public: Buffer.alloc(32), private: Buffer.alloc(32) };

it('stores a new pre-key before the transaction that made it is over, and a used one with it', async () => {
  const writes: string[] = [];
  const store = {
    get: async () => ({}),
    set: async (data: SignalDataSet) => void writes.push(...Object.keys(data['pre-key'] ?? {})),
  };
  const keys = addTransactionCapability(store, pino({ level: 'silent' }), {
    maxCommitRetries: 1,
    delayBetweenTriesMs: 1,
  });
  passNewPreKeysOn(keys, store);
  const within = await keys.transaction(async () => {
    await keys.set({ 'pre-key': { 7: pair } });
    return [...writes];
  }, 'me');

  expect(within).toEqual(['7']);
  expect(writes).toEqual(['7', '7']);
});

it('is needed as long as the library offers a pre-key within the transaction that makes it', () => {
  const source = libraryText('@whiskeysockets/baileys/lib/Socket/messages-recv.js');
  const request = source.slice(source.indexOf('const sendRetryRequest'));
  const inTransaction = request.slice(
    request.indexOf('keys.transaction('),
    request.indexOf('authState?.creds?.me?.id'),
  );

  expect(inTransaction).toContain('getNextPreKeys(');
  expect(inTransaction.indexOf('getNextPreKeys(')).toBeLessThan(inTransaction.indexOf('sendNode('));
});
