/** Where a service under test keeps its data. */
export type StoreKind = 'postgres' | 'embedded' | 'hosted';

/**
 * By default in a Postgres, which costs the processor half of what its own database does; that one has the built service, in other kinds of
 * tests. With `TEST_STORE=hosted` the harnesses put their databases behind the stand-in for a Supabase project.
 */
export const STORE = (process.env['TEST_STORE'] ?? 'postgres') as StoreKind;
export const IS_HOSTED = STORE === 'hosted';

/** What does not run then, and why: the whole list, so that nothing is left out in silence. */
const NOT_HOSTED = {
  'key-rotation-embedded':
    'is about the data directory of the embedded database and its commands beside a running service',
  'first key by the data directory':
    'is about a command that makes a key in a data directory before the first start',
  'no way in': 'a Supabase project is itself a way in: its public keys are asked for',
} as const;

/**
 * @param what a part of the list above
 * @returns whether it runs
 */
export function runsHere(what: keyof typeof NOT_HOSTED): boolean {
  return !(IS_HOSTED && what in NOT_HOSTED);
}
