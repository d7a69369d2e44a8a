import { quoteName } from '../rest-sql.js';
import type { SqlRunner } from '../sql-executor.js';
import type { MovedTable } from './moved-tables.js';

/** A column, with its name quoted and its type as SQL writes it. */
interface Column {
  name: string;
  type: string;
}

/** What has to be known of a table to read and write any of its rows. */
export interface TableShape {
  name: string;
  /** Its name in SQL. */
  quoted: string;
  /** Those that are written; generated ones are the database's own. */
  columns: Column[];
  key: Column[];
  /** Of the columns in order: how a row is read at the old home, as it is to be at the new one. */
  moved: string[];
  /** The same with what refers to the table itself left out. */
  movedFirst: string[];
  /** Quoted names of the columns that are set later. */
  late: string[];
  /** Sequences with their columns. */
  sequences: string[];
}

const SHAPE = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    array_position(i.indkey::int2[], a.attnum) as place_in_key,
    pg_get_serial_sequence('public.' || quote_ident(c.relname), a.attname) as sequence
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  left join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
  where c.relnamespace = 'public'::regnamespace and c.relname = $1::text and c.relkind = 'r'
  order by a.attnum`;

/** @throws Error where the table has no primary key, by which its rows could be walked */
export async function shapeOf(
  runner: Pick<SqlRunner, 'query'>,
  { name, emptied = [], late = [] }: MovedTable,
): Promise<TableShape> {
  const { rows } = await runner.query(SHAPE, [name]);
  const columns = rows.map((row) => ({
    plain: String(row['name']),
    name: quoteName(String(row['name'])),
    type: String(row['type']),
    place: row['place_in_key'] === null ? null : Number(row['place_in_key']),
    sequence: row['sequence'] as string | null,
  }));
  const key = columns
    .filter((column) => column.place !== null)
    .toSorted((one, other) => one.place! - other.place!);
  if (key.length === 0) {
    throw new Error(`the table ${name} has no primary key`);
  }
  const without = (left: readonly string[]) =>
    columns.map((column) => (left.includes(column.plain) ? 'null::text' : `t.${column.name}::text`));
  return {
    name,
    quoted: `public.${quoteName(name)}`,
    columns,
    key,
    moved: without(emptied),
    movedFirst: without([...emptied, ...late]),
    late: late.map(quoteName),
    sequences: columns.flatMap(({ sequence }) => sequence ?? []),
  };
}

/** @returns the condition for rows after the one whose key is in `$1` as a JSON array; true where that is null */
export function afterKey({ key }: TableShape): string {
  const mine = key.map(({ name }) => `t.${name}`).join(', ');
  const given = key.map(({ type }, place) => `cast($1::text::json ->> ${place} as ${type})`).join(', ');
  return `($1::text is null or (${mine}) > (${given}))`;
}

/** @returns the key of a row as a JSON array */
export function keyOf({ key }: TableShape): string {
  return `json_build_array(${key.map(({ name }) => `t.${name}::text`).join(', ')})::text`;
}

/** @returns the columns of the key, for `order by` */
export function orderOf({ key }: TableShape, direction: 'asc' | 'desc' = 'asc'): string {
  return key.map(({ name }) => `t.${name} ${direction}`).join(', ');
}

/** How values are written, the same in every database. */
export const SAME_TEXT = `
  set local timezone = 'UTC';
  set local datestyle = 'ISO, MDY';
  set local intervalstyle = 'postgres';
  set local bytea_output = 'hex';
  set local extra_float_digits = 1`;
