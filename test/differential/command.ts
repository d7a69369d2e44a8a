import { interruptible, optionsOrCode, type Progress } from '../chaos/interruptible.js';
import { type DifferentialOptions, readOptions, USAGE } from './options.js';
import { DifferenceError, runHistory, type Shares } from './run-history.js';

/** Histories between two lines about how far it is. */
const PROGRESS_EVERY = 500;
/** Fewer messages in the fast lane, and nothing is shown by it. */
export const LEAST_SHARE = 0.2;

/**
 * The command line program.
 * @returns exit code: 0 when both ways did the same in every history, 1 otherwise, 2 for a faulty command line
 */
export async function runCommand(args: string[]): Promise<number> {
  const options = optionsOrCode(() => readOptions(args), USAGE);
  return typeof options === 'number'
    ? options
    : interruptible((progress, interrupt) => run(options, progress, interrupt));
}

async function run(
  options: DifferentialOptions,
  progress: Progress,
  interrupt: AbortSignal,
): Promise<number> {
  const { histories, seed, first, steps } = options;
  const total: Shares = { fast: 0, library: 0 };
  let differences = 0;
  progress(`seed ${seed}`);
  for (let index = first; index < first + histories; index++) {
    interrupt.throwIfAborted();
    try {
      const { fast, library } = await runHistory(`${seed}-${index}`, steps);
      total.fast += fast;
      total.library += library;
    } catch (error) {
      if (!(error instanceof DifferenceError)) {
        throw error;
      }
      differences += 1;
      process.stdout.write(`${error.message}\n`);
    }
    if ((index + 1 - first) % PROGRESS_EVERY === 0) {
      progress(`${index + 1 - first} histories, ${differences} differ`);
    }
  }
  const share = total.fast / (total.fast + total.library);
  process.stdout.write(
    `histories ${histories}, differ ${differences}; messages ${total.fast + total.library}, ` +
      `in the fast lane ${total.fast} (${(share * 100).toFixed(0)} %)\n`,
  );
  return differences === 0 && share >= LEAST_SHARE ? 0 : 1;
}
