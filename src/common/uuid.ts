const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @returns whether a text is a UUID of any version */
export function isUuid(value: string): boolean {
  return UUID.test(value);
}
