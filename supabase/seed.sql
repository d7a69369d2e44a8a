-- Sample tenant of the documentation's examples, for `supabase db reset`.
insert into public.organizations (id, name) values ('org_123', 'Example organization') on conflict do nothing;
