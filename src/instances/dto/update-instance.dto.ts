import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import type { GroupPolicy } from '../../common/groups.js';
import type { HistoryPolicy } from '../../repositories/instance.js';
import { GROUP_POLICIES } from './group-policies.js';
import { HISTORY_POLICIES } from './history-policies.js';
import { InstanceNameField, PhoneNumberField } from './instance-rules.js';

/** Body of `PATCH /api/whatsapp/instances/:id`; at least one field. */
export class UpdateInstanceDto {
  @PhoneNumberField("The owner's number; null forgets it.")
  phone_number?: string | null;

  @InstanceNameField({ isRequired: false })
  instance_name?: string;

  @ApiPropertyOptional({
    type: String,
    enum: HISTORY_POLICIES,
    description:
      'What becomes of messages of the time before the link. `store`: they are stored as history. `contacts`: their authors become contacts, too. Never bookings, never events.',
  })
  @OptionalField()
  @IsOneOf(HISTORY_POLICIES)
  history?: HistoryPolicy;

  @ApiPropertyOptional({
    type: String,
    enum: GROUP_POLICIES,
    description:
      'What becomes of messages that are written in groups. `store`: they are messages of the group (`GET /api/groups`), with events of their own; never contacts, conversations or bookings. What is stored stays when it is switched off. Counts within 10 s everywhere.',
  })
  @OptionalField()
  @IsOneOf(GROUP_POLICIES)
  groups?: GroupPolicy;
}
