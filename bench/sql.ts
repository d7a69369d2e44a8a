import { runSql, type SqlTarget } from '../src/supabase/sql-client.js';

export type { SqlTarget };

/**
 * Runs one statement, on a Postgres or in the service that has the embedded database open.
 * @returns its rows
 * @throws Error with what the database says
 */
export async function ask<Row>(target: SqlTarget, sql: string): Promise<Row[]> {
  const answer = await runSql(target, sql);
  if ('error' in answer) {
    throw new Error(`${answer.error.code} ${answer.error.message}`);
  }
  return answer.rows as Row[];
}

/** @returns a literal of SQL */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
