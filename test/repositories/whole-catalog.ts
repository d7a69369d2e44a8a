import type { SqlRunner } from '../../src/supabase/sql-executor.js';

/**
 * Everything that migrations can make in `public` and `auth`: tables with their columns in order, constraints, indexes, policies,
 * triggers, types, functions with their bodies, who owns it and who has which right, and what is granted on later objects.
 */
const WHOLE_CATALOG = `
  with spaces as (
    select oid, nspname from pg_namespace where nspname in ('public', 'auth')
  ), entry (what, definition) as (
    select format('relation %s.%s', s.nspname, c.relname), concat_ws(' ', c.relkind, c.relpersistence, c.relrowsecurity,
      c.relforcerowsecurity, c.reloptions::text, c.relowner::regrole, obj_description(c.oid, 'pg_class'))
    from spaces s join pg_class c on c.relnamespace = s.oid
    union all
    select format('column %s.%s %s', s.nspname, c.relname, a.attname), concat_ws(' ',
      row_number() over (partition by c.oid order by a.attnum), format_type(a.atttypid, a.atttypmod), a.attnotnull,
      a.attidentity, a.attgenerated, a.attstorage, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid),
      col_description(c.oid, a.attnum))
    from spaces s
    join pg_class c on c.relnamespace = s.oid
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    union all
    select format('constraint %s on %s', k.conname, k.conrelid::regclass),
      concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated)
    from spaces s join pg_constraint k on k.connamespace = s.oid
    union all
    select format('index %s', i.indexrelid::regclass), concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid)
    from spaces s join pg_class c on c.relnamespace = s.oid join pg_index i on i.indexrelid = c.oid
    union all
    select format('policy %s on %s', p.policyname, p.tablename),
      concat_ws(' ', p.permissive, p.roles::text, p.cmd, p.qual, p.with_check)
    from pg_policies p
    union all
    select format('trigger %s on %s', t.tgname, t.tgrelid::regclass), concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
    from pg_trigger t where not t.tgisinternal
    union all
    select format('function %s', f.oid::regprocedure), concat_ws(' ', pg_get_function_arguments(f.oid),
      pg_get_function_result(f.oid), l.lanname, f.prokind, f.provolatile, f.proparallel, f.proisstrict, f.prosecdef,
      f.proleakproof, f.procost, f.prorows, f.proowner::regrole, f.proconfig::text,
      coalesce(pg_get_function_sqlbody(f.oid), f.prosrc), obj_description(f.oid, 'pg_proc'))
    from spaces s join pg_proc f on f.pronamespace = s.oid join pg_language l on l.oid = f.prolang
    union all
    select format('type %s', t.oid::regtype),
      concat_ws(' ', t.typtype, t.typowner::regrole, obj_description(t.oid, 'pg_type'))
    from spaces s join pg_type t on t.typnamespace = s.oid
    union all
    select format('right on %s', g.object),
      concat_ws(' ', case a.grantee when 0 then 'everybody' else a.grantee::regrole::text end, a.privilege_type, a.is_grantable)
    from (
      select format('schema %s', n.nspname) as object, coalesce(n.nspacl, acldefault('n', n.nspowner)) as acl
      from pg_namespace n where n.nspname in ('public', 'auth')
      union all
      select c.oid::regclass::text,
        coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))
      from spaces s join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
      union all
      select format('%s.%s', c.oid::regclass, a.attname), a.attacl
      from spaces s join pg_class c on c.relnamespace = s.oid join pg_attribute a on a.attrelid = c.oid
      where a.attacl is not null
      union all
      select f.oid::regprocedure::text, coalesce(f.proacl, acldefault('f', f.proowner))
      from spaces s join pg_proc f on f.pronamespace = s.oid
      union all
      select t.oid::regtype::text, coalesce(t.typacl, acldefault('T', t.typowner))
      from spaces s join pg_type t on t.typnamespace = s.oid
    ) g, aclexplode(g.acl) a
    union all
    select 'default privilege', format('%s in %s for %s: %s %s', d.defaclobjtype,
      case d.defaclnamespace when 0 then 'every schema' else d.defaclnamespace::regnamespace::text end, d.defaclrole::regrole,
      case a.grantee when 0 then 'everybody' else a.grantee::regrole::text end, a.privilege_type)
    from pg_default_acl d, aclexplode(d.defaclacl) a
    union all
    select 'schemas', string_agg(nspname, ' ' order by nspname) from pg_namespace where nspname !~ '^pg_'
    union all
    select 'publications', string_agg(concat_ws(' ', pubname, tablename), ', ' order by pubname, tablename)
    from pg_publication_tables
  )
  select what || ': ' || definition as line from entry where definition is not null order by 1`;

/** @returns one line for each thing that is there, sorted */
export async function wholeCatalog(database: Pick<SqlRunner, 'query'>): Promise<string[]> {
  return (await database.query(WHOLE_CATALOG)).rows.map(({ line }) => String(line));
}
