import { ApiPropertyOptional } from '@nestjs/swagger';
import type { MessageStatus } from '../../repositories/message.js';
import { MESSAGE_TYPES } from '../../common/message-types.js';
import { MessageResponse } from '../message.response.js';
import { FieldsField } from '../../http/fields-field.decorator.js';
import { IsIsoTime } from '../../http/iso-time.rule.js';
import { SearchField } from '../../http/search-field.decorator.js';
import { MESSAGE_STATUSES } from './message-statuses.js';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import { OrganizationPageDto } from '../../http/organization-page.dto.js';
import { UuidField } from '../../http/uuid-field.decorator.js';

/** Query of `GET /api/messages`. */
export class ListMessagesDto extends OrganizationPageDto {
  @UuidField('Only messages of this contact.')
  contact_id?: string;

  @UuidField('Messages of this group. Without it the list holds none of any group.')
  group_id?: string;

  @UuidField('Only messages of this instance.')
  instance_id?: string;

  @ApiPropertyOptional({ type: String, enum: ['inbound', 'outbound'] })
  @OptionalField()
  @IsOneOf(['inbound', 'outbound'])
  direction?: 'inbound' | 'outbound';

  @ApiPropertyOptional({
    type: String,
    enum: MESSAGE_STATUSES,
    description: 'Only messages that stand so; `unknown` finds those whose sending is in doubt.',
  })
  @OptionalField()
  @IsOneOf(MESSAGE_STATUSES)
  status?: MessageStatus;

  @ApiPropertyOptional({ type: String, enum: MESSAGE_TYPES, description: 'Only messages of this kind.' })
  @OptionalField()
  @IsOneOf(MESSAGE_TYPES)
  type?: string;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Only messages that were sent then or later (`sent_at`).',
  })
  @OptionalField()
  @IsIsoTime()
  sent_from?: string;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Only messages that were sent earlier.',
  })
  @OptionalField()
  @IsIsoTime()
  sent_before?: string;

  @SearchField(
    'Only messages with these words in what they say now, in its first 10,000 characters. A search looks through some thousand messages at a time where a word has no more than two letters or digits, or a contact or a group is named: a page may be short or empty then and have a `next_cursor` nevertheless.',
  )
  search?: string;

  @FieldsField(MessageResponse, 'id')
  fields?: string;
}
