import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import { OrganizationPageDto } from '../../http/organization-page.dto.js';
import { UuidField } from '../../http/uuid-field.decorator.js';

/** Query of `GET /api/messages`. */
export class ListMessagesDto extends OrganizationPageDto {
  @UuidField('Only messages of this contact.')
  contact_id?: string;

  @UuidField('Only messages of this instance.')
  instance_id?: string;

  @ApiPropertyOptional({ type: String, enum: ['inbound', 'outbound'] })
  @OptionalField()
  @IsOneOf(['inbound', 'outbound'])
  direction?: 'inbound' | 'outbound';
}
