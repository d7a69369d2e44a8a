import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsWholeNumber, OptionalField } from '../../http/field-rules.js';

/** Body of `POST /api/webhooks/:id/redrive`. */
export class RedriveWebhookDto {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 41,
    description: 'The last sequence that the receiver has; 0: all events that are kept.',
  })
  @IsWholeNumber(0, Number.MAX_SAFE_INTEGER)
  after: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    description: 'The last one to be delivered once more; `last_sequence` of the webhook by default.',
  })
  @OptionalField()
  @IsWholeNumber(1, Number.MAX_SAFE_INTEGER)
  until?: number;
}
