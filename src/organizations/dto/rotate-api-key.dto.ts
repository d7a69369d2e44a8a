import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsWholeNumber, OptionalField } from '../../http/field-rules.js';
import { ExpiryField } from './expiry-field.js';

const DAY_SECONDS = 86_400;
const MAX_OVERLAP_SECONDS = 30 * DAY_SECONDS;

/** Body of `POST …/api-keys/:keyId/rotate`. */
export class RotateApiKeyDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_OVERLAP_SECONDS,
    default: DAY_SECONDS,
    description: 'How long the old key lives on; 0 ends it at once.',
  })
  @OptionalField()
  @IsWholeNumber(0, MAX_OVERLAP_SECONDS)
  overlap_seconds: number = DAY_SECONDS;

  @ExpiryField('When the new key ends; it lives as long as the old one was to live where left out.')
  expires_at?: string | null;
}
