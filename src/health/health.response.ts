import { ApiProperty } from '@nestjs/swagger';

/** Answer of `GET /health` and `GET /health/live`. */
export class HealthResponse {
  @ApiProperty({ type: String, enum: ['ok'], example: 'ok' })
  status: 'ok';

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  timestamp: string;
}
