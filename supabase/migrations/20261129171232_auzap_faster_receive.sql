-- What follows is written by `npm run schema` from supabase/schema: do not edit.

-- 00_preflight.sql

-- Refuses what would fail half-way or harm somebody else, before anything is changed. Each sentence says what to do.
--
-- The schema `public` may have another application's tables, too: those keep every right. What has a name of ours must be ours:
-- the type `auzap_whatsapp` is made here, in the statement that found all names free, and tells it from then on. So a push that
-- was interrupted can be repeated.
do $$
declare
  -- `npm run schema` writes the names.
  v_relations constant text[] := string_to_array(
    'api_keys audit_log audit_log_id_seq auzap_whatsapp bookings contacts data_keys data_keys_current_of_instance '
    'data_keys_current_of_organization data_keys_id_seq data_moves erased_messages erasures events former_addresses '
    'idx_api_keys_created_by idx_api_keys_organization idx_api_keys_replaced_by idx_audit_log_actor '
    'idx_audit_log_call idx_audit_log_object idx_audit_log_organization idx_audit_log_time idx_bookings_contact '
    'idx_bookings_organization idx_bookings_pending idx_contacts_organization idx_data_keys_instance '
    'idx_data_keys_master idx_data_keys_organization idx_erased_messages_age idx_erasures_organization '
    'idx_erasures_unfinished idx_inbox_dead idx_inbox_organization idx_inbox_pending idx_inbox_received '
    'idx_merged_contacts_into idx_messages_contact idx_messages_idempotency idx_messages_instance_ordinal '
    'idx_messages_open idx_messages_organization idx_messages_outbound idx_messages_without_contact '
    'idx_node_requests_expiry idx_node_requests_waiting idx_notes_contact idx_notes_organization '
    'idx_notes_without_contact idx_organization_invitations_by idx_organization_invitations_user '
    'idx_organization_members_user idx_undecrypted_instance idx_undecrypted_message idx_undecrypted_received '
    'idx_undecrypted_waiting idx_webhook_deliveries_due idx_webhook_deliveries_organization '
    'idx_webhook_endpoints_organization idx_whatsapp_instances_alive idx_whatsapp_instances_leaving '
    'idx_whatsapp_instances_organization idx_whatsapp_instances_resumable inbox inbox_id_seq ingest_outcome '
    'ingest_row ingest_work key_holders merged_contacts messages messages_ordinal_seq node_requests nodes notes '
    'notes_ordinal_seq organization_invitations organization_members organizations pairing_qrs retention_progress '
    'retention_settings service_secrets session_writers undecrypted_messages undecrypted_messages_id_seq '
    'webhook_deliveries webhook_deliveries_id_seq webhook_endpoints whatsapp_instances whatsapp_session_keys', ' ');
  v_functions constant text[] := string_to_array(
    'acquire_session add_count announce_keys answer_invitation answer_node_request api_key_grant api_key_view '
    'append_event apply_audit_retention apply_inbox_retention apply_receipts apply_retention ask_node '
    'authenticate_api_key begin_audit begin_ingest begin_logout begin_outbound bury_nodes check_epochs claim_inbox '
    'close_organization commit_and_ingest commit_encoded_batch commit_session_batch complete_message '
    'conclude_erasure conversation_address count_locked_sessions count_received count_rows count_sealed '
    'create_api_key current_contact data_keys_of default_retention describe_database do_work doubt_outbound '
    'drop_retired_keys empty_inbox_rows encode_base64 end_keys_made end_of_held end_of_new_key erase_contact '
    'erase_conversation erase_from_events erase_from_inbox erase_person erased_lids erased_pattern erased_phones '
    'erased_strangers erasure_receipt event_heads export_contact find_inbox find_outbound find_outbound_content '
    'find_pairing_qr find_undecrypted finish_audit finish_outbound former_addresses_of former_owners '
    'give_up_undecrypted has_usable_api_key inbox_addressing inbox_waits ingest_inbox ingest_received '
    'instance_integrity instance_view invitation_view invitations_of invite_member is_leased is_usable '
    'join_conversations keep_audit_log keep_contact_name keep_former_addresses keep_service_secret keys_at_an_end '
    'known_people lacks_data_key learn_addresses learn_people list_events list_keys_to_rewrap list_messages '
    'list_notes list_open_outbound list_unkeyed_instances lock_to_count make_work mark_erased memberships_of '
    'merge_contacts message_mark message_payload my_organizations needs_data_key node_heartbeat node_poll node_tick '
    'open_call organization_data_keys organization_of_object outbound_rank outbound_view owner_addresses '
    'owner_versions person_pattern put_member queue_stats read_data_keys read_node_answer read_node_answers '
    'read_page read_retention read_session_keys record_undecrypted recover_undecrypted redrive_inbox release_claims '
    'release_session remember_addresses remove_member renew_claims renew_data_keys renew_running_keys '
    'repeat_outbound replace_data_key require_open_organization require_other_owner require_place '
    'reseal_credentials reseal_direct_values reseal_inbox_bodies reseal_session_keys reseal_webhook_secrets '
    'resolve_people resolve_person restore_instance retention_cutoff retention_of revoke_api_key rewrap_data_keys '
    'rotate_api_key rotation_blockers rows_about schema_versions scopes_of_role search_contacts session_holder '
    'set_instance_status shred_drained_keys skip_erased stale_credentials stale_direct_values stale_inbox_bodies '
    'stale_session_keys stale_webhook_secrets store_bookings store_inbound store_message_events store_notes '
    'store_pairing_qr store_received stored_outbound sweep_outbound sweep_retention take_node_requests tick_part '
    'touch_updated_at unfinished_closings unfinished_erasures usable_api_keys was_sent_to were_sent_to wipe_session '
    'withdraw_invitation withdraw_invitations_by withdraw_node_request write_retention', ' ');
  v_missing_roles constant text[] := array(
    select r.name from unnest(array['anon', 'authenticated', 'service_role']) as r (name)
    where not exists (select from pg_catalog.pg_roles o where o.rolname = r.name)
  );
  v_me pg_catalog.pg_roles;
  v_found text;
