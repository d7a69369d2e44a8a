import { ApiProperty } from '@nestjs/swagger';

const STATES = ['pending', 'ready', 'failed', 'expired', 'skipped'] as const;

/** The file of a message. */
export class MessageMediaResponse {
  @ApiProperty({
    type: String,
    enum: STATES,
    description: 'failed may be asked for again; skipped: over the limit, or switched off.',
  })
  state: (typeof STATES)[number];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'image/jpeg',
    description: 'By its content, once it is here.',
  })
  mime_type: string | null;

  @ApiProperty({ type: String, nullable: true })
  file_name: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Bytes.' })
  size: number | null;

  @ApiProperty({ type: Number, nullable: true })
  seconds: number | null;

  @ApiProperty({ type: Number, nullable: true })
  width: number | null;

  @ApiProperty({ type: Number, nullable: true })
  height: number | null;

  @ApiProperty({
    type: [Number],
    nullable: true,
    description: 'Of a voice note, where its sender says it: 64 loudnesses of 0 to 100.',
  })
  waveform: number[] | null;

  @ApiProperty({ type: String, nullable: true, description: 'Hexadecimal.' })
  sha256: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Where its bytes are, once it is ready.' })
  url: string | null;

  @ApiProperty({ type: String, nullable: true })
  thumbnail_url: string | null;

  @ApiProperty({ type: String, nullable: true })
  error: string | null;
}
