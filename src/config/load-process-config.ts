import type { AppConfig } from './app-config.js';
import { readEnvFile } from './env-file.js';
import { loadConfig } from './load-config.js';

/**
 * Reads the configuration of this process: its environment, and `.env` in the working directory.
 * @param answersCalls whether somebody has to be able to call this process
 * @throws ConfigError that lists every fault
 */
export function loadProcessConfig(answersCalls: boolean): AppConfig {
  const envFile = readEnvFile();
  return loadConfig(process.env, envFile, answersCalls);
}
