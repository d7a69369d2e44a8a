-- As before, but while an older version still runs beside this one, what its processes hear counts as it did: they do not say from whom,
-- and nobody would hear it again.
create or replace function public.apply_receipts(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_instances uuid[];
  v_changed int;
begin
  with receipts as (
    select m.id, max(public.outbound_rank(e.status)) as rank
    from jsonb_array_elements(p -> 'items') as i (item)
    cross join jsonb_to_record(i.item)
      as e (instance_id uuid, whatsapp_message_id text, status text, phone text, lid text)
    join public.messages m on m.instance_id = e.instance_id and m.direction = 'outbound'
      and m.whatsapp_message_id = e.whatsapp_message_id
    where e.status in ('sent', 'delivered', 'read')
      and (public.was_sent_to(m, e.phone, e.lid) or not i.item ?| array['phone', 'lid'])
    group by m.id
  ), held as materialized (
    select m.id, m.instance_id, m.status, r.rank
    from receipts r
    join public.messages m on m.id = r.id
    where r.rank > public.outbound_rank(m.status)
      and (m.status <> 'failed' or r.rank > public.outbound_rank('sent'))
    order by m.id
    for update of m
  ), raised as (
    update public.messages m
      set status = (array['sent', 'delivered', 'read'])[h.rank - public.outbound_rank('sent') + 1], error = null
      from held h
      where m.id = h.id
      returning m.instance_id, h.status as was
  )
  -- The first receipt of a message whose sending was in doubt is what tells that it was sent.
  select count(*), array_agg(r.instance_id) filter (where r.was in ('pending', 'unknown', 'failed'))
    into v_changed, v_instances
    from raised r;
  if v_instances is not null then
    perform 1 from public.whatsapp_instances i where i.id = any (v_instances) order by i.id for no key update;
    update public.whatsapp_instances i
      set messages_sent_count = i.messages_sent_count + c.messages
      from (select s.id, count(*) as messages from unnest(v_instances) as s (id) group by s.id) c
      where i.id = c.id;
  end if;
  return jsonb_build_object('changed', v_changed);
end
$$;
