import { runAdmin } from './cli/run-admin.js';
import { readEnvFile } from './config/env-file.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** From the first call on the first signal aborts, and a second one ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    SIGNALS.forEach((signal) => process.off(signal, interrupt));
    controller.abort(
      new Error('Interrupted. What was done stays done: run the same command again to go on.'),
    );
  };
  SIGNALS.forEach((signal) => process.on(signal, interrupt));
  return controller.signal;
}

readEnvFile();
const { argv, env } = process; // oxlint-disable-line node/no-process-env -- an entry point
const output = {
  result: (text: string) => process.stdout.write(`${text}\n`),
  note: (text: string) => process.stderr.write(`${text}\n`),
};
process.exitCode = await runAdmin(argv.slice(2), env, output, interruption);
