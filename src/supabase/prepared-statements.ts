/**
 * @param error what running a prepared statement failed with
 * @returns whether it could not be run because of what it was prepared for. Nothing was done then
 */
export function isStale(error: unknown): boolean {
  const { code, routine } = error as { code?: unknown; routine?: unknown };
  // What it gives has another type by now.
  return isLost(error) || (code === '0A000' && routine === 'RevalidateCachedQuery');
}

/** @returns whether it is gone (`DISCARD ALL`), or its name is taken: the connection is not the caller's alone */
export function isLost(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === '26000' || code === '42P05';
}
