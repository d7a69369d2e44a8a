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

  @ApiPropertyOptional({
    type: String,
    example: '/api/whatsapp/instances/1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11/status',
    description: 'Only with 202: where to ask how it went.',
  })
  status_url?: string;
}
