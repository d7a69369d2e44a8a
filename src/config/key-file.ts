import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config-error.js';
import { decodeKey } from './environment-rules.js';

/** Name of the file in `DATA_DIR` that keeps the key where none is configured. */
export const KEY_FILE = 'session-encryption.key';

/**
 * The development key: made at the first start and kept, readable by its owner alone.
 * @param dataDir folder that keeps it; made when missing
 * @returns 32 bytes
 * @throws ConfigError when the folder can't be written or the file holds something else
 */
export function readOrMakeKey(dataDir: string): Buffer {
  const path = join(dataDir, KEY_FILE);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if (!existsSync(path)) {
      makeKey(path);
    }
  } catch (error) {
    throw new ConfigError([`DATA_DIR ${dataDir} can not be used: ${(error as Error).message}`]);
  }
  const key = decodeKey(readFileSync(path, 'utf8'));
  if (key === undefined) {
    throw new ConfigError([
      `DATA_DIR holds ${KEY_FILE}, which is no key of 32 bytes in base64: restore it from a backup`,
    ]);
  }
  return key;
}

/** Whole or not at all, on a full disk, too. Linking decides a race of two starting processes: both read what one made. */
function makeKey(path: string): void {
  const mine = `${path}.${randomUUID()}`;
  try {
    writeFileSync(mine, randomBytes(32).toString('base64') + '\n', { mode: 0o600 });
    linkSync(mine, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  } finally {
    rmSync(mine, { force: true });
  }
}
