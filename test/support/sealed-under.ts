import { SecretBox } from '../../src/common/secret-box.js';

type Sql = (text: string) => Promise<Record<string, unknown>[]>;

/**
 * Looks at every column of bytes that the schema has.
 *
 * @param sql runs a statement
 * @param key a key of `SESSION_ENCRYPTION_KEY`
 * @returns how many values of each column that key sealed itself, as `table.column`: all that it opens
 */
export async function sealedUnder(sql: Sql, key: Uint8Array): Promise<Record<string, number>> {
  const [id] = new SecretBox([key]).keyIds;
  const columns = await sql(
    `select c.table_name || '.' || c.column_name as name, c.table_name as "table", c.column_name as "column"
       from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = 'public' and c.data_type = 'bytea' and t.table_type = 'BASE TABLE' order by 1`,
  );
  if (columns.length < 8) {
    throw new Error('the schema has fewer columns of bytes than it should');
  }
  const found: Record<string, number> = {};
  for (const { name, table, column } of columns as Record<string, string>[]) {
    const [row] = await sql(
      `select count(*)::int as n from public.${table} where substr(${column}, 1, 5) = '\\x01${id!.toString('hex')}'::bytea`,
    );
    if (Number(row!['n']) > 0) {
      found[name!] = Number(row!['n']);
    }
  }
  return found;
}
