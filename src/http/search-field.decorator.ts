import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { OptionalField, textFault } from './field-rules.js';
import { fieldRule } from './field-rule.js';

const MAX_LENGTH = 100;
const MAX_WORDS = 8;

/**
 * A field of words to look for.
 * @param description what is looked through
 */
export function SearchField(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: String,
      minLength: 1,
      maxLength: MAX_LENGTH,
      example: 'horario',
      description: `${description} Words are separated by spaces, ${MAX_WORDS} at most; all have to be there, in any order, each also as a part of a longer word. Case and accents make no difference, and every other character is itself: \`%\`, \`_\` and \`*\` stand for nothing else.`,
    }),
    OptionalField(),
    fieldRule('search', (value) => (typeof value === 'string' ? searchFault(value) : 'must be a string')),
  );
}

function searchFault(value: string): string | undefined {
  const words = value.split(/\s+/u).filter((word) => word !== '').length;
  return (
    textFault(value, { max: MAX_LENGTH }) ??
    (words > MAX_WORDS ? `must not have more than ${MAX_WORDS} words (it has ${words})` : undefined)
  );
}
