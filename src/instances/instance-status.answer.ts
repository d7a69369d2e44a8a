import { ApiProperty } from '@nestjs/swagger';
import { InstanceStatusResponse } from './instance-status.response.js';

/** Answer of `GET /api/whatsapp/instances/:id/status`. */
export class InstanceStatusAnswer {
  @ApiProperty({ type: InstanceStatusResponse })
  instance: InstanceStatusResponse;

  @ApiProperty({
    type: Boolean,
    description: 'Whether its WhatsApp client is active in memory, in whichever process.',
  })
  is_running: boolean;
}
