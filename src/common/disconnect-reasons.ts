/** Why linking a phone ended without a link: all there are, with the sentence that says it to people. */
export const PAIRING_ENDS = {
  qr_expired: 'nobody scanned a QR code in time',
  pairing_code_expired: 'the code was not typed on the phone in time',
  pairing_rejected: 'WhatsApp refused to link this number',
  pairing_rate_limited: 'WhatsApp gives this number no further code for a while',
  pairing_failed: 'WhatsApp or the phone broke off',
  pairing_replaced: 'a newer connect call took its place',
  pairing_cancelled: 'the instance was logged out or deleted meanwhile',
  wrong_phone: 'the phone that scanned has another number than the instance',
  whatsapp_unavailable: 'WhatsApp could not be reached, or did not answer in time',
  server_not_trusted: 'the server that answered could not prove that it is WhatsApp',
  client_outdated: 'WhatsApp takes this version of the service no more',
  storage_unavailable: 'the database could not be reached',
  service_stopped: 'the service was stopped',
  service_restarted: 'the process that showed the code is gone',
} as const;

/** Why an instance is not on line: all there are. */
export const DISCONNECT_REASONS = {
  ...PAIRING_ENDS,
  network: 'WhatsApp can not be reached',
  connection_closed: 'WhatsApp closed the line',
  connection_lost: 'the line fell silent',
  service_unavailable: 'WhatsApp is not available',
  handshake_refused: 'WhatsApp refused the handshake',
  upgrade_refused: 'something before WhatsApp refused the connection',
  unclassified: 'the line ended in a way that is not known',
  restart_required: 'WhatsApp asked for a new connection',
  stalled: 'the session stood still',
  too_many_failures: 'the line fails again and again',
  replaced: 'another client took the place of this one',
  logged_out: 'the device was removed from the account',
  logout_expired: 'the device of the deleted instance could not be removed from the account in time',
  not_linked: 'the instance is not linked',
  banned: 'WhatsApp banned the number',
  temporarily_banned: 'WhatsApp banned the number for a while',
  device_refused: 'WhatsApp refuses the device',
  no_multi_device: 'the account can not have linked devices',
  storage_refused: 'the database refused what was to be stored',
  session_unreadable: 'the stored session can not be read',
  handed_over: 'another process goes on with it',
} as const;

export type PairingEnd = keyof typeof PAIRING_ENDS;
export type DisconnectReason = keyof typeof DISCONNECT_REASONS;

/** @returns the sentence of a stored reason; undefined for one that only an earlier version knew */
export function sentenceOf(reason: string): string | undefined {
  return Object.hasOwn(DISCONNECT_REASONS, reason)
    ? DISCONNECT_REASONS[reason as DisconnectReason]
    : undefined;
}
