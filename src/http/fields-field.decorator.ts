import { applyDecorators, type Type } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { OptionalField } from './field-rules.js';
import { fieldRule } from './field-rule.js';

const MAX_LENGTH = 1_000;
/** Where Nest's decorators note the documented properties of a class, each with a colon before it. */
const DOCUMENTED = 'swagger/apiModelPropertiesArray';

/**
 * A field that names those fields of a list's items that the caller wants.
 * @param model the item; all of its documented fields may be named
 * @param always the field that is there whatever is named
 */
export function FieldsField(model: Type, always: string): PropertyDecorator {
  const names = (Reflect.getMetadata(DOCUMENTED, model.prototype as object) as string[]).map((name) =>
    name.slice(1),
  );
  return applyDecorators(
    ApiPropertyOptional({
      type: String,
      maxLength: MAX_LENGTH,
      pattern: `^(${names.join('|')})(,(${names.join('|')}))*$`,
      example: names.slice(0, 3).join(),
      description: `Only these fields of each item, with commas between them: then the others are missing, also those that the schema of the answer requires. \`${always}\` is there in any case. They are: ${names.join(', ')}.`,
    }),
    OptionalField(),
    fieldRule('fields', (value) => (typeof value === 'string' ? fault(value, names) : 'must be a string')),
  );
}

function fault(value: string, names: readonly string[]): string | undefined {
  if (value.length > MAX_LENGTH) {
    return `must not be longer than ${MAX_LENGTH} characters (it has ${value.length})`;
  }
  const isUnknown = value.split(',').some((name) => !names.includes(name));
  return isUnknown ? `must be some of ${names.join(', ')}, with commas between them` : undefined;
}

/**
 * @param fields what a caller sent as `fields`
 * @param always as for `FieldsField`
 * @returns the item, with no other fields than were asked for
 */
export function pickFields<Item extends object, Always extends keyof Item & string>(
  item: Item,
  fields: string | undefined,
  always: Always,
): Item | (Pick<Item, Always> & Partial<Item>) {
  if (fields === undefined) {
    return item;
  }
  const wanted = new Set([always, ...fields.split(',')]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => wanted.has(name))) as Pick<Item, Always> &
    Partial<Item>;
}
