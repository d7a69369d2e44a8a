import { ApiPropertyOptional } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { IsOrganizationId, IsWholeNumber, OptionalField } from '../../http/field-rules.js';
import { UuidField } from '../../http/uuid-field.decorator.js';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** Body of `POST /api/admin/inbox/redrive`. */
export class RedriveDto {
  @ApiPropertyOptional({
    type: String,
    example: 'org_123',
    description: 'Only this organization; all that the token may see where left out.',
  })
  @OptionalField()
  @IsOrganizationId()
  organization_id?: string;

  @UuidField('Only this instance.')
  instance_id?: string;

  @ApiPropertyOptional({
    type: String,
    example: 'unsupported',
    pattern: '^[A-Za-z][A-Za-z0-9]{0,99}$',
    description:
      "Instead of dead messages those of which nobody knew what they are: of WhatsApp's name for the kind (`content_type`), or all for `unsupported`.",
  })
  @OptionalField()
  @Matches(/^[A-Za-z][A-Za-z0-9]{0,99}$/)
  kind?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @OptionalField()
  @IsWholeNumber(1, MAX_LIMIT)
  limit: number = DEFAULT_LIMIT;
}
