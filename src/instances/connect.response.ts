import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { PairingMethod } from '../common/instance.js';

/** Answer of `POST /api/whatsapp/instances/:id/connect`. */
export class ConnectResponse {
  @ApiProperty({ type: Boolean, enum: [true], example: true })
  success: true;

  @ApiPropertyOptional({
    type: String,
    example: 'ABCD1234',
    minLength: 8,
    maxLength: 8,
    description: "Method 'code'.",
  })
  pairingCode?: string;

  @ApiProperty({ type: String, enum: ['code', 'qr'], example: 'code' })
  method: PairingMethod;

  @ApiPropertyOptional({ type: String, description: 'What happens next, where no code has to be typed.' })
  message?: string;
}
