import { lstatSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from './config-error.js';
import { faultsOfLines, repeatedNames } from './env-lines.js';
import { textOf } from './env-text.js';

const NAME = '.env';
/** No list of variables is longer. */
const MAX_BYTES = 1_000_000;
/** What a decoder puts where bytes are no text. */
const UNREADABLE = '\uFFFD';

/** A file with variables that was read. */
export interface EnvFile {
  /** Absolute. */
  path: string;
  /** What of it may not be meant so: a sentence each. */
  doubts: readonly string[];
}

/**
 * Takes the variables of `.env` in the working directory, where there is one, into the environment. What is set already
 * stays as it is.
 * @returns the file, where there is one
 * @throws ConfigError where it can't be read, or a line of it that names one of our variables can't be understood
 */
export function readEnvFile(): EnvFile | undefined {
  const path = resolve(NAME);
  const bytes = bytesOf(path);
  if (bytes === undefined) {
    return undefined;
  }
  const text = textOf(bytes, NAME);
  const variables = parseEnv(text);
  const faults = [...faultsOfLines(text, variables, NAME), ...unreadableValues(variables)];
  if (faults.length > 0) {
    throw new ConfigError(faults);
  }
  for (const [name, value] of Object.entries(variables)) {
    process.env[name] ??= value;
  }
  return { path, doubts: repeatedNames(text, NAME) };
}

function bytesOf(path: string): Buffer | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    return undefined;
  }
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ConfigError([`${path} ${sentenceFor((error as NodeJS.ErrnoException).code)}`]);
  }
  if (bytes.length > MAX_BYTES) {
    throw new ConfigError([`${path} is larger than ${MAX_BYTES} bytes, and no list of variables`]);
  }
  return bytes;
}

function sentenceFor(code = 'unknown'): string {
  if (code === 'EISDIR') {
    return 'is a folder: remove it, or put a file in its place (Docker makes a folder where it is to mount a file that is not there)';
  }
  return code === 'ENOENT'
    ? 'is a link that leads nowhere: remove it, or restore what it leads to'
    : `can not be read (${code}): give the user of this process the right to, or remove it`;
}

function unreadableValues(variables: Record<string, string | undefined>): string[] {
  return Object.entries(variables)
    .filter(([name, value]) => `${name}${value}`.includes(UNREADABLE))
    .map(
      ([name]) =>
        `${name.replace(/\W/g, '?')} in ${NAME} holds characters that are not UTF-8: save the file in UTF-8`,
    );
}
