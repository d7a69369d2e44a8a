/** Country codes of where the page's languages are spoken most, by the region of a browser's language. */
const CODES: Readonly<Record<string, string>> = {
  BR: '55',
  PT: '351',
  US: '1',
  CA: '1',
  GB: '44',
  ES: '34',
  MX: '52',
  AR: '54',
  CO: '57',
  CL: '56',
  PE: '51',
  EC: '593',
  VE: '58',
  UY: '598',
  PY: '595',
  BO: '591',
  AO: '244',
  MZ: '258',
};
/** No number without its country code is longer. */
const MAX_LOCAL = 11;

/**
 * A number as people write it, as the service takes it: digits with the country code. One that is short and begins with no `+` is taken for
 * one of the person's own country.
 * @param text e.g. `(11) 99988-7766`
 * @param languages of the browser, e.g. `pt-BR`
 * @returns e.g. `5511999887766`; empty where there are no digits
 */
export function phoneDigits(text: string, languages: readonly string[]): string {
  const trimmed = text.trim();
  const digits = trimmed.replace(/\D/g, '');
  if (trimmed.startsWith('+')) {
    return digits;
  }
  if (digits.startsWith('00')) {
    return digits.slice(2);
  }
  const code = languages
    .map((tag) => CODES[/-([A-Za-z]{2})$/.exec(tag)?.[1]?.toUpperCase() ?? ''])
    .find(Boolean);
  const local = digits.replace(/^0+/, '');
  const isLocal = code !== undefined && local !== '' && local.length <= MAX_LOCAL;
  return isLocal ? `${code}${local}` : local;
}