begin
  if current_setting('server_version_num')::int < 150000 then
    raise exception 'The server is Postgres %, and the service needs 15 or newer: upgrade it, or use another one. Nothing was changed.', current_setting('server_version')
      using errcode = 'AZ412';
  end if;
  if pg_is_in_recovery() or current_setting('transaction_read_only')::boolean then
    raise exception 'The database is read-only: connect to the primary, and without default_transaction_read_only. Nothing was changed.'
      using errcode = 'AZ412';
  end if;

  select * into v_me from pg_catalog.pg_roles where rolname = current_user;
  if not has_schema_privilege('public', 'usage') or not has_schema_privilege('public', 'create') then
    raise exception 'The database user % may not create tables in the schema public. Grant it: grant usage, create on schema public to %. Nothing was changed.',
      current_user, quote_ident(current_user) using errcode = 'AZ412';
  end if;
  if v_missing_roles <> '{}' and not v_me.rolsuper and (
    not v_me.rolcreaterole or 'service_role' = any (v_missing_roles)
      and (not v_me.rolbypassrls or current_setting('server_version_num')::int < 160000)
  ) then
    raise exception 'The database user % may not create the roles that are missing (%). Create them once as a superuser (nologin; service_role with bypassrls). Nothing was changed.',
      current_user, array_to_string(v_missing_roles, ', ') using errcode = 'AZ412';
  end if;
  if not has_database_privilege(current_database(), 'create') and (
    select count(*) from pg_catalog.pg_namespace where nspname in ('auth', 'supabase_migrations')
  ) < 2 then
    raise exception 'The database user % may not create schemas. Grant it: grant create on database % to %. Nothing was changed.',
      current_user, quote_ident(current_database()), quote_ident(current_user) using errcode = 'AZ412';
  end if;
  if exists (select from pg_catalog.pg_namespace where nspname = 'auth') and not exists (
    select from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace
    where n.nspname = 'auth' and f.proname = 'uid' and f.pronargs = 0
  ) then
    raise exception 'The schema auth is another one than Supabase''s: it has no function uid(). Take a database of its own for the service. Nothing was changed.'
      using errcode = 'AZ412';
  end if;

  if to_regtype('public.auzap_whatsapp') is null then
    select string_agg(t.name, ', ' order by t.name) into v_found
      from (
        select c.relname as name from pg_catalog.pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relname = any (v_relations)
        union
        select y.typname from pg_catalog.pg_type y
        where y.typnamespace = 'public'::regnamespace and y.typname = any (v_relations)
        union
        select f.proname || '()' from pg_catalog.pg_proc f
        where f.pronamespace = 'public'::regnamespace and f.proname = any (v_functions)
      ) t;
    if v_found is not null then
      raise exception 'The schema public has something of another application under names that the service needs (%). Take a database of its own for the service. Nothing was changed.', v_found
        using errcode = 'AZ412';
    end if;
    create type public.auzap_whatsapp as ();
    comment on type public.auzap_whatsapp is 'Says that what auzap-whatsapp needs in this schema is its own';
  end if;

  select string_agg(distinct r.rolname, ', ') into v_found
    from pg_catalog.pg_class c
    join pg_catalog.pg_roles r on r.oid = c.relowner
    where c.relnamespace = 'public'::regnamespace and c.relname = any (v_relations) and not pg_has_role(c.relowner, 'usage');
  if v_found is not null then
    raise exception 'The tables of the service belong to %, and the database user is %. Connect as the owner. Nothing was changed.',
      v_found, current_user using errcode = 'AZ412';
  end if;
