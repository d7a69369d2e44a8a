import { interruptible, optionsOrCode, type Progress } from '../chaos/interruptible.js';
import { writeDetails } from '../chaos/report.js';
import { withHarness } from '../chaos/harness.js';
import type { ClusterOptions } from './cluster-options.js';
import { readOptions, USAGE } from './options.js';
import { formatJson, formatTrial } from './report.js';
import { runTrial } from './trial.js';
import type { TrialResult } from './trial-result.js';

/**
 * The command line program.
 * @returns exit code: 0 when every figure of every scenario is zero, 1 otherwise, 2 for a faulty command line
 */
export async function runCommand(args: string[]): Promise<number> {
  const options = optionsOrCode(() => readOptions(args, process.env), USAGE);
  return typeof options === 'number'
    ? options
    : interruptible((progress, interrupt) => run(options, progress, interrupt));
}

async function run(options: ClusterOptions, progress: Progress, interrupt: AbortSignal): Promise<number> {
  progress(`seed ${options.seed}`);
  const results: TrialResult[] = [];
  for (const name of options.scenarios) {
    const result = await withHarness(options, (harness) =>
      runTrial(name, harness, options, progress, interrupt),
    );
    results.push(result);
    if (!options.json) {
      process.stdout.write(`${formatTrial(result)}\n`);
    }
    if (!result.findings.isClean) {
      const named = { ...result, seed: `${result.seed}-${name}` };
      process.stderr.write(`details: ${writeDetails(named, options.report)}\n`);
    }
  }
  if (options.json) {
    process.stdout.write(`${formatJson(results)}\n`);
  }
  return results.every(({ findings }) => findings.isClean) ? 0 : 1;
}
