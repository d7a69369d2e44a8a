import type { ErrorEntry } from './error-entry.js';

/** How long to wait before a message that WhatsApp did not take now is sent again, in s. */
export const RETRY_SECONDS = { limited: 30, temporary: 10 } as const;

const REPORT = 'WhatsApp refused the message: report it.';
const REPEAT =
  'Nothing was sent: wait for `Retry-After`, and repeat the call under the same `Idempotency-Key`.';
const IN_DOUBT =
  'Nobody knows whether the message arrived, and nobody ever will: sent anew, it may arrive twice.';

/** WhatsApp did not take the message, and would not take it again. */
function refused(sentence: string, when: string) {
  return { status: 422, logLevel: 'error', sentence, when } as const;
}

/** WhatsApp did not take the message now; it may be sent again after a while. */
function temporary(sentence: string) {
  return { status: 503, retryAfterSeconds: RETRY_SECONDS.temporary, sentence, when: REPEAT } as const;
}

/** It is not known whether the message arrived, and never will be. */
function undecided(sentence: string) {
  return { status: 409, logLevel: 'error', sentence, when: IN_DOUBT } as const;
}

/** Why a message was not sent: told to callers, and stored with the message. */
export const SEND_ERRORS = {
  recipient_not_on_whatsapp: {
    status: 400,
    sentence: 'There is no WhatsApp account with this number.',
    when: 'Nobody has this number: mend it. A number begins with its country code.',
  },
  whatsapp_rate_limited: {
    status: 429,
    logLevel: 'error',
    retryAfterSeconds: RETRY_SECONDS.limited,
    sentence: 'WhatsApp takes no more messages from this account for now; it sends too many.',
    when: 'Wait for `Retry-After`, repeat under the same `Idempotency-Key`, and send less.',
  },
  whatsapp_contact_restricted: refused(
    'WhatsApp does not let this account begin a conversation with this person at present. Each further try counts against the account; people who write first can be answered.',
    'The account may begin no new conversations at present: answer those who write.',
  ),
  whatsapp_forbidden: refused(
    'WhatsApp does not allow this account to send this message to this person.',
    'Look at the account on the phone.',
  ),
  whatsapp_unauthorized: refused(
    'WhatsApp does not accept messages from this account; look at it on the phone.',
    'Look at the account on the phone.',
  ),
  whatsapp_recipient_not_found: refused(
    'WhatsApp does not know the address that the message was for.',
    'Mend the address.',
  ),
  whatsapp_recipient_gone: refused(
    'The account that the message was for is no longer there.',
    'Mend the address.',
  ),
  whatsapp_not_allowed: refused('WhatsApp does not allow messages of this kind here.', 'Change the message.'),
  whatsapp_not_acceptable: refused(
    'WhatsApp did not accept the contents of the message.',
    'Change the message.',
  ),
  whatsapp_bad_request: refused('WhatsApp could not read the message.', REPORT),
  whatsapp_wrong_addressing: refused('WhatsApp wants this person addressed in another way.', REPORT),
  whatsapp_stanza_rejected: refused(
    "WhatsApp rejected the form of the message: mostly what is known of the person's devices is out of date.",
    'Try another message later; report it where it stays.',
  ),
  whatsapp_refused: refused(
    'WhatsApp refused the message for a reason without a known meaning; the log has its number.',
    'Try another message later; report it where it stays.',
  ),
  whatsapp_timeout: temporary('WhatsApp did not answer in time; nothing was sent.'),
  whatsapp_internal_error: temporary('WhatsApp failed to take the message.'),
  whatsapp_unavailable: temporary('WhatsApp can take no messages at the moment.'),
  encryption_failed: temporary("The message could not be encrypted for any of the person's devices."),
  media_upload_failed: temporary(
    'The file of the message could not be brought to WhatsApp; nothing was sent.',
  ),
  media_unavailable: refused(
    'The file of the message is not there any more; nothing was sent.',
    'Upload the file again, and send it anew.',
  ),
  not_confirmed: undecided('WhatsApp never confirmed the message, which may or may not have arrived.'),
  not_confirmed_in_time: undecided(
    'WhatsApp did not confirm the message within a day; it may or may not have arrived.',
  ),
  session_ended: undecided(
    'The number was unlinked before WhatsApp confirmed the message, which may or may not have arrived.',
  ),
  account_changed: undecided(
    'Another account was linked before WhatsApp confirmed the message, which may or may not have arrived.',
  ),
  message_deleted: undecided(
    'The message was erased before WhatsApp confirmed it; it may or may not have arrived.',
  ),
  unsupported_content: {
    status: 500,
    sentence: 'This process can not send messages of this kind; nothing was sent.',
    when: 'The message was stored by a newer version: let one of that version run the instance.',
  },
  send_failed: {
    status: 500,
    sentence: 'The message could not be sent, for a reason that the log tells; nothing left.',
    when: 'Something failed on our side: the request id finds the cause in the log.',
  },
} as const satisfies Record<string, ErrorEntry>;
