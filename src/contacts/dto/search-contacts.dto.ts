import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsKnownPhoneNumber, IsText, OptionalField } from '../../http/field-rules.js';
import { OrganizationPageDto } from '../../http/organization-page.dto.js';

const MAX_SEARCH_LENGTH = 100;

/** Body of `POST /api/contacts` and query of `GET /api/contacts`. */
export class SearchContactsDto extends OrganizationPageDto {
  @ApiPropertyOptional({
    type: String,
    maxLength: MAX_SEARCH_LENGTH,
    description: 'Part of the name or number.',
  })
  @OptionalField()
  @IsText({ max: MAX_SEARCH_LENGTH })
  search?: string;

  @ApiPropertyOptional({
    type: String,
    example: '5511999887766',
    description: "This number, with or without a digit that WhatsApp may leave out (Brazil's ninth digit).",
  })
  @OptionalField()
  @IsKnownPhoneNumber()
  phone_number?: string;
}
