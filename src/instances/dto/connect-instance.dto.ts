import { ApiPropertyOptional } from '@nestjs/swagger';
import type { PairingMethod } from '../../common/instance.js';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import { PhoneNumberField } from './instance-rules.js';

/** Body of `POST /api/whatsapp/instances/:id/connect`; may be empty. */
export class ConnectInstanceDto {
  @PhoneNumberField(
    "The number to link; the instance's stored number where it is left out. Method 'code' needs one; with method 'qr' a phone with another number is not linked (`wrong_phone`).",
  )
  phone_number?: string | null;

  @ApiPropertyOptional({ type: String, enum: ['code', 'qr'], default: 'code' })
  @OptionalField()
  @IsOneOf(['code', 'qr'])
  method: PairingMethod = 'code';
}
