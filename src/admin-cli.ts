import { runAdmin } from './cli/run-admin.js';
import { readEnvFile } from './config/env-file.js';

readEnvFile();
// oxlint-disable-next-line node/no-process-env -- an entry point
process.exitCode = await runAdmin(process.argv.slice(2), process.env, {
  result: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
});
