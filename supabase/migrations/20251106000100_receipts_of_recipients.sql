-- Only the recipient of a message says that it arrived, and gets it again: anybody may have come to know its id.

-- Whether a message was sent to the person with this phone number or LID, however the chat was addressed.
create function public.was_sent_to(m public.messages, p_phone text, p_lid text) returns boolean
  language sql stable
  set search_path = ''
  return coalesce(m.chat_jid in (p_phone || '@s.whatsapp.net', p_lid || '@lid'), false)
    or exists (
      select from public.contacts c where c.id = m.contact_id and (c.phone_number = p_phone or c.lid = p_lid)
    );

-- Whether an instance sent all of these messages, and to this person.
create function public.were_sent_to(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select jsonb_build_object('sent', coalesce(bool_and(exists (
      select from public.messages m
      where m.instance_id = (p ->> 'instance_id')::uuid and m.direction = 'outbound' and m.whatsapp_message_id = e.id
        and public.was_sent_to(m, p ->> 'phone', p ->> 'lid')
    )), false))
    from jsonb_array_elements_text(p -> 'whatsapp_message_ids') as e (id);
  end;

-- As before, for receipts of the recipients alone.
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
    from jsonb_to_recordset(p -> 'items')
      as e (instance_id uuid, whatsapp_message_id text, status text, phone text, lid text)
    join public.messages m on m.instance_id = e.instance_id and m.direction = 'outbound'
      and m.whatsapp_message_id = e.whatsapp_message_id
    where e.status in ('sent', 'delivered', 'read') and public.was_sent_to(m, e.phone, e.lid)
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

do $$
declare
  v_name text;
begin
  foreach v_name in array array['was_sent_to(public.messages, text, text)', 'were_sent_to(jsonb)'] loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', v_name);
    execute format('grant execute on function public.%s to service_role', v_name);
  end loop;
end
$$;
