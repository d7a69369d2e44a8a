import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { STORED_EVENTS } from '../../common/whatsapp-events.js';
import { fieldRule } from '../../http/field-rule.js';
import { IsText, IsUuid, NullableField, OptionalField } from '../../http/field-rules.js';

/** Every event, also those that a later version knows. */
export const ALL_EVENTS = '*';
export const WEBHOOK_EVENTS: readonly string[] = [ALL_EVENTS, ...STORED_EVENTS];
const MAX_URL = 2_048;
const MAX_DESCRIPTION = 500;

function IsEventList(): PropertyDecorator {
  return fieldRule('events', (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((name) => WEBHOOK_EVENTS.includes(name as string)) &&
    new Set(value).size === value.length
      ? undefined
      : `must be a list of ${WEBHOOK_EVENTS.join(', ')}, each once`,
  );
}

/** @param isRequired otherwise it may be left out */
export function UrlField({ isRequired }: { isRequired: boolean }): PropertyDecorator {
  const options = {
    type: String,
    format: 'uri',
    maxLength: MAX_URL,
    example: 'https://example.com/hooks/whatsapp',
    description: 'https, to a public address.',
  };
  return applyDecorators(
    ...(isRequired ? [ApiProperty(options)] : [ApiPropertyOptional(options), OptionalField()]),
    IsText({ max: MAX_URL }),
  );
}

export function EventsField(options: { default?: string[] }): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: [String], enum: WEBHOOK_EVENTS, description: '`*`: all.', ...options }),
    OptionalField(),
    IsEventList(),
  );
}

export function InstanceField(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: String,
      format: 'uuid',
      nullable: true,
      description: 'Events of this instance alone; null: of all.',
    }),
    NullableField(),
    IsUuid(),
  );
}

export function DescriptionField(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, maxLength: MAX_DESCRIPTION, example: 'Booking site' }),
    OptionalField(),
    IsText({ max: MAX_DESCRIPTION }),
  );
}
