/** Beyond this what WhatsApp says is no time; the database takes it. */
const LATEST_SECONDS = 253_402_300_799;

/**
 * @param seconds since the epoch, as a stanza says them
 * @returns the time in ISO 8601, undefined for what is none
 */
export function wireTime(seconds: string | number | undefined | null): string | undefined {
  const value = Number(seconds ?? 0);
  return value > 0 && value <= LATEST_SECONDS ? new Date(value * 1_000).toISOString() : undefined;
}
