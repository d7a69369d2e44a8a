import { faultOf } from '../../common/fault-of.js';
import { parseDigits } from '../../common/phone-number.js';
import { isUuid } from '../../common/uuid.js';
import { fieldRule } from '../../http/field-rule.js';
import { textFault } from '../../http/field-rules.js';
import { OUTGOING_LIMITS } from '../outgoing-limits.js';

type Fault = string | undefined;
type Check = (value: unknown) => Fault;

/** What is wrong with an object: with a field that is unknown, missing or wrong, the first of them. */
function objectFault(value: unknown, fields: Record<string, Check>): Fault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `must be an object with ${Object.keys(fields).join(', ')}`;
  }
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) {
    return `has an unknown field: ${unknown.slice(0, 64)}`;
  }
  for (const [name, check] of Object.entries(fields)) {
    const fault = check((value as Record<string, unknown>)[name]);
    if (fault !== undefined) {
      return `${name} ${fault}`;
    }
  }
  return undefined;
}

function text(max: number, isMultiline = false): Check {
  return (value) => (typeof value === 'string' ? textFault(value, { max, isMultiline }) : 'must be a text');
}

function optional(check: Check): Check {
  return (value) => (value === undefined || value === null ? undefined : check(value));
}

function numberBetween(min: number, max: number): Check {
  return (value) =>
    typeof value === 'number' && value >= min && value <= max
      ? undefined
      : `must be a number from ${min} to ${max}`;
}

function listOf(check: Check, { min, max }: { min: number; max: number }): Check {
  return (value) => {
    if (!Array.isArray(value)) {
      return 'must be a list';
    }
    if (value.length < min || value.length > max) {
      return `must have ${min} to ${max} entries (it has ${value.length})`;
    }
    for (const [index, entry] of value.entries()) {
      const fault = check(entry);
      if (fault !== undefined) {
        return `entry ${index + 1} ${fault}`;
      }
    }
    return undefined;
  };
}

const uuid: Check = (value) => (typeof value === 'string' && isUuid(value) ? undefined : 'must be a UUID');

const phoneNumber: Check = (value) =>
  typeof value === 'string' ? faultOf(() => parseDigits(value)) : 'must be a text';

const url: Check = (value) =>
  typeof value === 'string' && value.length <= 2_048 && URL.canParse(value)
    ? undefined
    : 'must be an address that begins with https:// or http://';

/** `{ id }` of an upload, or `{ url }`. */
export function IsMediaSource(): PropertyDecorator {
  return fieldRule('mediaSource', (value) => {
    const fault = objectFault(value, { id: optional(uuid), url: optional(url) });
    const named = Object.keys((value ?? {}) as object).length;
    return fault ?? (named === 1 ? undefined : 'must have either id or url');
  });
}

export function IsLocation(): PropertyDecorator {
  return fieldRule('location', (value) =>
    objectFault(value, {
      latitude: numberBetween(-90, 90),
      longitude: numberBetween(-180, 180),
      name: optional(text(OUTGOING_LIMITS.placeName)),
      address: optional(text(OUTGOING_LIMITS.placeName, true)),
    }),
  );
}

/** One contact, or a list of them. */
export function IsContacts(): PropertyDecorator {
  const contact: Check = (value) =>
    objectFault(value, {
      name: text(OUTGOING_LIMITS.contactName),
      phone_numbers: listOf(phoneNumber, { min: 1, max: OUTGOING_LIMITS.contactNumbers }),
    });
  const list = listOf(contact, { min: 1, max: OUTGOING_LIMITS.contacts });
  return fieldRule('contacts', (value) => (Array.isArray(value) ? list(value) : contact(value)));
}

export function IsPoll(): PropertyDecorator {
  const { pollQuestion, pollOption, pollOptions } = OUTGOING_LIMITS;
  return fieldRule('poll', (value) => {
    const fault = objectFault(value, {
      question: text(pollQuestion),
      options: listOf(text(pollOption), pollOptions),
      selectable: optional(numberBetween(0, pollOptions.max)),
    });
    return fault ?? pollFault(value as { options: string[]; selectable?: number });
  });
}

function pollFault({ options, selectable = 1 }: { options: string[]; selectable?: number }): Fault {
  if (new Set(options).size < options.length) {
    return 'options must differ from one another';
  }
  return Number.isInteger(selectable) && selectable <= options.length
    ? undefined
    : `selectable must be a whole number from 0 (any number of them) to ${options.length}`;
}

export function IsReaction(): PropertyDecorator {
  return fieldRule('reaction', (value) =>
    objectFault(value, {
      message_id: uuid,
      emoji: (emoji) => (emoji === '' ? undefined : emojiFault(emoji)),
    }),
  );
}

/** One emoji, whatever it is joined of. */
function emojiFault(value: unknown): Fault {
  const isOne =
    typeof value === 'string' &&
    value.length <= OUTGOING_LIMITS.emoji &&
    /\p{Extended_Pictographic}|\p{Regional_Indicator}|[0-9#*]\uFE0F?\u20E3/u.test(value) &&
    [...new Intl.Segmenter().segment(value)].length === 1;
  return isOne ? undefined : 'must be one emoji, or empty to take a reaction back';
}

export function IsMentions(): PropertyDecorator {
  const person: Check = (value) =>
    typeof value === 'string' && /^[0-9]{5,20}@lid$/.test(value) ? undefined : phoneNumber(value);
  return fieldRule('mentions', listOf(person, { min: 0, max: OUTGOING_LIMITS.mentions }));
}

export function IsFlag(): PropertyDecorator {
  return fieldRule('flag', (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'));
}
