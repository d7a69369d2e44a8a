import type { MigrationFile } from './migration-files.js';
import { MIGRATIONS_OF_0_1 } from './migrations-of-0-1.js';

/** A row of `supabase_migrations.schema_migrations`, which other applications of the same database write as well. */
export interface RecordedMigration {
  version: string;
  name: string | null;
}

/** How a database stands to the migrations of this code. */
export interface MigrationState {
  /** What is to be applied, in order. */
  missing: MigrationFile[];
  /** Release 0.1 made it, to the end: it takes the baseline and keeps its data. */
  isOfRelease01: boolean;
}

/** The database was migrated by a newer version of this service. */
export class NewerDatabaseError extends Error {
  /** @param versions recorded migrations that this code does not have */
  constructor(readonly versions: string[]) {
    super(
      `The database has migrations that this version of the service does not know (${versions.join(', ')}). ` +
        'Start the version that made them, or a newer one.',
    );
    this.name = 'NewerDatabaseError';
  }
}

/** The database is not in a state from which this version can go on; nothing was changed. */
export class UnfitDatabaseError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnfitDatabaseError';
  }
}

/** Begins the names of our migrations, so that they are told from those of other applications. */
const OURS = /^auzap_/;
/** More would hide the sentence. */
const MAX_NAMED = 5;

/**
 * @param recorded what the database says was applied
 * @param migrations those of this code, in order
 * @returns what there is to do
 * @throws NewerDatabaseError, UnfitDatabaseError with one sentence that says what to do
 */
export function compareMigrations(
  recorded: readonly RecordedMigration[],
  migrations: readonly MigrationFile[],
): MigrationState {
  const names = new Map(recorded.map(({ version, name }) => [version, name]));
  // Whoever records no name is no CLI of today: the version has to do.
  const has = (version: string, name: string) => names.has(version) && (names.get(version) ?? name) === name;
  const known = new Set(migrations.map(({ version }) => version));
  const taken = migrations.find(({ version, name }) => names.has(version) && !has(version, name));
  if (taken) {
    throw new UnfitDatabaseError(
      `The database has another application's migration under the version ${taken.version} of ${taken.name}. ` +
        'Take a database of its own for the service. Nothing was changed.',
    );
  }
  const newer = recorded.filter(({ version, name }) => !known.has(version) && OURS.test(name ?? ''));
  if (newer.length > 0) {
    throw new NewerDatabaseError(newer.map(({ version }) => version));
  }
  const missing = migrations.filter(({ version, name }) => !has(version, name));
  const old = MIGRATIONS_OF_0_1.filter(([version, name]) => has(version, name)).length;
  if (old > 0 && missing.length === migrations.length && old < MIGRATIONS_OF_0_1.length) {
    throw new UnfitDatabaseError(
      `The database has ${old} of the ${MIGRATIONS_OF_0_1.length} migrations of release 0.1: start release 0.1.0 with it once, ` +
        'or, where `supabase db push` broke off on a new project, take a new database. Nothing was changed.',
    );
  }
  return { missing, isOfRelease01: missing.length === migrations.length && old > 0 };
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
export function readVersions(value: unknown): RecordedMigration[] | undefined {
  const isPair = (pair: unknown): pair is [string, string | null] =>
    Array.isArray(pair) &&
    typeof pair[0] === 'string' &&
    (typeof pair[1] === 'string' || pair[1] === null || pair[1] === undefined);
  return Array.isArray(value) && value.every(isPair)
    ? value.map(([version, name]) => ({ version, name: name ?? null }))
    : undefined;
}
