import { ApiProperty } from '@nestjs/swagger';
import { IsUuid } from '../../http/field-rules.js';
import { OrganizationDto } from '../../http/organization.dto.js';

/** Body of `POST /api/contacts/:id/unmerge`. */
export class UnmergeContactDto extends OrganizationDto {
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'As the merge answered it, and `GET /api/contacts/:id` lists it.',
    example: '7b0e2f7e-5d0a-4c43-8a3a-3c2f3f1d6c20',
  })
  @IsUuid()
  merge_id!: string;
}
