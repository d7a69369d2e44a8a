import { ApiProperty } from '@nestjs/swagger';
import {
  isIntact,
  type OutgoingEvent,
  STORED_EVENTS,
  type StoredEvent,
  toldPayload,
} from '../common/whatsapp-events.js';

/** A stored event, for subscribers that missed it. */
export class EventResponse {
  @ApiProperty({ type: 'integer', description: 'Gapless for each organization, from 1.', example: 1 })
  sequence: number;

  @ApiProperty({
    type: String,
    enum: STORED_EVENTS,
    example: 'whatsapp:message',
  })
  name: OutgoingEvent['name'];

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description:
      'Exactly as the Socket.IO event of this name carried it; `{ "erased": true }` where the person was erased since.',
  })
  payload: StoredEvent['payload'];
}

/** @returns an event as REST shows it */
export function toEventResponse(event: StoredEvent): EventResponse {
  const { sequence, name, payload } = event;
  return { sequence, name, payload: isIntact(event) ? toldPayload(event) : payload };
}
