import { RETRY_SECONDS, SEND_ERRORS } from './errors/send-errors.js';

/**
 * What a failure means for the caller who wants the message sent.
 * - `recipient`: there is nobody to send it to
 * - `refused`: WhatsApp did not take it, and would not take it again
 * - `limited`, `temporary`: WhatsApp did not take it now; it may be sent again after a while
 * - `undecided`: it is not known whether it arrived, and never will be: sent again, it may arrive twice
 * - `internal`: something failed on our side, and nothing left
 */
export type SendFailureKind = 'recipient' | 'refused' | 'limited' | 'temporary' | 'undecided' | 'internal';

interface SendFailure {
  kind: SendFailureKind;
  /** For people. */
  sentence: string;
}

/** Why messages are not sent, by the code that callers are told and that is stored with the message. Part of the public contract. */
export type SendFailureCode = keyof typeof SEND_ERRORS;

/** Neither what is decided nor what is not known is ever 500, which callers repeat at once. */
const KINDS: Readonly<Record<(typeof SEND_ERRORS)[SendFailureCode]['status'], SendFailureKind>> = {
  400: 'recipient',
  422: 'refused',
  429: 'limited',
  503: 'temporary',
  409: 'undecided',
  500: 'internal',
};

/** Every code, for documentation. */
export const SEND_FAILURE_CODES = Object.keys(SEND_ERRORS) as SendFailureCode[];

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
  return code !== null && Object.hasOwn(SEND_ERRORS, code);
}

/** @returns what a code means */
export function sendFailure(code: SendFailureCode): SendFailure {
  const { status, sentence } = SEND_ERRORS[code];
  return { kind: KINDS[status], sentence };
}

/** @returns whether the message may be sent again after a while */
export function isPassing(kind: SendFailureKind): kind is PassingKind {
  return Object.hasOwn(RETRY_SECONDS, kind);
}
