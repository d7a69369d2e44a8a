-- Closing a row of the inbox, which every message does, moved half of them to another page.
alter table public.inbox set (fillfactor = 60);

-- What follows is written by `npm run schema` from supabase/schema: do not edit.

-- 22_sessions.sql

-- Where `wants_inbox` is set, the answer names the new inbox rows, and the addresses that it takes to classify them: a
-- worker in the same process needs no other call for them.
-- A batch is about a handful of rows, which the planner takes for a hundred: it would hash the whole of a table for them, by an
-- index where it must not scan it. So joins look up row by row.
create or replace function public.commit_session_batch(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set enable_hashjoin = off
  set enable_mergejoin = off
  set jit = off
as $$
declare
  v_writer constant uuid := (p ->> 'writer')::uuid;
  v_seq constant bigint := (p ->> 'seq')::bigint;
  v_epochs constant jsonb := p -> 'epochs';
  v_current int;
  v_last bigint;
  v_inbox jsonb;
  v_organizations text[];
begin
  update public.session_writers set last_seq = v_seq, updated_at = now()
    where id = v_writer and last_seq = v_seq - 1;
  if not found then
    if v_seq = 1 then
      delete from public.session_writers where updated_at < now() - interval '90 days';
      insert into public.session_writers (id, last_seq) values (v_writer, 1) on conflict do nothing;
    end if;
    if v_seq <> 1 or not found then
      select last_seq into v_last from public.session_writers where id = v_writer;
      if v_last >= v_seq then
        return '{"result": "already"}'::jsonb;
      end if;
      raise exception 'batch % of writer % does not follow batch %', v_seq, v_writer, coalesce(v_last, 0)
        using errcode = 'AZ002';
    end if;
  end if;

  -- As `check_epochs`, which says which are not current; nearly always all are.
  select count(*) into v_current
    from (
      select from jsonb_array_elements(v_epochs) e
      join public.whatsapp_instances i on i.id = (e ->> 0)::uuid and i.lease_epoch = (e ->> 1)::bigint
      order by i.id
      for share of i
    ) h;
  if v_current <> jsonb_array_length(v_epochs) then
    perform public.check_epochs(v_epochs);
  end if;

  if jsonb_array_length(p -> 'upserts') > 0 then
    insert into public.whatsapp_session_keys as k (instance_id, key_type, key_id, value)
      select (e ->> 0)::uuid, e ->> 1, e ->> 2, decode(e ->> 3, 'base64')
      from jsonb_array_elements(p -> 'upserts') e
      on conflict (instance_id, key_type, key_id) do update
        set value = excluded.value, updated_at = excluded.updated_at;
  end if;

  if jsonb_array_length(p -> 'deletes') > 0 then
    delete from public.whatsapp_session_keys k
      using jsonb_array_elements(p -> 'deletes') e
      where k.instance_id = (e ->> 0)::uuid and k.key_type = e ->> 1 and k.key_id = e ->> 2;
  end if;

  if jsonb_array_length(p -> 'inbox') > 0 then
    with stored as (
      insert into public.inbox (organization_id, instance_id, message_id, chat, sender, hash, attrs, encryption,
          body, account_phone, account_lid, received_at)
        select i.organization_id, i.id, e.row ->> 'message_id', e.row ->> 'chat', e.row ->> 'sender',
          e.row ->> 'hash', e.row -> 'attrs', e.row ->> 'encryption', decode(e.row ->> 'body', 'base64'),
          e.row ->> 'account_phone', e.row ->> 'account_lid', (e.row ->> 'received_at')::timestamptz
        from jsonb_array_elements(p -> 'inbox') with ordinality as e (row, position)
        join public.whatsapp_instances i on i.id = (e.row ->> 'instance_id')::uuid
        order by e.position
        on conflict (instance_id, hash) do nothing
        returning id, organization_id, instance_id, hash
    )
    -- In order, said so: for `distinct` Postgres sorts what all aggregates get.
    select jsonb_agg(jsonb_build_array(s.id, s.organization_id, s.instance_id, s.hash) order by s.id),
        array_agg(distinct s.organization_id)
      into v_inbox, v_organizations
      from stored s;
  end if;

  if jsonb_array_length(p -> 'creds') > 0 then
    update public.whatsapp_instances i
      set session_data = decode(e ->> 1, 'base64'),
        account_phone = coalesce(e ->> 2, i.account_phone),
        account_lid = coalesce(e ->> 3, i.account_lid)
      from jsonb_array_elements(p -> 'creds') e
      where i.id = (e ->> 0)::uuid;
  end if;
  if (p ->> 'wants_inbox')::boolean and v_inbox is not null then
    return jsonb_build_object('result', 'committed', 'inbox', v_inbox,
      'owners', public.owner_addresses(v_organizations));
  end if;
  return '{"result": "committed"}'::jsonb;
end
$$;
