import { EventEmitter } from 'node:events';
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import { describe, expect, it, vi } from 'vitest';
import type { OutboundMessage } from '../../repositories/outbound-message.js';
import { PendingSend } from './pending-send.js';
import { MAX_LOOKUPS, SendConnection } from './send-connection.js';

const BY_PHONE = '5521988776655@s.whatsapp.net';
const BY_LID = '77001122334455@lid';
const RECEIPT: BinaryNode = {
  tag: 'receipt',
  attrs: { id: 'TO-ANA', from: BY_LID, type: 'read' },
};

/** A connection on which these messages are pending, by WhatsApp id with the chat of each. */
function setUp(chats: Record<string, string>, get: () => Promise<object>) {
  const ws = new EventEmitter();
  const authState = { creds: { me: { id: '5511999887766:1@s.whatsapp.net' } }, keys: { get } };
  const socket = { ws, ev: new EventEmitter(), authState } as unknown as WASocket;
  const accept = vi.fn<(pending: PendingSend) => void>();
  const refuse = vi.fn<(pending: PendingSend, code: string) => void>();
  const pending = new Map(
    Object.entries(chats).map(([whatsappMessageId, chatJid]) => {
      const message = { whatsappMessageId, chatJid } as OutboundMessage;
      return [whatsappMessageId, new PendingSend(message, false, () => undefined)];
    }),
  );
  const connection = new SendConnection(socket, 1, (id) => pending.get(id), { accept, refuse }, {} as never);
  return { ws, connection, pending, accept, refuse };
}

describe('SendConnection', () => {
  it('finds out of a bounded number of receipts at a time whose they are, and goes on afterwards', async () => {
    const isBack = Promise.withResolvers<object>();
    const get = vi.fn<() => Promise<object>>(() => isBack.promise);
    const { ws, accept } = setUp(
      { 'TO-ANA': BY_PHONE, 'BY-LID': BY_LID, 'TO-BOB': '5541977665544@lid' },
      get,
    );
    for (let count = 0; count <= MAX_LOOKUPS; count++) {
      ws.emit('CB:receipt', RECEIPT);
    }
    expect(get).toHaveBeenCalledTimes(MAX_LOOKUPS);

    isBack.resolve({ '77001122334455_reverse': '5521988776655', '5521988776655': '77001122334455' });
    await expect.poll(() => accept).toHaveBeenCalledTimes(MAX_LOOKUPS);
    ws.emit('CB:receipt', RECEIPT);
    await vi.waitFor(() => expect(accept).toHaveBeenCalledTimes(MAX_LOOKUPS + 1));
    expect(accept.mock.lastCall?.[0].message.chatJid).toBe(BY_PHONE);

    const items = ['TO-BOB', 'BY-LID'].map((id) => ({ tag: 'item', attrs: { id } }));
    ws.emit('CB:receipt', { ...RECEIPT, content: [{ tag: 'list', attrs: {}, content: items }] });
    await vi.waitFor(() => expect(accept).toHaveBeenCalledTimes(MAX_LOOKUPS + 3));
    expect(accept.mock.lastCall?.[0].message.chatJid).toBe(BY_LID);
  });

  it('tells of each acknowledgement whether WhatsApp took the message', () => {
    const { ws, pending, accept, refuse } = setUp({ TAKEN: BY_LID, REFUSED: BY_LID }, () =>
      Promise.resolve({}),
    );

    ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id: 'TAKEN', t: '1764446400' } });
    ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id: 'REFUSED', error: '463' } });
    ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id: 'UNKNOWN' } });

    expect(accept).toHaveBeenCalledExactlyOnceWith(pending.get('TAKEN'), '2025-11-29T20:00:00.000Z');
    expect(refuse).toHaveBeenCalledExactlyOnceWith(pending.get('REFUSED'), '463');
  });

  it('has ended when its socket closes', () => {
    const { ws, connection } = setUp({}, () => Promise.resolve({}));
    expect(connection.ended.aborted).toBe(false);

    ws.emit('close');

    expect(connection.ended.aborted).toBe(true);
  });
});
