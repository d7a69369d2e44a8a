import pg from 'pg';
import { CachedPromise } from '../common/cached-promise.js';
import { withTimeout } from '../common/with-timeout.js';
import { connectionFaultOf } from './connection-faults.js';
import { queryWithSettings } from './locally-set-query.js';
import { linkOf } from './pg-tls.js';
import { isLost, isStale } from './prepared-statements.js';
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

/**
 * A plain Postgres 15 or newer, through a bounded pool: directly, or through a pooler in session or transaction mode.
 *
 * Of a direct connection the settings are made once. Behind a pooler the server's connection may be another for each
 * transaction, and belongs to others afterwards, so there they go with each transaction and end with it.
 */
export class PgExecutor implements SqlExecutor {
  private readonly options: PgOptions;
  private readonly statementTimeoutMs: number;
  private readonly pool = new CachedPromise(() => this.makePool());
  private readonly greeted = new WeakSet<pg.PoolClient>();
  private isPooled = false;
  /** Not where somebody in between gives the connection to others unseen, and takes our statements away. */
  private keepsStatements = true;
  private isClosed = false;

  constructor(options: PgOptions) {
    this.options = options;
    this.statementTimeoutMs = options.statementTimeoutMs ?? 15_000;
  }

  async query(
    text: string,
    params: readonly (string | null)[] = [],
    options: SqlOptions = {},
  ): Promise<SqlResult> {
    try {
      return await this.queryOnce(text, params, options);
    } catch (error) {
      if (options.statement === undefined || !isStale(error)) {
        throw error;
      }
      this.keepsStatements &&= !isLost(error);
      // It was refused before it began, so it may be sent again.
      return this.queryOnce(text, params, { ...options, statement: undefined });
    }
  }

  private queryOnce(
    text: string,
    params: readonly (string | null)[],
    options: SqlOptions,
  ): Promise<SqlResult> {
    return this.withClient(options, async (client, guard) => {
      const settings = this.localSettings(options.timeoutMs);
      const statement = this.keepsStatements ? options.statement : undefined;
      const values = [...params];
      const result =
        settings !== undefined
          ? queryWithSettings(client, settings, text, params)
          : client.query(statement === undefined ? { text, values } : { name: statement, text, values });
      return toSqlResult(await guard(result));
    });
  }

  transaction<T>(work: (runner: SqlRunner) => Promise<T>, options: SqlOptions = {}): Promise<T> {
    return this.withClient(options, async (client, guard) => {
      const settings = Object.entries(this.localSettings(options.timeoutMs) ?? {});
      const begin = ['begin', ...settings.map(([name, value]) => `set local ${name} = '${value}'`)];
      await guard(client.query(begin.join('; ')));
      try {
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
    this.isClosed = true;
    const pool = await this.pool.current?.catch(() => undefined);
    await pool?.end();
  }

  /** @returns what has to go with the transaction; undefined where the connection has it already */
  private localSettings(timeoutMs: number | undefined): Record<string, string> | undefined {
    const statement_timeout = String(Math.trunc(timeoutMs ?? this.statementTimeoutMs));
    if (this.isPooled) {
      return { statement_timeout, TimeZone: 'UTC' };
    }
    return timeoutMs === undefined ? undefined : { statement_timeout };
  }

  /**
   * Makes the settings of a new connection, where it is this process's alone: the server's process is then the one that
   * was named when the connection was made. Poolers name one of their own.
   */
  private async greet(client: pg.PoolClient, guard: Guard): Promise<void> {
    const { processID } = client as unknown as { processID: number | null };
    const isDirect = `pg_backend_pid() = ${processID ?? 0}`;
    const { rows } = await guard(
      client.query<{ is_direct: boolean }>(
        `select ${isDirect} as is_direct,
           case when ${isDirect} then set_config('statement_timeout', '${Math.trunc(this.statementTimeoutMs)}', false) end,
           case when ${isDirect} then set_config('TimeZone', 'UTC', false) end`,
      ),
    );
    if (rows[0]?.is_direct !== true && !this.isPooled) {
      // A pooler that knows no transactions says so at once, and not in the middle of something.
      await guard(client.query('begin'));
      await guard(client.query('rollback'));
      this.isPooled = true;
    }
    this.greeted.add(client);
  }

  private openPool(): Promise<pg.Pool> {
    if (this.isClosed) {
      return Promise.reject(new Error('the database is closed'));
    }
    return this.pool.get();
  }

  private async makePool(): Promise<pg.Pool> {
    const pool = new pg.Pool({
      ...(await linkOf(this.options.connectionString)),
      max: this.options.poolSize ?? 10,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      // Other settings as parameters of the connection are refused by some poolers, and forgotten by others.
      application_name: 'auzap-whatsapp',
      types: { getTypeParser },
    });
    pool.on('error', (error) => this.options.onIdleError?.(error));
    // The pool listens to idle connections only. One that ends while it is lent, or on its way to whoever asked for it,
    // would end the process.
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }

  /** @throws ConnectionFaultError where the error is about TLS or a pooler */
  private async withClient<T>(options: SqlOptions, use: UseClient<T>): Promise<T> {
    try {
      return await this.lendClient(options, use);
    } catch (error) {
      throw connectionFaultOf(error) ?? error;
    }
  }

  /** Lends a connection; one that was given up on is closed instead of going back to the pool. */
  private async lendClient<T>(options: SqlOptions, use: UseClient<T>): Promise<T> {
    options.signal?.throwIfAborted();
    let givenUp: Error | undefined;
    const client = await (await this.openPool()).connect();
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
      try {
        return await withTimeout(statement, limitMs, () => (givenUp = silent()), options.signal);
      } catch (error) {
        if (options.signal?.aborted === true) {
          givenUp ??= new DOMException('The request was aborted', 'AbortError');
        }
        throw givenUp ?? error;
      }
    };
    try {
      if (!this.greeted.has(client)) {
        await this.greet(client, guard);
      }
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

/**
 * Postgres closes the connection after these; one without an SQLSTATE comes from the connection itself; and one whose statements
 * are not what they were has lost its settings, too.
 */
function endsConnection(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return error instanceof Error && (code.length !== 5 || /^(08|57P)/.test(code) || isStale(error));
}

type UseClient<T> = (client: pg.PoolClient, guard: Guard) => Promise<T>;
type Guard = <T>(statement: Promise<T>) => Promise<T>;

function silent(): Error {
  return new Error('the database did not answer in time');
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
