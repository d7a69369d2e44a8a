import type { TestProject } from 'vitest/node';
import { makeMigratedCopies } from './migrated-copies.js';

/** Vitest's global set-up of tests that start many services on embedded databases. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const copies = await makeMigratedCopies([]);
  const { dump, folder, template } = copies;
  project.provide('migratedCopies', { dump, folder, template });
  return () => copies.remove();
}
