-- Bookings are made and changed by people, too.
alter table public.bookings
  add column if not exists title text,
  add column if not exists notes text,
  add column if not exists starts_at timestamptz,
  add column if not exists ends_at timestamptz,
  add column if not exists idempotency_key text,
  add column if not exists request_hash text;

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
    'history_syncs history_syncs_ordinal_seq idx_api_keys_created_by idx_api_keys_organization '
    'idx_api_keys_replaced_by idx_audit_log_actor idx_audit_log_call idx_audit_log_object '
    'idx_audit_log_organization idx_audit_log_time idx_bookings_contact idx_bookings_organization '
    'idx_bookings_pending idx_bookings_start idx_contacts_organization idx_data_keys_instance idx_data_keys_master '
    'idx_data_keys_organization idx_erased_messages_age idx_erasures_organization idx_erasures_unfinished '
    'idx_history_syncs_instance idx_history_syncs_pending idx_inbox_dead idx_inbox_organization idx_inbox_pending '
    'idx_inbox_received idx_media_files_content idx_media_files_expiry idx_merged_contacts_into '
    'idx_message_media_asked idx_message_media_due idx_message_media_file idx_message_media_of_message '
    'idx_message_media_of_note idx_message_media_sealed idx_message_media_waiting idx_messages_change '
    'idx_messages_contact idx_messages_idempotency idx_messages_instance_ordinal idx_messages_open '
    'idx_messages_organization idx_messages_outbound idx_messages_quoting idx_messages_unsupported '
    'idx_messages_without_contact idx_node_requests_expiry idx_node_requests_waiting idx_notes_contact '
    'idx_notes_organization idx_notes_quoting idx_notes_unsupported idx_notes_without_contact '
    'idx_organization_invitations_by idx_organization_invitations_user idx_organization_members_user '
    'idx_pending_changes_instance idx_pending_changes_message idx_pending_changes_organization '
    'idx_undecrypted_instance idx_undecrypted_message idx_undecrypted_received idx_undecrypted_waiting '
    'idx_webhook_deliveries_due idx_webhook_deliveries_organization idx_webhook_endpoints_organization '
    'idx_whatsapp_instances_alive idx_whatsapp_instances_leaving idx_whatsapp_instances_organization '
    'idx_whatsapp_instances_resumable inbox inbox_id_seq ingest_outcome ingest_row ingest_work key_holders '
    'media_files media_usage merged_contacts message_answers message_answers_id_seq message_edits '
    'message_edits_id_seq message_media message_reactions message_reactions_id_seq messages messages_ordinal_seq '
    'node_requests nodes notes notes_ordinal_seq organization_invitations organization_members organizations '
    'pairing_qrs pending_changes pending_changes_id_seq retention_progress retention_settings service_secrets '
    'session_writers undecrypted_messages undecrypted_messages_id_seq uq_bookings_idempotency_key '
    'webhook_deliveries webhook_deliveries_id_seq webhook_endpoints whatsapp_instances whatsapp_session_keys', ' ');
  v_functions constant text[] := string_to_array(
    'acquire_session add_count announce_keys answer_invitation answer_media answer_node_request api_key_grant '
    'api_key_view append_event append_events append_media_event apply_audit_retention apply_change apply_changes '
    'apply_inbox_retention apply_receipts apply_retention apply_sent_change ask_node attach_media '
    'authenticate_api_key begin_audit begin_ingest begin_logout begin_outbound booking_event booking_row bury_nodes '
    'change_booking changes_made check_epochs claim_history claim_inbox claim_media close_organization '
    'commit_and_ingest commit_encoded_batch commit_session_batch complete_message conclude_erasure '
    'conversation_address count_locked_sessions count_received count_rows count_sealed counted_answers '
    'create_api_key create_booking current_contact data_keys_of default_retention delete_changed describe_database '
    'do_work doom_media_files doubt_outbound drop_retired_keys empty_inbox_rows encode_base64 end_keys_made '
    'end_of_held end_of_new_key erase_contact erase_conversation erase_from_events erase_from_inbox erase_person '
    'erased_lids erased_pattern erased_phones erased_strangers erasure_receipt event_heads event_time events_around '
    'export_contact find_asked_media find_booking find_change_targets find_changed find_inbox find_media '
    'find_outbound find_outbound_content find_pairing_qr find_undecrypted finish_audit finish_history '
    'finish_media_file finish_outbound forget_in_events forget_media_files forget_quote_in_events forget_quotes '
    'former_addresses_of former_owners give_up_undecrypted has_usable_api_key history_anchor history_of '
    'history_ordinal history_waits hold_media_file inbox_addressing inbox_waits ingest_inbox ingest_received '
    'instance_integrity instance_view invitation_view invitations_of invite_member is_leased is_media_file_used '
    'is_usable join_conversations keep_audit_log keep_change keep_contact_name keep_former_addresses '
    'keep_service_secret keys_at_an_end lacks_data_key last_instance_of learn_addresses learn_people '
    'list_conversations list_events list_keys_to_rewrap list_messages list_notes list_open_outbound '
    'list_unkeyed_instances lock_to_count look_up_people make_work mark_erased media_subject media_view media_waits '
    'memberships_of merge_contacts message_extras message_history message_mark message_payload my_organizations '
    'named_by_placeholder needs_data_key node_heartbeat node_poll node_tick note_extras note_history note_read '
    'open_call organization_data_keys organization_of_object outbound_rank outbound_view owner_addresses '
    'owner_versions person_pattern plausible_number prepare_outbound put_member queue_stats read_again read_contact '
    'read_data_keys read_event read_message read_node_answer read_node_answers read_page read_retention '
    'read_session_keys record_undecrypted recover_undecrypted redrive_inbox release_claims release_media_file '
    'release_session remember_addresses remove_member rename_contact renew_claims renew_data_keys '
    'renew_media_claims renew_running_keys repeat_outbound replace_data_key replace_placeholders '
    'require_open_organization require_other_owner require_place reseal_credentials reseal_direct_values '
    'reseal_inbox_bodies reseal_message_values reseal_session_keys reseal_webhook_secrets reserve_media_file '
    'resolve_people resolve_person restore_instance retention_cutoff retention_of retry_media revoke_api_key '
    'rewrap_data_keys rotate_api_key rotation_blockers rows_about schema_versions scopes_of_role '
    'sealed_message_columns search_contacts session_holder set_instance_status settle_media shown_bytes '
    'shred_drained_keys skip_erased stale_credentials stale_direct_values stale_inbox_bodies stale_message_values '
    'stale_session_keys stale_webhook_secrets status_event status_times store_answer store_bookings store_history '
    'store_inbound store_media store_message_events store_note_events store_notes store_pairing_qr '
    'store_placeholders store_reaction store_received stored_outbound sweep_outbound sweep_retention '
    'take_node_requests tick_part touch_updated_at unfinished_closings unfinished_erasures usable_api_keys '
    'was_sent_to waveform_view were_sent_to wipe_session withdraw_invitation withdraw_invitations_by '
    'withdraw_node_request write_retention', ' ');
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

