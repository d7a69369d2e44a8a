import { ApiProperty } from '@nestjs/swagger';
import { TYPING_STATES, type TypingState } from '../../baileys/outbound/chat-request.js';
import { IsOneOf } from '../../http/field-rules.js';
import { RecipientDto } from './recipient.dto.js';

/** Body of `POST /api/whatsapp/instances/:id/typing`. */
export class TypingDto extends RecipientDto {
  @ApiProperty({ type: String, enum: TYPING_STATES })
  @IsOneOf(TYPING_STATES)
  state: TypingState;
}
