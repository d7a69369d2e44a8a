import { ApiProperty } from '@nestjs/swagger';
import type { IntegrityCounts } from './integrity.repository.js';
import type { Period } from './integrity.period.js';

/** Answer of `GET /api/whatsapp/instances/:id/integrity`. */
export class IntegrityResponse {
  @ApiProperty({ type: Boolean, enum: [true], example: true })
  success: true;

  @ApiProperty({ type: String, format: 'uuid' })
  instance_id: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-01T12:00:00.000Z' })
  from: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  to: string;

  @ApiProperty({
    type: 'integer',
    example: 120,
    description:
      'Everything that WhatsApp delivered in the period and that was committed before it was acknowledged: messages of any kind and placeholders of unreadable ones. The same delivery repeated counts once. Always the sum of stored, notes, groups, skipped, duplicates, pending, dead and undecrypted.',
  })
  received: number;

  @ApiProperty({ type: 'integer', example: 97, description: "Clients' messages that were stored." })
  stored: number;

  @ApiProperty({ type: 'integer', example: 8, description: "The owner's messages, stored as notes." })
  notes: number;

  @ApiProperty({
    type: 'integer',
    example: 0,
    description: 'Messages of groups that were stored, where the instance stores those.',
  })
  groups: number;

  @ApiProperty({
    type: 'integer',
    example: 11,
    description: 'Nothing to store: status, reactions, protocol traffic …; see by_reason.',
  })
  skipped: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'New copies of what was known already.' })
  duplicates: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'Committed, and waiting for the worker.' })
  pending: number;

  @ApiProperty({
    type: 'integer',
    example: 0,
    description: 'Could not be routed; kept, and routed again by POST /api/admin/inbox/redrive.',
  })
  dead: number;

  @ApiProperty({
    type: 'integer',
    example: 3,
    description:
      'Messages that could not be decrypted, or of which WhatsApp delivered only a placeholder: the sum of waiting, recovered and given_up.',
  })
  undecrypted: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'A readable copy was asked for and may come.' })
  waiting: number;

  @ApiProperty({
    type: 'integer',
    example: 2,
    description: 'A readable copy came; that copy is counted by itself, e.g. as stored.',
  })
  recovered: number;

  @ApiProperty({
    type: 'integer',
    example: 0,
    description: 'No readable copy came in time. One that comes later still turns it into recovered.',
  })
  given_up: number;

  @ApiProperty({
    type: 'integer',
    example: 0,
    description:
      "Of given_up, those of direct chats and of the owner's chat with itself: what people wrote and nobody here can read.",
  })
  lost: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { protocol: 9, reaction: 2 },
    description: 'Why messages were skipped or are dead.',
  })
  by_reason: Record<string, number>;
}

/** @returns the counts as REST shows them */
export function toIntegrityResponse(
  instanceId: string,
  period: Period,
  counts: IntegrityCounts,
): IntegrityResponse {
  const { givenUp, byReason, ...same } = counts;
  return {
    success: true,
    instance_id: instanceId,
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    ...same,
    undecrypted: counts.waiting + counts.recovered + givenUp,
    given_up: givenUp,
    by_reason: byReason,
  };
}
