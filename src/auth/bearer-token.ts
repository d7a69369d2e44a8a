const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,4096})$/i;

/**
 * @param header the `Authorization` header, if any
 * @returns the token in it, or undefined where there is no well-formed one
 */
export function bearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : BEARER.exec(header.trim())?.[1];
}
