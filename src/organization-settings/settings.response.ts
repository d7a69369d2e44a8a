import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { WEEKDAYS } from './office-hours.js';
import { OCCASIONS, PLACEHOLDERS } from './reply-templates.js';
import type { Settings } from './settings.repository.js';

export const BOOKING_POLICIES = ['one-open', 'every-message', 'off'] as const;
export const HISTORY_POLICIES = ['ignore', 'store', 'contacts'] as const;
export const GROUP_POLICIES = ['ignore', 'store'] as const;

/** Hours of a day. */
export class IntervalFields {
  @ApiProperty({ type: String, example: '09:00', description: 'Local time.' })
  opens!: string;

  @ApiProperty({ type: String, example: '18:00', description: 'Of the same day; `24:00` is its end.' })
  closes!: string;
}

/** Hours of a weekday. */
export class WeeklyFields extends IntervalFields {
  @ApiProperty({ type: String, enum: WEEKDAYS, example: 'monday' })
  day!: (typeof WEEKDAYS)[number];
}

/** What holds on a date instead of the week. */
export class ExceptionFields {
  @ApiProperty({ type: String, format: 'date', example: '2026-12-25' })
  date!: string;

  @ApiProperty({ type: [IntervalFields], description: 'Empty: closed.' })
  intervals!: IntervalFields[];
}

/** When the organization is open, in its time zone. */
export class OfficeHoursFields {
  @ApiProperty({ type: [WeeklyFields] })
  weekly!: WeeklyFields[];

  @ApiProperty({ type: [ExceptionFields] })
  exceptions!: ExceptionFields[];
}

/** What people book. */
export class ServiceFields {
  @ApiProperty({ type: String, format: 'uuid', description: '`service_id` of bookings.' })
  id!: string;

  @ApiProperty({ type: String, example: 'Haircut' })
  name!: string;

  @ApiProperty({ type: 'integer', example: 45 })
  duration_minutes!: number;

  @ApiProperty({ type: String, nullable: true, example: 'R$ 60' })
  price!: string | null;
}

/** A service as it is set. */
export class NewServiceFields {
  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Left out: a new one.' })
  id?: string;

  @ApiProperty({ type: String, maxLength: 200, example: 'Haircut' })
  name!: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 10_080, example: 45 })
  duration_minutes!: number;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 100, example: 'R$ 60' })
  price?: string | null;
}

/** A message that the service writes by itself. */
export class AutomaticReplyFields {
  @ApiProperty({ type: Boolean })
  enabled!: boolean;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', maxLength: 2_000 },
    example: { en: 'Hello {{contact_name}}, thank you for writing to {{organization_name}}.' },
    description: `A template for each language. Placeholders: ${PLACEHOLDERS.map((name) => `\`{{${name}}}\``).join(', ')}.`,
  })
  texts!: Record<string, string>;
}

const Reply = (description: string) =>
  ApiPropertyOptional({ type: AutomaticReplyFields, nullable: true, description });

/** What the service writes by itself, by occasion. */
export class AutomaticRepliesFields {
  @Reply("A contact's first message of all; not in answer to a message of yours.")
  first_message?: AutomaticReplyFields | null;

  @Reply('A message while you are closed: once for each time that you are.')
  outside_hours?: AutomaticReplyFields | null;

  @Reply('A booking became `confirmed`.')
  booking_confirmed?: AutomaticReplyFields | null;

  @Reply('A booking became `cancelled`.')
  booking_cancelled?: AutomaticReplyFields | null;
}

/** What an organization decides for itself. */
export class SettingsResponse {
  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({
    type: String,
    enum: BOOKING_POLICIES,
    nullable: true,
    description: 'null: as the service is configured.',
  })
  booking_policy: (typeof BOOKING_POLICIES)[number] | null;

  @ApiProperty({ type: String, enum: BOOKING_POLICIES, description: 'What holds.' })
  effective_booking_policy: (typeof BOOKING_POLICIES)[number];

  @ApiProperty({ type: String, example: 'America/Sao_Paulo' })
  time_zone: string;

  @ApiProperty({ type: [String], example: ['pt-BR', 'en'] })
  languages: string[];

  @ApiProperty({ type: OfficeHoursFields, nullable: true, description: 'null: always open.' })
  office_hours: OfficeHoursFields | null;

  @ApiProperty({ type: [ServiceFields] })
  services: ServiceFields[];

  @ApiProperty({ type: AutomaticRepliesFields, description: 'Only what was set; nothing else is written.' })
  automatic_replies: AutomaticRepliesFields;

  @ApiProperty({ type: String, enum: HISTORY_POLICIES })
  history: (typeof HISTORY_POLICIES)[number];

  @ApiProperty({ type: String, enum: GROUP_POLICIES })
  groups: (typeof GROUP_POLICIES)[number];

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'null while the defaults hold.',
  })
  updated_at: string | null;
}

/**
 * @param settings as they are stored
 * @param bookingPolicy what holds where the organization said nothing
 * @returns the settings as REST shows them
 */
export function toSettingsResponse(
  settings: Settings,
  bookingPolicy: (typeof BOOKING_POLICIES)[number],
): SettingsResponse {
  const replies = OCCASIONS.flatMap((occasion) => {
    const reply = settings.automaticReplies[occasion];
    return reply ? [[occasion, reply] as const] : [];
  });
  return {
    organization_id: settings.organizationId,
    booking_policy: settings.bookingPolicy,
    effective_booking_policy: settings.bookingPolicy ?? bookingPolicy,
    time_zone: settings.timeZone,
    languages: settings.languages,
    office_hours: settings.officeHours,
    services: settings.services,
    automatic_replies: Object.fromEntries(replies),
    history: settings.history,
    groups: settings.groups,
    updated_at: settings.updatedAt,
  };
}
