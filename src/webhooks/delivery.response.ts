import { ApiProperty } from '@nestjs/swagger';
import type { WebhookCall } from './webhook-call.js';
import { DELIVERY_STATUSES, type Delivery, type DeliveryStatus } from './webhook-deliveries.repository.js';
import { toWebhookMessage, webhookIdOf } from './webhook-message.js';

const ERROR = 'A code that says why it was not taken; null where it was, or was not tried.';

/** How a receiver answered. */
export class WebhookAnswerResponse {
  @ApiProperty({ type: 'integer', example: 204 })
  status: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'How it began: 1 kB at most; null where it was erased with a person.',
    example: '',
  })
  body: string | null;
}

/** One try of a delivery. */
export class DeliveryTryResponse {
  @ApiProperty({ type: String, format: 'date-time' })
  at: string;

  @ApiProperty({ type: 'integer', example: 84 })
  duration_ms: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'null: there was no answer.', example: 500 })
  status: number | null;

  @ApiProperty({ type: String, nullable: true, description: ERROR, example: 'status_not_ok' })
  error: string | null;
}

/** What is sent: the same with each try, but for the time and the signature. */
export class DeliveryRequestResponse {
  @ApiProperty({ type: String, description: 'The header `webhook-id`.', example: 'evt_org_123_42' })
  webhook_id: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Null where the event is gone, or was erased.',
    example: null,
  })
  body: string | null;
}

/** One event for one webhook. */
export class DeliveryResponse {
  @ApiProperty({ type: String, example: '1042' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: 'integer', example: 42 })
  sequence: number;

  @ApiProperty({
    type: String,
    enum: DELIVERY_STATUSES,
    description: 'failed: given up, because `resume` said so or the event is gone.',
    example: 'delivered',
  })
  status: DeliveryStatus;

  @ApiProperty({ type: 'integer', example: 1 })
  attempts: number;

  @ApiProperty({ type: [DeliveryTryResponse], description: 'The last ten at most, the oldest first.' })
  tries: DeliveryTryResponse[];

  @ApiProperty({ type: DeliveryRequestResponse })
  request: DeliveryRequestResponse;

  @ApiProperty({ type: WebhookAnswerResponse, nullable: true, description: 'Of the last try.' })
  response: WebhookAnswerResponse | null;

  @ApiProperty({ type: String, nullable: true, description: ERROR, example: null })
  error: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Null where it is over, or waits for an earlier one of the same chat.',
    example: null,
  })
  next_attempt_at: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  delivered_at: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
}

/** How a test call went. */
export class WebhookTestResponse {
  @ApiProperty({ type: Boolean, description: 'Whether it was answered with a status of 200 to 299.' })
  delivered: boolean;

  @ApiProperty({ type: String, example: 'test_3f0e4b0e-9d0c-4f4a-8f6f-7a106f1c1a52' })
  webhook_id: string;

  @ApiProperty({ type: 'integer', example: 84 })
  duration_ms: number;

  @ApiProperty({ type: WebhookAnswerResponse, nullable: true, description: 'null: there was none.' })
  response: WebhookAnswerResponse | null;

  @ApiProperty({ type: String, nullable: true, description: ERROR, example: null })
  error: string | null;
}

/** @returns a delivery as REST shows it */
export function toDeliveryResponse(delivery: Delivery): DeliveryResponse {
  const { organizationId, sequence, event } = delivery;
  return {
    id: delivery.id,
    organization_id: organizationId,
    sequence,
    status: delivery.status,
    attempts: delivery.attempts,
    tries: delivery.tries.map(({ durationMs, ...one }) => ({ ...one, duration_ms: durationMs })),
    request: {
      webhook_id: webhookIdOf(organizationId, sequence),
      body: event && toWebhookMessage(organizationId, sequence, event).body,
    },
    response: delivery.response,
    error: delivery.error,
    next_attempt_at: delivery.nextAttemptAt,
    delivered_at: delivery.deliveredAt,
    created_at: delivery.createdAt,
  };
}

/** @returns a test call as REST shows it */
export function toWebhookTestResponse(
  webhookId: string,
  { status, answer, error, durationMs }: WebhookCall,
): WebhookTestResponse {
  return {
    delivered: error === null,
    webhook_id: webhookId,
    duration_ms: durationMs,
    response: status === null ? null : { status, body: answer },
    error,
  };
}
