import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { QueueDriver } from '../config/app-config.js';
import type { RedisState } from '../queue/queue-inspector.js';

/** The worker of this process. */
export class WorkerStateResponse {
  @ApiProperty({ type: Boolean, example: true })
  running: boolean;

  @ApiPropertyOptional({
    type: Boolean,
    description: 'Its last pass failed and is being retried.',
    example: false,
  })
  failing?: boolean;

  @ApiPropertyOptional({ type: String, example: 'Redis not configured' })
  disabled_reason?: string;
}

/** How many received messages wait. */
export class InboxBacklogResponse {
  @ApiProperty({ type: 'integer', example: 0 })
  pending: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'Could not be decoded; kept for inspection.' })
  dead: number;

  @ApiProperty({
    type: Boolean,
    example: false,
    description:
      'There are more than were counted: up to 10,000 for each instance, and 100,000 or so for all of them.',
  })
  is_capped: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  oldest_pending_at: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  oldest_pending_age_ms: number | null;
}

/** The backlog of one organization. */
export class OrganizationBacklogResponse extends InboxBacklogResponse {
  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;
}

/** Notifications in the queue, by state: each says that rows of one instance wait. */
export class QueueJobsResponse {
  @ApiProperty({ type: 'integer', example: 0 })
  waiting: number;

  @ApiProperty({ type: 'integer', example: 0 })
  active: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'Failed and to be repeated.' })
  delayed: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'Of the recent ones; their rows are not lost.' })
  failed: number;

  @ApiProperty({ type: 'integer', example: 100, description: 'Of the recent ones.' })
  completed: number;
}

/** Answer of `GET /api/admin/queue-stats`. */
export class QueueStatsResponse {
  @ApiProperty({ type: Boolean, enum: [true], example: true })
  success: true;

  @ApiProperty({ type: String, enum: ['bullmq', 'embedded', 'none'], example: 'bullmq' })
  driver: QueueDriver;

  @ApiProperty({ type: String, enum: ['up', 'down', 'not_configured'], example: 'up' })
  redis: RedisState;

  @ApiProperty({
    type: QueueJobsResponse,
    nullable: true,
    description: 'For administrators; null without a queue in Redis, or while Redis does not answer.',
  })
  queue: QueueJobsResponse | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 2,
    description: 'Workers of all processes; null while Redis does not answer.',
  })
  workers_alive: number | null;

  @ApiProperty({ type: WorkerStateResponse })
  worker: WorkerStateResponse;

  @ApiProperty({ type: InboxBacklogResponse })
  inbox: InboxBacklogResponse;

  @ApiProperty({
    type: [OrganizationBacklogResponse],
    description: 'The 100 organizations with the most waiting.',
  })
  by_organization: OrganizationBacklogResponse[];
}
