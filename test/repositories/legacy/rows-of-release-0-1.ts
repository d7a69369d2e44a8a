import type pg from 'pg';

/** What both have of a table and is not computed. */
const COLUMNS = `
  select c.relname as "table", json_agg(a.attname order by a.attnum) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  group by c.relname order by c.relname`;

interface Table {
  table: string;
  columns: string[];
}

/**
 * Copies the rows of a database of today into the tables that release 0.1 made: as if 0.1 had written them.
 * @param to a superuser's connection
 */
export async function copyIntoRelease01(from: pg.Client, to: pg.Client): Promise<void> {
  const today = new Map(
    (await from.query<Table>(COLUMNS)).rows.map(({ table, columns }) => [table, columns]),
  );
  // Rows come in the order of tables, not of what they refer to.
  await to.query('set session_replication_role = replica');
  for (const { table, columns } of (await to.query<Table>(COLUMNS)).rows) {
    const names = columns
      .filter((column) => today.get(table)?.includes(column))
      .map((column) => `"${column}"`)
      .join(', ');
    const { rows } = await from.query<{ row: unknown }>(
      `select to_jsonb(t) as row from (select ${names} from public."${table}") t`,
    );
    await to.query(
      `insert into public."${table}" (${names}) overriding system value
         select ${names} from jsonb_populate_recordset(null::public."${table}", $1::jsonb)`,
      [JSON.stringify(rows.map(({ row }) => row))],
    );
  }
  const sequences = await from.query<{ name: string; last: string }>(
    `select quote_ident(sequencename) as name, last_value::text as last
     from pg_sequences where schemaname = 'public' and last_value is not null`,
  );
  for (const { name, last } of sequences.rows) {
    // Tables that came later have sequences of their own.
    await to.query(
      `select setval(c.oid, $2::bigint) from pg_class c where c.oid = to_regclass('public.' || $1)`,
      [name, last],
    );
  }
  await to.query('set session_replication_role = origin');
}
