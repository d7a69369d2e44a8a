import { parseArgs } from 'node:util';
import { messageOf } from '../../src/common/error-message.js';
import { numberOf, UsageError } from '../chaos/options.js';

export const USAGE = `Has messages received twice, in the fast lane and by the WhatsApp library's own way, and compares what is stored and
written, byte for byte: people write, lose, repeat and reorder messages, get answers meanwhile, install their phones anew. Ends with 0 where
both did the same in every history, and with 1 otherwise: the seeds of those that differ are printed.

  npm run test:differential -- --histories 10000

  --histories <n>         how many (1000)
  --seed <text>           same histories (random; it is printed)
  --first <n>             number of the first one (0): to see one again, --histories 1 --first <its number>
  --steps <n>             of each history (30)
  --dist <folder>         the build to test (dist)
`;

export interface DifferentialOptions {
  histories: number;
  seed: string;
  first: number;
  steps: number;
}

/** @throws UsageError */
export function readOptions(args: string[]): DifferentialOptions | 'help' {
  const values = parse(args);
  if (values.help === true) {
    return 'help';
  }
  return {
    histories: numberOf('histories', values.histories, 1_000),
    seed: values.seed ?? String(Math.trunc(Math.random() * 1e9)),
    first: numberOf('first', values.first, 0),
    steps: numberOf('steps', values.steps, 30),
  };
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const options = {
    histories: text,
    seed: text,
    first: text,
    steps: text,
    dist: text,
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}
