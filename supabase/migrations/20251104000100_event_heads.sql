-- How far the events of organizations have come: one call for all that somebody listens to.
create function public.event_heads(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(o.id, o.event_seq)), '[]')
  from public.organizations o
  where o.id in (select jsonb_array_elements_text(p -> 'organization_ids'))
$$;
revoke execute on function public.event_heads(jsonb) from public, anon, authenticated;
grant execute on function public.event_heads(jsonb) to service_role;
