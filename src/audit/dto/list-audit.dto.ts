import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, IsOrganizationId, IsText, OptionalField } from '../../http/field-rules.js';
import { IsIsoTime } from '../../http/iso-time.rule.js';
import { PageDto } from '../../http/page.dto.js';
import { AUDIT_OUTCOMES, type AuditOutcome } from '../../repositories/audit.repository.js';

const MAX_LENGTH = 200;

/** Query of `GET /api/admin/audit`. */
export class ListAuditDto extends PageDto {
  @ApiPropertyOptional({
    type: String,
    example: 'org_123',
    description: 'Only this organization; all that the token may manage where left out.',
  })
  @OptionalField()
  @IsOrganizationId()
  organization_id?: string;

  @ApiPropertyOptional({
    type: String,
    description: 'Id of a key or of a user; `environment` for ADMIN_API_KEY.',
  })
  @OptionalField()
  @IsText({ max: MAX_LENGTH })
  actor_id?: string;

  @ApiPropertyOptional({ type: String, example: 'DELETE /api/contacts/:id' })
  @OptionalField()
  @IsText({ max: MAX_LENGTH })
  action?: string;

  @ApiPropertyOptional({ type: String, example: 'contacts' })
  @OptionalField()
  @IsText({ max: MAX_LENGTH })
  object_type?: string;

  @ApiPropertyOptional({ type: String, description: 'Id of what it was done to.' })
  @OptionalField()
  @IsText({ max: MAX_LENGTH })
  object_id?: string;

  @ApiPropertyOptional({ type: String, enum: AUDIT_OUTCOMES })
  @OptionalField()
  @IsOneOf(AUDIT_OUTCOMES)
  outcome?: AuditOutcome;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'From then on.' })
  @OptionalField()
  @IsIsoTime()
  from?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Until before then.' })
  @OptionalField()
  @IsIsoTime()
  to?: string;
}
