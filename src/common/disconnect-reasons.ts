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

/**
 * What follows when a line to WhatsApp ended. `restart`: at once, it is part of the protocol. `retry`: with backoff. `contest`: find out whether
 * the session is still ours, and only then once more. `pause`: once more when WhatsApp's own time is over. `stop`: keep the session, wait for a
 * person. `wipe`: WhatsApp removed the device, its credentials are worthless.
 */
export type DisconnectAction = 'restart' | 'retry' | 'contest' | 'pause' | 'stop' | 'wipe';

interface LineEnd {
  /** WhatsApp's codes for it (`DisconnectReason` of the library, and those of `<failure>` that it passes on); none where it is not WhatsApp's word. */
  codes: readonly number[];
  action: DisconnectAction;
  /** An operator should look at it. */
  alert: boolean;
  /** How linking a phone ends by it, where no further connection is made. */
  pairing: PairingEnd;
  /** It lies between us and WhatsApp: however often it comes, the account is not at fault. */
  isOfTheWay?: true;
}

/** The reasons for which a line ends, with what each means for its session: a new one is an entry here and its sentence above. */
export const LINE_ENDS = {
  restart_required: { codes: [515], action: 'restart', alert: false, pairing: 'pairing_failed' },
  connection_closed: { codes: [428], action: 'retry', alert: false, pairing: 'whatsapp_unavailable' },
  connection_lost: { codes: [408], action: 'retry', alert: false, pairing: 'whatsapp_unavailable' },
  service_unavailable: { codes: [503], action: 'retry', alert: false, pairing: 'whatsapp_unavailable' },
  unclassified: { codes: [500, 501], action: 'retry', alert: true, pairing: 'pairing_failed' },
  handshake_refused: { codes: [400], action: 'retry', alert: true, pairing: 'whatsapp_unavailable' },
  upgrade_refused: {
    codes: [],
    action: 'retry',
    alert: true,
    pairing: 'whatsapp_unavailable',
    isOfTheWay: true,
  },
  server_not_trusted: {
    codes: [],
    action: 'retry',
    alert: true,
    pairing: 'server_not_trusted',
    isOfTheWay: true,
  },
  network: { codes: [], action: 'retry', alert: false, pairing: 'whatsapp_unavailable', isOfTheWay: true },
  stalled: { codes: [], action: 'retry', alert: true, pairing: 'whatsapp_unavailable' },
  qr_expired: { codes: [], action: 'stop', alert: false, pairing: 'qr_expired' },
  replaced: { codes: [440], action: 'contest', alert: true, pairing: 'pairing_failed' },
  logged_out: { codes: [401], action: 'wipe', alert: true, pairing: 'pairing_rejected' },
  banned: { codes: [403, 406], action: 'stop', alert: true, pairing: 'pairing_rejected' },
  temporarily_banned: { codes: [402], action: 'stop', alert: true, pairing: 'pairing_rejected' },
  client_outdated: { codes: [405], action: 'stop', alert: true, pairing: 'client_outdated' },
  device_refused: {
    codes: [409, 413, 414, 415, 418],
    action: 'stop',
    alert: true,
    pairing: 'pairing_rejected',
  },
  no_multi_device: { codes: [411], action: 'stop', alert: true, pairing: 'pairing_rejected' },
} as const satisfies Partial<Record<DisconnectReason, LineEnd>>;

/** Why a line ended. */
export type DisconnectCause = keyof typeof LINE_ENDS;

/** @returns what the end of a line by this cause means */
export function lineEnd(cause: DisconnectCause): LineEnd {
  return LINE_ENDS[cause];
}
