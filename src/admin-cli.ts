import { runAdmin } from './cli/run-admin.js';
import { makeFilesPrivate } from './common/private-files.js';
import { onStopSignal } from './common/stop-signals.js';
import { readOperatorEnvironment } from './config/load-process-config.js';

/** From the first call on the first signal aborts, and a second one ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const stopListening = onStopSignal(
    () =>
      controller.abort(
        new Error('Interrupted. What was done stays done: run the same command again to go on.'),
      ),
    (signal) => {
      stopListening();
      process.kill(process.pid, signal);
    },
  );
  return controller.signal;
}

makeFilesPrivate();
const output = {
  result: (text: string) => process.stdout.write(`${text}\n`),
  note: (text: string) => process.stderr.write(`${text}\n`),
};
const environment = readOperatorEnvironment(output.note);
process.exitCode =
  environment === undefined ? 1 : await runAdmin(process.argv.slice(2), environment, output, interruption);
