import { EventEmitter } from 'node:events';
import type { WASocket } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { aLibrarySocket, libraryText } from '../../../test/support/library-socket.js';
import { DeliveryReceipts } from './delivery-receipts.js';

const FROM = '200000000001:7@lid';

function aSocket() {
  const calls: unknown[] = [];
  const ev = Object.assign(new EventEmitter(), { flush: () => calls.push('flushed') });
  const socket = {
    ev,
    ws: { isOpen: true },
    sendReceipt: async (...receipt: unknown[]) => calls.push(receipt),
    messageRetryManager: { cancelPendingPhoneRequest: (id: string) => calls.push(`cancelled ${id}`) },
  } as unknown as WASocket;
  return { socket, ev, calls };
}

describe('DeliveryReceipts', () => {
  it('does in one turn what the library does about a message that it could read', () => {
    const { socket, calls } = aSocket();
    void new DeliveryReceipts(socket).send(FROM, '3EB0');

    expect(calls).toEqual(['cancelled 3EB0', [FROM, undefined, ['3EB0'], 'inactive'], 'flushed']);
  });

  it.each([
    ['nothing was said', [], 'inactive'],
    ['the account is on line', [{ isOnline: true }], undefined],
    ['something else was said since', [{ isOnline: true }, { connection: 'open' }], undefined],
    ['it is on line no more', [{ isOnline: true }, { isOnline: false }], 'inactive'],
  ])('gives receipts their type where %s', (_name, updates, type) => {
    const { socket, ev, calls } = aSocket();
    const receipts = new DeliveryReceipts(socket);
    updates.forEach((update) => ev.emit('connection.update', update));
    void receipts.send(FROM, '3EB0');

    expect(calls[1]).toEqual([FROM, undefined, ['3EB0'], type]);
  });
});

describe('the library', () => {
  it('writes a receipt in the turn in which it is asked to', async () => {
    const { socket, peer, close } = await aLibrarySocket();
    await peer;
    await expect.poll(() => socket.ws.isOpen).toBe(true);
    const { socket: raw } = socket.ws as unknown as { socket: { send: (data: Uint8Array) => void } };
    const written: Uint8Array[] = [];
    raw.send = (data) => void written.push(data);
    void new DeliveryReceipts(socket).send(FROM, '3EB0');
    const inTurn = written.length;
    await close();

    expect(inTurn).toBe(1);
  });

  it('decides about the type of a receipt by what was said last of being on line', () => {
    const source = libraryText('@whiskeysockets/baileys/lib/Socket/messages-recv.js');
    const uses = source.split('\n').filter((line) => line.includes('sendActiveReceipts'));

    expect(uses.map((line) => line.trim())).toEqual([
      'let sendActiveReceipts = false;',
      'else if (!sendActiveReceipts) {',
      'sendActiveReceipts = isOnline;',
      'logger.trace(`sendActiveReceipts set to "${sendActiveReceipts}"`);',
      'sendActiveReceipts = false;',
    ]);
    expect(source).toMatch(/if \(typeof isOnline !== 'undefined'\) \{\s*sendActiveReceipts = isOnline;/);
  });
});
