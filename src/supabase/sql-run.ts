import type { SqlResult } from './sql-executor.js';
import { SQL_LIMITS, type SqlAnswer, toJsonValue } from './sql-socket.js';

/**
 * @param run runs one statement within the time limit
 * @param sql the operator's statement
 * @returns the answer to show, errors of the statement included
 */
export async function answerSql(run: (sql: string) => Promise<SqlResult>, sql: string): Promise<SqlAnswer> {
  try {
    const result = await run(sql);
    const rows = result.rows.slice(0, SQL_LIMITS.rows).map((row) => {
      const values = Object.entries(row).map(([name, value]) => [name, toJsonValue(value)]);
      return Object.fromEntries(values) as Record<string, unknown>;
    });
    return {
      fields: result.fields,
      rows,
      rowCount: result.rowCount,
      isCut: result.rows.length > rows.length,
    };
  } catch (error) {
    return { error: describe(error) };
  }
}

function describe(error: unknown): Extract<SqlAnswer, { error: unknown }>['error'] {
  const { code, message, detail, hint } = error as Partial<
    Record<'code' | 'message' | 'detail' | 'hint', string>
  >;
  return {
    code: code ?? '',
    message: message || String(error),
    detail: detail ?? null,
    hint: hint ?? null,
  };
}
