import { readFileSync } from 'node:fs';

/** Secrets that may come in a file, as container platforms hand them over: `<name>_FILE` is its path. */
const IN_FILES = ['SESSION_ENCRYPTION_KEY', 'ADMIN_API_KEY', 'MEDIA_S3_SECRET_ACCESS_KEY'] as const;
/** Nothing that is a secret is longer. */
const MAX_BYTES = 4_096;

type Variables = Record<string, string | undefined>;

export interface SecretFiles {
  /** The variables, with what was in the files. */
  variables: Variables;
  /** Paths that were read. */
  paths: string[];
  faults: string[];
}

/**
 * Reads the secrets that are in files. White space around one does not count.
 * @param variables present ones only
 */
export function readSecretFiles(variables: Variables): SecretFiles {
  const read: SecretFiles = { variables: { ...variables }, paths: [], faults: [] };
  for (const name of IN_FILES) {
    const path = variables[`${name}_FILE`];
    if (path === undefined) {
      continue;
    }
    if (variables[name] !== undefined) {
      read.faults.push(`${name}_FILE and ${name} exclude each other`);
      continue;
    }
    const secret = contentOf(path);
    if (typeof secret === 'string') {
      read.variables[name] = secret;
      read.paths.push(path);
    } else {
      read.faults.push(`${name}_FILE must name a file with the secret: ${path} ${secret.reason}`);
    }
  }
  return read;
}

function contentOf(path: string): string | { reason: string } {
  try {
    const bytes = readFileSync(path);
    const text = bytes.length > MAX_BYTES ? '' : bytes.toString('utf8').trim();
    return text === '' ? { reason: bytes.length > MAX_BYTES ? 'is too large' : 'is empty' } : text;
  } catch (error) {
    return { reason: `can not be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
}
