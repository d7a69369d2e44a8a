import { ApiPropertyOptional } from '@nestjs/swagger';
import { INSTANCE_STATUSES } from './instance-statuses.js';
import type { InstanceStatus } from '../../common/instance.js';
import { IsOneOf, IsOrganizationId, OptionalField } from '../../http/field-rules.js';
import { PageDto } from '../../http/page.dto.js';

/** Query of `GET /api/whatsapp/instances`. */
export class ListInstancesDto extends PageDto {
  @ApiPropertyOptional({ type: String, example: 'org_123' })
  @OptionalField()
  @IsOrganizationId()
  organization_id?: string;

  @ApiPropertyOptional({ type: String, enum: INSTANCE_STATUSES })
  @OptionalField()
  @IsOneOf(INSTANCE_STATUSES)
  status?: InstanceStatus;
}
