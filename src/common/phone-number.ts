import { parsePhoneNumberFromString as parseStrictly } from 'libphonenumber-js/max';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { InvalidInputError } from './app-error.js';

/** E.164 allows 15 digits; the shortest international numbers have 7. */
const DIGITS = /^[0-9]{7,15}$/;
/** North America's 555 is set aside for fiction, which is what test networks use. */
const FICTIONAL = /^1555\d{7}$/;
/** A privacy id is no phone number; its digits follow no plan. */
const LID_ADDRESS = /^[0-9]{5,20}@lid$/;
const WHATSAPP_SUFFIX = /@s\.whatsapp\.net$/;

/** Where a number without a country code most probably belongs, most likely first. */
const LIKELY_COUNTRIES: readonly CountryCode[] = [
  'BR',
  'US',
  'MX',
  'AR',
  'PT',
  'CL',
  'CO',
  'ES',
  'IN',
  'GB',
  'DE',
];

/**
 * Accounts of these countries may be registered with or without a digit that people do or do not dial: Brazil's ninth
 * digit, Mexico's `1` and Argentina's `9` after the country code. No rule tells which; WhatsApp has to be asked.
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
];

/**
 * Checks a phone number as users give it: digits only, with country code.
 * @param input e.g. `5511999887766`
 * @returns the same digits
 * @throws InvalidInputError `invalid_phone_number` with a sentence that says what is wrong and, where it can be told, the
 *   number that was probably meant
 */
export function parsePhoneNumber(input: string): string {
  if (!DIGITS.test(input)) {
    throw refusal(formattingFault(input), guess(input));
  }
  if (!isRealNumber(input)) {
    throw refusal('is not a valid phone number with country code', guess(input));
  }
  return input;
}

/**
 * Checks whom a message is for.
 * @param input a phone number as `parsePhoneNumber` takes it, the same followed by `@s.whatsapp.net`, or `<digits>@lid` as
 *   events name a person whose number WhatsApp does not tell
 * @returns the digits of the phone number, or the address with `@lid`
 * @throws InvalidInputError as `parsePhoneNumber`
 */
export function parseRecipient(input: string): string {
  return LID_ADDRESS.test(input) ? input : parsePhoneNumber(input.replace(WHATSAPP_SUFFIX, ''));
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

function isRealNumber(digits: string): boolean {
  const variants = phoneVariants(digits);
  return (
    FICTIONAL.test(digits) || variants.some((variant) => parsePhoneNumberFromString(`+${variant}`)?.isValid())
  );
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

/** The number that was probably meant, or undefined. */
function guess(input: string): string | undefined {
  const digits = input.replace(/^\s*\+?\s*(00)?/, '').replace(/[() .\-/]/g, '');
  if (!DIGITS.test(digits)) {
    return undefined;
  }
  if (digits !== input && isRealNumber(digits)) {
    return digits;
  }
  for (const country of LIKELY_COUNTRIES) {
    const parsed = parseStrictly(digits, country);
    if (parsed?.isValid() === true) {
      return parsed.number.slice(1);
    }
  }
  return undefined;
}

function refusal(fault: string, meant: string | undefined): InvalidInputError {
  const hint = meant === undefined ? 'for example 5511999887766' : `did you mean ${meant}?`;
  const message = `The phone number ${fault}; give country code, area code and number as digits only, ${hint}`;
  return new InvalidInputError('invalid_phone_number', message);
}
