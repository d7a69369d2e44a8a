/** Why a companion was not linked. */
export type PairingErrorCode =
  | 'invalid-qr'
  | 'unknown-ref'
  | 'expired'
  | 'no-pending-pairing'
  | 'wrong-code'
  | 'connection-closed'
  | 'invalid-device-signature'
  | 'busy';

const MESSAGES: Readonly<Record<PairingErrorCode, string>> = {
  'invalid-qr': 'this is no WhatsApp pairing code, or it was altered',
  'unknown-ref': 'expired: no client shows this QR code any more',
  expired: 'expired: ask the client for a new code',
  'no-pending-pairing': 'no pending pairing for this number',
  'wrong-code': 'wrong code',
  'connection-closed': 'the client went away during pairing',
  'invalid-device-signature': 'the client answered with an invalid device signature',
  busy: 'a pairing with this client is under way',
};

/** A pairing that failed; `code` says why. */
export class PairingError extends Error {
  override readonly name = 'PairingError';

  constructor(
    readonly code: PairingErrorCode,
    detail?: string,
  ) {
    super(detail === undefined ? MESSAGES[code] : `${MESSAGES[code]}: ${detail}`);
  }
}
