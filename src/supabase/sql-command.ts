import { text as readAll } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { messageOf } from '../common/error-message.js';
import { databaseUrlOf } from '../config/database-url.js';
import { runSql, type SqlTarget } from './sql-client.js';
import { SQL_LIMITS, type SqlAnswer } from './sql-socket.js';
import { formatTable } from './sql-table.js';

const USAGE = `Runs one SQL statement on the service's database and prints the result.

  npm run sql -- "SELECT id, status FROM whatsapp_instances"
  npm run sql -- --json "SELECT …"
  echo "SELECT …" | npm run sql

Uses DATABASE_URL where it is set, else the embedded database in DATA_DIR (./data), whether the service runs or not.
At most ${SQL_LIMITS.rows} rows and ${SQL_LIMITS.timeoutMs / 1000} seconds. Ends with 0, with 1 when the statement failed, with 2 when it could not be run.
`;

/**
 * The operator's command.
 *
 * @param args command line without the program
 * @param environment the environment; the values of `.env` are the caller's to add
 * @returns exit code
 */
export async function runSqlCommand(
  args: string[],
  environment: Record<string, string | undefined>,
): Promise<number> {
  let options: { values: { json?: boolean; help?: boolean }; positionals: string[] };
  try {
    options = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    return fail(2, `${messageOf(error)}\n\n${USAGE}`);
  }
  if (options.values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const sql = (
    options.positionals.join(' ') || (process.stdin.isTTY ? '' : await readAll(process.stdin))
  ).trim();
  if (sql === '') {
    return fail(2, USAGE);
  }
  if (environment['SUPABASE_URL'] && !environment['DATABASE_URL']) {
    return fail(2, 'A Supabase project takes SQL in its own SQL editor, or through DATABASE_URL.\n');
  }
  try {
    return show(await runSql(targetOf(environment), sql), options.values.json === true);
  } catch (error) {
    return fail(2, `${messageOf(error)}\n`);
  }
}

function targetOf(environment: Record<string, string | undefined>): SqlTarget {
  const databaseUrl = databaseUrlOf(environment);
  return databaseUrl ? { databaseUrl } : { dataDir: environment['DATA_DIR'] || './data' };
}

function show(answer: SqlAnswer, asJson: boolean): number {
  if ('error' in answer) {
    const { code, message, detail, hint } = answer.error;
    if (asJson) {
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    }
    const isStatementError = /^[0-9A-Z]{5}$/.test(code);
    const more = [detail && `Detail: ${detail}\n`, hint && `Hint: ${hint}\n`].filter(Boolean).join('');
    return fail(isStatementError ? 1 : 2, `${code ? `${code}: ` : ''}${message}\n${more}`);
  }
  if (asJson) {
    process.stdout.write(`${JSON.stringify(answer.rows, null, 2)}\n`);
  } else if (answer.fields.length > 0) {
    process.stdout.write(`${formatTable(answer.fields, answer.rows)}\n`);
  }
  const unit = answer.rowCount === 1 ? 'row' : 'rows';
  const cut = answer.isCut ? `, the first ${answer.rows.length} shown` : '';
  process.stderr.write(`(${answer.rowCount} ${unit}${cut})\n`);
  return 0;
}

function fail(code: number, message: string): number {
  process.stderr.write(message);
  return code;
}
