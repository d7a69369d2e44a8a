import type { ErrorEntry } from './error-entry.js';

/** Of files: received, uploaded, and kept. */
export const MEDIA_ERRORS = {
  media_not_found: {
    status: 404,
    sentence: 'This message has no file.',
    when: 'The message brought none, or of a thumbnail: its file has no looks, or too many pixels.',
  },
  media_not_ready: {
    status: 409,
    sentence: 'The file of this message is not there.',
    when: 'The file is still being fetched, or could not be: the sentence and `media.error` of the message say which; `whatsapp:media` tells when it comes.',
  },
  media_link_invalid: {
    status: 404,
    sentence: 'This link leads to no file, or not any more.',
    when: 'The link is older than an hour, or was changed: make another one by `POST /api/messages/{id}/media/link`.',
  },
  media_not_retryable: {
    status: 409,
    sentence: 'It is not known any more how to get the file of this message.',
    when: 'The message holds no key for its file, or the instance that it came to is gone.',
  },
  media_gone: {
    status: 410,
    sentence: 'The file of this message was removed from its store.',
    when: 'Somebody else than the service removed it from the folder or bucket: restore it there.',
  },
  media_too_large: {
    status: 413,
    sentence: 'The file is larger than is taken.',
    when: 'The file has more bytes than `MEDIA_MAX_MB` allows: send a smaller one, or raise it.',
  },
  media_quota_exceeded: {
    status: 409,
    sentence: 'The organization keeps as many bytes of media as it may.',
    when: 'Files of the organization take as much as `MEDIA_QUOTA_MB` allows: shorten its retention of messages, or raise it.',
  },
  media_disk_full: {
    status: 503,
    logLevel: 'error',
    retryAfterSeconds: 60,
    sentence: 'There is no room for the file at present; try again later.',
    when: 'The disk of `DATA_DIR` has less than 256 MB left: make room.',
  },
  media_store_unavailable: {
    status: 503,
    sentence: 'The store of the files can not be reached at present; try again in a moment.',
    when: 'The folder, bucket or project that `MEDIA_STORE` names does not do what it was asked: the log says why.',
  },
} as const satisfies Record<string, ErrorEntry>;
