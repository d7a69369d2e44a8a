import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { NullableField } from '../../http/field-rules.js';
import { fieldRule } from '../../http/field-rule.js';
import { IsIsoTime } from '../../http/iso-time.rule.js';

/** An optional, nullable `expires_at` of a key. */
export function ExpiryField(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, description }),
    NullableField(),
    IsIsoTime(),
    fieldRule('future', (value) =>
      typeof value === 'string' && Date.parse(value) <= Date.now() ? 'must be in the future' : undefined,
    ),
  );
}
