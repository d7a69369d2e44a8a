import type { MigrationFile } from './migration-files.js';
import { NewerDatabaseError } from './migrator.js';

/** A migration as a database has it recorded. */
export interface RecordedVersion {
  version: string;
  /** Null where whoever recorded it gave none. */
  name: string | null;
}

/** What our migrations are called, so that those of another application in the same project are told apart. */
const OURS = /^auzap_/;
/** More would hide the sentence. */
const MAX_NAMED = 5;

/**
 * @param recorded what the database has
 * @param shipped what this code comes with
 * @returns those that the database lacks
 * @throws NewerDatabaseError where it has one of ours that this code does not know; those of others do not count
 */
export function missingVersions(
  recorded: readonly RecordedVersion[],
  shipped: readonly MigrationFile[],
): MigrationFile[] {
  const known = new Set(shipped.map(({ version }) => version));
  const newer = recorded.filter(({ version, name }) => !known.has(version) && OURS.test(name ?? ''));
  if (newer.length > 0) {
    throw new NewerDatabaseError(newer.map(({ version }) => version));
  }
  const there = new Set(recorded.map(({ version }) => version));
  return shipped.filter(({ version }) => !there.has(version));
}

/** @returns the migrations' names for a sentence, the first few of them */
export function nameVersions(migrations: readonly MigrationFile[]): string {
  const names = migrations.slice(0, MAX_NAMED).map(({ version, name }) => `${version}_${name}`);
  const more = migrations.length - names.length;
  return [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/**
 * @param value what `schema_versions` gave
 * @returns it, or undefined where it is anything else
 */
export function readVersions(value: unknown): RecordedVersion[] | undefined {
  const isPair = (pair: unknown): pair is [string, string | null] =>
    Array.isArray(pair) &&
    typeof pair[0] === 'string' &&
    (typeof pair[1] === 'string' || pair[1] === null || pair[1] === undefined);
  return Array.isArray(value) && value.every(isPair)
    ? value.map(([version, name]) => ({ version, name: name ?? null }))
    : undefined;
}
