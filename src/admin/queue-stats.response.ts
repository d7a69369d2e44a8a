import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { QueueDriver } from '../config/app-config.js';

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

/** Answer of `GET /api/admin/queue-stats`. */
export class QueueStatsResponse {
  @ApiProperty({ type: Boolean, enum: [true], example: true })
  success: true;

  @ApiProperty({ type: String, enum: ['embedded', 'none'], example: 'embedded' })
  driver: QueueDriver;

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
