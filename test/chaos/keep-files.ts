import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { World } from './world.js';

/** Saves logs, which would go with the estate: whoever looks into a failure needs them. */
export async function keepFiles(
  { estate, timeline }: World,
  { report, seed }: { report: string; seed: string },
  logs: readonly string[] = ['service.log'],
): Promise<void> {
  await mkdir(report, { recursive: true });
  for (const path of [...logs.map((name) => join(estate.folder, name)), timeline.path]) {
    const kept = join(report, `${seed}-${basename(path)}`);
    await copyFile(path, kept).catch(() => undefined);
  }
}
