import { ApiProperty } from '@nestjs/swagger';
import { IsUuid } from '../../http/field-rules.js';
import { OrganizationDto } from '../../http/organization.dto.js';

/** Body of `POST /api/contacts/:id/merge`. */
export class MergeContactsDto extends OrganizationDto {
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'The contact that becomes part of the one in the address.',
    example: '3f0c4c8e-6f0b-4d52-9a57-0d5c4f1e8b11',
  })
  @IsUuid()
  contact_id!: string;
}
