import { statSync } from 'node:fs';

const OTHERS = 0o077;
/** Windows has no such bits. */
const HAS_MODES = process.platform !== 'win32';

/**
 * @param paths of files that hold secrets, or of folders; missing ones do not count
 * @returns for each that others than its owner may use, a sentence that says so and what to do
 */
export function looseFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const stats = HAS_MODES ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (!stats || (stats.mode & OTHERS) === 0) {
      return [];
    }
    const mode = stats.isDirectory() ? '700' : '600';
    return [`${path} can be read or changed by other users of this machine: chmod ${mode} ${path}`];
  });
}
