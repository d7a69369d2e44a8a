import { interruptible, optionsOrCode, type Progress } from './interruptible.js';
import { type ChaosOptions, readOptions, USAGE } from './options.js';
import { formatJson, formatTable, writeDetails } from './report.js';
import { Round } from './round.js';
import { withHarness } from './harness.js';

/**
 * The command line program.
 * @returns exit code: 0 when every figure is zero; for the control when it showed losses. 1 otherwise, 2 for a fault of the harness
 */
export async function runCommand(args: string[]): Promise<number> {
  const options = optionsOrCode(() => readOptions(args, process.env), USAGE);
  return typeof options === 'number'
    ? options
    : interruptible((progress, interrupt) => run(options, progress, interrupt));
}

async function run(options: ChaosOptions, progress: Progress, interrupt: AbortSignal): Promise<number> {
  const result = await withHarness(options, (harness) =>
    new Round({ ...harness, options, progress, interrupt }).run(),
  );
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
