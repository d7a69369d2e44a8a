/**
 * What a failure means for whoever wants the message sent.
 * - `recipient`: there is nobody to send it to
 * - `refused`: WhatsApp did not take it, and would not take it again
 * - `limited`, `temporary`: WhatsApp did not take it now; it may be sent again after a while
 * - `undecided`: nobody knows whether it arrived, and nobody ever will: sent again, it may arrive twice
 * - `internal`: something failed on our side, and nothing left
 */
export type SendFailureKind = 'recipient' | 'refused' | 'limited' | 'temporary' | 'undecided' | 'internal';

interface SendFailure {
  kind: SendFailureKind;
  /** For people. */
  sentence: string;
}

/** Why messages are not sent, by the code that callers are told and that is stored with the message. Part of the public contract. */
const FAILURES = {
  recipient_not_on_whatsapp: {
    kind: 'recipient',
    sentence: 'There is no WhatsApp account with this number.',
  },
  whatsapp_rate_limited: {
    kind: 'limited',
    sentence: 'WhatsApp takes no more messages from this account for now; it sends too many.',
  },
  whatsapp_contact_restricted: {
    kind: 'refused',
    sentence:
      'WhatsApp does not let this account begin a conversation with this person at present. Each further try counts against the account; people who write first can be answered.',
  },
  whatsapp_forbidden: {
    kind: 'refused',
    sentence: 'WhatsApp does not allow this account to send this message to this person.',
  },
  whatsapp_unauthorized: {
    kind: 'refused',
    sentence: 'WhatsApp does not accept messages from this account; look at it on the phone.',
  },
  whatsapp_recipient_not_found: {
    kind: 'refused',
    sentence: 'WhatsApp does not know the address that the message was for.',
  },
  whatsapp_recipient_gone: {
    kind: 'refused',
    sentence: 'The account that the message was for is no longer there.',
  },
  whatsapp_not_allowed: { kind: 'refused', sentence: 'WhatsApp does not allow messages of this kind here.' },
  whatsapp_not_acceptable: {
    kind: 'refused',
    sentence: 'WhatsApp did not accept the contents of the message.',
  },
  whatsapp_bad_request: { kind: 'refused', sentence: 'WhatsApp could not read the message.' },
  whatsapp_wrong_addressing: {
    kind: 'refused',
    sentence: 'WhatsApp wants this person addressed in another way.',
  },
  whatsapp_stanza_rejected: {
    kind: 'refused',
    sentence:
      "WhatsApp rejected the form of the message: mostly what is known of the person's devices is out of date.",
  },
  whatsapp_refused: {
    kind: 'refused',
    sentence: 'WhatsApp refused the message for a reason without a known meaning; the log has its number.',
  },
  whatsapp_timeout: { kind: 'temporary', sentence: 'WhatsApp did not answer in time; nothing was sent.' },
  whatsapp_internal_error: { kind: 'temporary', sentence: 'WhatsApp failed to take the message.' },
  whatsapp_unavailable: { kind: 'temporary', sentence: 'WhatsApp can take no messages at the moment.' },
  encryption_failed: {
    kind: 'temporary',
    sentence: "The message could not be encrypted for any of the person's devices.",
  },
  not_confirmed: {
    kind: 'undecided',
    sentence: 'WhatsApp never confirmed the message, which may or may not have arrived.',
  },
  not_confirmed_in_time: {
    kind: 'undecided',
    sentence: 'WhatsApp did not confirm the message within a day; it may or may not have arrived.',
  },
  session_ended: {
    kind: 'undecided',
    sentence:
      'The number was unlinked before WhatsApp confirmed the message, which may or may not have arrived.',
  },
  account_changed: {
    kind: 'undecided',
    sentence:
      'Another account was linked before WhatsApp confirmed the message, which may or may not have arrived.',
  },
  message_deleted: {
    kind: 'undecided',
    sentence: 'The message was erased before WhatsApp confirmed it; it may or may not have arrived.',
  },
  unsupported_content: {
    kind: 'internal',
    sentence: 'This process can not send messages of this kind; nothing was sent.',
  },
  send_failed: {
    kind: 'internal',
    sentence: 'The message could not be sent, for a reason that the log tells; nothing left.',
  },
} as const satisfies Record<string, SendFailure>;

export type SendFailureCode = keyof typeof FAILURES;

/** Every code, for documentation. */
export const SEND_FAILURE_CODES = Object.keys(FAILURES) as SendFailureCode[];

/** Error codes of WhatsApp's servers. */
const CODES_OF_WHATSAPP = new Map<number, SendFailureCode>([
  [400, 'whatsapp_bad_request'],
  [401, 'whatsapp_unauthorized'],
  [403, 'whatsapp_forbidden'],
  [404, 'whatsapp_recipient_not_found'],
  [405, 'whatsapp_not_allowed'],
  [406, 'whatsapp_not_acceptable'],
  [408, 'whatsapp_timeout'],
  [410, 'whatsapp_recipient_gone'],
  [420, 'whatsapp_rate_limited'],
  [421, 'whatsapp_wrong_addressing'],
  [429, 'whatsapp_rate_limited'],
  [463, 'whatsapp_contact_restricted'],
  [479, 'whatsapp_stanza_rejected'],
  [500, 'whatsapp_internal_error'],
  [503, 'whatsapp_unavailable'],
]);

/** As versions before these codes stored what WhatsApp said. */
const STORED_NUMBER = /^whatsapp_error_(\d+)$/;

/** How long to wait before a message that WhatsApp did not take now is sent again, in s. */
export const RETRY_SECONDS = { limited: 30, temporary: 10 } as const;

/** Kinds of failures after which a message may be sent again: it certainly did not arrive. */
export type PassingKind = keyof typeof RETRY_SECONDS;

/** @param error as WhatsApp's servers say it, e.g. `463` */
export function codeOfWhatsApp(error: string | number): SendFailureCode {
  return CODES_OF_WHATSAPP.get(Number(error)) ?? 'whatsapp_refused';
}

/** @param stored what is stored with a message that failed, also by an earlier version, which stored sentences, too */
export function codeOfStored(stored: string | null): SendFailureCode {
  const number = STORED_NUMBER.exec(stored ?? '')?.[1];
  if (number !== undefined) {
    return codeOfWhatsApp(number);
  }
  return isSendFailure(stored) ? stored : 'send_failed';
}

/** @returns whether it is one of these codes */
export function isSendFailure(code: string | null): code is SendFailureCode {
  return code !== null && Object.hasOwn(FAILURES, code);
}

/** @returns what a code means */
export function sendFailure(code: SendFailureCode): SendFailure {
  return FAILURES[code];
}

/** @returns whether the message may be sent again after a while */
export function isPassing(kind: SendFailureKind): kind is PassingKind {
  return Object.hasOwn(RETRY_SECONDS, kind);
}
