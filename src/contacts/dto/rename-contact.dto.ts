import { ApiProperty } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { IsText } from '../../http/field-rules.js';
import { OrganizationDto } from '../../http/organization.dto.js';

const MAX_NAME_LENGTH = 200;

/** Body of `PATCH /api/contacts/:id`. */
export class RenameContactDto extends OrganizationDto {
  @ApiProperty({ type: String, nullable: true, maxLength: MAX_NAME_LENGTH, example: 'Ana from the corner' })
  @ValidateIf((_input: object, value: unknown) => value !== null)
  @IsText({ max: MAX_NAME_LENGTH })
  name!: string | null;
}
