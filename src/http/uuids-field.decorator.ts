import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { isUuid } from '../common/uuid.js';
import { fieldRule } from './field-rule.js';
import { OptionalField } from './field-rules.js';

/** So many fit into an address. */
const MAX_COUNT = 100;
const UUID_LENGTH = 36;
const MAX_LENGTH = MAX_COUNT * (UUID_LENGTH + 1) - 1;

/** Optional UUIDs in a query, with commas between them. */
export function UuidsField(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: String,
      maxLength: MAX_LENGTH,
      example: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
      description: `${description} With commas between them, ${MAX_COUNT} at most.`,
    }),
    OptionalField(),
    fieldRule('uuids', (value) => (typeof value === 'string' ? fault(value) : 'must be a string')),
  );
}

function fault(value: string): string | undefined {
  const ids = value.length > MAX_LENGTH ? [] : value.split(',');
  return ids.length > 0 && ids.every(isUuid)
    ? undefined
    : `must be UUIDs with commas between them, ${MAX_COUNT} at most`;
}
