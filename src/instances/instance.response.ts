import { ApiProperty } from '@nestjs/swagger';
import type { GroupPolicy } from '../common/groups.js';
import { DISCONNECT_REASONS } from '../common/disconnect-reasons.js';
import type { AccountRestriction } from '../common/account-restriction.js';
import type { HistoryPolicy } from '../repositories/instance.js';
import { CreatedInstanceResponse } from './created-instance.response.js';
import { GROUP_POLICIES } from './dto/group-policies.js';
import { HISTORY_POLICIES } from './dto/history-policies.js';

const REASONS = Object.entries(DISCONNECT_REASONS)
  .map(([reason, sentence]) => `\`${reason}\`: ${sentence}`)
  .join('; ');

/** What WhatsApp limits of an account. */
export class RestrictionResponse implements AccountRestriction {
  @ApiProperty({
    type: String,
    enum: ['new_chats'],
    description: '`new_chats`: messages to those who did not write before are refused.',
  })
  kind: AccountRestriction['kind'];

  @ApiProperty({ type: String, example: 'biz_quality', description: "WhatsApp's name for why." })
  reason: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Null: it was not said.' })
  until: string | null;
}

/** An instance, as lists and single reads show it. */
export class InstanceResponse extends CreatedInstanceResponse {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The number of the linked account.',
    example: null,
  })
  connected_phone_number: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  last_connected_at: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    enum: [...Object.keys(DISCONNECT_REASONS), null],
    description: `Why it is not on line, or why linking a phone ended without a link; the \`reason\` of \`whatsapp:disconnected\`. ${REASONS}.`,
    example: null,
  })
  last_disconnect_reason: string | null;

  @ApiProperty({
    type: RestrictionResponse,
    nullable: true,
    description: 'What WhatsApp limits of the account now; `whatsapp:restricted` tells each change.',
  })
  restriction: RestrictionResponse | null;

  @ApiProperty({ type: String, enum: HISTORY_POLICIES, description: 'As `PATCH` sets it.' })
  history: HistoryPolicy;

  @ApiProperty({ type: String, enum: GROUP_POLICIES, description: 'As `PATCH` sets it.' })
  groups: GroupPolicy;

  @ApiProperty({ type: 'integer', example: 0 })
  messages_sent_count: number;

  @ApiProperty({ type: 'integer', example: 0 })
  messages_received_count: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  updated_at: string;
}
