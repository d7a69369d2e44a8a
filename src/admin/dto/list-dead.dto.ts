import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOrganizationId, OptionalField } from '../../http/field-rules.js';
import { PageDto } from '../../http/page.dto.js';
import { UuidField } from '../../http/uuid-field.decorator.js';

/** Query of `GET /api/admin/inbox/dead`. */
export class ListDeadDto extends PageDto {
  @ApiPropertyOptional({ type: String, example: 'org_123', description: 'Only this organization.' })
  @OptionalField()
  @IsOrganizationId()
  organization_id?: string;

  @UuidField('Only this instance.')
  instance_id?: string;
}
