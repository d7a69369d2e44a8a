import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsWholeNumber, OptionalField } from '../../http/field-rules.js';

/** Body of `POST /api/webhooks/:id/resume`. */
export class ResumeWebhookDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    description: 'What waits up to this sequence is given up; left out, nothing is.',
  })
  @OptionalField()
  @IsWholeNumber(0, Number.MAX_SAFE_INTEGER)
  after?: number;
}
