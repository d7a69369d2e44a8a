import {
  isLidUser,
  isPnUser,
  jidDecode,
  USyncQuery,
  USyncUser,
  type WASocket,
} from '@whiskeysockets/baileys';

type Device = Awaited<ReturnType<WASocket['getUSyncDevices']>>[number];

/** WhatsApp did not say which devices a person has. */
export class DevicesUnansweredError extends Error {
  constructor() {
    super('WhatsApp did not name the devices of the recipient in time');
  }
}

/**
 * Finds the devices of whom a message is for, before it is sent. Baileys (Socket/messages-send.js, `relayMessage`) asks by itself,
 * takes no answer for no device, and sends the message to the devices of the account alone: WhatsApp confirms it, and the
 * recipient never sees it.
 * @param socket on line; it remembers what WhatsApp answered, so that nothing is asked twice
 * @param jid whom a message is for
 * @returns at least one device; undefined for an address that is no person's, which is left to Baileys
 * @throws DevicesUnansweredError
 * @throws Error `recipient_not_on_whatsapp` when the account has no device
 */
export async function recipientDevices(socket: WASocket, jid: string): Promise<Device[] | undefined> {
  if (isPnUser(jid) !== true && isLidUser(jid) !== true) {
    return undefined;
  }
  const devices = await socket.getUSyncDevices([jid], true, false);
  // By a phone number WhatsApp may name devices under the LID, too.
  const user = jidDecode(jid)?.user;
  const own = isPnUser(jid) === true ? devices.filter((device) => device.user === user) : devices;
  if (own.length === 0) {
    throw (await hasNone(socket, jid))
      ? new Error('recipient_not_on_whatsapp')
      : new DevicesUnansweredError();
  }
  return own;
}

/** An empty list alone may be an answer that never came. */
async function hasNone(socket: WASocket, jid: string): Promise<boolean> {
  const query = new USyncQuery().withContext('message').withDeviceProtocol();
  const answer = await socket.executeUSyncQuery(query.withUser(new USyncUser().withId(jid)));
  const named = answer?.list as { devices?: { deviceList?: unknown[] } }[] | undefined;
  return named?.every(({ devices }) => (devices?.deviceList ?? []).length === 0) ?? false;
}
