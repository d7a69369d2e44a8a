import { ApiPropertyOptional } from '@nestjs/swagger';
import type { MessageStatus } from '../../repositories/message.js';
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
}
