import { ApiPropertyOptional } from '@nestjs/swagger';
import { fieldRule } from '../../http/field-rule.js';
import { IsOneOf, NullableField, OptionalField } from '../../http/field-rules.js';
import { officeHoursFault, objectFault } from '../office-hours.js';
import { type AutomaticReply, type Occasion, OCCASIONS, templateFault } from '../reply-templates.js';
import { type Service, servicesFault } from '../services.js';
import {
  AutomaticRepliesFields,
  BOOKING_POLICIES,
  GROUP_POLICIES,
  HISTORY_POLICIES,
  NewServiceFields,
  OfficeHoursFields,
} from '../settings.response.js';

const MAX_LANGUAGES = 10;
const LANGUAGE = /^[a-z]{2,3}(-[A-Z]{2})?$/;

/** Body of `PATCH /api/organizations/:id/settings`: what is left out stays as it is. */
export class UpdateSettingsDto {
  @ApiPropertyOptional({
    type: String,
    enum: BOOKING_POLICIES,
    nullable: true,
    description: 'null: as the service is configured (`BOOKING_POLICY`).',
  })
  @NullableField()
  @IsOneOf(BOOKING_POLICIES)
  booking_policy?: (typeof BOOKING_POLICIES)[number] | null;

  @ApiPropertyOptional({
    type: String,
    example: 'America/Sao_Paulo',
    description: 'A name of the time zone database (IANA).',
  })
  @OptionalField()
  @IsTimeZone()
  time_zone?: string;

  @ApiPropertyOptional({
    type: [String],
    example: ['pt-BR', 'en'],
    description:
      'The first is the default: clients are written to in it unless the country of their number speaks one of the others.',
  })
  @OptionalField()
  @IsLanguages()
  languages?: string[];

  @ApiPropertyOptional({ type: OfficeHoursFields, nullable: true, description: 'null: always open.' })
  @NullableField()
  @fieldRule('officeHours', officeHoursFault)
  office_hours?: OfficeHoursFields | null;

  @ApiPropertyOptional({
    type: [NewServiceFields],
    description: 'All of them: those that are left out are gone. Give the `id` of one that stays.',
  })
  @OptionalField()
  @fieldRule('services', servicesFault)
  services?: (Omit<Service, 'id' | 'price'> & { id?: string; price?: string | null })[];

  @ApiPropertyOptional({
    type: AutomaticRepliesFields,
    description: 'Occasions that are left out stay as they are; null takes one away.',
  })
  @OptionalField()
  @fieldRule('automaticReplies', repliesFault)
  automatic_replies?: Partial<Record<Occasion, AutomaticReply | null>>;

  @ApiPropertyOptional({
    type: String,
    enum: HISTORY_POLICIES,
    description: 'What new instances begin with as their `history`.',
  })
  @OptionalField()
  @IsOneOf(HISTORY_POLICIES)
  history?: (typeof HISTORY_POLICIES)[number];

  @ApiPropertyOptional({
    type: String,
    enum: GROUP_POLICIES,
    description: 'What new instances begin with as their `groups`.',
  })
  @OptionalField()
  @IsOneOf(GROUP_POLICIES)
  groups?: (typeof GROUP_POLICIES)[number];
}

function IsTimeZone(): PropertyDecorator {
  return fieldRule('timeZone', (value) =>
    typeof value === 'string' && isTimeZone(value)
      ? undefined
      : 'must be a name of the time zone database, such as America/Sao_Paulo or UTC',
  );
}

function isTimeZone(name: string): boolean {
  // Offsets know no daylight saving.
  if (!/^[A-Za-z][\w+/-]{1,63}$/.test(name)) {
    return false;
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function IsLanguages(): PropertyDecorator {
  return fieldRule('languages', (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MAX_LANGUAGES &&
    value.every((language) => typeof language === 'string' && LANGUAGE.test(language)) &&
    new Set(value).size === value.length
      ? undefined
      : `must be a list of 1 to ${MAX_LANGUAGES} languages such as pt, pt-BR or en, each once`,
  );
}

function repliesFault(value: unknown): string | undefined {
  const fault = objectFault(value, OCCASIONS);
  if (fault !== undefined) {
    return fault;
  }
  for (const [occasion, reply] of Object.entries(value as object) as [string, unknown][]) {
    const inner = reply === null ? undefined : replyFault(reply);
    if (inner !== undefined) {
      return `${occasion}: ${inner}`;
    }
  }
  return undefined;
}

function replyFault(value: unknown): string | undefined {
  const fault = objectFault(value, ['enabled', 'texts']);
  if (fault !== undefined) {
    return fault;
  }
  const { enabled, texts } = value as { enabled?: unknown; texts?: unknown };
  if (typeof enabled !== 'boolean') {
    return 'enabled must be true or false';
  }
  if (typeof texts !== 'object' || texts === null || Array.isArray(texts)) {
    return 'texts must be an object with a template for each language';
  }
  const entries = Object.entries(texts) as [string, unknown][];
  if (entries.length > MAX_LANGUAGES || entries.some(([language]) => !LANGUAGE.test(language))) {
    return `texts must have at most ${MAX_LANGUAGES} languages such as pt, pt-BR or en`;
  }
  const wrong = entries.map(([language, text]) => [language, templateFault(text)]).find(([, one]) => one);
  return wrong && `texts.${wrong[0]} ${wrong[1]}`;
}
