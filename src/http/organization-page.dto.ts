import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOrganizationId, OptionalField } from './field-rules.js';
import { component } from './openapi-components.js';
import { PageDto } from './page.dto.js';

/** What every list of one organization takes. */
export class OrganizationPageDto extends PageDto {
  @ApiPropertyOptional({
    type: String,
    example: 'org_123',
    description: 'Required, unless the token belongs to one organization.',
    ...component('parameters', 'OrganizationId'),
  })
  @OptionalField()
  @IsOrganizationId()
  organization_id?: string;
}
