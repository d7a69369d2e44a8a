import { chmodSync, type Stats, statSync } from 'node:fs';

const OTHERS = 0o077;
const STICKY = 0o1000;
/** Windows has no such bits. */
const HAS_MODES = process.platform !== 'win32';

/** From now on what this process makes, databases, logs, locks and sockets, is its user's alone. For entry points. */
export function makeFilesPrivate(): void {
  process.umask(OTHERS);
}

/**
 * Closes a folder of this service to other users, where it is ours to close. One that many share (`/tmp`) is left as it is.
 * @param path of the folder; a missing one does not count
 * @returns whether it was open, and is closed now
 */
export function closeFolder(path: string): boolean {
  const stats = HAS_MODES ? statSync(path, { throwIfNoEntry: false }) : undefined;
  if (!stats?.isDirectory() || !isLoose(stats) || (stats.mode & STICKY) !== 0) {
    return false;
  }
  try {
    chmodSync(path, stats.mode & 0o7700);
    return true;
  } catch {
    // It belongs to another user: the caller looks again, and says so.
    return false;
  }
}

/** @returns whether others than its owner may use a file or folder */
export function isLoose({ mode }: Pick<Stats, 'mode'>): boolean {
  return HAS_MODES && (mode & OTHERS) !== 0;
}
