import { CachedPromise } from '../common/cached-promise.js';
import type { SqlExecutor } from './sql-executor.js';

export interface TableSchema {
  name: string;
  /** SQL type by column. */
  columns: Map<string, string>;
  primaryKey: string[];
}

export interface FunctionSchema {
  name: string;
  /** SQL type by argument. */
  args: Map<string, string>;
  /** How many arguments, from the first, must be given. */
  required: number;
  returnsSet: boolean;
  returnsVoid: boolean;
}

interface Schema {
  tables: Map<string, TableSchema>;
  functions: Map<string, FunctionSchema[]>;
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

const FUNCTIONS = `
  select p.proname as name, coalesce(to_json(p.proargnames), '[]')::text as names,
    coalesce((select json_agg(format_type(t.oid, null) order by t.place)
      from unnest(p.proargtypes::oid[]) with ordinality as t (oid, place)), '[]')::text as types,
    p.pronargs - p.pronargdefaults as required, p.proretset as returns_set,
    p.prorettype = 'void'::regtype as returns_void
  from pg_catalog.pg_proc p
  where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype`;

/** What tables, columns and functions there are: identifiers of requests are looked up here, never trusted. */
export class SchemaCache {
  private readonly schema = new CachedPromise(() => this.read());

  constructor(private readonly executor: SqlExecutor) {}

  /** Reads the schema again when the name is not known: it may be new. */
  async findTable(name: string): Promise<TableSchema | undefined> {
    return (await this.schema.get()).tables.get(name) ?? (await this.schema.renew()).tables.get(name);
  }

  /** All functions of the name. */
  async findFunctions(name: string): Promise<FunctionSchema[]> {
    return (
      (await this.schema.get()).functions.get(name) ?? (await this.schema.renew()).functions.get(name) ?? []
    );
  }

  private async read(): Promise<Schema> {
    const tables = new Map<string, TableSchema>();
    for (const row of (await this.executor.query(TABLES)).rows) {
      const name = String(row['name']);
      tables.set(name, {
        name,
        columns: new Map(JSON.parse(String(row['columns'])) as [string, string][]),
        primaryKey: JSON.parse(String(row['primary_key'])) as string[],
      });
    }
    const functions = new Map<string, FunctionSchema[]>();
    for (const row of (await this.executor.query(FUNCTIONS)).rows) {
      const name = String(row['name']);
      const names = JSON.parse(String(row['names'])) as string[];
      const types = JSON.parse(String(row['types'])) as string[];
      const found: FunctionSchema = {
        name,
        args: new Map(types.map((type, index) => [names[index] ?? '', type])),
        required: Number(row['required']),
        returnsSet: row['returns_set'] === true,
        returnsVoid: row['returns_void'] === true,
      };
      functions.set(name, [...(functions.get(name) ?? []), found]);
    }
    return { tables, functions };
  }
}
