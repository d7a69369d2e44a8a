import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import { QR_FORMATS, type QrFormat } from '../qr-image.js';

/** Query of `GET /api/whatsapp/instances/:id/qr`. */
export class QrQueryDto {
  @ApiPropertyOptional({
    type: String,
    enum: QR_FORMATS,
    description: 'Decides instead of the Accept header. `terminal` draws the code with block characters.',
  })
  @OptionalField()
  @IsOneOf(QR_FORMATS)
  format?: QrFormat;
}
