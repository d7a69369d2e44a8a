import { applyDecorators } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtension,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  getSchemaPath,
} from '@nestjs/swagger';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { FORM } from '../http/openapi-operations.js';
import { SendFileForm } from './dto/send-file.form.js';
import { SentMessageResponse } from './sent-message.response.js';

/** Documents `POST /api/whatsapp/instances/:id/send`. */
export function ApiSendMessage(): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(SendFileForm),
    ApiExtension(FORM, { $ref: getSchemaPath(SendFileForm) }),
    ApiOperation({
      summary: 'Send a message',
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
    ApiOkResponse({ type: SentMessageResponse, description: 'WhatsApp took the message.' }),
    ApiAcceptedResponse({
      type: SentMessageResponse,
      description:
        'WhatsApp, or the database, did not confirm it in time; ask `status_url`. If that says 404, it was not stored: repeat the call under the same Idempotency-Key.',
    }),
    ApiErrors(
      'recipient_not_on_whatsapp',
      'instance_not_found',
      'instance_not_connected',
      'idempotency_key_reused',
      'not_confirmed',
      'not_confirmed_in_time',
      'session_ended',
      'account_changed',
      'message_deleted',
      'url_not_allowed',
      'egress_unreachable',
      'egress_timeout',
      'upload_not_found',
      'media_too_large',
      'media_quota_exceeded',
      'media_disk_full',
      'media_store_unavailable',
      413,
      415,
      'whatsapp_contact_restricted',
      'whatsapp_forbidden',
      'whatsapp_unauthorized',
      'whatsapp_recipient_not_found',
      'whatsapp_recipient_gone',
      'whatsapp_not_allowed',
      'whatsapp_not_acceptable',
      'whatsapp_bad_request',
      'whatsapp_wrong_addressing',
      'whatsapp_stanza_rejected',
      'whatsapp_refused',
      'whatsapp_rate_limited',
      'send_queue_full',
      'send_failed',
      'unsupported_content',
      'whatsapp_unavailable',
      'whatsapp_timeout',
      'whatsapp_internal_error',
      'encryption_failed',
      'instance_not_responding',
      'instance_busy',
      'fenced',
    ),
  );
}
