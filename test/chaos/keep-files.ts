import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Harness } from './harness.js';

/** Saves logs, which would be removed with the resources of the run; they are needed to look into a failure. */
export async function keepFiles(
  { resources, logs: place, timeline }: Harness,
  { report, seed }: { report: string; seed: string },
  logs: readonly string[] = [relative(resources.folder, place.file)],
): Promise<void> {
  await mkdir(report, { recursive: true });
  for (const path of [...logs.map((name) => join(resources.folder, name)), timeline.path]) {
    const kept = join(report, `${seed}-${basename(path)}`);
    await copyFile(path, kept).catch(() => undefined);
  }
}
