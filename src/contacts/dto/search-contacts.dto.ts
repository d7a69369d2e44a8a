import { ApiPropertyOptional } from '@nestjs/swagger';
import { CONTACT_ORDERS, type ContactSort } from '../../repositories/contacts.repository.js';
import { ContactResponse } from '../contact.response.js';
import { FieldsField } from '../../http/fields-field.decorator.js';
import { SearchField } from '../../http/search-field.decorator.js';
import { IsKnownPhoneNumber, IsOneOf, OptionalField } from '../../http/field-rules.js';
import { OrganizationPageDto } from '../../http/organization-page.dto.js';
import { UuidsField } from '../../http/uuids-field.decorator.js';

/** Body of `POST /api/contacts` and query of `GET /api/contacts`. */
export class SearchContactsDto extends OrganizationPageDto {
  @SearchField('Only contacts with these words in their name or number.')
  search?: string;

  @ApiPropertyOptional({
    type: String,
    enum: Object.keys(CONTACT_ORDERS),
    default: '-created_at',
    description: 'What the list is sorted by; with a `-` before it the other way round.',
  })
  @OptionalField()
  @IsOneOf(Object.keys(CONTACT_ORDERS))
  sort?: ContactSort;

  @FieldsField(ContactResponse, 'id')
  fields?: string;

  @ApiPropertyOptional({
    type: String,
    example: '5511999887766',
    description: "This number, with or without a digit that WhatsApp may leave out (Brazil's ninth digit).",
  })
  @OptionalField()
  @IsKnownPhoneNumber()
  phone_number?: string;

  @UuidsField('Only these contacts; the id of one that was joined with another stands for that one.')
  ids?: string;
}
