import type { ErrorEntry } from './error-entry.js';

/** Of the exchange itself and of what a call says, whichever route it is for. */
export const REQUEST_ERRORS = {
  validation_failed: {
    status: 400,
    sentence: 'The input is invalid.',
    when: 'A field, a query parameter or a header is missing or wrong: `details` names each; mend them.',
  },
  invalid_id: {
    status: 400,
    sentence: 'The id in the address is not a UUID.',
    when: 'An id in the address has another form than ids have: take it from a list.',
  },
  invalid_json: {
    status: 400,
    sentence: 'The body is not valid JSON: send one JSON object.',
    when: 'The body is no JSON object in UTF-8, or is nested too deep.',
  },
  invalid_body: {
    status: 400,
    sentence: 'The body could not be read: it is incomplete or damaged.',
    when: 'The body ended early, or is not compressed as `Content-Encoding` says.',
  },
  invalid_cursor: {
    status: 400,
    sentence: 'The cursor is not one that this list gave out.',
    when: '`cursor` is no `next_cursor` or `previous_cursor` of the same list and order: begin at the first page.',
  },
  invalid_phone_number: {
    status: 400,
    sentence: 'The phone number is not a valid phone number with country code.',
    when: 'The input holds no phone number in digits with its country code; shown in `details` of `validation_failed`.',
  },
  invalid_recipient: {
    status: 400,
    sentence: 'The recipient is no person whom a message can be sent to.',
    when: '`to` is neither a phone number nor the address of a person; shown in `details` of `validation_failed`.',
  },
  organization_id_required: {
    status: 400,
    sentence: 'Say which organization: organization_id is required.',
    when: 'The caller may act for several organizations: name one.',
  },
  bad_request: {
    status: 400,
    sentence: 'The request is malformed.',
    when: 'The address can not be read, mostly because a `%` in it begins no escape.',
  },
  malformed_request: {
    status: 400,
    sentence: 'This is not a valid HTTP request.',
    when: 'What came is no HTTP request: something speaks TLS to a plain port, or names no `Host`.',
  },
  handshake_refused: {
    status: 400,
    sentence: 'This is no handshake of Socket.IO.',
    when: 'Something that is no Socket.IO client of version 3 or newer calls `/socket.io`.',
  },
  route_not_found: {
    status: 404,
    sentence: 'There is nothing at this address; /api/docs lists what there is.',
    when: 'No route has this address: look for a spelling mistake, or a prefix that a proxy takes away.',
  },
  method_not_allowed: {
    status: 405,
    sentence: 'This address answers to other methods.',
    when: 'The route exists for other methods: `Allow` names them.',
  },
  not_acceptable: {
    status: 406,
    sentence: 'None of the accepted formats can be made.',
    when: '`Accept` names none of the formats that the sentence lists.',
  },
  request_timeout: {
    status: 408,
    sentence: 'The request did not arrive in time.',
    when: 'Headers or body came too slowly: send the request in one go.',
  },
  body_too_large: {
    status: 413,
    sentence: 'The body is larger than 1 MB.',
    when: 'No valid body is so large: split what is to be sent.',
  },
  unsupported_media_type: {
    status: 415,
    sentence: 'Send the body as JSON: Content-Type: application/json.',
    when: 'The body is something else than JSON.',
  },
  unsupported_encoding: {
    status: 415,
    sentence: 'Send the body as UTF-8, plain or compressed with gzip.',
    when: '`Content-Type` or `Content-Encoding` names another encoding.',
  },
  headers_too_large: {
    status: 431,
    sentence: 'The request headers are too large.',
    when: 'All headers together have more than 16 kB, mostly because of cookies: send fewer.',
  },
} as const satisfies Record<string, ErrorEntry>;
