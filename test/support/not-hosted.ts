import { IS_HOSTED } from './store-kind.js';

/** What does not run with `TEST_STORE=hosted`, and why: the whole list, so that nothing is left out in silence. */
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
