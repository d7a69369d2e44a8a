import { addTransactionCapability } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { TransactionsUnderWay, userLockOf } from './transactions-under-way.js';

const OPTIONS = { maxCommitRetries: 1, delayBetweenTriesMs: 1 };

it('knows of those of a person until they are over, however they end, and heeds no others', async () => {
  const store = { get: async () => ({}), set: async () => undefined };
  const keys = addTransactionCapability(store, pino({ level: 'silent' }), OPTIONS);
  const transactions = new TransactionsUnderWay();
  transactions.watch(keys);
  const work = Promise.withResolvers<void>();
  const seen = [transactions.areAny];
  const send = keys.transaction(() => work.promise, 'the whole send');
  seen.push(transactions.areAny);
  const [first, second] = [
    keys.transaction(() => work.promise, userLockOf('1')),
    keys.transaction(() => Promise.reject(new Error('no session')), userLockOf('1')),
  ];
  seen.push(transactions.areAny);
  work.resolve();
  await Promise.allSettled([send, first]);
  await expect(second).rejects.toThrow('no session');

  expect([...seen, transactions.areAny]).toEqual([false, false, true, false]);
});
