import { ApiProperty } from '@nestjs/swagger';
import type { DeadRow, Lease, MinuteOfTraffic, ServiceNode } from './operations.repository.js';

/** So much of an error is shown. */
const MAX_ERROR = 500;

/** A process of the service. */
export class NodeResponse {
  @ApiProperty({ type: String, example: 'api-1', description: 'NODE_ID of the process.' })
  id: string;

  @ApiProperty({ type: String, enum: ['api', 'worker'] })
  kind: 'api' | 'worker';

  @ApiProperty({ type: Boolean, description: 'It gave a sign of life, and its leases hold.', example: true })
  is_alive: boolean;

  @ApiProperty({ type: Boolean, description: 'Gives its numbers up and takes no more.', example: false })
  is_leaving: boolean;

  @ApiProperty({ type: String, format: 'date-time' })
  heartbeat_at: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'Until then it counts as alive without another sign.',
  })
  expires_at: string;

  @ApiProperty({ type: 'integer', example: 12, description: 'Numbers that it runs.' })
  sessions: number;
}

/** Which process runs a number. */
export class LeaseResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  instance_id: string;

  @ApiProperty({ type: String, example: 'Reception' })
  instance_name: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, enum: ['connected', 'disconnected', 'connecting', 'qr_pending'] })
  status: string;

  @ApiProperty({ type: String, example: 'api-1' })
  node_id: string;

  @ApiProperty({
    type: 'integer',
    example: 3,
    description: 'Goes up whenever a process takes the number over.',
  })
  epoch: number;

  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'Until then no other process takes it; prolonged by each sign of life.',
  })
  expires_at: string;
}

/** A received message that could not be decoded, without what is in it. */
export class DeadMessageResponse {
  @ApiProperty({ type: String, example: '1042' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, format: 'uuid' })
  instance_id: string;

  @ApiProperty({ type: String, example: '3EB0C431C26A1916E07E', description: "WhatsApp's id of it." })
  whatsapp_message_id: string;

  @ApiProperty({ type: String, nullable: true, example: 'undecodable', description: 'A code that says why.' })
  reason: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'How it failed: 500 characters at most.' })
  error: string | null;

  @ApiProperty({ type: 'integer', example: 1 })
  attempts: number;

  @ApiProperty({ type: String, format: 'date-time' })
  received_at: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it was given up.' })
  processed_at: string | null;
}

/** How long it took, in ms. */
export class DurationsResponse {
  @ApiProperty({ type: 'integer', example: 24, description: 'Half of them took no longer.' })
  median: number;

  @ApiProperty({ type: 'integer', example: 80, description: '95 of 100 took no longer.' })
  p95: number;
}

/** What was received and sent in one minute. */
export class MinuteResponse {
  @ApiProperty({ type: String, format: 'date-time', description: 'When the minute began.' })
  at: string;

  @ApiProperty({ type: 'integer', example: 120, description: 'Rows that WhatsApp delivered.' })
  received: number;

  @ApiProperty({
    type: DurationsResponse,
    nullable: true,
    description: 'From when it was stored until the worker was done with it; null where nothing is done.',
  })
  received_ms: DurationsResponse | null;

  @ApiProperty({ type: 'integer', example: 40, description: 'Messages that WhatsApp took.' })
  sent: number;

  @ApiProperty({
    type: DurationsResponse,
    nullable: true,
    description:
      'From the call until WhatsApp had it, by its clock, which has whole seconds; null where nothing was sent.',
  })
  sent_ms: DurationsResponse | null;
}

export function toNodeResponse(node: ServiceNode): NodeResponse {
  return {
    id: node.id,
    kind: node.kind,
    is_alive: node.isAlive,
    is_leaving: node.isLeaving,
    heartbeat_at: node.heartbeatAt,
    expires_at: node.expiresAt,
    sessions: node.sessions,
  };
}

export function toLeaseResponse(lease: Lease): LeaseResponse {
  return {
    instance_id: lease.instanceId,
    instance_name: lease.instanceName,
    organization_id: lease.organizationId,
    status: lease.status,
    node_id: lease.nodeId,
    epoch: lease.epoch,
    expires_at: lease.expiresAt,
  };
}

export function toDeadMessageResponse(row: DeadRow): DeadMessageResponse {
  return {
    id: row.id,
    organization_id: row.organizationId,
    instance_id: row.instanceId,
    whatsapp_message_id: row.messageId,
    reason: row.reason,
    error: row.error?.slice(0, MAX_ERROR) ?? null,
    attempts: row.attempts,
    received_at: row.receivedAt,
    processed_at: row.processedAt,
  };
}

export function toMinuteResponse({
  at,
  received,
  receivedMs,
  sent,
  sentMs,
}: MinuteOfTraffic): MinuteResponse {
  return { at, received, received_ms: toDurations(receivedMs), sent, sent_ms: toDurations(sentMs) };
}

function toDurations(ms: [number, number] | null): DurationsResponse | null {
  return ms && { median: ms[0], p95: ms[1] };
}
