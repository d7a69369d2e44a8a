import type { WhatsappNumber } from './numbers.ts';

export type Reason = NonNullable<WhatsappNumber['last_disconnect_reason']>;

/** What a shop owner has to know of a reason: those between which nothing is to be done otherwise are one. */
export type ReasonKind =
  | 'qrExpired'
  | 'codeExpired'
  | 'refused'
  | 'tooManyCodes'
  | 'brokeOff'
  | 'replacedLink'
  | 'cancelled'
  | 'wrongPhone'
  | 'unreachable'
  | 'elsewhere'
  | 'unlinked'
  | 'banned'
  | 'bannedForAWhile'
  | 'noDevices'
  | 'ours';

const KINDS: Readonly<Record<Reason, ReasonKind>> = {
  qr_expired: 'qrExpired',
  pairing_code_expired: 'codeExpired',
  pairing_rejected: 'refused',
  device_refused: 'refused',
  pairing_rate_limited: 'tooManyCodes',
  pairing_failed: 'brokeOff',
  pairing_replaced: 'replacedLink',
  pairing_cancelled: 'cancelled',
  wrong_phone: 'wrongPhone',
  whatsapp_unavailable: 'unreachable',
  network: 'unreachable',
  connection_closed: 'unreachable',
  connection_lost: 'unreachable',
  service_unavailable: 'unreachable',
  handshake_refused: 'unreachable',
  unclassified: 'unreachable',
  restart_required: 'unreachable',
  stalled: 'unreachable',
  too_many_failures: 'unreachable',
  service_stopped: 'unreachable',
  service_restarted: 'unreachable',
  handed_over: 'unreachable',
  replaced: 'elsewhere',
  logged_out: 'unlinked',
  logout_expired: 'unlinked',
  not_linked: 'unlinked',
  banned: 'banned',
  temporarily_banned: 'bannedForAWhile',
  no_multi_device: 'noDevices',
  server_not_trusted: 'ours',
  upgrade_refused: 'ours',
  client_outdated: 'ours',
  storage_unavailable: 'ours',
  storage_refused: 'ours',
  session_unreadable: 'ours',
};

/** @returns what to tell a shop owner; of a reason that only a newer service knows, that it is for those who run it */
export function reasonKind(reason: string): ReasonKind {
  return KINDS[reason as Reason] ?? 'ours';
}

/** Kinds that pass by themselves: the service connects again. */
export const PASSING: ReadonlySet<ReasonKind> = new Set<ReasonKind>(['unreachable', 'bannedForAWhile']);
