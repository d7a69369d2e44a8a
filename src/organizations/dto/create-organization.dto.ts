import { ApiProperty } from '@nestjs/swagger';
import { IsOrganizationId } from '../../http/field-rules.js';
import { NameField } from './name-field.js';

/** Body of `POST /api/organizations`. */
export class CreateOrganizationDto {
  @ApiProperty({ type: String, example: 'org_123', pattern: '^[A-Za-z0-9_-]{1,64}$' })
  @IsOrganizationId()
  id: string;

  @NameField({ isRequired: false, example: 'Clínica Sol' })
  name?: string;
}
