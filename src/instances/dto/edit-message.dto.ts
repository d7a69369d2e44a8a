import { ApiProperty } from '@nestjs/swagger';
import { IsText } from '../../http/field-rules.js';
import { OUTGOING_LIMITS } from '../outgoing-limits.js';

/** Body of `PATCH /api/messages/:id`. */
export class EditMessageDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: OUTGOING_LIMITS.text, example: 'We open at 9.' })
  @IsText({ max: OUTGOING_LIMITS.text, isMultiline: true })
  message: string;
}
