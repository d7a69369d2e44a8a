-- What users reach with a token of their own: nothing that is not granted on purpose, and at the cost of an index look-up.

-- An array that is made once for each query, which indexes on the organization can be searched with. With a subquery in its
-- place, a query that names no organization reads the rows of all of them to throw most of them away.
do $$
declare
  v_policy record;
begin
  for v_policy in
    select tablename from pg_catalog.pg_policies
    where schemaname = 'public' and policyname = 'members_read' and tablename <> 'organizations'
  loop
    execute format('alter policy members_read on public.%I
      using (organization_id = any (array(select public.my_organizations())))', v_policy.tablename);
  end loop;
end
$$;
alter policy members_read on public.organizations using (id = any (array(select public.my_organizations())));

-- What Supabase granted on sequences that came after the first revocation.
revoke all on all sequences in schema public from anon, authenticated;
grant usage, select on all sequences in schema public to service_role;

-- Supabase grants everything that is made later in `public` to everybody, and Postgres lets everybody call new functions.
-- Whoever adds a table or a function says who may use it.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke all on functions from anon, authenticated;
alter default privileges revoke execute on functions from public;
alter default privileges in schema public grant execute on functions to service_role;

-- A database of a Postgres before 15 keeps this right when it is upgraded.
revoke create on schema public from public;
