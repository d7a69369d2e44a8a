-- Sessions: take-over, reading, committing batches, giving up.
-- Every function here takes one JSON argument and returns JSON, so that it is the same call over any transport.

create function public.encode_base64(value bytea) returns text
  -- No `set`, so that calls are inlined; names in a body of this form are bound when it is created.
  language sql immutable strict parallel safe
  -- encode() breaks lines after 76 characters.
  return translate(encode(value, 'base64'), e'\n', '');

create function public.acquire_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_limit constant int := 5000;
  v_instance public.whatsapp_instances;
  v_keys jsonb;
  v_count int;
begin
  update public.whatsapp_instances
    set lease_epoch = lease_epoch + 1, lease_owner = p ->> 'node_id'
    where id = v_id and deleted_at is null
    returning * into v_instance;
  if not found then
    return null;
  end if;
  select coalesce(jsonb_agg(jsonb_build_array(k.key_type, k.key_id, public.encode_base64(k.value))
      order by k.updated_at desc), '[]'), count(*)
    into v_keys, v_count
    from (
      select key_type, key_id, value, updated_at
      from public.whatsapp_session_keys
      where instance_id = v_id and key_type <> 'pre-key'
      order by updated_at desc
      limit v_limit + 1
    ) k;
  return jsonb_build_object(
    'epoch', v_instance.lease_epoch,
    'organization_id', v_instance.organization_id,
    'phone_number', v_instance.phone_number,
    'account_phone', v_instance.account_phone,
    'account_lid', v_instance.account_lid,
    'pairing_method', v_instance.pairing_method,
    'session_data', public.encode_base64(v_instance.session_data),
    'keys', case when v_count > v_limit then v_keys - v_limit else v_keys end,
    'keys_complete', v_count <= v_limit
  );
end
$$;

create function public.read_session_keys(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(k.key_id, public.encode_base64(k.value))), '[]')
  from jsonb_array_elements_text(p -> 'ids') as wanted (key_id)
  join public.whatsapp_session_keys k
    on k.instance_id = (p ->> 'instance_id')::uuid and k.key_type = p ->> 'type' and k.key_id = wanted.key_id
$$;

-- Raises AZ001 unless every epoch is current; the shared locks keep them current until the transaction ends.
create function public.check_epochs(p_epochs jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_fenced jsonb;
begin
  with wanted as (
    select (e ->> 0)::uuid as id, (e ->> 1)::bigint as epoch from jsonb_array_elements(p_epochs) e
  ), held as materialized (
    -- In the order of ids, as everybody else who locks several instances: no deadlocks.
    select i.id, i.lease_epoch
    from public.whatsapp_instances i
    where i.id in (select w.id from wanted w)
    order by i.id
    for share
  )
  select jsonb_agg(w.id) into v_fenced
    from wanted w left join held h on h.id = w.id
    where h.lease_epoch is distinct from w.epoch;
  if v_fenced is not null then
    raise exception 'fenced' using errcode = 'AZ001', detail = v_fenced::text;
  end if;
end
$$;

-- Whose messages are an organization's own: of all its instances the number it was given, and the linked account.
create function public.owner_addresses(p_organization_ids text[]) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(i.organization_id, i.phone_number, i.account_phone, i.account_lid)), '[]')
  from public.whatsapp_instances i
  where i.organization_id = any (p_organization_ids) and i.deleted_at is null
$$;

-- Where `wants_inbox` is set, the answer names the new inbox rows, and the addresses that it takes to classify them: a
-- worker in the same process needs no other call for them.
create function public.commit_session_batch(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_writer constant uuid := (p ->> 'writer')::uuid;
  v_seq constant bigint := (p ->> 'seq')::bigint;
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
        return '{"result": "already"}';
      end if;
      raise exception 'batch % of writer % does not follow batch %', v_seq, v_writer, coalesce(v_last, 0)
        using errcode = 'AZ002';
    end if;
  end if;

  perform public.check_epochs(p -> 'epochs');

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
  return '{"result": "committed"}';
end
$$;

create function public.find_inbox(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(i.hash, public.encode_base64(i.body))), '[]')
  from jsonb_array_elements_text(p -> 'hashes') as wanted (hash)
  join public.inbox i on i.instance_id = (p ->> 'instance_id')::uuid and i.hash = wanted.hash
$$;

create function public.wipe_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_epoch constant bigint := (p ->> 'epoch')::bigint;
  v_current bigint;
begin
  select lease_epoch into v_current from public.whatsapp_instances where id = v_id for no key update;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  if v_current <> v_epoch then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_id)::text;
  end if;
  delete from public.whatsapp_session_keys where instance_id = v_id;
  update public.whatsapp_instances
    set session_data = null, account_phone = null, account_lid = null, status = 'disconnected',
      desired_state = 'stopped', lease_epoch = lease_epoch + 1, lease_owner = null, lease_expires_at = null,
      deleted_at = case when (p ->> 'deleted')::boolean then now() else deleted_at end
    where id = v_id;
  return '{}';
end
$$;

create function public.release_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.whatsapp_instances set lease_owner = null, lease_expires_at = null
    where id = (p ->> 'instance_id')::uuid and lease_epoch = (p ->> 'epoch')::bigint;
  return jsonb_build_object('released', found);
end
$$;
