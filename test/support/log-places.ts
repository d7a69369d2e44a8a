import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './canaries.js';

/**
 * @param who whose output it is
 * @param text lines of JSON, and whatever else was written
 * @returns a place for each line, named by what it says
 */
export function logPlaces(who: string, text: string): Place[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ name: `${who}: ${titleOf(line)}`, bytes: Buffer.from(line) }));
}

/**
 * @param who whose folder it is
 * @returns a place for each file of a folder and of those in it
 */
export async function filePlaces(
  who: string,
  folder: string,
  isWanted: (path: string) => boolean,
): Promise<Place[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.filter(isWanted).map(async (path) => ({
      name: `file ${path.slice(folder.length + 1)} of ${who}`,
      bytes: await readFile(path),
    })),
  );
}

function titleOf(line: string): string {
  try {
    const { component, msg } = JSON.parse(line) as { component?: string; msg?: string };
    return `${component ?? 'no component'} "${msg ?? line.slice(0, 80)}"`;
  } catch {
    return line.slice(0, 80);
  }
}
