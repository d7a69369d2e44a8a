import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Not part of the repository. */
const FOLDER = join(import.meta.dirname, '../bench-results');

/**
 * Writes figures as JSON.
 * @param what was measured, for the name
 * @param file where; undefined: in the folder of all figures, by time and name
 * @returns the file
 */
export async function saveFigures(what: string, figures: object, file: string | undefined): Promise<string> {
  const time = new Date().toISOString().replaceAll(':', '-').slice(0, 19);
  const path = file === undefined ? join(FOLDER, `${time}-${what}.json`) : resolve(file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(figures, null, 2)}\n`);
  return path;
}
