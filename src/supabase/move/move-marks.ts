import type { SqlExecutor } from '../sql-executor.js';

/** The data of a database are, or are becoming, another one's. */
export class DatabaseMovedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DatabaseMovedError';
  }
}

/**
 * Before a database is used: looks whether its data were moved away, or are on their way here. A move away that has not
 * ended is given up with it, since what is written from now on would be missing there.
 *
 * @throws DatabaseMovedError
 */
export async function settleMoves(executor: Pick<SqlExecutor, 'query'>): Promise<void> {
  const { rows } = await executor.query(
    `select direction, place, ended_at is not null as has_ended, begun_at::date::text as day from public.data_moves
     where direction = 'away' or ended_at is null`,
  );
  for (const row of rows) {
    if (row['direction'] === 'here') {
      throw new DatabaseMovedError(
        `The data from ${String(row['place'])} are not all in this database yet: run npm run admin -- move-data again, as before.`,
      );
    }
    if (row['has_ended'] === true) {
      throw new DatabaseMovedError(
        `The data of this database were moved to ${String(row['place'])} (begun ${String(row['day'])}): set DATABASE_URL to it. ` +
          'To use this copy all the same, and never both of them, run first: npm run sql -- "delete from data_moves"',
      );
    }
  }
  if (rows.length > 0) {
    await executor.query(`delete from public.data_moves where direction = 'away' and ended_at is null`);
  }
}
