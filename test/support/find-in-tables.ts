import type { OpenDatabase } from '../../src/supabase/open-database.js';

/**
 * Looks for a text in every row of every table, as somebody does who holds a dump.
 * @returns the tables that have it, with the number of rows
 */
export async function findInEveryTable(database: Pick<OpenDatabase, 'sql'>, text: string): Promise<string[]> {
  const { rows: tables } = await database.sql(
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`,
  );
  const found: string[] = [];
  for (const { relname } of tables) {
    const name = String(relname);
    const { rows } = await database.sql(
      `select count(*)::int as n from public.${name} t where position($1::text in to_jsonb(t)::text) > 0`,
      [text],
    );
    if (Number(rows[0]?.['n']) > 0) {
      found.push(`${name}: ${Number(rows[0]?.['n'])}`);
    }
  }
  return found;
}
