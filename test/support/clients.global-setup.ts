import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Vitest's global set-up: builds the TypeScript client, which tests use as its users have it. */
export default async function setup(): Promise<void> {
  const build = join(import.meta.dirname, '../../clients/typescript/build.mjs');
  await promisify(execFile)(process.execPath, [build]);
}
