import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { World } from './world.js';

/** Saves logs, which would go with the estate: whoever looks into a failure needs them. */
export async function keepFiles(
  { estate, logs: place, timeline }: World,
  { report, seed }: { report: string; seed: string },
  logs: readonly string[] = [relative(estate.folder, place.file)],
): Promise<void> {
  await mkdir(report, { recursive: true });
  for (const path of [...logs.map((name) => join(estate.folder, name)), timeline.path]) {
    const kept = join(report, `${seed}-${basename(path)}`);
    await copyFile(path, kept).catch(() => undefined);
  }
}
