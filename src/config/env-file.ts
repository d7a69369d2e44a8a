import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';

/**
 * Takes the variables of `.env` in the working directory, where there is one, into the environment. What is set already
 * stays as it is.
 */
export function readEnvFile(): void {
  if (existsSync('.env')) {
    loadEnvFile('.env');
  }
}
