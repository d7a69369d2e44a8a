import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { NumberInfo } from '../baileys/outbound/chat-request.js';

/** Answer of `GET /api/whatsapp/instances/:id/numbers/:number`. */
export class NumberResponse {
  @ApiProperty({ type: Boolean, enum: [true], example: true })
  success: true;

  @ApiProperty({ type: Boolean })
  exists: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '5511999887766',
    description: 'As WhatsApp spells it, maybe without a digit that was asked for.',
  })
  phone_number: string | null;

  @ApiProperty({ type: String, nullable: true, description: "WhatsApp's privacy id.", example: null })
  lid: string | null;

  @ApiPropertyOptional({ type: Boolean, description: 'Left out where WhatsApp did not say it in time.' })
  business?: boolean;
}

/** @returns a number as REST shows it */
export function toNumberResponse({ exists, phoneNumber, lid, business }: NumberInfo): NumberResponse {
  return {
    success: true,
    exists,
    phone_number: phoneNumber,
    lid,
    ...(business !== undefined && { business }),
  };
}
