import { connect } from 'node:net';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataDir } from './data-dir-lock.js';
import { PgExecutor } from './pg-executor.js';
import { PgliteExecutor } from './pglite-executor.js';
import type { SqlExecutor } from './sql-executor.js';
import { answerSql } from './sql-run.js';
import { SQL_LIMITS, type SqlAnswer, type SqlRequest, sqlSocketPath } from './sql-socket.js';

/** Where the operator's statement is to run. */
export type SqlTarget = { databaseUrl: string } | { dataDir: string };

/**
 * Runs one statement: through the pool, through the running service, or on the embedded database itself.
 *
 * @throws Error that says why the database can't be reached
 */
export async function runSql(target: SqlTarget, sql: string): Promise<SqlAnswer> {
  if ('databaseUrl' in target) {
    const executor = new PgExecutor({
      connectionString: target.databaseUrl,
      poolSize: 1,
      statementTimeoutMs: SQL_LIMITS.timeoutMs,
    });
    return runAndClose(executor, sql);
  }
  const answer = await askService(target.dataDir, { sql });
  if (answer) {
    return answer;
  }
  const folder = join(target.dataDir, 'db');
  if (!existsSync(folder)) {
    throw new Error(
      `There is no embedded database in ${target.dataDir} yet. Start the service once, or set DATA_DIR.`,
    );
  }
  return runAndClose(await PgliteExecutor.open(folder, await lockDataDir(target.dataDir)), sql);
}

async function runAndClose(executor: SqlExecutor, sql: string): Promise<SqlAnswer> {
  try {
    return await answerSql((text) => executor.query(text), sql);
  } finally {
    await executor.close();
  }
}

/**
 * @param dataDir folder of an embedded database
 * @returns the answer of the service that has it open; null when none listens
 * @throws Error when it does not answer in time
 */
export async function askService(dataDir: string, request: SqlRequest): Promise<SqlAnswer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<SqlAnswer | null>();
  const socket = connect(sqlSocketPath(dataDir));
  let received = '';
  socket.setEncoding('utf8');
  socket.setTimeout(SQL_LIMITS.timeoutMs + 2_000, () => {
    socket.destroy(new Error('the running service did not answer in time'));
  });
  socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
  socket.on('data', (chunk: string) => {
    received += chunk;
  });
  socket.on('end', () => {
    try {
      resolve(JSON.parse(received) as SqlAnswer);
    } catch {
      reject(new Error('the running service closed the connection without an answer'));
    }
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') {
      resolve(null);
    } else {
      reject(error);
    }
  });
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
