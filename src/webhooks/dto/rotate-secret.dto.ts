import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsWholeNumber, OptionalField } from '../../http/field-rules.js';

const DAY_SECONDS = 86_400;
const MAX_OVERLAP_SECONDS = 30 * DAY_SECONDS;

/** Body of `POST /api/webhooks/:id/rotate-secret`. */
export class RotateSecretDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_OVERLAP_SECONDS,
    default: DAY_SECONDS,
    description: 'How long the old secret signs, too; 0: no more at all.',
  })
  @OptionalField()
  @IsWholeNumber(0, MAX_OVERLAP_SECONDS)
  overlap_seconds: number = DAY_SECONDS;
}
