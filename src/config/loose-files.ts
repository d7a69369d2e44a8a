import { statSync } from 'node:fs';
import { closeFolder, isLoose } from '../common/private-files.js';

/**
 * @param paths of files that hold secrets, or of folders; missing ones do not count
 * @returns for each that others than its owner may use, a sentence that says so and what to do
 */
export function looseFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats || !isLoose(stats)) {
      return [];
    }
    const mode = stats.isDirectory() ? '700' : '600';
    return [`${path} can be read or changed by other users of this machine: chmod ${mode} ${path}`];
  });
}

/**
 * Closes a folder that holds secrets to other users.
 * @param path of the folder; a missing one does not count
 * @returns a sentence for one that was open: that it is closed now, or what to do where it is not ours to close
 */
export function closedFolder(path: string): string[] {
  return closeFolder(path)
    ? [
        `${path} could be read or changed by other users of this machine until now, and is closed to them: chmod 700 ${path}`,
      ]
    : looseFiles([path]);
}
