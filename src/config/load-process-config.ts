import type { AppConfig } from './app-config.js';
import { ConfigError } from './config-error.js';
import { readEnvFile } from './env-file.js';
import { loadConfig } from './load-config.js';
import { misspeltNames } from './misspelt-names.js';

/**
 * Reads the configuration of this process: its environment, and `.env` in the working directory.
 * @param answersCalls whether callers have to reach this process
 * @throws ConfigError that lists every fault
 */
export function loadProcessConfig(answersCalls: boolean): AppConfig {
  const envFile = readEnvFile();
  return loadConfig(process.env, envFile, answersCalls);
}

/**
 * For commands of the operator: the environment of this process with `.env` in the working directory.
 * @param note is told, in a sentence each, what may not be meant so
 * @returns undefined where the file can't be used, which `note` was told, too
 */
export function readOperatorEnvironment(note: (text: string) => void): NodeJS.ProcessEnv | undefined {
  try {
    const doubts = readEnvFile()?.doubts ?? [];
    [...doubts, ...misspeltNames(Object.keys(process.env))].forEach(note);
    return process.env;
  } catch (error) {
    if (error instanceof ConfigError) {
      note(error.message);
      return undefined;
    }
    throw error;
  }
}
