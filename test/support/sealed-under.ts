import { SecretBox } from '../../src/common/secret-box.js';

type Sql = (text: string) => Promise<Record<string, unknown>[]>;

/** Types of columns that may hold a sealed value: as bytes, or as text in base64 or hexadecimal digits. */
const TYPES = ['bytea', 'text', 'json', 'jsonb', 'ARRAY', 'character varying'];

/**
 * Looks at every column of every table that could hold a sealed value.
 *
 * @param sql runs a statement
 * @param key a key of `SESSION_ENCRYPTION_KEY`
 * @returns how many values of each column that key sealed itself, as `table.column`: all that it opens
 */
export async function sealedUnder(sql: Sql, key: Uint8Array): Promise<Record<string, number>> {
  const [id] = new SecretBox([key]).keyIds;
  const head = Buffer.concat([Buffer.of(1), id!]);
  // The last character of the five bytes holds bits of the sixth.
  const base64 = head.toString('base64').slice(0, 6);
  const columns = await sql(
    `select c.table_name as "table", c.column_name as "column", c.data_type as type
       from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
         and c.data_type in (${TYPES.map((type) => `'${type}'`).join(', ')})
       order by 1, 2`,
  );
  if (columns.filter(({ type }) => type === 'bytea').length < 8 || columns.length < 40) {
    throw new Error('the schema has fewer columns than it should');
  }
  const found: Record<string, number> = {};
  for (const { table, column, type } of columns as Record<string, string>[]) {
    const isSealed =
      type === 'bytea'
        ? `position('\\x${head.toString('hex')}'::bytea in ${column}) > 0`
        : `${column}::text like '%${base64}%' or ${column}::text like '%${head.toString('hex')}%'`;
    const [row] = await sql(`select count(*)::int as n from public.${table} where ${isSealed}`);
    if (Number(row!['n']) > 0) {
      found[`${table}.${column}`] = Number(row!['n']);
    }
  }
  return found;
}
