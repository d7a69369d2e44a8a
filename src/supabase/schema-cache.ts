import { CachedPromise } from '../common/cached-promise.js';
import type { SqlExecutor } from './sql-executor.js';

export interface TableSchema {
  name: string;
  /** SQL type by column. */
  columns: Map<string, string>;
  primaryKey: string[];
}

const TABLES = `
  select c.relname as name,
    (select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum)
      from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns,
    coalesce((select json_agg(a.attname order by array_position(i.indkey::int2[], a.attnum))
      from pg_catalog.pg_index i
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
      where i.indrelid = c.oid and i.indisprimary), '[]')::text as primary_key
  from pg_catalog.pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'f')`;

/** What tables and columns there are: identifiers of requests are looked up here, never trusted. */
export class SchemaCache {
  private readonly tables = new CachedPromise(() => this.read());

  constructor(private readonly executor: SqlExecutor) {}

  /** Reads the schema again when the name is not known: it may be new. */
  async findTable(name: string): Promise<TableSchema | undefined> {
    return (await this.tables.get()).get(name) ?? (await this.tables.renew()).get(name);
  }

  private async read(): Promise<Map<string, TableSchema>> {
    const tables = new Map<string, TableSchema>();
    for (const row of (await this.executor.query(TABLES)).rows) {
      const name = String(row['name']);
      tables.set(name, {
        name,
        columns: new Map(JSON.parse(String(row['columns'])) as [string, string][]),
        primaryKey: JSON.parse(String(row['primary_key'])) as string[],
      });
    }
    return tables;
  }
}
