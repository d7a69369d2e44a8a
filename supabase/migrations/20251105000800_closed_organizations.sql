-- As before, and what its own data key sealed becomes unreadable. Those of its instances go as they are logged out.
create or replace function public.close_organization(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.organizations set closed_at = coalesce(closed_at, now()) where id = p ->> 'id';
  if not found then
    raise exception 'organization not found' using errcode = 'AZ404';
  end if;
  update public.api_keys set revoked_at = now() where organization_id = p ->> 'id' and revoked_at is null;
  delete from public.data_keys where organization_id = p ->> 'id' and instance_id is null;
  return '{}';
end
$$;
