import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What the operator's command sends, as one line of JSON. */
export interface SqlRequest {
  /** One statement; parameters as `$1::text` …. */
  sql: string;
  params?: readonly (string | null)[];
}

/** What the service answers, as one line of JSON. */
export type SqlAnswer =
  | { fields: string[]; rows: Record<string, unknown>[]; rowCount: number; isCut: boolean }
  | { error: { code: string; message: string; detail: string | null; hint: string | null } };

/** Bounds of the operator's statements. */
export const SQL_LIMITS = { timeoutMs: 10_000, rows: 1_000, requestBytes: 8_000_000 } as const;

/** Operating systems cut socket paths at 104 to 108 bytes. */
const MAX_PATH_BYTES = 100;

/**
 * @param dataDir folder of the embedded database
 * @returns path of the socket over which a running service takes SQL; in the folder, unless that path is too long
 */
export function sqlSocketPath(dataDir: string): string {
  const path = join(resolve(dataDir), 'sql.sock');
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) {
    return path;
  }
  const hash = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 32);
  return join(tmpdir(), `auzap-sql-${hash}.sock`);
}

/**
 * @param value a value as a driver gives it
 * @returns the value as JSON has it: times in ISO 8601, bytes as Postgres prints them
 */
export function toJsonValue(value: unknown): unknown {
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? null : value.toISOString();
  }
  if (value instanceof Uint8Array) {
    return `\\x${Buffer.from(value).toString('hex')}`;
  }
  return typeof value === 'bigint' ? value.toString() : value;
}