end
$$;

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
  v_rows constant jsonb := p -> 'inbox';
  v_row constant jsonb := v_rows -> 0;
  -- One message alone, as most are while little comes: the same, without what it takes to do it for many.
  v_is_one constant boolean := jsonb_array_length(v_epochs) = 1 and jsonb_array_length(v_rows) = 1
    and v_row ->> 'instance_id' = v_epochs -> 0 ->> 0;
  v_organization_id text;
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
  if v_is_one then
    select i.organization_id into v_organization_id
      from public.whatsapp_instances i
      where i.id = (v_epochs -> 0 ->> 0)::uuid and i.lease_epoch = (v_epochs -> 0 ->> 1)::bigint
      for share;
    v_current := (v_organization_id is not null)::int;
  else
    select count(*) into v_current
      from (
        select from jsonb_array_elements(v_epochs) e
        join public.whatsapp_instances i on i.id = (e ->> 0)::uuid and i.lease_epoch = (e ->> 1)::bigint
        order by i.id
        for share of i
      ) h;
  end if;
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

  if v_organization_id is not null then
    insert into public.inbox (organization_id, instance_id, message_id, chat, sender, hash, attrs, encryption,
        body, account_phone, account_lid, received_at)
      values (v_organization_id, (v_row ->> 'instance_id')::uuid, v_row ->> 'message_id', v_row ->> 'chat',
        v_row ->> 'sender', v_row ->> 'hash', v_row -> 'attrs', v_row ->> 'encryption',
        decode(v_row ->> 'body', 'base64'), v_row ->> 'account_phone', v_row ->> 'account_lid',
        (v_row ->> 'received_at')::timestamptz)
      on conflict (instance_id, hash) do nothing
      returning jsonb_build_array(jsonb_build_array(id, organization_id, instance_id, hash)) into v_inbox;
    v_organizations := array[v_organization_id];
  elsif jsonb_array_length(v_rows) > 0 then
    with stored as (
      insert into public.inbox (organization_id, instance_id, message_id, chat, sender, hash, attrs, encryption,
          body, account_phone, account_lid, received_at)
        select i.organization_id, i.id, e.row ->> 'message_id', e.row ->> 'chat', e.row ->> 'sender',
          e.row ->> 'hash', e.row -> 'attrs', e.row ->> 'encryption', decode(e.row ->> 'body', 'base64'),
          e.row ->> 'account_phone', e.row ->> 'account_lid', (e.row ->> 'received_at')::timestamptz
        from jsonb_array_elements(v_rows) with ordinality as e (row, position)
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

-- 33_ingest.sql

-- What a `whatsapp:message` event tells.
create or replace function public.message_payload(p_instance_id uuid, p_message_id text, p_from text, p_text text,
    p_sent_at timestamptz, p_contact_id uuid, p_booking_id uuid) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_strip_nulls(jsonb_build_object('instanceId', p_instance_id, 'messageId', p_message_id, 'from', p_from,
    'text', p_text, 'timestamp', to_char(p_sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'contactId', p_contact_id, 'bookingId', p_booking_id));
end
$$;

-- Appends a `whatsapp:message` event for each newly stored message, in order; returns them.
create or replace function public.store_message_events(p_work public.ingest_work[], p_stored bigint[], p_booking_policy text)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_one public.ingest_work;
  v_from text;
  v_events jsonb;
begin
  if cardinality(p_stored) = 1 then
    -- A message alone is what comes most often.
    foreach v_one in array p_work loop
      exit when v_one.inbox_id = p_stored[1];
    end loop;
    v_from := v_one.phone;
    if v_from is null then
      select coalesce(k.phone_number, v_one.lid || '@lid') into v_from from public.contacts k where k.id = v_one.contact_id;
    end if;
    if p_booking_policy = 'one-open' then
      select b.id into v_one.booking_id
        from public.bookings b
        where b.contact_id = v_one.contact_id and b.status = 'pending'
        order by b.created_at, b.id
        limit 1;
    end if;
    return jsonb_build_array(public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:message', 'payload', public.message_payload(v_one.instance_id, v_one.message_id, v_from,
        v_one.content, v_one.sent_at, v_one.contact_id, v_one.booking_id))));
  end if;
  with fresh as materialized (
    select w.position, w.organization_id, w.instance_id, w.message_id, w.phone, w.lid, w.content, w.sent_at, w.contact_id,
      w.booking_id, row_number() over (partition by w.organization_id order by w.position) as place
    from unnest(p_work) w
    where w.inbox_id = any (p_stored)
  ), numbered as (
    update public.organizations o set event_seq = o.event_seq + c.events
      from (select f.organization_id, count(*) as events from fresh f group by f.organization_id) c
      where o.id = c.organization_id
      returning o.id, o.event_seq - c.events as base
  ), made as materialized (
    select f.position, f.organization_id, f.instance_id, n.base + f.place as sequence,
      public.message_payload(f.instance_id, f.message_id,
        coalesce(f.phone, (select k.phone_number from public.contacts k where k.id = f.contact_id), f.lid || '@lid'),
        f.content, f.sent_at, f.contact_id,
        case when p_booking_policy = 'one-open' then (
            select b.id from public.bookings b
            where b.contact_id = f.contact_id and b.status = 'pending'
            order by b.created_at, b.id
            limit 1
          ) else f.booking_id end
      ) as payload
    from fresh f
    join numbered n on n.id = f.organization_id
  ), stored as (
    insert into public.events (organization_id, sequence, name, payload, instance_id)
      select m.organization_id, m.sequence, 'whatsapp:message', m.payload, m.instance_id from made m
  )
  select jsonb_agg(jsonb_build_object('organization_id', m.organization_id, 'sequence', m.sequence,
      'name', 'whatsapp:message', 'payload', m.payload) order by m.position)
    into v_events
    from made m;
  return coalesce(v_events, '[]');
