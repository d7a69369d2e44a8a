import { S_WHATSAPP_NET, type WASocket } from '@whiskeysockets/baileys';

/** Asks WhatsApp for a sign of life. Whether it left or not, only an answer counts, which is heard like anything else. */
export function ping(socket: Pick<WASocket, 'generateMessageTag' | 'sendNode'>): void {
  const attrs = { id: socket.generateMessageTag(), to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:p' };
  socket.sendNode({ tag: 'iq', attrs, content: [{ tag: 'ping', attrs: {} }] }).catch(() => undefined);
}
