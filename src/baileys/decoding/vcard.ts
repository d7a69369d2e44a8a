/** What a contact card tells. */
export interface ContactCard {
  name?: string | undefined;
  /** All numbers: digits with country code where that is known, else as they are written. */
  phoneNumbers: string[];
  /** Those of them that have WhatsApp, as the sender's phone knows it. */
  whatsapp: string[];
  emails: string[];
  organization?: string | undefined;
  title?: string | undefined;
  urls: string[];
  addresses: string[];
  birthday?: string | undefined;
}

/** A property of a card: `item1.TEL;type=CELL;waid=5511…:+55 11 …`. */
interface Property {
  name: string;
  parameters: string;
  value: string;
}

/** A card with a picture in it may be larger; the picture is not read. */
const MAX_CARD_LENGTH = 262_144;
const MAX_PROPERTIES = 500;
const MAX_VALUES = 50;
const MAX_VALUE_LENGTH = 1_000;
const MAX_NUMBER_LENGTH = 40;

/**
 * Reads vCards of versions 2.1 to 4.0 as far as phones fill them. Whatever it is given, it neither throws nor takes long.
 * @param text one card; of several, all numbers and the first name
 */
export function readVcard(text: string): ContactCard {
  const properties = unfold(text.slice(0, MAX_CARD_LENGTH))
    .slice(0, MAX_PROPERTIES)
    .flatMap((line) => readProperty(line) ?? []);
  const values = (name: string): string[] =>
    distinct(properties.filter((property) => property.name === name).map(({ value }) => unescape(value)));
  const numbers = properties.filter(({ name }) => name === 'TEL');
  const whatsapp = distinct(numbers.map(({ parameters }) => /waid=(\d{5,15})/i.exec(parameters)?.[1] ?? ''));
  return {
    name: values('FN')[0] ?? fullName(values('N')[0]) ?? values('NICKNAME')[0],
    phoneNumbers: distinct(numbers.map(numberOf)),
    whatsapp,
    emails: values('EMAIL'),
    organization: values('ORG')[0]
      ?.replaceAll(/\s*;\s*/g, ', ')
      .replace(/(?:, )+$/, ''),
    title: values('TITLE')[0],
    urls: values('URL'),
    addresses: distinct(
      values('ADR').map((address) => address.split(';').map(trim).filter(Boolean).join(', ')),
    ),
    birthday: values('BDAY')[0],
  };
}

/** Long lines are folded: with a blank at the start of the next one, or in quoted-printable with `=` at the end. */
function unfold(text: string): string[] {
  const newlines = text.replaceAll(/\r\n?/g, '\n');
  const hard = /quoted-printable/i.test(newlines) ? newlines.replaceAll('=\n', '') : newlines;
  return hard.replaceAll(/\n[ \t]/g, '').split('\n');
}

function readProperty(line: string): Property | undefined {
  const colon = endOfName(line);
  if (colon === -1) {
    return undefined;
  }
  const head = line.slice(0, colon);
  const semicolon = head.indexOf(';');
  const fullName = semicolon === -1 ? head : head.slice(0, semicolon);
  const parameters = semicolon === -1 ? '' : head.slice(semicolon + 1);
  const value = line.slice(colon + 1, colon + 1 + MAX_VALUE_LENGTH).trim();
  const isQuoted = /quoted-printable/i.test(parameters);
  // A group, `item1.`, ties a number to its label.
  const name = fullName.slice(fullName.lastIndexOf('.') + 1).toUpperCase();
  return { name, parameters, value: isQuoted ? fromQuotedPrintable(value) : value };
}

/** @returns where the first colon is that stands in no quotes */
function endOfName(line: string): number {
  let isQuoted = false;
  for (let index = 0; index < line.length && index < MAX_VALUE_LENGTH; index++) {
    if (line[index] === '"') {
      isQuoted = !isQuoted;
    } else if (line[index] === ':' && !isQuoted) {
      return index;
    }
  }
  return -1;
}

function numberOf({ parameters, value }: Property): string {
  const waid = /waid=(\d{5,15})/i.exec(parameters)?.[1];
  const written = unescape(value).replace(/^tel:/i, '').slice(0, MAX_NUMBER_LENGTH).trim();
  const digits = written.replaceAll(/\D/g, '');
  return waid ?? (written.startsWith('+') && digits.length >= 5 ? digits : /\d/.test(written) ? written : '');
}

/** `N` has the family name first, then the given one, then others. */
function fullName(value: string | undefined): string | undefined {
  const [family, given, middle, prefix] = (value ?? '').split(';').map(trim);
  return [prefix, given, middle, family].filter(Boolean).join(' ') || undefined;
}

function fromQuotedPrintable(value: string): string {
  const bytes = value.replaceAll(/=([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /[^\0-\xff]/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

function unescape(value: string): string {
  return value.replaceAll(/\\([\\,;:nN])/g, (_all, char: string) => (/n/i.test(char) ? '\n' : char)).trim();
}

function distinct(values: string[]): string[] {
  return [...new Set(values.filter(Boolean))].slice(0, MAX_VALUES);
}

function trim(value: string): string {
  return value.trim();
}
