/**
 * How taking a device off its account ended. `confirmed`: WhatsApp said so. `already_unlinked`: WhatsApp knew the device no
 * more. `banned`: the account is gone, and its devices with it. `not_linked`: there was no device. The others leave it where
 * it is: `expired`: the line did not come back in time. `session_unreadable`: what it takes to log in was lost.
 * `unconfirmed`: by a process of an earlier version, which does not wait for WhatsApp's answer.
 */
export type LogoutResult =
  | 'confirmed'
  | 'already_unlinked'
  | 'banned'
  | 'not_linked'
  | 'expired'
  | 'session_unreadable'
  | 'unconfirmed';

/** `pending`: it is tried whenever there is a line. `failed`: only the phone can remove the device now. */
export type LogoutState = 'pending' | 'done' | 'failed';

const DONE: ReadonlySet<LogoutResult> = new Set<LogoutResult>([
  'confirmed',
  'already_unlinked',
  'banned',
  'not_linked',
]);

/** @param result null while it goes on */
export function logoutState(result: LogoutResult | null): LogoutState {
  if (result === null) {
    return 'pending';
  }
  return DONE.has(result) ? 'done' : 'failed';
}
