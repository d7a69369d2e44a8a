import type { ErrorEntry } from './error-entry.js';

/** Of what is stored: contacts, messages, events, and the rights of people in them; and of asking for a send. */
export const RECORD_ERRORS = {
  contact_not_found: {
    status: 404,
    sentence: 'There is no contact with this id.',
    when: 'The id is of no contact, of an erased one, or of one of another organization.',
  },
  merge_not_found: {
    status: 404,
    sentence: 'This contact has no merge with this id.',
    when: 'It was taken back already, or is of another contact: `GET /api/contacts/:id` lists the merges of one.',
  },
  group_not_found: {
    status: 404,
    sentence: 'There is no group with this id.',
    when: 'The id is of no group, or of one of another organization.',
  },
  message_not_found: {
    status: 404,
    sentence: 'There is no message with this id.',
    when: 'The id is of no message, or of one of another organization. After a 202 it was not stored: repeat the call.',
  },
  upload_not_found: {
    status: 404,
    sentence: 'There is no such file.',
    when: 'The upload is of another organization, was never made, or has expired: upload the file again.',
  },
  booking_not_found: {
    status: 404,
    sentence: 'There is no booking with this id.',
    when: 'The id is of no booking, or of one of another organization.',
  },
  note_not_found: {
    status: 404,
    sentence: 'There is no note with this id.',
    when: 'The id is of no note, of one that was deleted, or of one of another organization.',
  },
  note_of_another: {
    status: 403,
    sentence: 'The note is of somebody else.',
    when: 'Its author changes it, or who manages the organization.',
  },
  note_of_phone: {
    status: 409,
    sentence: 'The note was written on the phone, and is changed there.',
    when: 'Notes with `source: phone` are what the owner wrote in WhatsApp.',
  },
  erasure_not_found: {
    status: 404,
    sentence: 'There is no receipt with this id.',
    when: 'The id is of no erasure, or of one of another organization.',
  },
  calendar_feed_not_found: {
    status: 404,
    sentence: 'There is no such calendar feed.',
    when: 'The id is of no calendar feed of the organization; or nobody has this address of a calendar, any more.',
  },
  webhook_not_found: {
    status: 404,
    sentence: 'There is no webhook with this id.',
    when: 'The id is of no webhook, or of one of another organization.',
  },
  not_found: {
    status: 404,
    sentence: 'The object does not exist.',
    when: 'What the call is about went while it was worked on.',
  },
  already_one_contact: {
    status: 409,
    sentence: 'These are one contact already.',
    when: 'Both ids lead to the same contact, perhaps since somebody merged them a moment ago.',
  },
  merged_by_whatsapp: {
    status: 409,
    sentence: 'WhatsApp says that these are one person, so this can not be taken back.',
    when: 'The number and the LID belong to one account: what was written under both can not be told apart any more.',
  },
  contact_being_erased: {
    status: 409,
    sentence: 'The contact is being erased.',
    when: 'Everything of it goes; there is nothing to merge, or to take apart, any more.',
  },
  idempotency_key_reused: {
    status: 409,
    sentence: 'The idempotency key was used for another call; choose a new one.',
    when: 'An earlier call under the same `Idempotency-Key` had another body.',
  },
  invalid_transition: {
    status: 409,
    sentence: 'The booking can not get this status from the one that it has.',
    when: 'A pending booking can be confirmed or cancelled, a confirmed one completed or cancelled. Read it again: somebody else may have been first.',
  },
  booking_ends_too_early: {
    status: 409,
    sentence: 'The booking would end before it starts.',
    when: '`ends_at` must be later than `starts_at`, of which one may be what is stored already.',
  },
  unknown_service: {
    status: 409,
    sentence: 'The organization has no service with this id.',
    when: '`service_id` of a booking is none of `services` in `GET /api/organizations/:id/settings`.',
  },
  changed_meanwhile: {
    status: 412,
    sentence: 'Somebody else changed it since it was read.',
    when: '`If-Match` names another state than the present one: read it again, and decide anew.',
  },
  message_not_own: {
    status: 409,
    sentence: 'Only a message that this service sent, and that WhatsApp has, can be changed.',
    when: 'The message was received, or is not sent yet: `GET /api/messages/:id` says its `direction` and `status`.',
  },
  message_not_editable: {
    status: 409,
    sentence: 'The message can not be edited.',
    when: 'It is no text, or older than 15 minutes: send another message.',
  },
  message_not_deletable: {
    status: 409,
    sentence: 'The message can not be taken back any more.',
    when: 'It is older than 60 hours.',
  },
  too_many_erasures: {
    status: 409,
    sentence: 'Too many contacts are being erased; try again in a moment.',
    when: 'The process is at many erasures of the organization already; nothing was begun.',
  },
  events_expired: {
    status: 410,
    sentence: 'Events after this one are not kept any more. Read the lists, and go on with later ones.',
    when: 'Some of the events after `after` are past their retention: read the lists, and go on with the `after` that is named.',
  },
  too_many_streams: {
    status: 429,
    logLevel: 'info',
    sentence: 'As many event streams are open as may be: share one among several listeners.',
    when: 'The key, the user, the organization or the address has as many streams of events and waiting polls as it may at this process, or the process is full: close some, or share one.',
  },
  send_queue_full: {
    status: 429,
    logLevel: 'info',
    sentence: 'Too many messages wait to be sent; try again in a moment.',
    when: 'Too many messages of the instance wait for their turn; this one was not stored.',
  },
  too_many_exports: {
    status: 429,
    retryAfterSeconds: 5,
    sentence: 'As many exports are being read as may be; read them to their end, and try again.',
    when: 'An organization reads 3 exports at a time: read them to their end, or close them.',
  },
} as const satisfies Record<string, ErrorEntry>;
