import { createRequire } from 'node:module';
import type * as PhoneNumbers from 'libphonenumber-js/min';
import { AppError } from './app-error.js';

/** The build that class-validator has in memory already; the other one is a hundred files more. */
const { parsePhoneNumberFromString } = createRequire(import.meta.url)(
  'libphonenumber-js/min',
) as typeof PhoneNumbers;

/** E.164 allows 15 digits; the shortest international numbers have 7. */
const DIGITS = /^[0-9]{7,15}$/;
/** No country code begins with 0, and one that begins with 1 is North America's, whose plan is the same everywhere and for ever. */
const IMPOSSIBLE = /^(?:0|1(?![2-9]\d{2}[2-9]\d{6}$))/;
/** North America's 555 is set aside for fiction, which is what test networks use. */
const FICTIONAL = /^1555\d{7}$/;
/** The writer says that a country code follows. */
const INTERNATIONAL = /^\s*(?:\+\s*|00)/;
const FORMATTING = /[() .\-/]/g;
/** A Brazilian mobile as it is written at home: area code, the ninth digit, eight more. No other plan is grouped like that. */
const BRAZILIAN = /^\s*\(?0?([1-9][1-9])\)?[ .\-/]?(9) ?([6-9]\d{3})[ .-]?(\d{4})\s*$/;
/** Longer than what people write without a country code. */
const MIN_INTERNATIONAL_DIGITS = 12;

/**
 * Accounts of these countries may be registered with or without digits that people do or do not dial: Brazil's ninth digit,
 * Mexico's `1` and Argentina's `9` after the country code, and the two digits that Ivory Coast (2021) and Benin (2024) put before
 * all numbers. No rule tells which; WhatsApp has to be asked.
 */
const VARIANT_RULES: readonly { long: RegExp; short: RegExp; lengthen: string; shorten: string }[] = [
  {
    long: /^(55[1-9][1-9])9([6-9]\d{7})$/,
    short: /^(55[1-9][1-9])([6-9]\d{7})$/,
    lengthen: '$19$2',
    shorten: '$1$2',
  },
  { long: /^(52)1(\d{10})$/, short: /^(52)(\d{10})$/, lengthen: '$11$2', shorten: '$1$2' },
  { long: /^(54)9(\d{10})$/, short: /^(54)(\d{10})$/, lengthen: '$19$2', shorten: '$1$2' },
  { long: /^(229)01(\d{8})$/, short: /^(229)(\d{8})$/, lengthen: '$101$2', shorten: '$1$2' },
  // In Ivory Coast the new digits follow from the second of the old ones: which network the number was given by.
  {
    long: /^(225)01([04-9][1-3]\d{6})$/,
    short: /^(225)([04-9][1-3]\d{6})$/,
    lengthen: '$101$2',
    shorten: '$1$2',
  },
  {
    long: /^(225)05([04-9][4-6]\d{6})$/,
    short: /^(225)([04-9][4-6]\d{6})$/,
    lengthen: '$105$2',
    shorten: '$1$2',
  },
  {
    long: /^(225)07([04-9][7-9]\d{6})$/,
    short: /^(225)([04-9][7-9]\d{6})$/,
    lengthen: '$107$2',
    shorten: '$1$2',
  },
];

/**
 * Checks a phone number as users give it: digits only, with country code. Only what can be no number anywhere is refused: numbering
 * plans change, accounts keep the number that they were registered with, and WhatsApp alone knows which there are.
 * @param input e.g. `5511999887766`
 * @returns the same digits
 * @throws AppError `invalid_phone_number` with a sentence that says what is wrong and, where it is certain, the number
 *   that was meant
 */
export function parsePhoneNumber(input: string): string {
  const digits = parseDigits(input);
  if (!isPossible(digits)) {
    throw refusal('is not a valid phone number with country code', meantBy(digits));
  }
  return digits;
}

/**
 * As `parsePhoneNumber`, for a number that WhatsApp itself may have used: nothing is held against one that has the form.
 * @throws AppError `invalid_phone_number`
 */
export function parseDigits(input: string): string {
  if (!DIGITS.test(input)) {
    throw refusal(formattingFault(input), meantBy(input));
  }
  return input;
}

/**
 * All numbers under which the same person may be registered.
 * @param digits a phone number, digits only
 * @returns `digits` first, then the others
 */
export function phoneVariants(digits: string): string[] {
  for (const rule of VARIANT_RULES) {
    if (rule.long.test(digits)) {
      return [digits, digits.replace(rule.long, rule.shorten)];
    }
    if (rule.short.test(digits)) {
      return [digits, digits.replace(rule.short, rule.lengthen)];
    }
  }
  return [digits];
}

function isPossible(digits: string): boolean {
  return DIGITS.test(digits) && (!IMPOSSIBLE.test(digits) || FICTIONAL.test(digits));
}

function formattingFault(input: string): string {
  if (input === '') {
    return 'is empty';
  }
  if (/^[\d+() .\-/]+$/.test(input) && /\D/.test(input)) {
    return 'contains formatting';
  }
  if (/^\d+$/.test(input)) {
    return input.length < 7 ? 'is too short' : 'is too long';
  }
  return 'contains characters that are no digits';
}

/**
 * The number that was meant. It may be somebody's, so it is named only where nothing else can have been meant: the country code was
 * announced or is there beyond doubt, or the number is written as in one country alone.
 */
function meantBy(input: string): string | undefined {
  const digits = input.replace(INTERNATIONAL, '').replace(FORMATTING, '');
  if (INTERNATIONAL.test(input)) {
    return isPossible(digits) ? digits : undefined;
  }
  const brazilian = BRAZILIAN.exec(input);
  if (brazilian) {
    const full = `55${brazilian.slice(1).join('')}`;
    return isInPlan(full) ? full : undefined;
  }
  return digits.length >= MIN_INTERNATIONAL_DIGITS && isPossible(digits) && isInPlan(digits)
    ? digits
    : undefined;
}

/** Whether the numbering plans, as far as they are known here, have the number. */
function isInPlan(digits: string): boolean {
  return phoneVariants(digits).some((variant) => parsePhoneNumberFromString(`+${variant}`)?.isValid());
}

function refusal(fault: string, meant: string | undefined): AppError {
  const hint = meant === undefined ? 'for example 5511999887766' : `did you mean ${meant}?`;
  const message = `The phone number ${fault}; give country code, area code and number as digits only, ${hint}`;
  return new AppError('invalid_phone_number', { message });
}
