import { applyDecorators } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  type ApiResponseNoStatusOptions,
} from '@nestjs/swagger';
import { ApiErrors, type DocumentedError } from '../http/api-errors.decorator.js';
import { SEND_FAILURE_CODES, sendFailure, type SendFailureKind } from '../common/send-failures.js';
import { SentMessageResponse } from './sent-message.response.js';

/** A list of what failures of a kind mean. */
function failures(kind: SendFailureKind): string {
  const codes = SEND_FAILURE_CODES.filter((code) => sendFailure(code).kind === kind);
  return codes.map((code) => `\n- \`${code}\`: ${sendFailure(code).sentence}`).join('');
}

const REFUSED_INPUT: DocumentedError = {
  status: 400,
  description: `The input is malformed or incomplete (\`validation_failed\`), or:\n${failures('recipient')}`,
  code: 'recipient_not_on_whatsapp',
  error: 'There is no WhatsApp account with the number 5511999887766. A number begins with its country code.',
  details: [{ path: 'to', message: 'is not on WhatsApp' }],
};

const CONFLICT: DocumentedError = {
  status: 409,
  description: `The instance is not connected and did not come back within 10 s (\`instance_not_connected\`; nothing was stored), the idempotency key was used for another message (\`idempotency_key_reused\`), or nobody knows whether the message arrived, and nobody ever will:\n${failures('undecided')}`,
  code: 'instance_not_connected',
  error: 'The instance is not connected to WhatsApp.',
};

const REFUSED: DocumentedError = {
  status: 422,
  description: `WhatsApp refused the message, and would refuse it again. It is stored as \`failed\` with the code:\n${failures('refused')}`,
  code: 'whatsapp_contact_restricted',
  error: sendFailure('whatsapp_contact_restricted').sentence,
};

const TOO_MANY: DocumentedError = {
  status: 429,
  description: `Wait as long as \`Retry-After\` says. Too many calls (\`rate_limited\`), too many messages of this instance wait to be sent (\`send_queue_full\`), too many calls for it wait for the process that runs it (\`too_many_requests\`): nothing was stored. Or, with the message stored as \`failed\`:\n${failures('limited')}`,
  code: 'whatsapp_rate_limited',
  error: sendFailure('whatsapp_rate_limited').sentence,
};

const FAILED: DocumentedError = {
  status: 500,
  description: `Something failed on our side (\`internal_error\`), or:\n${failures('internal')}`,
  code: 'send_failed',
  error: sendFailure('send_failed').sentence,
};

const UNAVAILABLE: DocumentedError = {
  status: 503,
  description: `Wait as long as \`Retry-After\` says. The database, or the process that runs the instance, is away (\`database_unavailable\`, \`instance_not_responding\`, \`instance_busy\`, \`shutting_down\`): nothing was sent. Or, with the message stored as \`failed\`:\n${failures('temporary')}`,
  code: 'whatsapp_unavailable',
  error: sendFailure('whatsapp_unavailable').sentence,
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
        "The caller's name for this message, unique for the instance: calls under the same key with the same body send one message and get the same answer, 202 turning into another answer once it is known. Kept for as long as the message, at least 24 hours. Answers given before the message was stored are not remembered, and a message that WhatsApp did not take for the moment (429, 503) is sent again by a call under its key after the time that `Retry-After` says, under its own WhatsApp id.",
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
    ApiErrors(REFUSED_INPUT, 404, CONFLICT, 413, 415, REFUSED, TOO_MANY, FAILED, UNAVAILABLE),
  );
}
