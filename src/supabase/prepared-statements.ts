/**
 * @param error what running a prepared statement failed with
 * @returns whether it could not be run because of what it was prepared for: it is gone (`DISCARD ALL`), its name is taken, or what
 *   it gives has another type by now. Nothing was done then
 */
export function isStale(error: unknown): boolean {
  const { code, routine } = error as { code?: unknown; routine?: unknown };
  return code === '26000' || code === '42P05' || (code === '0A000' && routine === 'RevalidateCachedQuery');
}
