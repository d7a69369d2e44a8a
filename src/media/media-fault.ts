/** Why the file of a message is not there: a code that callers are shown. */
export const MEDIA_FAULTS = {
  media_expired: 'WhatsApp does not have it any more.',
  media_not_on_phone: 'WhatsApp does not have it any more, and the phone of the account does not give it.',
  media_phone_silent:
    'WhatsApp does not have it any more, and the phone of the account did not answer for days.',
  media_unreachable: 'WhatsApp’s server did not give it, however often it was asked.',
  media_timeout: 'It did not come in the time that `MEDIA_DOWNLOAD_SECONDS` gives.',
  media_damaged: 'What came is not what was sent: a hash or the MAC is wrong.',
  media_key_invalid: 'The message holds no key that opens it.',
  media_address_invalid: 'The message names no address at WhatsApp.',
  media_too_large: 'It is larger than `MEDIA_MAX_MB`, or the store, allows.',
  media_quota_exceeded: 'The organization keeps as many bytes as `MEDIA_QUOTA_MB` allows.',
  media_switched_off: 'Files are not fetched: `MEDIA_FETCH=off`.',
  media_not_stored: 'It came and could not be stored: the log says why.',
} as const;

export type MediaFaultCode = keyof typeof MEDIA_FAULTS;

/** What is worth doing: trying again, asking the phone since WhatsApp has it no longer, leaving it out, or nothing at all. */
export type MediaRemedy = 'retry' | 'expired' | 'skip' | 'final';

/** A file was not got. */
export class MediaFault extends Error {
  constructor(
    readonly code: MediaFaultCode,
    readonly remedy: MediaRemedy,
    options?: ErrorOptions,
  ) {
    super(MEDIA_FAULTS[code], options);
    this.name = 'MediaFault';
  }
}
