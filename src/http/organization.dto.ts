import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOrganizationId, OptionalField } from './field-rules.js';
import { component } from './openapi-components.js';

/** Query of routes that read one object of an organization. */
export class OrganizationDto {
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
