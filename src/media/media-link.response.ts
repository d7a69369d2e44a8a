import { ApiProperty } from '@nestjs/swagger';

/** An address of a file that needs no token beside it. */
export class MediaLinkResponse {
  @ApiProperty({
    example: '/api/media-link?token=AbC…',
    description: 'Whoever has it may read the file: for the page that asks, not to be kept or passed on.',
  })
  url!: string;

  @ApiProperty({ format: 'date-time', description: 'Until when it leads to the file: for an hour.' })
  expires_at!: string;
}
