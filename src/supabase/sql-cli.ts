import { makeFilesPrivate } from '../common/private-files.js';
import { readOperatorEnvironment } from '../config/load-process-config.js';
import { runSqlCommand } from './sql-command.js';

makeFilesPrivate();
const environment = readOperatorEnvironment((text) => process.stderr.write(`${text}\n`));
process.exitCode = environment === undefined ? 2 : await runSqlCommand(process.argv.slice(2), environment);