end
$$;

revoke execute on function
  public.make_work(public.ingest_row[]), public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.known_people(public.ingest_work[], text), public.resolve_people(public.ingest_work[], text),
  public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_bookings(public.ingest_work[], bigint[], text),
  public.message_payload(uuid, text, text, text, timestamptz, uuid, uuid),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.record_undecrypted(public.ingest_work[]), public.recover_undecrypted(public.ingest_work[]),
  public.do_work(public.ingest_work[], text, boolean), public.count_received(public.ingest_outcome[]), public.ingest_inbox(jsonb),
  public.owner_versions(text[]), public.ingest_received(public.ingest_row[], text[], text),
  public.store_received(public.ingest_row[], jsonb, public.ingest_outcome[]), public.commit_and_ingest(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.make_work(public.ingest_row[]), public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.known_people(public.ingest_work[], text), public.resolve_people(public.ingest_work[], text),
  public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_bookings(public.ingest_work[], bigint[], text),
  public.message_payload(uuid, text, text, text, timestamptz, uuid, uuid),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.record_undecrypted(public.ingest_work[]), public.recover_undecrypted(public.ingest_work[]),
  public.do_work(public.ingest_work[], text, boolean), public.count_received(public.ingest_outcome[]), public.ingest_inbox(jsonb),
  public.owner_versions(text[]), public.ingest_received(public.ingest_row[], text[], text),
  public.store_received(public.ingest_row[], jsonb, public.ingest_outcome[]), public.commit_and_ingest(jsonb)
  to service_role;
