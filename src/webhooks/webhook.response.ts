import { ApiProperty } from '@nestjs/swagger';
import { ALL_EVENTS, WEBHOOK_EVENTS } from './dto/webhook-fields.js';
import { PAUSE_REASONS, type PauseReason, type Webhook } from './webhook.js';

/** What is being delivered once more. */
export class RedriveResponse {
  @ApiProperty({ type: 'integer', description: 'Goes up with what is taken up.', example: 41 })
  after: number;

  @ApiProperty({ type: 'integer', example: 99 })
  until: number;
}

/** Where events of an organization are sent; without its secret. */
export class WebhookResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, example: 'https://example.com/hooks/whatsapp' })
  url: string;

  @ApiProperty({ type: [String], enum: WEBHOOK_EVENTS, example: ['whatsapp:message'] })
  events: string[];

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'null: events of all instances.',
  })
  instance_id: string | null;

  @ApiProperty({ type: String, example: 'Booking site' })
  description: string;

  @ApiProperty({ type: String, enum: ['active', 'paused'], example: 'active' })
  state: 'active' | 'paused';

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  paused_at: string | null;

  @ApiProperty({
    type: String,
    enum: [...PAUSE_REASONS, null],
    nullable: true,
    description: 'failing: a delivery failed for three days. gone: the receiver answered 410.',
    example: null,
  })
  pause_reason: PauseReason | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Since when no delivery came through; null: the last one did.',
    example: null,
  })
  failing_since: string | null;

  @ApiProperty({
    type: 'integer',
    description: 'Events up to this sequence are among the deliveries; later ones wait to be.',
    example: 41,
  })
  last_sequence: number;

  @ApiProperty({ type: RedriveResponse, nullable: true })
  redrive: RedriveResponse | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until then the secret before the current one signs, too.',
    example: null,
  })
  former_secret_expires_at: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time' })
  updated_at: string;
}

/** @returns a webhook as REST shows it */
export function toWebhookResponse(webhook: Webhook): WebhookResponse {
  return {
    id: webhook.id,
    organization_id: webhook.organizationId,
    url: webhook.url,
    events: webhook.eventNames.length === 0 ? [ALL_EVENTS] : webhook.eventNames,
    instance_id: webhook.instanceId,
    description: webhook.description,
    state: webhook.isActive ? 'active' : 'paused',
    paused_at: webhook.pausedAt,
    pause_reason: webhook.pauseReason,
    failing_since: webhook.failingSince,
    last_sequence: webhook.lastSequence,
    redrive: webhook.redrive,
    former_secret_expires_at: webhook.formerSecretExpiresAt,
    created_at: webhook.createdAt,
    updated_at: webhook.updatedAt,
  };
}
