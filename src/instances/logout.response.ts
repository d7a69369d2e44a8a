import { ApiProperty } from '@nestjs/swagger';
import { type LogoutResult, logoutState, type LogoutState } from '../common/logout.js';
import type { Logout } from '../repositories/logouts.repository.js';

const STATES: readonly LogoutState[] = ['pending', 'done', 'failed'];
const ON_THE_PHONE = 'Its owner can remove it on the phone: WhatsApp, Linked devices.';

const MESSAGES: Readonly<Record<LogoutResult, string>> = {
  confirmed: 'WhatsApp confirmed that the device is logged out.',
  already_unlinked: 'WhatsApp did not know the device any more: it is logged out.',
  banned: 'WhatsApp banned the account: none of its devices is linked any more.',
  not_linked: 'No device was linked.',
  expired: `WhatsApp could not be reached in time: the device is still linked. ${ON_THE_PHONE}`,
  session_unreadable: `The stored session could not be opened: the device is still linked. ${ON_THE_PHONE}`,
  unconfirmed: `WhatsApp did not confirm it: the device may still be linked. ${ON_THE_PHONE}`,
};
const GOES_ON =
  'The device is still linked. It is logged out as soon as its line to WhatsApp is up, at the latest at expires_at; then it is given up.';

/** How far a deleted instance's device is with leaving its account. */
export class LogoutResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  instance_id: string;

  @ApiProperty({
    type: String,
    enum: STATES,
    description:
      'pending: it is tried whenever there is a line. done: the device is not linked any more. failed: it is given up, and only the phone can remove the device.',
  })
  state: LogoutState;

  @ApiProperty({ type: String, format: 'date-time' })
  requested_at: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when it is tried (LOGOUT_HOURS); null once it is over.',
  })
  expires_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  ended_at: string | null;

  @ApiProperty({
    type: String,
    enum: Object.keys(MESSAGES),
    nullable: true,
    description: 'How it ended; null while it goes on.',
  })
  result: LogoutResult | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why the instance is off line, as far as it is known.',
    example: 'network',
  })
  reason: string | null;

  @ApiProperty({ type: String, description: 'The same in a sentence, and what to do.' })
  message: string;
}

/** @returns a logout as REST shows it */
export function toLogoutResponse(logout: Logout): LogoutResponse {
  const { result } = logout;
  return {
    instance_id: logout.instanceId,
    state: logoutState(result),
    requested_at: logout.requestedAt,
    expires_at: logout.expiresAt,
    ended_at: logout.endedAt,
    result,
    reason: logout.reason,
    message: result === null ? GOES_ON : MESSAGES[result],
  };
}
