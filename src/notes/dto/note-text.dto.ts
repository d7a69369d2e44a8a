import { ApiProperty } from '@nestjs/swagger';
import { IsText } from '../../http/field-rules.js';
import { OrganizationDto } from '../../http/organization.dto.js';

const MAX_LENGTH = 10_000;

/** Body of `POST /api/contacts/:id/notes` and `PATCH /api/notes/:id`. */
export class NoteTextDto extends OrganizationDto {
  @ApiProperty({ type: String, maxLength: MAX_LENGTH, example: 'Prefers mornings' })
  @IsText({ max: MAX_LENGTH, isMultiline: true })
  text!: string;
}
