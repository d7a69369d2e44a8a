import type { ErrorEntry } from './error-entry.js';

/** Of linking a phone. */
export const PAIRING_ERRORS = {
  phone_number_required: {
    status: 400,
    sentence: "Method 'code' needs phone_number, in this call or stored on the instance.",
    when: 'A pairing code was asked for without a number to send it to.',
  },
  qr_not_available: {
    status: 404,
    sentence: 'There is no QR code at the moment.',
    when: 'There is nothing to scan: the sentence says why; mostly call `connect` with `{"method":"qr"}` first.',
  },
  linked_to_another_number: {
    status: 409,
    sentence:
      'The instance is linked to another number, its connected_phone_number. Create an instance of its own for the given one; or delete this instance, which logs its device out, and call connect again.',
    when: '`connect` was called with another number than the linked one.',
  },
  pairing_replaced: {
    status: 409,
    sentence: 'A newer call took the place of this pairing.',
    when: '`connect` was called once more for the same instance: let one page ask at a time.',
  },
  pairing_cancelled: {
    status: 409,
    sentence: 'The instance was logged out or deleted before WhatsApp gave a code.',
    when: 'The instance went while a code was asked for.',
  },
  too_many_pairings: {
    status: 429,
    logLevel: 'info',
    retryAfterSeconds: 15,
    sentence:
      'The organization links as many phones at the same time as it may (PAIRINGS_PER_ORGANIZATION): scan or type what is shown, or wait until it expires.',
    when: 'The organization, or the process, links as many phones as it may, or the organization began too many within a minute.',
  },
  pairing_rate_limited: {
    status: 429,
    logLevel: 'error',
    retryAfterSeconds: 300,
    sentence:
      'WhatsApp refused the pairing code (429): too many codes were asked for this number. Wait some minutes.',
    when: 'WhatsApp gives this number no further code for a while: wait for some minutes, or take a QR code.',
  },
  pairing_rejected: {
    status: 500,
    sentence: 'WhatsApp refused the pairing code: check the phone number and try again.',
    when: "WhatsApp refused the number: check it, and that it has WhatsApp; the log has WhatsApp's own code.",
  },
  pairing_failed: {
    status: 500,
    sentence: 'The pairing ended before WhatsApp gave a code. Try again.',
    when: 'WhatsApp or the phone broke off: call `connect` again; the log has more.',
  },
  server_not_trusted: {
    status: 500,
    sentence: 'The server that answered could not prove that it belongs to WhatsApp.',
    when: 'What answered is not WhatsApp: a proxy that opens TLS, or a wrong clock; the log says what is wrong.',
  },
} as const satisfies Record<string, ErrorEntry>;
