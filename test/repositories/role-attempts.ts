import type pg from 'pg';
import type { Relation, Routine } from './catalog.js';

/** Somebody who comes with a token: the role and the claims that Supabase takes from it. */
export interface Caller {
  role: 'anon' | 'authenticated';
  /** The claims as text; undefined where none are set. */
  claims: string | undefined;
}

/** What came of a statement: the values of its only column, or the SQLSTATE of its refusal. */
export type Outcome = unknown[] | string;

export const DENIED = '42501';

/** Lets a caller try statements, one after the other, each of which is undone. */
export class RoleAttempts {
  private constructor(private readonly database: pg.Client) {}

  /** Runs `use` as the caller. */
  static async as<T>(
    database: pg.Client,
    { role, claims }: Caller,
    use: (attempts: RoleAttempts) => Promise<T>,
  ): Promise<T> {
    await database.query('begin');
    try {
      if (claims !== undefined) {
        await database.query(`select set_config('request.jwt.claims', $1, true)`, [claims]);
      }
      await database.query(`set local role ${role}`);
      await database.query('savepoint attempt');
      return await use(new RoleAttempts(database));
    } finally {
      await database.query('rollback');
    }
  }

  async attempt(statement: string): Promise<Outcome> {
    try {
      const { rows } = await this.database.query<unknown[]>({ text: statement, rowMode: 'array' });
      return sorted(rows.map(([value]) => value));
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    } finally {
      await this.database.query('rollback to savepoint attempt');
    }
  }

  /** @returns what the caller sees of each column, and of the table where no column is asked for (`''`) */
  async reads({ name, columns }: Relation): Promise<Record<string, Outcome>> {
    const seen: Record<string, Outcome> = { '': await this.attempt(`select 1 from public."${name}"`) };
    for (const column of columns) {
      seen[column.name] = await this.attempt(`select to_jsonb("${column.name}") from public."${name}"`);
    }
    return seen;
  }

  /** @returns what comes of every way to change the table */
  async writes({ name, columns }: Relation): Promise<Record<string, Outcome>> {
    const table = `public."${name}"`;
    const column = `"${columns[0]!.name}"`;
    return {
      insert: await this.attempt(`insert into ${table} default values`),
      update: await this.attempt(`update ${table} set ${column} = default`),
      delete: await this.attempt(`delete from ${table}`),
      truncate: await this.attempt(`truncate ${table} cascade`),
      lock: await this.attempt(`select 1 from ${table} for update`),
      trigger: await this.attempt(
        `create trigger walk before update on ${table} for each row execute function suppress_redundant_updates_trigger()`,
      ),
    };
  }

  /** Calls a function with nulls, which come from a table: a strict function of constants is never called. */
  async call({ name, argumentTypes }: Routine): Promise<Outcome> {
    const names = argumentTypes.map((_, index) => `v.a${index}`).join(', ');
    const nulls = ['1', ...argumentTypes.map((type, index) => `null::${type} as a${index}`)].join(', ');
    const functionName = name.slice(0, name.indexOf('('));
    return this.attempt(`select ${functionName}(${names}) from (select ${nulls} offset 0) v`);
  }
}

/** @returns the values in an order that does not depend on the table's */
export function sorted(values: readonly unknown[]): unknown[] {
  return values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
