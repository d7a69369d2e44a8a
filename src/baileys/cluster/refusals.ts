import { AppError } from '../../common/app-error.js';
import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import { errorEntry } from '../../common/errors/catalogue.js';

/** Why WhatsApp, or what is stored, keeps a linked instance off line until a person does what its sentence in the catalogue says. */
const UNTIL_MENDED = [
  'banned',
  'temporarily_banned',
  'client_outdated',
  'device_refused',
  'no_multi_device',
  'replaced',
  'session_unreadable',
] as const satisfies DisconnectReason[];

/** Why it may be off line besides, after which a connect call is all that there is to do. */
const UNTIL_CALLED = ['storage_refused', 'not_linked'] as const satisfies DisconnectReason[];

const NOT_LINKED = 'No phone is linked to it. Call connect.';
const REMOVED = 'The device was removed on the phone. Call connect to link it anew.';
const COMES_BACK = 'It comes back by itself; try again in a moment.';

/**
 * What a connect call is answered whose login WhatsApp refused.
 * @param reason as `DisconnectCause`
 * @param until when a ban ends by which the instance comes back by itself
 */
export function connectRefused(reason: string, until?: Date): AppError {
  const known = [...UNTIL_MENDED, ...UNTIL_CALLED].find((one) => one === reason);
  const message = until && bannedUntil(until);
  return known === undefined
    ? new AppError('pairing_cancelled', {
        message:
          message ?? `The instance could not be brought on line (${reason}). Call connect to try again.`,
      })
    : new AppError(`instance_${known}`, { message });
}

/**
 * What a send is answered that found no line.
 * @param reason why the instance is off line, as far as it is known
 * @param isLinked whether there are credentials to log in with
 * @param until when a ban ends by which the instance comes back by itself
 */
export function notConnected(reason: string | null, isLinked: boolean, until?: Date): AppError {
  const named = reason === null ? '' : ` (${reason})`;
  const advice = until ? bannedUntil(until) : adviceFor(reason, isLinked);
  return new AppError('instance_not_connected', {
    message: `The instance is not connected to WhatsApp${named}. ${advice}`,
  });
}

function adviceFor(reason: string | null, isLinked: boolean): string {
  if (isLinked) {
    const known = UNTIL_MENDED.find((one) => one === reason);
    return known === undefined ? COMES_BACK : errorEntry(`instance_${known}`).sentence;
  }
  return reason === 'logged_out' ? REMOVED : NOT_LINKED;
}

function bannedUntil(time: Date): string {
  return `WhatsApp banned the number until ${time.toISOString()}. The instance comes back by itself then; nothing is dialled before, because that would make it worse.`;
}
