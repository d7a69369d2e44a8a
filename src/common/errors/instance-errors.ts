import type { ErrorEntry } from './error-entry.js';

const REFUSED = '`connect` was called for a linked instance that does not come on line by itself.';

/** Of instances and their sessions: which there are, where they run, why they are off line. */
export const INSTANCE_ERRORS = {
  instance_not_found: {
    status: 404,
    sentence: 'There is no instance with this id.',
    when: 'The id is of no instance, of a deleted one, or of one of another organization.',
  },
  logout_not_found: {
    status: 404,
    sentence: 'The instance is not deleted: no device of it is to be logged out.',
    when: 'How far a logout is was asked of an instance that was not deleted.',
  },
  instance_not_connected: {
    status: 409,
    sentence: 'The instance is not connected to WhatsApp.',
    when: 'A send found no line within 10 s, and nothing was stored: the sentence says what to do; mostly `connect`.',
  },
  instance_banned: {
    status: 409,
    sentence:
      'WhatsApp banned the number. Open WhatsApp on the phone to see why and to ask for a review; call connect once it works there again.',
    when: REFUSED,
  },
  instance_temporarily_banned: {
    status: 409,
    sentence:
      'WhatsApp banned the number for a time, which WhatsApp on the phone shows. Call connect when it is over.',
    when: REFUSED,
  },
  instance_client_outdated: {
    status: 409,
    sentence:
      'WhatsApp refuses this version of the client. Update the service, then call connect; linking anew does not help.',
    when: REFUSED,
  },
  instance_device_refused: {
    status: 409,
    sentence:
      'WhatsApp refuses this device. Open WhatsApp on the phone and look at Linked devices; then call connect. If it is refused again, delete the instance, which logs the device out, and link it anew.',
    when: REFUSED,
  },
  instance_no_multi_device: {
    status: 409,
    sentence:
      'The account has no support for linked devices. Update WhatsApp on the phone, then call connect.',
    when: REFUSED,
  },
  instance_replaced: {
    status: 409,
    sentence:
      'Another client is logged in with the credentials of this instance, most probably a copy of its database. Stop that one, then call connect.',
    when: REFUSED,
  },
  instance_session_unreadable: {
    status: 409,
    sentence:
      'The stored session can not be opened: it is damaged, or was sealed by another SESSION_ENCRYPTION_KEY. Configure that key, or delete the instance and link it again.',
    when: 'What is stored of the session was found unreadable while `connect` waited for its line.',
  },
  instance_storage_refused: {
    status: 409,
    sentence: 'The instance could not be brought on line (storage_refused). Call connect to try again.',
    when: 'The database refused the session while `connect` waited for its line: look at the log.',
  },
  instance_not_linked: {
    status: 409,
    sentence: 'The instance could not be brought on line (not_linked). Call connect to try again.',
    when: 'The link was gone by the time that `connect` looked: call it again, which begins a pairing.',
  },
  session_unreadable: {
    status: 409,
    sentence:
      'The stored session of this instance can not be opened: it is damaged, or was sealed by another SESSION_ENCRYPTION_KEY. Configure that key, or delete the instance and link it again.',
    when: 'The session can not be loaded: an operator configures the key that it was sealed with.',
  },
  encryption_key_missing: {
    status: 409,
    sentence:
      'The session is sealed under a key that SESSION_ENCRYPTION_KEY of this process does not name. It waits for a process that has it.',
    when: 'An operator left a key out of `SESSION_ENCRYPTION_KEY` that is still needed: put it back.',
  },
  logout_pending: {
    status: 409,
    sentence:
      'The device of this deleted instance is still being logged out of WhatsApp: connect can restore the instance once that is over. GET /api/whatsapp/instances/:id/logout says how far it is.',
    when: '`connect` was called for a deleted instance before its device was off the account: wait for that.',
  },
  too_many_requests: {
    status: 429,
    logLevel: 'info',
    sentence: 'Too many requests for this instance wait for their turn; try again in a moment.',
    when: 'Too many calls wait for the process that runs the instance; nothing was done.',
  },
  too_many_watched: {
    status: 429,
    logLevel: 'info',
    sentence: 'The instance watches as many people as it can; try again in a few minutes.',
    when: 'The presence of a 51st person of one instance was asked for: those watched before end after 5 minutes.',
  },
  instance_busy: {
    status: 503,
    logLevel: 'info',
    sentence: 'The instance moves between processes; try again in a moment.',
    when: 'The session was handed on again and again while the call looked for it; nothing was done.',
  },
  instance_not_responding: {
    status: 503,
    sentence: 'The process that runs the instance does not answer. Nothing was sent; try again in a moment.',
    when: 'Another process runs the session and gave no answer in time; its lease ends, and another one takes over.',
  },
  fenced: {
    status: 503,
    logLevel: 'warn',
    sentence: 'The session belongs to another process now.',
    when: 'Another process took the session over while this one worked for it; nothing was stored.',
  },
} as const satisfies Record<string, ErrorEntry>;
