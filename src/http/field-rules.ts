import { ValidateIf } from 'class-validator';
import { faultOf } from '../common/fault-of.js';
import { ORGANIZATION_ID_PATTERN } from '../common/organization-scope.js';
import { parseDigits, parsePhoneNumber } from '../common/phone-number.js';
import { parseRecipient } from '../common/recipient.js';
import { isUuid } from '../common/uuid.js';
import { fieldRule } from './field-rule.js';

// oxlint-disable-next-line no-control-regex -- finding control characters is the point
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

export interface TextLimits {
  /** In characters: an emoji of one code point is one. */
  max: number;
  /** A field of several lines may hold line breaks and other control characters, but never NUL. */
  isMultiline?: boolean;
}

/** The field may be left out; `null` is a value like any other. */
export function OptionalField(): PropertyDecorator {
  return ValidateIf((_input: object, value: unknown) => value !== undefined);
}

/** The field may be left out or `null`. */
export function NullableField(): PropertyDecorator {
  return ValidateIf((_input: object, value: unknown) => value !== undefined && value !== null);
}

export function IsOrganizationId(): PropertyDecorator {
  return fieldRule(
    'organizationId',
    (value) =>
      stringFault(value) ??
      (ORGANIZATION_ID_PATTERN.test(value as string)
        ? undefined
        : 'must be 1 to 64 characters out of A-Z, a-z, 0-9, _ and -'),
  );
}

/** Digits with country code, as `parsePhoneNumber` takes them. */
export function IsPhoneNumberDigits(): PropertyDecorator {
  return fieldRule(
    'phoneNumber',
    (value) => stringFault(value) ?? faultOf(() => parsePhoneNumber(value as string)),
  );
}

/** The digits of a number that WhatsApp itself may have used, as `parseDigits` takes them. */
export function IsKnownPhoneNumber(): PropertyDecorator {
  return fieldRule(
    'knownPhoneNumber',
    (value) => stringFault(value) ?? faultOf(() => parseDigits(value as string)),
  );
}

/** Whom a message is for, as `parseRecipient` takes it. */
export function IsRecipient(): PropertyDecorator {
  return fieldRule(
    'recipient',
    (value) => stringFault(value) ?? faultOf(() => parseRecipient(value as string)),
  );
}

/** Text with something to read in it that the database and WhatsApp can hold. */
export function IsText(limits: TextLimits): PropertyDecorator {
  return fieldRule('text', (value) => stringFault(value) ?? textFault(value as string, limits));
}

export function IsUuid(): PropertyDecorator {
  return fieldRule(
    'uuid',
    (value) => stringFault(value) ?? (isUuid(value as string) ? undefined : 'must be a UUID'),
  );
}

/** An integer between two bounds, both allowed. */
export function IsWholeNumber(min: number, max: number): PropertyDecorator {
  return fieldRule('wholeNumber', (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be a whole number from ${min} to ${max}`,
  );
}

export function IsOneOf(values: readonly string[]): PropertyDecorator {
  return fieldRule('oneOf', (value) =>
    typeof value === 'string' && values.includes(value) ? undefined : `must be one of ${values.join(', ')}`,
  );
}

function stringFault(value: unknown): string | undefined {
  if (value === undefined || value === null) {
    return 'is required';
  }
  return typeof value === 'string' ? undefined : 'must be a string';
}

/** @returns what is wrong with a text, without the field's name */
export function textFault(value: string, limits: TextLimits): string | undefined {
  if (value.trim() === '') {
    return 'must not be empty';
  }
  const length = lengthOver(value, limits.max);
  if (length !== undefined) {
    return `must not be longer than ${limits.max} characters (it has ${length})`;
  }
  if (!value.isWellFormed()) {
    return 'holds half a character (an unpaired surrogate)';
  }
  if (limits.isMultiline === true ? value.includes('\u0000') : CONTROL.test(value)) {
    return 'must not hold control characters';
  }
  return undefined;
}

/** @returns in code points; undefined where it is no longer than `max` */
function lengthOver(value: string, max: number): number | undefined {
  if (value.length <= max) {
    return undefined;
  }
  let length = 0;
  for (const character of value) {
    length += character === '' ? 0 : 1;
  }
  return length > max ? length : undefined;
}
