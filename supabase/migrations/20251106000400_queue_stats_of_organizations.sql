-- Of some organizations alone, where `organization_ids` names them: what waits for others is neither counted, nor does it push
-- theirs out of the list.
create or replace function public.queue_stats(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with asked as (
    select array(select jsonb_array_elements_text(p -> 'organization_ids')) as organizations,
      p -> 'organization_ids' is null as is_all
  ), pending as (
    select i.organization_id, count(*) as pending, min(i.received_at) as oldest
    from public.inbox i, asked a
    where i.state = 0 and (a.is_all or i.organization_id = any (a.organizations)) group by i.organization_id
  ), dead as (
    select i.organization_id, count(*) as dead
    from public.inbox i, asked a
    where i.state = 2 and (a.is_all or i.organization_id = any (a.organizations)) group by i.organization_id
  ), organizations as (
    select coalesce(w.organization_id, d.organization_id) as organization_id,
      coalesce(w.pending, 0) as pending, coalesce(d.dead, 0) as dead, w.oldest
    from pending w full join dead d on d.organization_id = w.organization_id
  ), top as (
    select * from organizations o order by o.pending desc, o.dead desc, o.organization_id limit 100
  )
  select jsonb_build_object(
    'pending', coalesce((select sum(o.pending) from organizations o), 0),
    'dead', coalesce((select sum(o.dead) from organizations o), 0),
    'oldest_pending_at', (select min(o.oldest) from organizations o),
    'by_organization', coalesce((
      select jsonb_agg(jsonb_build_object('organization_id', t.organization_id, 'pending', t.pending,
        'dead', t.dead, 'oldest_pending_at', t.oldest) order by t.pending desc, t.dead desc, t.organization_id)
      from top t
    ), '[]')
  )
$$;
