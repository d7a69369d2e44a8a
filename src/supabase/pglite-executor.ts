import { setImmediate as nextTurn } from 'node:timers/promises';
import { PGlite, type Results, type Transaction } from '@electric-sql/pglite';
import type { SqlExecutor, SqlOptions, SqlResult, SqlRunner } from './sql-executor.js';

/**
 * Postgres inside this process. It has one connection, so everything runs one after the other, and it does not flush to
 * disk: what is committed survives a crash of the process, not of the machine. Before each statement everything else in the
 * process gets its turn: whoever runs many of them one after the other would keep it from every socket.
 */
export class PgliteExecutor implements SqlExecutor {
  private constructor(
    private readonly database: PGlite,
    private readonly afterClose: () => Promise<void>,
  ) {}

  /**
   * @param dataDir folder of the database, made where missing; undefined keeps it in memory
   * @param afterClose runs after the database is closed
   */
  static async open(
    dataDir: string | undefined,
    afterClose: () => Promise<void> = () => Promise.resolve(),
  ): Promise<PgliteExecutor> {
    const database = await PGlite.create(dataDir === undefined ? {} : { dataDir });
    await database.exec("set timezone = 'UTC'");
    return new PgliteExecutor(database, afterClose);
  }

  async query(
    text: string,
    params: readonly (string | null)[] = [],
    options: SqlOptions = {},
  ): Promise<SqlResult> {
    await nextTurn();
    options.signal?.throwIfAborted();
    return toSqlResult(await this.database.query<Record<string, unknown>>(text, [...params]));
  }

  async transaction<T>(work: (runner: SqlRunner) => Promise<T>, options: SqlOptions = {}): Promise<T> {
    await nextTurn();
    options.signal?.throwIfAborted();
    return this.database.transaction((transaction) => work(runnerOf(transaction)));
  }

  async close(): Promise<void> {
    try {
      await this.database.close();
    } finally {
      await this.afterClose();
    }
  }
}

function runnerOf(transaction: Transaction): SqlRunner {
  return {
    query: async (text, params = []) =>
      toSqlResult(await transaction.query<Record<string, unknown>>(text, [...params])),
    script: async (text) => {
      await transaction.exec(text);
    },
  };
}

function toSqlResult(result: Results<Record<string, unknown>>): SqlResult {
  return {
    fields: result.fields.map((field) => field.name),
    rows: result.rows,
    rowCount: result.rows.length > 0 ? result.rows.length : (result.affectedRows ?? 0),
  };
}
