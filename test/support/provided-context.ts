declare module 'vitest' {
  /** What the global set-up tells the files of tests. */
  interface ProvidedContext {
    /** A Postgres in which tests may create databases. */
    testDatabaseUrl: string;
    /** Older ones, by the name of their store. */
    olderDatabaseUrls: Record<string, string>;
    /** Where a migrated PGlite is, as a dump and as a folder, and the name of a migrated database of each Postgres; absent where nobody made them. */
    migratedCopies: { dump: string; folder: string; template: string };
  }
}

export {};
