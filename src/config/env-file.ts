import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadEnvFile } from 'node:process';

/**
 * Takes the variables of `.env` in the working directory, where there is one, into the environment. What is set already
 * stays as it is.
 * @returns its absolute path, where there is one
 */
export function readEnvFile(): string | undefined {
  const path = resolve('.env');
  if (!existsSync(path)) {
    return undefined;
  }
  loadEnvFile(path);
  return path;
}
