import { ApiProperty, PickType } from '@nestjs/swagger';
import { SendMessageDto } from './send-message.dto.js';

/** The form of `POST /api/whatsapp/instances/:id/send` that uploads a file and sends it in one call. */
export class SendFileForm extends PickType(SendMessageDto, [
  'to',
  'type',
  'caption',
  'file_name',
  'view_once',
  'reply_to',
  'mentions',
]) {
  @ApiProperty({ type: String, format: 'binary' })
  file!: string;
}
