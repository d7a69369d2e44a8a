/** What asks the catalog: a connection of `pg`, or what is like it. */
export interface Queryable {
  query<T>(text: string, values?: unknown[]): Promise<{ rows: T[] }>;
}

/** A table of the schema `public`, or a view. */
export interface Relation {
  name: string;
  isTable: boolean;
  /** Row-level security, or for a view: it asks for the rights of whoever looks. */
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
  select c.relname as name, c.relkind in ('r', 'p') as "isTable",
    c.relrowsecurity or c.relkind = 'v' and coalesce('security_invoker=true' = any (c.reloptions), false) as "hasRowSecurity", (
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

/**
 * What users or everybody may do: with relations, columns, sequences, functions, schemas and the database, and by the roles that
 * they belong to. What comes with Postgres or with Supabase's `auth` and `extensions` counts only where it is granted to users by name.
 */
const GRANTS = `
  with schemas as (
    select oid, nspname, nspacl, nspowner, case nspname when 'public' then '' else nspname || '.' end as prefix
    from pg_namespace where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'auth', 'extensions')
  ), granted as (
    select n.prefix || c.relname as object, g.*
    from schemas n join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S'),
      aclexplode(coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))) g
    union all
    select format('%s%s.%s', n.prefix, c.relname, a.attname), g.*
    from schemas n join pg_class c on c.relnamespace = n.oid join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g
    union all
    select p.oid::regprocedure::text, g.*
    from schemas n join pg_proc p on p.pronamespace = n.oid, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
    union all
    select p.oid::regprocedure::text, g.*
    from pg_proc p, aclexplode(p.proacl) g where p.pronamespace = 'pg_catalog'::regnamespace and g.grantee <> 0
    union all
    select format('schema %s', n.nspname), g.*
    from schemas n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) g
    union all
    select 'this database', g.* from pg_database d, aclexplode(d.datacl) g
    where d.datname = current_database() and g.privilege_type = 'CREATE'
  )
  select format('%s %s on %s', case grantee when 0 then 'everybody' else grantee::regrole::text end,
    lower(privilege_type), object) as granted
  from granted
  where grantee in (0, 'anon'::regrole, 'authenticated'::regrole)
  union all
  select format('%s belongs to %s', member::regrole, roleid::regrole)
  from pg_auth_members where member in ('anon'::regrole, 'authenticated'::regrole)
  union all
  select format('%s is above the rules', rolname)
  from pg_roles where rolname in ('anon', 'authenticated') and (rolsuper or rolbypassrls or rolcreaterole)
  order by 1`;

/** Supabase sends changes of published tables to users who listen. */
const PUBLISHED = `select distinct tablename as name from pg_publication_tables where schemaname = 'public' order by 1`;

/** @returns every table and view of `public` */
export async function findRelations(database: Queryable): Promise<Relation[]> {
  return (await database.query<Relation>(RELATIONS)).rows;
}

/** @returns every function of `public` and `auth` */
export async function findRoutines(database: Queryable): Promise<Routine[]> {
  return (await database.query<Routine>(ROUTINES)).rows;
}

/** @returns the tables of which any publication tells */
export async function findPublished(database: Queryable): Promise<string[]> {
  return (await database.query<{ name: string }>(PUBLISHED)).rows.map(({ name }) => name);
}

/** @returns every right of anon, authenticated and PUBLIC, as sentences such as `authenticated select on contacts` */
export async function findGrants(database: Queryable): Promise<string[]> {
  return (await database.query<{ granted: string }>(GRANTS)).rows.map((row) => row.granted);
}
