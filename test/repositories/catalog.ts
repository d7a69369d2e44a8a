import type pg from 'pg';

/** A table of the schema `public`, or a view. */
export interface Relation {
  name: string;
  hasRowSecurity: boolean;
  columns: Column[];
}

export interface Column {
  name: string;
  type: string;
  /** The database fills it: a default, an identity or an expression. */
  isFilled: boolean;
  isNullable: boolean;
  /** The first of the values that a check allows, where it lists them. */
  allowed: string | null;
  /** The column that it refers to. */
  refersTo: { table: string; column: string } | null;
}

/** A function of the schema `public`, or of `auth`. */
export interface Routine {
  /** With its argument types; the schema is named where it is not `public`. */
  name: string;
  argumentTypes: string[];
  isDefiner: boolean;
  /** Names in it are bound to schemas: by a fixed search path, or because its body was parsed when it was made. */
  isBound: boolean;
}

const RELATIONS = `
  select c.relname as name, c.relrowsecurity as "hasRowSecurity", (
    select json_agg(json_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'isFilled', a.atthasdef or a.attidentity <> '', 'isNullable', not a.attnotnull,
        'allowed', (
          select substring(pg_get_constraintdef(k.oid) from 'ANY \\(\\(?ARRAY\\[''([^'']*)''')
          from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum] limit 1),
        'refersTo', (
          select json_build_object('table', k.confrelid::regclass::text, 'column', f.attname)
          from pg_constraint k
          join pg_attribute f on f.attrelid = k.confrelid and f.attnum = k.confkey[array_position(k.conkey, a.attnum)]
          where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey)
          order by cardinality(k.conkey) limit 1)
      ) order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ) as columns
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
  order by c.relname`;

const ROUTINES = `
  select p.oid::regprocedure::text as name, p.prosecdef as "isDefiner",
    array(select format_type(t, null) from unnest(p.proargtypes) t) as "argumentTypes",
    p.prosqlbody is not null or coalesce('search_path=""' = any (p.proconfig), false) as "isBound"
  from pg_proc p
  where p.pronamespace in ('public'::regnamespace, 'auth'::regnamespace)
  order by 1`;

/** What is granted to users or to everybody: relations, columns, sequences, functions and the schema itself. */
const GRANTS = `
  with granted as (
    select c.relname as object, g.*
    from pg_class c, aclexplode(coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))) g
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select format('%s.%s', c.relname, a.attname), g.*
    from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g
    where c.relnamespace = 'public'::regnamespace
    union all
    select p.oid::regprocedure::text, g.*
    from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
    where p.pronamespace = 'public'::regnamespace
    union all
    select format('schema %s', n.nspname), g.*
    from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) g
    where n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'auth')
  )
  select format('%s %s on %s', case grantee when 0 then 'everybody' else grantee::regrole::text end,
    lower(privilege_type), object) as granted
  from granted
  where grantee in (0, 'anon'::regrole, 'authenticated'::regrole)
  order by 1`;

/** @returns every table and view of `public` */
export async function findRelations(database: pg.Client): Promise<Relation[]> {
  return (await database.query<Relation>(RELATIONS)).rows;
}

/** @returns every function of `public` and `auth` */
export async function findRoutines(database: pg.Client): Promise<Routine[]> {
  return (await database.query<Routine>(ROUTINES)).rows;
}

/** @returns every right of anon, authenticated and PUBLIC, as sentences such as `authenticated select on contacts` */
export async function findGrants(database: pg.Client): Promise<string[]> {
  return (await database.query<{ granted: string }>(GRANTS)).rows.map((row) => row.granted);
}
