import { setTimeout as delay } from 'node:timers/promises';
import { MessageRetryManager } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { aLibrarySocket, libraryText } from '../../../test/support/library-socket.js';
import { decideRetries } from './retry-requests.js';

const RECEIVING = '@whiskeysockets/baileys/lib/Socket/messages-recv.js';

it('decides with the real bookkeeping, by whether a message was asked for before', async () => {
  const manager = new MessageRetryManager(pino({ level: 'silent' }), 5);
  const asked: boolean[] = [];
  decideRetries(manager, {
    mayAskSender: (isRepeat) => {
      asked.push(isRepeat);
      return asked.length < 3;
    },
    mayAskPhone: () => false,
  });
  const exceeded = [1, 2, 3].map(() => {
    const isExceeded = manager.hasExceededMaxRetries('id');
    manager.incrementRetryCount('id');
    return isExceeded;
  });
  let isPhoneAsked = false;
  manager.schedulePhoneRequest('id', () => (isPhoneAsked = true), 0);
  await delay(1);

  expect([asked, exceeded]).toEqual([
    [false, true, true],
    [false, false, true],
  ]);
  expect(isPhoneAsked).toBe(false);
});

it('is reached on every socket', async () => {
  const { socket, close } = await aLibrarySocket();
  await close();

  expect(socket.messageRetryManager).toBeInstanceOf(MessageRetryManager);
});

it('is asked by the library first of all, and once for each request', () => {
  const source = libraryText(RECEIVING);
  const request = source.slice(
    source.indexOf('const sendRetryRequest'),
    source.indexOf('const handleEncryptNotification'),
  );
  const order = ['hasExceededMaxRetries', 'incrementRetryCount', 'schedulePhoneRequest', 'keys.transaction('];
  const places = order.map((text) => request.indexOf(text));

  // Where this fails, find out when the library asks for new copies, and what it costs.
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(request.match(/hasExceededMaxRetries/g)).toHaveLength(1);
});

it('finds the chat in what the library enters before it asks the phone', () => {
  expect(libraryText(RECEIVING)).toContain('placeholderResendCache.set(messageKey?.id, msgData || true)');
});
