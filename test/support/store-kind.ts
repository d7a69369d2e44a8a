/** Where services keep their data that run in the process of a test. */
const STORE_KINDS = ['postgres', 'embedded', 'hosted'] as const;
export type StoreKind = (typeof STORE_KINDS)[number];

/**
 * `TEST_STORE`, by default a Postgres: it costs the processor half of what the embedded database does, which the built service has in other
 * kinds of tests. `hosted` is a stand-in for a Supabase project.
 */
export const STORE = storeKindOf(process.env['TEST_STORE'] ?? 'postgres');
export const IS_HOSTED = STORE === 'hosted';

/** @throws Error where there is no such kind */
function storeKindOf(name: string): StoreKind {
  const kind = STORE_KINDS.find((one) => one === name);
  if (kind === undefined) {
    throw new Error(`TEST_STORE is one of ${STORE_KINDS.join(', ')}, not ${name}`);
  }
  return kind;
}
