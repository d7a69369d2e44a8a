import { readEnvFile } from '../config/env-file.js';
import { runSqlCommand } from './sql-command.js';

readEnvFile();
// oxlint-disable-next-line node/no-process-env -- an entry point: SQL must run without the service's whole configuration
process.exitCode = await runSqlCommand(process.argv.slice(2), process.env);
