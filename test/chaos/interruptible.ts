import { onStopSignal } from '../../src/common/stop-signals.js';
import { UsageError } from './options.js';

/** Says what goes on, in a line. */
export type Progress = (line: string) => void;

/**
 * Runs a command that ends early, and cleans up, on Ctrl-C and when its parent is gone; a second Ctrl-C ends it at once.
 * @returns its exit code; 130 when it was interrupted
 */
export async function interruptible(
  run: (progress: Progress, interrupt: AbortSignal) => Promise<number>,
): Promise<number> {
  const interrupt = new AbortController();
  const endOnce = () => {
    if (interrupt.signal.aborted) {
      process.exit(130);
    }
    interrupt.abort();
  };
  onStopSignal(endOnce, endOnce);
  // Whoever started this as a child with a channel, a test, is gone.
  process.on('disconnect', endOnce);
  const startedAt = performance.now();
  const progress = (line: string) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(5);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
  try {
    return await run(progress, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) {
      process.stderr.write('interrupted\n');
      return 130;
    }
    throw error;
  } finally {
    process.off('disconnect', endOnce);
    if (process.connected) {
      process.disconnect?.();
    }
  }
}

/**
 * @param read makes options of the command line
 * @returns the options, or the exit code when there is nothing to run: help was asked for, or the line is not understood
 */
export function optionsOrCode<Options extends object>(
  read: () => Options | 'help',
  usage: string,
): Options | number {
  try {
    const options = read();
    if (options !== 'help') {
      return options;
    }
    process.stdout.write(usage);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
}