-- 31_messages.sql

create unique index if not exists uq_bookings_idempotency_key on public.bookings (organization_id, idempotency_key)
  where idempotency_key is not null;

create index if not exists idx_bookings_start on public.bookings (organization_id, starts_at, id) where starts_at is not null;

-- 38_conversations.sql

-- Over which number the last message of a contact went; null where there is none.
create or replace function public.last_instance_of(p_contact_id uuid) returns uuid
  language sql stable
  set search_path = ''
as $$
  select m.instance_id from public.messages m where m.contact_id = p_contact_id order by m.ordinal desc limit 1
$$;

-- Names a contact, or lets its own name come back with its next message, where `name` is null: `{ id, events }`, null for one that is
-- not there.
create or replace function public.rename_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_id constant uuid := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  v_instance_id constant uuid := public.last_instance_of(v_id);
  v_name constant text := p ->> 'name';
begin
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  if not exists (select from public.contacts k where k.id = v_id and k.organization_id = v_organization_id) then
    return null;
  end if;
  update public.contacts k
    set name = coalesce(v_name, k.name),
      name_source = case when v_name is not null then 'person' when k.name_source = 'person' then 'push' else k.name_source end
    where k.id = v_id and (k.name, k.name_source) is distinct from
      (coalesce(v_name, k.name), case when v_name is not null then 'person' when k.name_source = 'person' then 'push'
        else k.name_source end);
  if not found then
    return jsonb_build_object('id', v_id, 'events', '[]'::jsonb);
  end if;
  return jsonb_build_object('id', v_id, 'events', public.append_events(jsonb_build_array(jsonb_build_object(
    'organization_id', v_organization_id, 'instance_id', v_instance_id, 'name', 'whatsapp:contact',
    'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_instance_id, 'contactId', v_id, 'change', 'renamed',
      'timestamp', public.event_time(now())))))));
end
$$;

revoke execute on function
  public.read_contact(jsonb), public.read_event(text, uuid, uuid), public.note_read(jsonb), public.list_conversations(jsonb),
  public.last_instance_of(uuid), public.rename_contact(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.read_contact(jsonb), public.read_event(text, uuid, uuid), public.note_read(jsonb), public.list_conversations(jsonb),
  public.last_instance_of(uuid), public.rename_contact(jsonb)
  to service_role;

-- 42_bookings.sql

-- Bookings that people make and change.

-- What a booking is to those who call.
create or replace function public.booking_row(p_booking public.bookings) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(p_booking) - '{idempotency_key,request_hash}'::text[]
    || jsonb_build_object('version', (extract(epoch from p_booking.updated_at) * 1000000)::bigint::text)
$$;

-- Tells of a booking that is new, or is not what it was.
create or replace function public.booking_event(p_booking public.bookings, p_previous_status text) returns jsonb
  language sql
  set search_path = ''
as $$
  select public.append_event(p_booking.organization_id, p_booking.instance_id, jsonb_build_object(
    'name', 'whatsapp:booking', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_booking.instance_id,
      'bookingId', p_booking.id, 'contactId', p_booking.contact_id, 'status', p_booking.status,
      'previousStatus', p_previous_status, 'timestamp', public.event_time(now())))))
