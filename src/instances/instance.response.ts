import { ApiProperty } from '@nestjs/swagger';
import { CreatedInstanceResponse } from './created-instance.response.js';

/** An instance, as lists and single reads show it. */
export class InstanceResponse extends CreatedInstanceResponse {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The number of the linked account.',
    example: null,
  })
  connected_phone_number: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  last_connected_at: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Why it went off line last.', example: null })
  last_disconnect_reason: string | null;

  @ApiProperty({ type: 'integer', example: 0 })
  messages_sent_count: number;

  @ApiProperty({ type: 'integer', example: 0 })
  messages_received_count: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  updated_at: string;
}
