import { S_WHATSAPP_NET, type WASocket } from '@whiskeysockets/baileys';
import { withTimeout } from '../../common/with-timeout.js';

/**
 * Removes this device from the account and waits for WhatsApp's answer. (Baileys' own `logout` waits for none.)
 * @param socket on line
 * @returns whether WhatsApp confirmed in time; never rejects
 */
export async function logoutDevice(socket: WASocket, timeoutMs: number): Promise<boolean> {
  const jid = socket.authState.creds.me?.id;
  if (!jid) {
    return false;
  }
  const removal = { tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } };
  const query = { tag: 'iq', attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md' }, content: [removal] };
  const asking = socket.query(query, timeoutMs).then((answer: unknown) => answer !== undefined);
  return (await withTimeout(asking, timeoutMs).catch(() => false)) ?? false;
}
