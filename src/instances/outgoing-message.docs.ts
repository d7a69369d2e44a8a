import { applyDecorators } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  type ApiResponseNoStatusOptions,
} from '@nestjs/swagger';
import { ApiErrors, type DocumentedError } from '../http/api-errors.decorator.js';
import { SentMessageResponse } from './sent-message.response.js';

const CONFLICT: DocumentedError = {
  status: 409,
  description:
    'The instance is not connected and did not come back within 10 s (`instance_not_connected`; nothing was stored), or the idempotency key was used for another message (`idempotency_key_reused`).',
  code: 'instance_not_connected',
  error: 'The instance is not connected to WhatsApp.',
};

const QUEUE_FULL: DocumentedError = {
  status: 429,
  description:
    'Too many messages of this instance wait to be sent (`send_queue_full`), or too many calls for it wait for the process that runs it (`too_many_requests`). Nothing was stored; see Retry-After.',
  code: 'send_queue_full',
  error: 'Too many messages wait to be sent; try again in a moment.',
};

const HEADERS: ApiResponseNoStatusOptions['headers'] = {
  'Idempotency-Replayed': {
    description: '`true`: an earlier call under the same Idempotency-Key stored the message.',
    schema: { type: 'string', enum: ['true'] },
  },
};

/** Documents `POST /api/whatsapp/instances/:id/send`. */
export function ApiSendMessage(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Send a text message',
      description:
        'Answers when WhatsApp has taken the message. Where that can not be told in time, for instance because the line dropped, the answer is 202: the message may or may not have left, it is resolved in the background (never by sending it under another id), and `status_url` says how it went. Where the database did not confirm in time that it holds the message, the answer is 202, too, and 404 at `status_url` means that the message was not stored: with an `Idempotency-Key`, repeat the call under it, which sends it once whatever happened. Any process of the service takes the call, whichever runs the instance; 503 `instance_not_responding` means that nothing was sent. With an `Idempotency-Key` a call may be repeated safely, also after a crash.',
    }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        "The caller's name for this message, unique for the instance: calls under the same key with the same body send one message and get the same answer, 202 turning into 200 or 500 once it is known. Kept for as long as the message, at least 24 hours. Answers given before the message was stored (400, 404, 409, 429, 503) are not remembered.",
      schema: {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        pattern: '^[\\x20-\\x7e]+$',
        example: 'order-4711',
      },
    }),
    ApiOkResponse({ type: SentMessageResponse, description: 'WhatsApp took the message.', headers: HEADERS }),
    ApiAcceptedResponse({
      type: SentMessageResponse,
      description:
        'WhatsApp, or the database, did not confirm it in time; ask `status_url`. If that says 404, it was not stored: repeat the call under the same Idempotency-Key.',
      headers: HEADERS,
    }),
    ApiErrors(400, 404, CONFLICT, 413, 415, QUEUE_FULL),
  );
}
