import { EventEmitter } from 'node:events';
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import { describe, expect, it, vi } from 'vitest';
import type { PersonAddress } from '../../common/inbox.js';
import { MAX_LOOKUPS, SendConnection } from './send-connection.js';

const RECEIPT: BinaryNode = {
  tag: 'receipt',
  attrs: { id: 'TO-ANA', from: '77001122334455@lid', type: 'read' },
};

describe('SendConnection', () => {
  it('finds out of a bounded number of receipts at a time whose they are, and goes on afterwards', async () => {
    const isBack = Promise.withResolvers<object>();
    const get = vi.fn<() => Promise<object>>(() => isBack.promise);
    const onReceipt = vi.fn<(id: string, chat: PersonAddress) => void>();
    const ws = new EventEmitter();
    const authState = { creds: { me: { id: '5511999887766:1@s.whatsapp.net' } }, keys: { get } };
    const socket = { ws, ev: new EventEmitter(), authState } as unknown as WASocket;
    const nothing = () => undefined;
    new SendConnection(socket, 1, {
      onAccepted: nothing,
      onRefused: nothing,
      isInDoubt: () => true,
      onReceipt,
    });
    for (let count = 0; count <= MAX_LOOKUPS; count++) {
      ws.emit('CB:receipt', RECEIPT);
    }
    expect(get).toHaveBeenCalledTimes(MAX_LOOKUPS);

    isBack.resolve({ '77001122334455_reverse': '5521988776655', '5521988776655': '77001122334455' });
    await expect.poll(() => onReceipt).toHaveBeenCalledTimes(MAX_LOOKUPS);
    ws.emit('CB:receipt', RECEIPT);
    await vi.waitFor(() => expect(onReceipt).toHaveBeenCalledTimes(MAX_LOOKUPS + 1));
    expect(onReceipt.mock.lastCall?.[1]).toEqual({ phone: '5521988776655', lid: '77001122334455' });
  });
});
