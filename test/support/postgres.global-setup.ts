import type { TestProject } from 'vitest/node';
import { startTestPostgres } from './postgres-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Postgres in which tests may create databases. */
    testDatabaseUrl: string;
  }
}

/** Vitest's global set-up: one Postgres for all files, `TEST_DATABASE_URL` or an own one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestPostgres(process.env['TEST_DATABASE_URL']);
  project.provide('testDatabaseUrl', server.url);
  return () => server.stop();
}
