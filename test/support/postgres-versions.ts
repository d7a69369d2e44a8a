/** The major versions of Postgres that are supported, and tested; binaries of each are development dependencies. */
export const POSTGRES_VERSIONS = [15, 16, 17, 18] as const;
export type PostgresVersion = (typeof POSTGRES_VERSIONS)[number];
export const NEWEST: PostgresVersion = 18;

/** A database of a repository test: PGlite, the newest Postgres, an older one, the newest behind a pooler, or a stand-in for a hosted Supabase project. */
export type TestStore =
  'pglite' | 'postgres' | 'postgres-17' | 'postgres-16' | 'postgres-15' | 'pgbouncer' | 'hosted';

/** Those on which every repository test runs; `TEST_STORES=postgres-16,postgres` names others. */
export const TEST_STORES = (process.env['TEST_STORES'] ?? 'pglite,postgres-15,postgres,hosted').split(
  ',',
) as TestStore[];

/** @returns the version of a store's server; undefined for PGlite */
export function versionOf(store: TestStore): PostgresVersion | undefined {
  return store === 'pglite'
    ? undefined
    : (POSTGRES_VERSIONS.find((version) => store === `postgres-${version}`) ?? NEWEST);
}