$$;

-- One booking; null where there is none.
create or replace function public.find_booking(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select public.booking_row(b) from public.bookings b
  where b.id = (p ->> 'id')::uuid and b.organization_id = p ->> 'organization_id'
$$;

-- Makes a booking of a contact, once under an idempotency key: `{ booking, events, is_replay }`, null where there is no such contact.
create or replace function public.create_booking(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_contact_id constant uuid := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  v_closed_at timestamptz;
  v_booking public.bookings;
begin
  select o.closed_at into v_closed_at from public.organizations o where o.id = v_organization_id for no key update;
  if p ? 'idempotency_key' then
    select * into v_booking
      from public.bookings b
      where b.organization_id = v_organization_id and b.idempotency_key = p ->> 'idempotency_key';
    if found then
      if v_booking.request_hash is distinct from p ->> 'request_hash' then
        raise exception using errcode = 'AZ410', message = 'idempotency_key_reused';
      end if;
      return jsonb_build_object('booking', public.booking_row(v_booking), 'events', '[]'::jsonb, 'is_replay', true);
    end if;
  end if;
  if v_closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  perform 1 from public.contacts k
    where k.id = v_contact_id and k.organization_id = v_organization_id
    for key share;
  if not found then
    return null;
  end if;
  insert into public.bookings (organization_id, contact_id, instance_id, status, source, title, notes, starts_at, ends_at,
      idempotency_key, request_hash)
    values (v_organization_id, v_contact_id, public.last_instance_of(v_contact_id), coalesce(p ->> 'status', 'pending'), 'api', p ->> 'title', p ->> 'notes', (p ->> 'starts_at')::timestamptz,
      (p ->> 'ends_at')::timestamptz, p ->> 'idempotency_key', p ->> 'request_hash')
    returning * into v_booking;
  return jsonb_build_object('booking', public.booking_row(v_booking),
    'events', jsonb_build_array(public.booking_event(v_booking, null)), 'is_replay', false);
end
$$;

-- Changes a booking: `{ booking, events }`, null where there is none. What `changes` does not name stays as it is. With `versions` only
-- a state of it that the caller has seen.
create or replace function public.change_booking(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_changes constant jsonb := p -> 'changes';
  v_before public.bookings;
  v_after public.bookings;
begin
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  select * into v_before
    from public.bookings b
    where b.id = (p ->> 'id')::uuid and b.organization_id = v_organization_id
    for no key update;
  if not found then
    return null;
  end if;
  if p ? 'versions' and not p -> 'versions' ? (public.booking_row(v_before) ->> 'version') then
    raise exception using errcode = 'AZ410', message = 'changed_meanwhile';
  end if;
  v_after := jsonb_populate_record(v_before, v_changes);
  if v_after.status <> v_before.status and not (
    v_before.status = 'pending' and v_after.status in ('confirmed', 'cancelled')
    or v_before.status = 'confirmed' and v_after.status in ('completed', 'cancelled')
  ) then
    raise exception using errcode = 'AZ410', message = 'invalid_transition';
  end if;
  if v_after.ends_at is not null and (v_after.starts_at is null or v_after.ends_at <= v_after.starts_at) then
    raise exception using errcode = 'AZ410', message = 'booking_ends_too_early';
  end if;
  if v_after is not distinct from v_before then
    return jsonb_build_object('booking', public.booking_row(v_before), 'events', '[]'::jsonb);
  end if;
  update public.bookings b
    set status = v_after.status, title = v_after.title, notes = v_after.notes, starts_at = v_after.starts_at,
      ends_at = v_after.ends_at
    where b.id = v_before.id
    returning * into v_after;
  return jsonb_build_object('booking', public.booking_row(v_after),
    'events', jsonb_build_array(public.booking_event(v_after,
      case when v_after.status <> v_before.status then v_before.status end)));
end
$$;

revoke execute on function
  public.booking_row(public.bookings), public.booking_event(public.bookings, text), public.find_booking(jsonb),
  public.create_booking(jsonb), public.change_booking(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.booking_row(public.bookings), public.booking_event(public.bookings, text), public.find_booking(jsonb),
  public.create_booking(jsonb), public.change_booking(jsonb)
  to service_role;

-- 50_retention.sql

-- One step for one organization: of each kind at most `limit` rows, the oldest first. `more`: another step finds more.
-- `busy`: another process is at it. Sends in doubt do not hold up what is younger, and expired requests go, too.
create or replace function public.apply_retention(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 5000);
  v_settings constant public.retention_settings := public.retention_of(v_organization_id);
  v_instance_id uuid;
  v_counts jsonb := '{}'::jsonb;
  v_step jsonb;
  v_rows int;
  v_more boolean := false;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('auzap retention', 0)) then
    return '{"busy": true}'::jsonb;
  end if;

  -- Sends in doubt are not over, and do not count.
  with old as (
    select w.id from (
      -- History and what was received since: each is in the order of its age, and young history hides nothing old.
      (
        select m.id, m.created_at from public.messages m
        where m.organization_id = v_organization_id and v_settings.messages_days is not null and m.ordinal < 0
        order by m.ordinal
        limit v_limit
      )
      union all
      (
        select m.id, m.created_at from public.messages m
        where m.organization_id = v_organization_id and v_settings.messages_days is not null and m.ordinal > 0
          and m.status not in ('pending', 'unknown')
        order by m.ordinal
        limit v_limit
      )
    ) w
    where w.created_at < public.retention_cutoff(v_settings.messages_days)
  ), held as materialized (
    select m.id from public.messages m where m.id in (select o.id from old o) order by m.id for update
  )
  delete from public.messages m using held h where m.id = h.id;
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'messages', v_rows);
  v_more := v_more or v_rows >= v_limit;

  delete from public.notes n
    where n.id in (
      select w.id from (
        (
          select t.id, t.created_at from public.notes t
          where t.organization_id = v_organization_id and v_settings.notes_days is not null and t.ordinal < 0
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t.id, t.created_at from public.notes t
          where t.organization_id = v_organization_id and v_settings.notes_days is not null and t.ordinal > 0
          order by t.ordinal
          limit v_limit
        )
      ) w
      where w.created_at < public.retention_cutoff(v_settings.notes_days)
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'notes', v_rows);
  v_more := v_more or v_rows >= v_limit;

  delete from public.bookings b
    where b.id in (
      select t.id from public.bookings t
      where t.organization_id = v_organization_id
        and t.created_at < public.retention_cutoff(v_settings.bookings_days)
        and t.updated_at < public.retention_cutoff(v_settings.bookings_days)
        and (t.starts_at is null or coalesce(t.ends_at, t.starts_at) < public.retention_cutoff(v_settings.bookings_days))
      order by t.created_at
      limit v_limit
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'bookings', v_rows);
  v_more := v_more or v_rows = v_limit;

  -- Always from the beginning, up to the first that is kept: what is left is gapless.
  with oldest as (
    select e.sequence, e.created_at from public.events e
    where e.organization_id = v_organization_id and v_settings.events_days is not null
    order by e.sequence
    limit v_limit
  )
  delete from public.events e
    using oldest o
    where e.organization_id = v_organization_id and e.sequence = o.sequence
      and o.sequence < coalesce((
        select min(k.sequence) from oldest k
        where k.created_at >= public.retention_cutoff(v_settings.events_days)
      ), 9223372036854775807);
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'events', v_rows);
  v_more := v_more or v_rows = v_limit;

  for v_instance_id in
    select i.id from public.whatsapp_instances i where i.organization_id = v_organization_id order by i.id
  loop
    v_step := public.apply_inbox_retention(v_instance_id, v_settings, v_limit);
    v_counts := public.add_count(v_counts, 'inbox_bodies', (v_step ->> 'inbox_bodies')::int);
    v_counts := public.add_count(v_counts, 'inbox', (v_step ->> 'inbox')::int);
    v_more := v_more or (v_step ->> 'more')::boolean;
    exit when (v_step ->> 'more')::boolean;
  end loop;

  -- Changes whose message did not come in time.
  delete from public.pending_changes c
    where c.id in (
      select o.id from public.pending_changes o
      where o.organization_id = v_organization_id and o.expires_at <= now()
      order by o.expires_at
      limit v_limit
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'pending_changes', v_rows);
  v_more := v_more or v_rows = v_limit;

  -- Longer than WhatsApp delivers anything again.
  delete from public.erased_messages e
    where (e.instance_id, e.mark) in (
      select o.instance_id, o.mark from public.erased_messages o
      where o.erased_at < now() - interval '120 days'
      order by o.erased_at
      limit v_limit
    );
  delete from public.organization_invitations where organization_id = v_organization_id and expires_at <= now();
  -- What nodes asked each other and nobody waits for any more: texts, sealed and without a name.
  delete from public.node_requests where expires_at <= now();
  return jsonb_build_object('counts', v_counts, 'more', v_more, 'busy', false);
end
$$;
