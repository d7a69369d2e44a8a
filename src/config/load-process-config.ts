import type { AppConfig } from './app-config.js';
import { readEnvFile } from './env-file.js';
import { loadConfig } from './load-config.js';

/**
 * Reads the configuration of this process: its environment, and `.env` in the working directory.
 * @throws ConfigError that lists every fault
 */
export function loadProcessConfig(): AppConfig {
  const envFile = readEnvFile();
  return loadConfig(process.env, envFile);
}
