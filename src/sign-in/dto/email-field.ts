import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { fieldRule } from '../../http/field-rule.js';

const EMAIL = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u;
const MAX_LENGTH = 254;

/** What may be an e-mail address; whether it is one, the provider knows. */
export function EmailField(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, format: 'email', maxLength: MAX_LENGTH, example: 'ana@example.com' }),
    fieldRule('email', (value) =>
      typeof value === 'string' && value.length <= MAX_LENGTH && EMAIL.test(value)
        ? undefined
        : 'must be an e-mail address',
    ),
  );
}
