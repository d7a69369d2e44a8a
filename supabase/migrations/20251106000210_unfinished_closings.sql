-- Closed organizations that still have an instance: whoever was closing them ended before all were logged out.
create function public.unfinished_closings(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select coalesce(jsonb_agg(o.id order by o.id), '[]')
    from public.organizations o
    where o.closed_at is not null and exists (
      select from public.whatsapp_instances i where i.organization_id = o.id and i.deleted_at is null
    );
  end;

revoke execute on function public.unfinished_closings(jsonb) from public, anon, authenticated;
grant execute on function public.unfinished_closings(jsonb) to service_role;
