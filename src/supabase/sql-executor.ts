/** What a statement gave. */
export interface SqlResult {
  /** Names of the columns, in order. */
  fields: string[];
  rows: Record<string, unknown>[];
  /** Rows returned, or changed by a statement that returns none. */
  rowCount: number;
}

export interface SqlOptions {
  /** Gives up waiting; the statement's outcome is unknown then. */
  signal?: AbortSignal | undefined;
  /** Upper bound for the statement, or for each statement of a transaction. */
  timeoutMs?: number | undefined;
  /**
   * Names a statement that is run again and again: it is parsed once for each connection, where connections are the process's
   * own. Always the same text under the same name.
   */
  statement?: string | undefined;
}

/** Runs statements; inside a transaction, all on one connection. */
export interface SqlRunner {
  /**
   * @param text one statement; parameters as `$1::text` …, cast to what they are
   * @param params bound values, all text
   * @throws the driver's error, with the SQLSTATE as `code`
   */
  query(text: string, params?: readonly (string | null)[]): Promise<SqlResult>;
  /** Runs several statements without parameters. */
  script(text: string): Promise<void>;
}

/** One of the two databases behind the in-process REST subset. */
export interface SqlExecutor {
  query(text: string, params?: readonly (string | null)[], options?: SqlOptions): Promise<SqlResult>;
  /** Commits when `work` resolves, rolls back when it rejects. */
  transaction<T>(work: (runner: SqlRunner) => Promise<T>, options?: SqlOptions): Promise<T>;
  close(): Promise<void>;
}
