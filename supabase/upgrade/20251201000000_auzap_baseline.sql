-- What the service runs before the baseline on a database that release 0.1 made, in the same transaction. Afterwards it is the
-- same as one that began with the baseline.

-- The names are its own: see the preflight.
create type public.auzap_whatsapp as ();
comment on type public.auzap_whatsapp is 'Says that what auzap-whatsapp needs in this schema is its own';

alter table public.audit_log add column call_id uuid;

drop function public.is_wanted(public.whatsapp_instances, boolean);
drop function public.inbox_addressing(public.inbox);
drop function public.list_organization_ids(jsonb);

-- 0.1 took rights from what anybody makes later in this database, which was not its to take. What Supabase had granted to anon and
-- authenticated on later tables and functions of `public` is left as it is: new projects do not grant it.
alter default privileges grant execute on functions to public;
do $$
begin
  if not exists (
    select from pg_catalog.pg_default_acl d, pg_catalog.aclexplode(d.defaclacl) a
    where d.defaclrole = current_user::regrole and d.defaclnamespace = 'public'::regnamespace and d.defaclobjtype = 'r'
      and a.grantee = 'service_role'::regrole
  ) then
    alter default privileges in schema public revoke execute on functions from service_role;
  end if;
end
$$;

-- The functions of `auth`, where 0.1 made them: no Supabase project has them in this form.
do $$
begin
  if exists (select from pg_catalog.pg_proc where oid = to_regprocedure('auth.jwt()') and prosqlbody is not null) then
    create or replace function auth.jwt() returns jsonb
      language sql stable
      set search_path = ''
    as $body$
      select coalesce(
        nullif(current_setting('request.jwt.claims', true), ''),
        nullif(current_setting('request.jwt.claim', true), '')
      )::jsonb
    $body$;
    create or replace function auth.uid() returns uuid
      language sql stable
      set search_path = ''
    as $body$
      select nullif(coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      ), '')::uuid
    $body$;
  end if;
end
$$;
