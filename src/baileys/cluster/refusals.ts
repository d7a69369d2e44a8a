import { InvalidStateError } from '../../common/app-error.js';

/** Why an instance does not come on line by itself, and what its owner can do, by the reason that is stored with it. */
const SENTENCES: Readonly<Record<string, string>> = {
  banned:
    'WhatsApp banned the number. Open WhatsApp on the phone to see why and to ask for a review; call connect once it works there again.',
  temporarily_banned:
    'WhatsApp banned the number for a time, which WhatsApp on the phone shows. Call connect when it is over.',
  client_outdated:
    'WhatsApp refuses this version of the client. Update the service, then call connect; linking anew does not help.',
  device_refused:
    'WhatsApp refuses this device. Open WhatsApp on the phone and look at Linked devices; then call connect. If it is refused again, delete the instance, which logs the device out, and link it anew.',
  no_multi_device:
    'The account has no support for linked devices. Update WhatsApp on the phone, then call connect.',
  replaced:
    'Another client is logged in with the credentials of this instance, most probably a copy of its database. Stop that one, then call connect.',
  session_unreadable:
    'The stored session can not be opened: it is damaged, or was sealed by another SESSION_ENCRYPTION_KEY. Configure that key, or delete the instance and link it again.',
};

const NOT_LINKED = 'No phone is linked to it. Call connect.';
const REMOVED = 'The device was removed on the phone. Call connect to link it anew.';
const COMES_BACK = 'It comes back by itself; try again in a moment.';

/**
 * What a connect call is answered whose login WhatsApp refused.
 * @param reason as `DisconnectCause`
 * @param until when a ban ends by which the instance comes back by itself
 */
export function connectRefused(reason: string, until?: Date): InvalidStateError {
  const sentence =
    SENTENCES[reason] ?? `The instance could not be brought on line (${reason}). Call connect to try again.`;
  return new InvalidStateError(`instance_${reason}`, until ? bannedUntil(until) : sentence);
}

/**
 * What a send is answered that found no line.
 * @param reason why the instance is off line, as far as it is known
 * @param isLinked whether there are credentials to log in with
 * @param until when a ban ends by which the instance comes back by itself
 */
export function notConnected(reason: string | null, isLinked: boolean, until?: Date): InvalidStateError {
  const named = reason === null ? '' : ` (${reason})`;
  const advice = until ? bannedUntil(until) : adviceFor(reason, isLinked);
  return new InvalidStateError(
    'instance_not_connected',
    `The instance is not connected to WhatsApp${named}. ${advice}`,
  );
}

function adviceFor(reason: string | null, isLinked: boolean): string {
  if (isLinked) {
    return SENTENCES[reason ?? ''] ?? COMES_BACK;
  }
  return reason === 'logged_out' ? REMOVED : NOT_LINKED;
}

function bannedUntil(time: Date): string {
  return `WhatsApp banned the number until ${time.toISOString()}. The instance comes back by itself then; nothing is dialled before, because that would make it worse.`;
}
