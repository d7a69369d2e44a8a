import { ApiProperty } from '@nestjs/swagger';
import type { Pacing } from './pacing.repository.js';

/** How quickly a number writes: what WhatsApp limits numbers for. */
export class PacingResponse {
  @ApiProperty({
    type: 'integer',
    example: 2,
    description: 'Messages that it was to send in the last minute.',
  })
  last_minute: number;

  @ApiProperty({ type: 'integer', example: 40 })
  last_hour: number;

  @ApiProperty({ type: 'integer', example: 210 })
  last_day: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'Of the last day: those that are not sent yet.' })
  waiting: number;

  @ApiProperty({ type: 'integer', example: 80, description: 'People that it wrote to in the last day.' })
  people: number;

  @ApiProperty({
    type: 'integer',
    example: 3,
    description:
      'Of these, who never wrote to the organization: many of them are what WhatsApp limits numbers for.',
  })
  strangers: number;
}

export function toPacingResponse(pacing: Pacing): PacingResponse {
  const { minute, hour, day, waiting, people, strangers } = pacing;
  return { last_minute: minute, last_hour: hour, last_day: day, waiting, people, strangers };
}
