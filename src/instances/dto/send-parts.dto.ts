import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { OUTGOING_LIMITS } from '../outgoing-limits.js';

// The rules of these objects are in `outgoing-rules.ts`: they are told by one sentence each, wherever they are in a body.

/** What is sent of a file: an earlier upload, or what is at an address. */
export class MediaSource {
  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Of an upload (`POST /api/media`).',
  })
  id?: string | null;

  @ApiPropertyOptional({
    type: String,
    maxLength: 2_048,
    nullable: true,
    example: 'https://example.com/menu.pdf',
    description: 'An address that begins with https:// or http://.',
  })
  url?: string | null;
}

/** Where something is. */
export class LocationInput {
  @ApiProperty({ type: Number, minimum: -90, maximum: 90, example: -23.5505 })
  latitude!: number;

  @ApiProperty({ type: Number, minimum: -180, maximum: 180, example: -46.6333 })
  longitude!: number;

  @ApiPropertyOptional({
    type: String,
    maxLength: OUTGOING_LIMITS.placeName,
    nullable: true,
    example: 'Clinic',
  })
  name?: string | null;

  @ApiPropertyOptional({ type: String, maxLength: OUTGOING_LIMITS.placeName, nullable: true })
  address?: string | null;
}

/** A card of somebody. */
export class ContactInput {
  @ApiProperty({ type: String, maxLength: OUTGOING_LIMITS.contactName, example: 'Ana' })
  name!: string;

  @ApiProperty({
    type: [String],
    minItems: 1,
    maxItems: OUTGOING_LIMITS.contactNumbers,
    example: ['5511999887766'],
  })
  phone_numbers!: string[];
}

/** A question with options to choose from. */
export class PollInput {
  @ApiProperty({ type: String, maxLength: OUTGOING_LIMITS.pollQuestion, example: 'When?' })
  question!: string;

  @ApiProperty({
    type: [String],
    minItems: OUTGOING_LIMITS.pollOptions.min,
    maxItems: OUTGOING_LIMITS.pollOptions.max,
    example: ['Monday', 'Tuesday'],
    description: 'They differ from one another.',
  })
  options!: string[];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: OUTGOING_LIMITS.pollOptions.max,
    default: 1,
    nullable: true,
    description: 'How many of them may be chosen; 0: any number.',
  })
  selectable?: number | null;
}

/** What is thought of a message. */
export class ReactionInput {
  @ApiProperty({ type: String, format: 'uuid', example: '1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11' })
  message_id!: string;

  @ApiProperty({ type: String, example: '👍', description: 'One emoji; empty takes it back.' })
  emoji!: string;
}
