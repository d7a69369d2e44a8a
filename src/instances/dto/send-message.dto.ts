import { ApiProperty } from '@nestjs/swagger';
import { IsRecipient, IsText } from '../../http/field-rules.js';

/** WhatsApp's own limit, counted as JavaScript counts. */
const MAX_MESSAGE_LENGTH = 65_536;
/** The digits of a number and the longest server. */
const MAX_RECIPIENT_LENGTH = 30;

/** Body of `POST /api/whatsapp/instances/:id/send`. */
export class SendMessageDto {
  @ApiProperty({
    type: String,
    example: '5511999887766',
    maxLength: MAX_RECIPIENT_LENGTH,
    description:
      'Phone number with country code, digits only; `…@s.whatsapp.net` and `…@c.us` are taken too, and `…@lid` for a client whose number WhatsApp does not tell, as in `from` of `whatsapp:message`. A new number is asked of WhatsApp, also where no numbering plan has it. Groups (`…@g.us`), channels, broadcast lists and status updates are not supported.',
  })
  @IsRecipient()
  to: string;

  @ApiProperty({
    type: String,
    example: 'Hello from AuZap!',
    minLength: 1,
    maxLength: MAX_MESSAGE_LENGTH,
    description:
      'Counted in UTF-16 code units, whatever they take in bytes or as escapes. Links are sent as they are, without a preview: the service calls no address that a text names.',
  })
  @IsText({ max: MAX_MESSAGE_LENGTH, isMultiline: true })
  message: string;
}
