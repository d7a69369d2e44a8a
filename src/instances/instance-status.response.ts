import { ApiProperty } from '@nestjs/swagger';
import type { InstanceStatus } from '../common/instance.js';
import { INSTANCE_STATUSES } from './dto/instance-statuses.js';

/** The `instance` of `GET /api/whatsapp/instances/:id/status`. */
export class InstanceStatusResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, enum: INSTANCE_STATUSES, example: 'connected' })
  status: InstanceStatus;

  @ApiProperty({ type: String, nullable: true, example: '5511999887766' })
  phone_number: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2025-10-02T12:00:00.000Z' })
  last_connected_at: string | null;

  @ApiProperty({ type: 'integer', example: 3 })
  messages_sent_count: number;

  @ApiProperty({ type: 'integer', example: 12 })
  messages_received_count: number;
}
