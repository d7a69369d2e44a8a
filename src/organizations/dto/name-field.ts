import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsText, OptionalField } from '../../http/field-rules.js';

const MAX_NAME_LENGTH = 100;

/** A name for people, trimmed. */
export function NameField(options: { isRequired: boolean; example: string }): PropertyDecorator {
  const documented = { type: String, example: options.example, minLength: 1, maxLength: MAX_NAME_LENGTH };
  return applyDecorators(
    ...(options.isRequired ? [ApiProperty(documented)] : [ApiPropertyOptional(documented), OptionalField()]),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)),
    IsText({ max: MAX_NAME_LENGTH }),
  );
}
