import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PGlite, Results } from '@electric-sql/pglite';
import { Semaphore } from '../common/semaphore.js';
import type { DataDirLock } from './data-dir-lock.js';
import { needRoom } from './disk-room.js';
import { abandon, openFolder } from './pglite-folder.js';
import { PgliteStatements } from './pglite-statements.js';
import type { SqlExecutor, SqlOptions, SqlResult, SqlRunner } from './sql-executor.js';

type FolderLock = Pick<DataDirLock, 'assertHeld' | 'release'>;

interface PgliteRunner extends SqlRunner {
  /** As `query`, for a statement that is run again and again. */
  prepared(name: string, text: string, params: readonly (string | null)[]): Promise<SqlResult>;
}

/** How often to look whether a database that ended by itself can be opened again, in ms. */
const REOPEN_EVERY_MS = 1_000;

/**
 * Postgres inside this process. It has one connection, so everything runs one after the other, and it does not flush to
 * disk: what is committed survives a crash of the process, not of the machine. Before each statement everything else in the
 * process gets its turn: whoever runs many of them one after the other would keep it from every socket.
 *
 * A Postgres that can't write its log ends itself. Then it is opened again, as soon as there is room; until then every call
 * fails with what ended it.
 */
export class PgliteExecutor implements SqlExecutor {
  private database: PGlite | undefined;
  private readonly statements = new WeakMap<PGlite, PgliteStatements>();
  /** Nothing is handed to a database before the call before it is over, since that may have ended it. */
  private readonly oneAtATime = new Semaphore(1);
  private endedBy: unknown;
  private triedAt = 0;
  private isClosed = false;

  private constructor(
    database: PGlite,
    private readonly folder: string | undefined,
    private readonly lock: FolderLock | undefined,
  ) {
    this.database = database;
  }

  /**
   * @param folder of the database, made where missing; undefined keeps it in memory
   * @param lock that makes the folder this process's alone; released with the database, also where it can't be opened
   * @param dump of another one, which one in memory begins with
   * @throws DiskFullError
   */
  static async open(folder: string | undefined, lock?: FolderLock, dump?: Blob): Promise<PgliteExecutor> {
    try {
      lock?.assertHeld();
      return new PgliteExecutor(await openFolder(folder, dump), folder, lock);
    } catch (error) {
      lock?.release();
      throw error;
    }
  }

  async query(
    text: string,
    params: readonly (string | null)[] = [],
    options: SqlOptions = {},
  ): Promise<SqlResult> {
    const { statement } = options;
    return this.inTurn(options, (runner) =>
      statement === undefined ? runner.query(text, params) : runner.prepared(statement, text, params),
    );
  }

  async transaction<T>(work: (runner: SqlRunner) => Promise<T>, options: SqlOptions = {}): Promise<T> {
    return this.inTurn(options, async (runner) => {
      await runner.script('begin');
      try {
        const result = await work(runner);
        await runner.script('commit');
        return result;
      } catch (error) {
        if (this.database) {
          await runner.script('rollback');
        }
        throw error;
      }
    });
  }

  /** @returns all of it, for others in memory to begin with */
  async dump(): Promise<Blob> {
    return this.oneAtATime.run(async () => (await this.openDatabase()).dumpDataDir('none'));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.oneAtATime.run(() => this.end());
  }

  private async end(): Promise<void> {
    const { database } = this;
    this.database = undefined;
    try {
      if (database && (await this.mayClose())) {
        await database.close();
      }
    } finally {
      this.lock?.release();
    }
  }

  private async inTurn<T>(options: SqlOptions, work: (runner: PgliteRunner) => Promise<T>): Promise<T> {
    await nextTurn();
    return this.oneAtATime.run(async () => {
      options.signal?.throwIfAborted();
      return work(this.runnerOf(await this.openDatabase()));
    });
  }

  private runnerOf(database: PGlite): PgliteRunner {
    const run = async <T>(statement: () => Promise<T>): Promise<T> => {
      this.lock?.assertHeld();
      if (this.database !== database) {
        throw this.endedBy;
      }
      try {
        return await statement();
      } catch (error) {
        if (endsDatabase(error)) {
          this.database = undefined;
          this.endedBy = error;
          abandon(database);
        }
        throw error;
      }
    };
    return {
      query: (text, params = []) =>
        run(async () => toSqlResult(await database.query<Record<string, unknown>>(text, [...params]))),
      prepared: (name, text, params) => run(() => this.statementsOf(database).query(name, text, params)),
      script: (text) =>
        run(async () => {
          await database.exec(text);
        }),
    };
  }

  /** Of this very database: one that was opened again knows none. */
  private statementsOf(database: PGlite): PgliteStatements {
    let statements = this.statements.get(database);
    if (statements === undefined) {
      statements = new PgliteStatements(database);
      this.statements.set(database, statements);
    }
    return statements;
  }

  private async openDatabase(): Promise<PGlite> {
    if (this.isClosed) {
      throw new Error('the database is closed');
    }
    if (this.database) {
      return this.database;
    }
    if (this.folder === undefined || performance.now() - this.triedAt < REOPEN_EVERY_MS) {
      throw this.endedBy;
    }
    this.lock?.assertHeld();
    try {
      this.database = await openFolder(this.folder);
      return this.database;
    } catch (error) {
      this.endedBy = error;
      throw error;
    } finally {
      this.triedAt = performance.now();
    }
  }

  /** Closing writes, and a database that finds no room then never comes back from it. The next start recovers instead. */
  private async mayClose(): Promise<boolean> {
    try {
      this.lock?.assertHeld();
      if (this.folder !== undefined) {
        await needRoom(dirname(this.folder));
      }
      return true;
    } catch {
      return false;
    }
  }
}

/** Whether Postgres is gone after this: it said so, or WebAssembly did. */
function endsDatabase(error: unknown): boolean {
  const { severity, name } = error as { severity?: unknown; name?: unknown };
  return severity === 'PANIC' || severity === 'FATAL' || name === 'ExitStatus' || name === 'RuntimeError';
}

function toSqlResult(result: Results<Record<string, unknown>>): SqlResult {
  return {
    fields: result.fields.map((field) => field.name),
    rows: result.rows,
    rowCount: result.rows.length > 0 ? result.rows.length : (result.affectedRows ?? 0),
  };
}
