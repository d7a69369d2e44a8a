import { readOptions, USAGE, UsageError, type ChaosOptions } from './options.js';
import { formatJson, formatTable, writeDetails } from './report.js';
import { runChaos } from './run.js';

/**
 * The command line program.
 * @returns exit code: 0 when every figure is zero; for the control when it showed losses. 1 otherwise, 2 for a fault of the harness
 */
export async function runCommand(args: string[]): Promise<number> {
  let options: ChaosOptions | 'help';
  try {
    options = readOptions(args, process.env);
  } catch (error) {
    if (!(error instanceof UsageError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const interrupt = new AbortController();
  const endOnce = () => {
    if (interrupt.signal.aborted) {
      process.exit(130);
    }
    interrupt.abort();
  };
  process.on('SIGINT', endOnce);
  process.on('SIGTERM', endOnce);
  // Whoever started this as a child with a channel, a test, is gone.
  process.on('disconnect', endOnce);
  try {
    return await run(options, interrupt.signal);
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

async function run(options: ChaosOptions, interrupt: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  const progress = (line: string) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(5);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
  const result = await runChaos(options, progress, interrupt);
  process.stdout.write(`${options.json ? formatJson(result) : formatTable(result)}\n`);
  const { isClean, figures } = result.findings;
  if (!isClean && !options.control) {
    process.stderr.write(`details: ${writeDetails(result, options.report)}\n`);
  }
  if (options.control) {
    const isShown = (figures['lost'] ?? 0) > 0 && (figures['acknowledged early'] ?? 0) > 0;
    process.stderr.write(
      isShown ? 'the control shows losses, as it must\n' : 'the control shows no losses\n',
    );
    return isShown ? 0 : 1;
  }
  return isClean ? 0 : 1;
}
