import type { introspect } from '@supabase/postgrest-typegen/introspection';

/** What the catalog says of a database. */
export type Catalog = Awaited<ReturnType<typeof introspect>>;

/** As Postgres prints `check (column in ('a', 'b'))` of a text column. */
const ONE_OF = /^(\w+) = ANY \(ARRAY\[('(?:[^']|'')*'::text(?:, '(?:[^']|'')*'::text)*)\]\)$/;
/** The generator knows no such schema, so it writes a type of it as its values, in place. */
const NO_SCHEMA = '';

/**
 * @param column name of a text column
 * @param check its check constraint as Postgres prints it, without the word and the brackets
 * @returns the values that the constraint allows; undefined where it is no list of values
 */
export function checkedValues(column: string, check: string | null): string[] | undefined {
  const [, name, list] = ONE_OF.exec(check ?? '') ?? [];
  if (name !== column || list === undefined) {
    return undefined;
  }
  return [...list.matchAll(/'((?:[^']|'')*)'::text/g)].map(([, value]) => value!.replaceAll("''", "'"));
}

/**
 * Types of text columns are usually `string`. Where a check constraint lists the values, they are known better than that.
 *
 * @param catalog as it was read
 * @returns the same, with the type of each such column being the list of its values
 */
export function withCheckedValues(catalog: Catalog): Catalog {
  const types: Catalog['types'] = [];
  const columns = catalog.columns.map((column) => {
    const values = checkedValues(column.name, column.check);
    if (values === undefined) {
      return column;
    }
    const format = `${column.table}.${column.name}`;
    types.push({
      id: -1 - types.length,
      schema: NO_SCHEMA,
      name: format,
      format,
      enums: values,
      attributes: [],
      comment: null,
      type_relation_id: null,
    });
    return { ...column, format, type_schema: NO_SCHEMA };
  });
  return { ...catalog, columns, types: [...catalog.types, ...types] };
}
