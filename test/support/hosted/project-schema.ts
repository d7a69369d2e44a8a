import type pg from 'pg';
import type { TableSchema } from '../../../src/supabase/schema-cache.js';

/** What PostgREST knows of a function: SchemaCache.hs, `funcsSqlQuery`. */
export interface RoutineSchema {
  name: string;
  args: { name: string; type: string; isRequired: boolean }[];
  returns: 'scalar' | 'composite' | 'set of scalar' | 'set of composite' | 'void';
  volatility: 'volatile' | 'stable' | 'immutable';
  /** Hoisted to the transaction: Config.hs, `db-hoisted-tx-settings`. */
  settings: [name: string, value: string][];
}

/** The schema cache, with what PostgREST reads of the roles (Config/Database.hs, `queryRoleSettings`). */
export interface ProjectSchema {
  tables: Map<string, TableSchema>;
  routines: Map<string, RoutineSchema[]>;
  roleSettings: Map<string, [name: string, value: string][]>;
}

const TABLES = `
  select c.relname as name,
    (select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum)
      from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    coalesce((select json_agg(a.attname order by array_position(i.indkey::int2[], a.attnum))
      from pg_catalog.pg_index i
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
      where i.indrelid = c.oid and i.indisprimary), '[]') as primary_key
  from pg_catalog.pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'f')`;

const ROUTINES = `
  select p.proname as name,
    coalesce((select json_agg(json_build_object('name', coalesce(p.proargnames[t.place], ''), 'type', format_type(t.oid, null),
        'isRequired', t.place <= p.pronargs - p.pronargdefaults) order by t.place)
      from unnest(p.proargtypes::oid[]) with ordinality as t (oid, place)), '[]') as args,
    case when p.prorettype = 'void'::regtype then 'void' else case when p.proretset then 'set of ' else '' end ||
      case when t.typtype = 'c' or coalesce(p.proargmodes::text[] && '{t,b,o}', false) then 'composite' else 'scalar' end
    end as returns,
    case p.provolatile when 'v' then 'volatile' when 's' then 'stable' else 'immutable' end as volatility,
    coalesce((select json_agg(json_build_array(split_part(s, '=', 1), substr(s, strpos(s, '=') + 1)))
      from unnest(p.proconfig) s
      where split_part(s, '=', 1) = any ('{statement_timeout,plan_filter.statement_cost_limit,default_transaction_isolation}')
    ), '[]') as settings
  from pg_catalog.pg_proc p
  join pg_catalog.pg_type t on t.oid = p.prorettype
  where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype`;

const ROLE_SETTINGS = `
  select r.rolname as name, json_agg(json_build_array(split_part(s, '=', 1), substr(s, strpos(s, '=') + 1))) as settings
  from pg_catalog.pg_auth_members m
  join pg_catalog.pg_roles r on r.oid = m.roleid
  cross join unnest(r.rolconfig) s
  join pg_catalog.pg_settings ps on ps.name = split_part(s, '=', 1) and ps.context = 'user'
  where m.member = quote_ident(current_user)::regrole::oid
  group by r.rolname`;

/** @param client a connection of the authenticator */
export async function readProjectSchema(client: pg.ClientBase): Promise<ProjectSchema> {
  const tables = new Map<string, TableSchema>();
  for (const row of await rowsOf<{ name: string; columns: [string, string][]; primary_key: string[] }>(
    client,
    TABLES,
  )) {
    tables.set(row.name, { name: row.name, columns: new Map(row.columns), primaryKey: row.primary_key });
  }
  const routines = new Map<string, RoutineSchema[]>();
  for (const routine of await rowsOf<RoutineSchema>(client, ROUTINES)) {
    routines.set(routine.name, [...(routines.get(routine.name) ?? []), routine]);
  }
  const settings = await rowsOf<{ name: string; settings: [string, string][] }>(client, ROLE_SETTINGS);
  return { tables, routines, roleSettings: new Map(settings.map((row) => [row.name, row.settings])) };
}

async function rowsOf<Row extends object>(client: pg.ClientBase, text: string): Promise<Row[]> {
  return (await client.query<Row>(text)).rows;
}
