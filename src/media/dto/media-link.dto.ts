import { ApiProperty } from '@nestjs/swagger';
import { IsText } from '../../http/field-rules.js';

/** Query of `GET /api/media-link`. */
export class MediaLinkDto {
  @ApiProperty({ type: String, maxLength: 4_096, description: 'As the link has it.' })
  @IsText({ max: 4_096 })
  token!: string;
}
