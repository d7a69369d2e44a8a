import { ApiProperty } from '@nestjs/swagger';
import type { InstanceStatus, PairingMethod } from '../common/instance.js';
import { INSTANCE_STATUSES } from './dto/instance-statuses.js';

/** An instance, as the answer to its creation shows it. */
export class CreatedInstanceResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, example: 'Main WhatsApp' })
  instance_name: string;

  @ApiProperty({ type: String, nullable: true, example: '5511999887766' })
  phone_number: string | null;

  @ApiProperty({ type: String, enum: INSTANCE_STATUSES, example: 'disconnected' })
  status: InstanceStatus;

  @ApiProperty({ type: String, enum: ['code', 'qr'], description: 'Method of the last connect.' })
  pairing_method: PairingMethod;

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  created_at: string;
}
