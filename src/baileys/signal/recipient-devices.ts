import {
  isLidUser,
  isPnUser,
  jidDecode,
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
export async function recipientDevices(
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
