import { ApiProperty } from '@nestjs/swagger';
import { IsRecipient } from '../../http/field-rules.js';

/** The digits of a number and the longest server. */
const MAX_RECIPIENT_LENGTH = 30;

/** Body of calls that concern the chat with one person. */
export class RecipientDto {
  @ApiProperty({
    type: String,
    example: '5511999887766',
    maxLength: MAX_RECIPIENT_LENGTH,
    description: 'As `to` of the call that sends.',
  })
  @IsRecipient()
  to: string;
}
