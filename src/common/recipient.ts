import { AppError } from './app-error.js';
import { parseDigits } from './phone-number.js';

/** A privacy id is no phone number; its digits follow no plan. */
const LID_ADDRESS = /^[0-9]{5,20}@lid$/;
/** WhatsApp's own server of phone numbers, and the name that WhatsApp Web and other gateways have for it. */
const PHONE_SERVERS = ['s.whatsapp.net', 'c.us'];
/** Groups' ids without their server: of today, and with the number of the founder, of old. */
const GROUP_ID = /^(?:120363\d{10,}|\d{7,15}-\d{8,10})$/;
const DEVICE = /^\d+(?:[:.]\d+)+$/;

/** Servers of what is no person. */
const FAULTS = new Map([
  ['g.us', 'is the address of a group, and messages to groups are not supported yet'],
  ['newsletter', 'is the address of a channel, and messages to channels are not supported'],
  ['broadcast', 'is the address of a broadcast list, and messages to broadcast lists are not supported'],
  ['lid', 'is no address: 5 to 20 digits stand before @lid'],
]);
const STATUS = 'status@broadcast';

/**
 * Checks the form of an address that a message is for.
 * @param input digits of a phone number, the same followed by `@s.whatsapp.net` or `@c.us`, or `<digits>@lid` as events name a person
 *   whose number WhatsApp does not tell
 * @returns the digits of the phone number, or the address with `@lid`
 * @throws AppError `invalid_phone_number`, `invalid_recipient` with a sentence that says what is wrong
 */
export function parseRecipient(input: string): string {
  if (LID_ADDRESS.test(input)) {
    return input;
  }
  const [user = '', ...rest] = input.split('@');
  if (rest.length === 0 && !GROUP_ID.test(user)) {
    return parseDigits(input);
  }
  const server = rest.length === 0 ? 'g.us' : rest.join('@');
  if (PHONE_SERVERS.includes(server) && !DEVICE.test(user)) {
    return parseDigits(user);
  }
  throw new AppError('invalid_recipient', {
    message: `The recipient ${faultOf(input, user, server)}; give a phone number with country code, as digits only, for example 5511999887766`,
  });
}

function faultOf(input: string, user: string, server: string): string {
  if (input === STATUS) {
    return 'is the address of status updates, which can not be sent';
  }
  if (DEVICE.test(user) && [...PHONE_SERVERS, 'lid'].includes(server)) {
    return 'names one device of a person: leave out what stands between the digits and the @';
  }
  return FAULTS.get(server) ?? 'has something behind the @ that is none of s.whatsapp.net, c.us and lid';
}
