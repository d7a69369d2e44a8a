import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsText, OptionalField } from '../../http/field-rules.js';

const MAX_NAME = 100;

/** Body of `POST /api/organizations/:id/calendar-feeds`. */
export class CreateCalendarFeedDto {
  @ApiPropertyOptional({
    type: String,
    maxLength: MAX_NAME,
    example: "Ana's phone",
    description: 'Who has the address.',
  })
  @OptionalField()
  @IsText({ max: MAX_NAME })
  name?: string;
}
