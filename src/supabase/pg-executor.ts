import pg from 'pg';
import type { SqlExecutor, SqlOptions, SqlResult, SqlRunner } from './sql-executor.js';

export interface PgOptions {
  connectionString: string;
  /** Connections at most. */
  poolSize?: number | undefined;
  /** Bound of every statement that has none of its own. */
  statementTimeoutMs?: number | undefined;
  /** Told of connections that died while idle; they are replaced by themselves. */
  onIdleError?: ((error: Error) => void) | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** How much longer than the server's own limit to wait: a silent server must not hold a connection for ever. */
const GRACE_MS = 1_000;

/** A plain Postgres 15 or newer, through a bounded pool. */
export class PgExecutor implements SqlExecutor {
  private readonly pool: pg.Pool;
  private readonly statementTimeoutMs: number;

  constructor(options: PgOptions) {
    this.statementTimeoutMs = options.statementTimeoutMs ?? 15_000;
    this.pool = new pg.Pool({
      connectionString: options.connectionString,
      max: options.poolSize ?? 10,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      statement_timeout: this.statementTimeoutMs,
      application_name: 'auzap-whatsapp',
      options: '-c TimeZone=UTC',
      types: { getTypeParser },
    });
    this.pool.on('error', (error) => options.onIdleError?.(error));
    // The pool listens to idle connections only. One that ends while it is lent, or on its way to whoever asked for it,
    // would end the process.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  query(text: string, params: readonly (string | null)[] = [], options: SqlOptions = {}): Promise<SqlResult> {
    return this.withClient(options, async (client, guard) => {
      if (options.timeoutMs !== undefined) {
        await guard(client.query(`set statement_timeout = ${Math.trunc(options.timeoutMs)}`));
      }
      try {
        return toSqlResult(await guard(client.query(text, [...params])));
      } finally {
        if (options.timeoutMs !== undefined) {
          await guard(client.query('reset statement_timeout'));
        }
      }
    });
  }

  transaction<T>(work: (runner: SqlRunner) => Promise<T>, options: SqlOptions = {}): Promise<T> {
    return this.withClient(options, async (client, guard) => {
      await guard(client.query('begin'));
      try {
        if (options.timeoutMs !== undefined) {
          await guard(client.query(`set local statement_timeout = ${Math.trunc(options.timeoutMs)}`));
        }
        const result = await work({
          query: async (text, params = []) => toSqlResult(await guard(client.query(text, [...params]))),
          script: async (text) => {
            await guard(client.query(text));
          },
        });
        await guard(client.query('commit'));
        return result;
      } catch (error) {
        await guard(client.query('rollback'));
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  /** Lends a connection; one that was given up on is closed instead of going back to the pool. */
  private async withClient<T>(
    options: SqlOptions,
    use: (client: pg.PoolClient, guard: Guard) => Promise<T>,
  ): Promise<T> {
    options.signal?.throwIfAborted();
    let givenUp: Error | undefined;
    const client = await this.pool.connect();
    const onEnded = (error: Error) => {
      givenUp ??= error;
    };
    client.on('error', onEnded);
    const limitMs = (options.timeoutMs ?? this.statementTimeoutMs) + GRACE_MS;
    const guard: Guard = async (statement) => {
      if (givenUp) {
        statement.catch(() => undefined);
        throw givenUp;
      }
      const outcome = await settledOrAborted(statement, limitMs, options.signal);
      if ('reason' in outcome) {
        givenUp = outcome.reason;
        throw outcome.reason;
      }
      return outcome.value;
    };
    try {
      return await use(client, guard);
    } catch (error) {
      if (endsConnection(error)) {
        givenUp ??= error;
      }
      throw givenUp ?? error;
    } finally {
      client.off('error', onEnded);
      client.release(givenUp);
    }
  }
}

/** Postgres closes the connection after these; one without an SQLSTATE comes from the connection itself. */
function endsConnection(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return error instanceof Error && (code.length !== 5 || /^(08|57P)/.test(code));
}

type Guard = <T>(statement: Promise<T>) => Promise<T>;

/** Waits for a statement, but not longer than the limit or the signal; a statement left behind never floats. */
async function settledOrAborted<T>(
  statement: Promise<T>,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<{ value: T } | { reason: Error }> {
  const { promise, resolve } = Promise.withResolvers<{ reason: Error }>();
  const timer = setTimeout(
    () => resolve({ reason: new Error('the database did not answer in time') }),
    limitMs,
  );
  const onAbort = () => resolve({ reason: new DOMException('The request was aborted', 'AbortError') });
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const settled = statement.then((value) => ({ value }));
    settled.catch(() => undefined);
    return await Promise.race([settled, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

const INT8 = 20;

/** As PGlite reads them: 64-bit integers as numbers while they fit. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === INT8) {
    return (value: string) => {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    };
  }
  return pg.types.getTypeParser(oid, format ?? 'text');
}

function toSqlResult(result: pg.QueryResult): SqlResult {
  return {
    fields: result.fields.map((field) => field.name),
    rows: result.rows as Record<string, unknown>[],
    rowCount: result.rowCount ?? result.rows.length,
  };
}
