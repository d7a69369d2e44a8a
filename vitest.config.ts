import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongKindsFirst } from './test/support/long-kinds-first.js';

/** How long `expect.poll` looks for what must come: much longer than it takes, since a loaded machine takes much longer. */
const PATIENCE_MS = 30_000;

/** A kind of test with the files that belong to it; `limitMs` bounds each test and each hook. */
function kind(name: string, include: string, limitMs: number, globalSetup: string[] = []) {
  const expect = { poll: { timeout: PATIENCE_MS } };
  return {
    test: { name, include: [include], testTimeout: limitMs, hookTimeout: limitMs, globalSetup, expect },
  };
}

const postgres = ['test/support/postgres.global-setup.ts'];
const client = 'test/support/clients.global-setup.ts';

export default defineConfig({
  test: {
    // Tests wait more than they compute: three files at a time are done sooner, also on two cores.
    sequence: { sequencer: LongKindsFirst },
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      kind('unit', '{src,tools,bench,integrations,clients/typescript/src,console/src}/**/*.spec.ts', 60_000),
      kind('supply-chain', 'test/supply-chain/**/*.spec.ts', 60_000),
      kind('repositories', 'test/repositories/**/*.spec.ts', 180_000, postgres),
      kind('supabase-cli', 'test/supabase-cli/**/*.spec.ts', 240_000),
      kind('differential', 'test/differential/**/*.spec.ts', 300_000),
      kind('mutations', 'test/mutations/**/*.spec.ts', 300_000),
      kind('simulator', 'test/simulator/**/*.spec.ts', 180_000),
      kind('e2e', 'test/e2e/**/*.e2e-spec.ts', 180_000, postgres),
      kind('cluster', 'test/cluster/**/*.spec.ts', 180_000, postgres),
      kind('console', 'test/console/**/*.spec.ts', 240_000, postgres),
      kind('smoke', 'test/smoke/**/*.spec.ts', 240_000, postgres),
      kind('integrations', 'test/integrations/**/*.spec.ts', 180_000, postgres),
      kind('clients', 'test/clients/**/*.spec.ts', 240_000, [...postgres, client]),
      kind('chaos', 'test/chaos/**/*.spec.ts', 600_000),
    ],
  },
});
