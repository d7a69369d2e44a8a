import {
  isPnUser,
  jidDecode,
  parseAndInjectE2ESessions,
  S_WHATSAPP_NET,
  type WASocket,
} from '@whiskeysockets/baileys';

/**
 * Opens Signal sessions with the devices of a person for whom WhatsApp names no LID. Baileys fetches key bundles by LID alone
 * (Socket/messages-send.js, `assertSessions`), so that such a person could not be written to.
 * @param socket on line
 * @param jid whom a message is for; anything but a phone number address is left to Baileys
 * @throws Error `recipient_not_on_whatsapp` when the account has no device, or what the query for the bundles throws
 */
export async function openPhoneSessions(socket: WASocket, jid: string): Promise<void> {
  if (isPnUser(jid) !== true) {
    return;
  }
  const user = jidDecode(jid)?.user;
  const devices = (await socket.getUSyncDevices([jid], true, false)).filter((device) => device.user === user);
  if (devices.length === 0) {
    throw new Error('recipient_not_on_whatsapp');
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
