import type { Place } from './canaries.js';

type Sql = (text: string) => Promise<Record<string, unknown>[]>;

/** Every table that somebody who dumps the database gets, of whatever schema. */
const TABLES = `select format('%I.%I', n.nspname, c.relname) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'kept') order by 1`;

/** What each column has, as text; bytes in hex, as a dump has them. */
const columnsOf = (rows: string) => `select key as name, string_agg(distinct value, E'\\n') as text
  from ${rows}, jsonb_each_text(row) where value is not null group by key`;

/** From now on every version of every row stays, so that a dump shows what lived for a moment, too. */
export async function keepEveryRow(sql: Sql): Promise<void> {
  await sql(`
    create schema kept;
    create table kept.rows (place text not null, row jsonb not null);
    create function kept.keep() returns trigger language plpgsql security definer as $$
      begin
        insert into kept.rows values (format('%I.%I', tg_table_schema, tg_table_name), to_jsonb(new));
        return null;
      end $$`);
  for (const { name } of await sql(TABLES)) {
    await sql(
      `create trigger keep_every_row after insert or update on ${String(name)} for each row execute function kept.keep()`,
    );
  }
}

/** @returns what each column of each table holds, and held since `keepEveryRow`; named `schema.table.column` */
export async function dumpOf(sql: Sql): Promise<Place[]> {
  const places: Place[] = [];
  for (const { name } of await sql(TABLES)) {
    const table = String(name);
    const held = `(select to_jsonb(t) as row from ${table} t
      union all select row from kept.rows where place = '${table}') as rows`;
    for (const column of await sql(columnsOf(held))) {
      places.push({ name: `${table}.${String(column['name'])}`, bytes: Buffer.from(String(column['text'])) });
    }
  }
  return places;
}
