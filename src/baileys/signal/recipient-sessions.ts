import {
  isLidUser,
  isPnUser,
  jidDecode,
  parseAndInjectE2ESessions,
  S_WHATSAPP_NET,
  USyncQuery,
  USyncUser,
  type WASocket,
} from '@whiskeysockets/baileys';
import { withTimeout } from '../../common/with-timeout.js';

type Device = Awaited<ReturnType<WASocket['getUSyncDevices']>>[number];

/** WhatsApp did not say which devices a person has. */
export class DevicesUnansweredError extends Error {
  constructor() {
    super('WhatsApp did not name the devices of the recipient in time');
  }
}

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

/**
 * Finds the devices of whom a message is for, before it is sent. Baileys (Socket/messages-send.js, `relayMessage`) asks by itself,
 * takes no answer for no device, and sends the message to the devices of the account alone: WhatsApp confirms it, and the
 * recipient never sees it.
 * @param socket on line; it remembers what WhatsApp answered, so that nothing is asked twice
 * @param jid whom a message is for
 * @param timeoutMs how long WhatsApp may take for each of two answers; less than sending may take in all, in ms
 * @returns those under this address; undefined for an address that is no person's, which is left to Baileys
 * @throws DevicesUnansweredError
 * @throws Error `recipient_not_on_whatsapp` when the account has no device
 */
async function recipientDevices(
  socket: WASocket,
  jid: string,
  timeoutMs: number,
): Promise<Device[] | undefined> {
  if (isPnUser(jid) !== true && isLidUser(jid) !== true) {
    return undefined;
  }
  const late = () => new DevicesUnansweredError();
  const devices = await withTimeout(socket.getUSyncDevices([jid], true, false), timeoutMs, late);
  if (devices.length === 0) {
    throw (await withTimeout(hasNone(socket, jid), timeoutMs, late))
      ? new Error('recipient_not_on_whatsapp')
      : new DevicesUnansweredError();
  }
  // By a phone number WhatsApp may name devices under the LID, too.
  const user = jidDecode(jid)?.user;
  return isPnUser(jid) === true ? devices.filter((device) => device.user === user) : devices;
}

/** An empty list alone may be an answer that never came. */
async function hasNone(socket: WASocket, jid: string): Promise<boolean> {
  const query = new USyncQuery().withContext('message').withDeviceProtocol();
  const answer = await socket.executeUSyncQuery(query.withUser(new USyncUser().withId(jid)));
  const named = answer?.list as { devices?: { deviceList?: unknown[] } }[] | undefined;
  return named?.every(({ devices }) => (devices?.deviceList ?? []).length === 0) ?? false;
}
