const BASIC = /^Basic +([A-Za-z0-9+/]{1,8192}={0,2})$/i;

/**
 * @param header the `Authorization` header, if any
 * @returns the password in it, whatever the user's name, or undefined where there is no well-formed one
 */
export function basicPassword(header: string | undefined): string | undefined {
  const encoded = header === undefined ? undefined : BASIC.exec(header.trim())?.[1];
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? [];
  return password;
}
