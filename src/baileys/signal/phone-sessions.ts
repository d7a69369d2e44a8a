import { isPnUser, parseAndInjectE2ESessions, S_WHATSAPP_NET, type WASocket } from '@whiskeysockets/baileys';
import { recipientDevices } from './recipient-devices.js';

/**
 * Makes sure that a message finds its recipient: that WhatsApp named devices, and that there are Signal sessions with those of a
 * person for whom it names no LID. Baileys fetches key bundles by LID alone (Socket/messages-send.js, `assertSessions`), so
 * that such a person could not be written to.
 * @param socket on line
 * @param jid whom a message is for
 * @param lookupMs how long WhatsApp may take to name devices, in ms
 * @throws as `recipientDevices`, or what the query for the bundles throws
 */
export async function openRecipientSessions(socket: WASocket, jid: string, lookupMs: number): Promise<void> {
  const devices = await recipientDevices(socket, jid, lookupMs);
  if (devices === undefined || isPnUser(jid) !== true) {
    return;
  }
  const { signalRepository } = socket;
  if (await signalRepository.lidMapping.getLIDForPN(jid)) {
    return;
  }
  const missing: string[] = [];
  for (const device of devices) {
    if (!(await signalRepository.validateSession(device.jid)).exists) {
      missing.push(device.jid);
    }
  }
  if (missing.length > 0) {
    const users = missing.map((device) => ({ tag: 'user', attrs: { jid: device } }));
    const bundles = await socket.query({
      tag: 'iq',
      attrs: { xmlns: 'encrypt', type: 'get', to: S_WHATSAPP_NET },
      content: [{ tag: 'key', attrs: {}, content: users }],
    });
    await parseAndInjectE2ESessions(bundles, signalRepository);
  }
}
