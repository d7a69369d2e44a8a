import { ValidateBy } from 'class-validator';
import ipaddr from 'ipaddr.js';
import proxyaddr from 'proxy-addr';
import { isDecodable } from '../common/is-decodable.js';

/** Not a number in the end: that would be a mistyped address. */
const HOST_NAME = /^(?=.{1,253}$)(?!(.*\.)?\d+$)[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i;

/**
 * Decorator: a URL with one of the given protocols (each with its colon, as `URL.protocol` has it).
 * @param hint what to mind, at the end of the sentence
 * @param read makes a URL of what else is understood
 */
export function IsUrlOf(
  protocols: readonly string[],
  hint = '',
  read: (value: string) => string = (value) => value,
): PropertyDecorator {
  const expected = protocols.map((protocol) => `${protocol}//`).join(' or ');
  return rule('isUrlOf', `must be a URL that begins with ${expected}${hint}`, (value) => {
    const url = URL.parse(read(value));
    return (
      url !== null &&
      protocols.includes(url.protocol) &&
      url.hostname !== '' &&
      isDecodable(url.username + url.password + url.hostname + url.pathname)
    );
  });
}

/** Decorator: a TCP port, 0 for a free one. */
export function IsPortNumber(): PropertyDecorator {
  return IsWholeNumber(0, 65_535);
}

/** Decorator: decimal digits that name a number from `min` to `max`. */
export function IsWholeNumber(min: number, max: number): PropertyDecorator {
  return rule(
    'isWholeNumber',
    `must be a whole number from ${min} to ${max}`,
    (value) => /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max,
  );
}

/** Decorator: one or more keys of 32 bytes in base64, separated by commas. */
export function IsBase64Keys(): PropertyDecorator {
  return rule(
    'isBase64Keys',
    'must be 32 bytes in base64 (make one with: openssl rand -base64 32)',
    (value) => value.split(',').every((key) => decodeKey(key) !== undefined),
  );
}

/** Decorator: `*`, or origins such as `https://app.example.com` separated by commas. */
export function IsOriginList(): PropertyDecorator {
  const message =
    'must be origins like https://app.example.com, separated by commas, without path or pattern';
  return rule('isOriginList', message, (value) =>
    splitList(value).every(
      (entry) => entry === '*' || (URL.parse(entry)?.origin === entry && !entry.includes('*')),
    ),
  );
}

/** Decorator: how many proxies stand before the service, or their addresses and networks separated by commas. */
export function IsProxyTrust(): PropertyDecorator {
  const message =
    'must be a number of proxies from 1 to 10, or their addresses and networks (10.0.0.0/8, loopback, uniquelocal), separated by commas';
  return rule('isProxyTrust', message, (value) => {
    const hops = hopsIn(value);
    return hops === undefined ? isCompilable(splitList(value)) : hops >= 1 && hops <= 10;
  });
}

/** Decorator: host names, addresses and networks such as `10.0.0.0/8`, separated by commas. */
export function IsHostList(): PropertyDecorator {
  const message =
    'must be host names, addresses or networks (n8n.internal, 10.1.2.0/24), separated by commas, without https:// and port';
  return rule('isHostList', message, (value) =>
    splitList(value).every((entry) => HOST_NAME.test(entry) || isAddress(entry) || ipaddr.isValidCIDR(entry)),
  );
}

/** Decorator: issuers of tokens, which are URLs, separated by commas. */
export function IsIssuerList(): PropertyDecorator {
  const message = 'must be issuers of tokens like https://x.supabase.co/auth/v1, separated by commas';
  return rule('isIssuerList', message, (value) =>
    splitList(value).every((entry) => /^https?:$/.test(URL.parse(entry)?.protocol ?? '')),
  );
}

/** @returns the number of proxies where that is what the text says */
export function hopsIn(text: string): number | undefined {
  return /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

/** @returns the 32 bytes, or undefined where the text is no such key */
export function decodeKey(text: string): Buffer | undefined {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64');
  const isCanonical = bytes.toString('base64') === trimmed || bytes.toString('base64url') === trimmed;
  return bytes.length === 32 && isCanonical ? bytes : undefined;
}

/** @returns the trimmed, non-empty entries of a comma-separated list */
export function splitList(value: string): string[] {
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** Of IPv4 only the usual notation: `10.1` is more likely a mistake than an address. */
function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

function isCompilable(addresses: string[]): boolean {
  try {
    proxyaddr.compile(addresses);
    return addresses.length > 0;
  } catch {
    return false;
  }
}

function rule(name: string, message: string, check: (value: string) => boolean): PropertyDecorator {
  return ValidateBy({
    name,
    validator: {
      validate: (value: unknown) => typeof value === 'string' && check(value),
      defaultMessage: () => message,
    },
  });
}
