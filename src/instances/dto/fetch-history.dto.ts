import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsUuid, IsWholeNumber, OptionalField } from '../../http/field-rules.js';

/** Phones hand over no more at once. */
const MAX_COUNT = 50;

/** Body of `POST /api/whatsapp/instances/:id/history`. */
export class FetchHistoryDto {
  @ApiProperty({
    type: String,
    format: 'uuid',
    example: 'b3f1c1de-3f4e-4a52-8c66-1f3b7a4c2d10',
    description: 'With whom the chat is.',
  })
  @IsUuid()
  contact_id: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_COUNT,
    default: MAX_COUNT,
    description: 'How many messages are asked for.',
  })
  @OptionalField()
  @IsWholeNumber(1, MAX_COUNT)
  count: number = MAX_COUNT;
}
