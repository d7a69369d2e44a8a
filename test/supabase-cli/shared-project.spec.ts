import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltService, makeServiceHome } from '../support/built-service.js';
import {
  makeProjectDatabase,
  type ProjectAge,
  type ProjectDatabase,
  withClient,
} from '../support/hosted/project-database.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres-server.js';
import type { PostgresVersion } from '../support/postgres-versions.js';
import { CliProject } from './cli-project.js';

const PROJECTS: { version: PostgresVersion; age: ProjectAge }[] = [
  { version: 15, age: 'new' },
  { version: 17, age: 'old' },
];

/** An application that was there first. */
const APPLICATION = `
  create schema app;
  grant usage on schema app to authenticated;
  alter default privileges in schema app grant select on tables to authenticated;
  create table public.products (id bigint generated always as identity primary key, name text, price int, secret text);
  alter table public.products enable row level security;
  create policy "everybody reads" on public.products for select to anon, authenticated using (price > 0);
  create policy "members write" on public.products for insert to authenticated with check (auth.uid() is not null);
  grant select (id, name, price) on public.products to anon;
  grant select, insert on public.products to authenticated;
  create table app.prices (id serial primary key, amount int);
  create view public.cheap_products with (security_invoker) as select id from public.products where price < 10;
  grant select on public.cheap_products to anon;
  create function public.price_of(product bigint) returns int language sql stable return 1;
  grant execute on function public.price_of(bigint) to anon, authenticated;
  create function app.tax() returns int language sql immutable return 7;
  create type public.colour as enum ('red', 'green');`;

/** What it makes later. */
const LATER = `
  create table public.orders (id bigint generated always as identity primary key);
  create table app.refunds (id serial primary key);
  create function public.total() returns int language sql return 1;
  create function app.discount() returns int language sql return 1;
  create type app.state as enum ('open');`;

/** Of each kind of object, which of its rights a role has; only of the application's own objects. */
const RIGHTS = `
  with roles as (
    select unnest(array['anon', 'authenticated', 'service_role', 'authenticator', 'stranger']) as role
  ), relations as (
    select c.oid, c.oid::regclass::text as name, c.relkind from pg_class c
    where c.oid::regclass::text ~ '^(app[.].*|products.*|cheap_products|orders.*)$' and c.relkind in ('r', 'v', 'S')
  ), functions as (
    select p.oid, p.oid::regprocedure::text as name from pg_proc p
    where p.oid::regprocedure::text ~ '^(app[.].*|price_of.*|total.*)$'
  ), rights as (
    select r.role, t.name, p.right, has_table_privilege(r.role, t.oid, p.right) as has
    from roles r, relations t, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p("right")
    where t.relkind <> 'S'
    union all
    select r.role, t.name || '.' || a.attname, p.right, has_column_privilege(r.role, t.oid, a.attnum, p.right)
    from roles r, relations t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0, unnest(array['select', 'insert', 'update', 'references']) p("right")
    where t.relkind <> 'S'
    union all
    select r.role, t.name, p.right, has_sequence_privilege(r.role, t.oid, p.right)
    from roles r, relations t, unnest(array['usage', 'select', 'update']) p("right") where t.relkind = 'S'
    union all
    select r.role, f.name, 'execute', has_function_privilege(r.role, f.oid, 'execute') from roles r, functions f
    union all
    select r.role, t.oid::regtype::text, 'usage', has_type_privilege(r.role, t.oid, 'usage')
    from roles r, pg_type t where t.oid::regtype::text in ('colour', 'app.state')
    union all
    select r.role, n.nspname, p.right, has_schema_privilege(r.role, n.oid, p.right)
    from roles r, pg_namespace n, unnest(array['usage', 'create']) p("right") where n.nspname in ('public', 'app', 'auth', 'extensions')
    union all
    select r.role, 'database', p.right, has_database_privilege(r.role, current_database(), p.right)
    from roles r, unnest(array['connect', 'create', 'temporary']) p("right")
  )
  select format('%s may %s %s', role, "right", name) as line from rights where has
  union all
  select format('%s on %s: %s to %s using %s check %s', policyname, tablename, cmd, roles, qual, with_check) from pg_policies
    where tablename = 'products'
  union all
  select format('%s has row security', oid::regclass) from pg_class where relrowsecurity and oid::regclass::text ~ '^(app[.].*|products|orders)$'
  union all
  select format('%s gives in %s: %s', defaclrole::regrole, defaclnamespace::regnamespace, a.acl)
    from pg_default_acl, unnest(defaclacl) a(acl)
  order by 1`;

async function rightsIn(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(RIGHTS);
  return rows.map(({ line }) => line);
}

describe.each(PROJECTS)(
  'a project of the $age kind on Postgres $version that has another application',
  ({ version, age }) => {
    let server: TestPostgres;

    beforeAll(async () => {
      server = await startTestPostgres(undefined, undefined, { version, superuser: 'supabase_admin' });
      await withClient(server.url, (client) => client.query('create role stranger'));
    });
    afterAll(() => server.stop());

    /** A project in which the application is, with its records. */
    async function withApplication(): Promise<ProjectDatabase> {
      const database = await makeProjectDatabase(server.url, age);
      await asOwner(
        database,
        `${APPLICATION}
         create schema supabase_migrations;
         create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
         insert into supabase_migrations.schema_migrations (version, name) values ('20240101000000', 'products')`,
      );
      return database;
    }

    async function asOwner(database: ProjectDatabase, sql: string): Promise<void> {
      await withClient(database.ownerUrl, (client) => client.query(sql));
    }

    const rightsOf = ({ adminUrl }: ProjectDatabase) => withClient(adminUrl, rightsIn);

    /** Lets the service start on it, and end. */
    async function serveOn({ ownerUrl }: ProjectDatabase): Promise<string> {
      const home = await makeServiceHome();
      const service = await BuiltService.start(home, { DATABASE_URL: ownerUrl });
      await service.api.createInstance('org_123');
      await service.stop();
      await home.remove();
      return service.output;
    }

    it.each<[string, (database: ProjectDatabase) => Promise<void>]>([
      [
        'supabase db push',
        async (database) => {
          const cli = await CliProject.make();
          await cli.add('20240101000000_products.sql', APPLICATION);
          const { status, output } = await cli.run(database.ownerUrl, ['push', '--yes']);
          expect(status, output).toBe(0);
          await cli.remove();
          expect(await serveOn(database)).toContain('"migrated":0');
        },
      ],
      [
        'the service itself',
        async (database) => {
          expect(await serveOn(database)).toMatch(/"migrated":[1-9]/);
        },
      ],
    ])('keeps every right of now and of later with %s', async (_, migrateIt) => {
      const [shared, alone] = await Promise.all([withApplication(), withApplication()]);
      const before = await rightsOf(shared);
      expect(before.length).toBeGreaterThan(50);

      await migrateIt(shared);
      expect(await rightsOf(shared)).toEqual(before);

      for (const database of [shared, alone]) {
        await asOwner(database, LATER);
      }
      await serveOn(shared);
      expect(await rightsOf(shared)).toEqual(await rightsOf(alone));
    });
  },
);
