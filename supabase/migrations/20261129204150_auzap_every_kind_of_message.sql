-- What a message is beside its text.
alter table if exists public.messages
  add column if not exists type text not null default 'text',
  add column if not exists metadata jsonb,
  add column if not exists reply_to jsonb,
  add column if not exists mentions jsonb,
  add column if not exists is_forwarded boolean not null default false,
  add column if not exists is_view_once boolean not null default false,
  add column if not exists edited_at timestamptz,
  add column if not exists deleted_at timestamptz,
  add column if not exists secret bytea,
  add column if not exists payload bytea,
  add column if not exists status_at jsonb,
  add column if not exists request jsonb;
alter table if exists public.notes
  add column if not exists type text not null default 'text',
  add column if not exists metadata jsonb,
  add column if not exists reply_to jsonb,
  add column if not exists mentions jsonb,
  add column if not exists is_forwarded boolean not null default false,
  add column if not exists is_view_once boolean not null default false,
  add column if not exists edited_at timestamptz,
  add column if not exists deleted_at timestamptz,
  add column if not exists secret bytea;

-- A message that was played.
alter table if exists public.messages drop constraint if exists messages_status_check;
alter table if exists public.messages add constraint messages_status_check
  check (status in ('received', 'pending', 'sent', 'delivered', 'read', 'played', 'failed', 'unknown'));
-- What a worker says of a message beside its text goes with the rest.
do $$
begin
  if to_regtype('public.ingest_work') is not null and not exists (
    select from pg_attribute a
    where a.attrelid = to_regclass('public.ingest_work') and a.attname = 'detail' and not a.attisdropped
  ) then
    alter type public.ingest_work add attribute detail jsonb;
  end if;
end
$$;
-- It takes something more now.
drop function if exists public.message_payload(uuid, text, text, text, timestamptz, uuid, uuid);
-- What we send may change a message, and may be more than a plain text.
alter table if exists public.messages add column if not exists change_of uuid;
alter table if exists public.node_requests drop constraint if exists node_requests_kind_check;
alter table if exists public.node_requests
  add constraint node_requests_kind_check check (kind in ('connect', 'send', 'send_content', 'chat', 'logout'));

-- What was there before is not news.
do $$
begin
  if to_regclass('public.contacts') is not null and not exists (
    select from pg_attribute a where a.attrelid = to_regclass('public.contacts') and a.attname = 'read_until'
  ) then
    alter table public.contacts add column read_until bigint not null default 0;
    -- Nobody changed a contact by that.
    alter table public.contacts disable trigger touch_updated_at;
    update public.contacts k
      set read_until = (select max(m.ordinal) from public.messages m where m.contact_id = k.id)
      where exists (select from public.messages m where m.contact_id = k.id);
    alter table public.contacts enable trigger touch_updated_at;
  end if;
end
$$;

-- It answers something more now, under another name.
drop function if exists public.known_people(public.ingest_work[], text);

alter table public.whatsapp_instances add column if not exists history_policy text not null default 'store'
  check (history_policy in ('ignore', 'store', 'contacts'));

alter table public.whatsapp_instances add column if not exists restriction jsonb;

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
    'idx_bookings_pending idx_contacts_organization idx_data_keys_instance idx_data_keys_master '
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
    'session_writers undecrypted_messages undecrypted_messages_id_seq webhook_deliveries webhook_deliveries_id_seq '
    'webhook_endpoints whatsapp_instances whatsapp_session_keys', ' ');
  v_functions constant text[] := string_to_array(
    'acquire_session add_count announce_keys answer_invitation answer_media answer_node_request api_key_grant '
    'api_key_view append_event append_events append_media_event apply_audit_retention apply_change apply_changes '
    'apply_inbox_retention apply_receipts apply_retention apply_sent_change ask_node attach_media '
    'authenticate_api_key begin_audit begin_ingest begin_logout begin_outbound bury_nodes changes_made check_epochs '
    'claim_history claim_inbox claim_media close_organization commit_and_ingest commit_encoded_batch '
    'commit_session_batch complete_message conclude_erasure conversation_address count_locked_sessions '
    'count_received count_rows count_sealed counted_answers create_api_key current_contact data_keys_of '
    'default_retention delete_changed describe_database do_work doom_media_files doubt_outbound drop_retired_keys '
    'empty_inbox_rows encode_base64 end_keys_made end_of_held end_of_new_key erase_contact erase_conversation '
    'erase_from_events erase_from_inbox erase_person erased_lids erased_pattern erased_phones erased_strangers '
    'erasure_receipt event_heads event_time events_around export_contact find_asked_media find_change_targets '
    'find_changed find_inbox find_media find_outbound find_outbound_content find_pairing_qr find_undecrypted '
    'finish_audit finish_history finish_media_file finish_outbound forget_in_events forget_media_files '
    'forget_quote_in_events forget_quotes former_addresses_of former_owners give_up_undecrypted has_usable_api_key '
    'history_anchor history_of history_ordinal history_waits hold_media_file inbox_addressing inbox_waits '
    'ingest_inbox ingest_received instance_integrity instance_view invitation_view invitations_of invite_member '
    'is_leased is_media_file_used is_usable join_conversations keep_audit_log keep_change keep_contact_name '
    'keep_former_addresses keep_service_secret keys_at_an_end lacks_data_key learn_addresses learn_people '
    'list_conversations list_events list_keys_to_rewrap list_messages list_notes list_open_outbound '
    'list_unkeyed_instances lock_to_count look_up_people make_work mark_erased media_subject media_view media_waits '
    'memberships_of merge_contacts message_extras message_history message_mark message_payload my_organizations '
    'named_by_placeholder needs_data_key node_heartbeat node_poll node_tick note_extras note_history note_read '
    'open_call organization_data_keys organization_of_object outbound_rank outbound_view owner_addresses '
    'owner_versions person_pattern plausible_number prepare_outbound put_member queue_stats read_again read_contact '
    'read_data_keys read_event read_message read_node_answer read_node_answers read_page read_retention '
    'read_session_keys record_undecrypted recover_undecrypted redrive_inbox release_claims release_media_file '
    'release_session remember_addresses remove_member renew_claims renew_data_keys renew_media_claims '
    'renew_running_keys repeat_outbound replace_data_key replace_placeholders require_open_organization '
    'require_other_owner require_place reseal_credentials reseal_direct_values reseal_inbox_bodies '
    'reseal_message_values reseal_session_keys reseal_webhook_secrets reserve_media_file resolve_people '
    'resolve_person restore_instance retention_cutoff retention_of retry_media revoke_api_key rewrap_data_keys '
    'rotate_api_key rotation_blockers rows_about schema_versions scopes_of_role sealed_message_columns '
    'search_contacts session_holder set_instance_status settle_media shown_bytes shred_drained_keys skip_erased '
    'stale_credentials stale_direct_values stale_inbox_bodies stale_message_values stale_session_keys '
    'stale_webhook_secrets status_event status_times store_answer store_bookings store_history store_inbound '
    'store_media store_message_events store_note_events store_notes store_pairing_qr store_placeholders '
    'store_reaction store_received stored_outbound sweep_outbound sweep_retention take_node_requests tick_part '
    'touch_updated_at unfinished_closings unfinished_erasures usable_api_keys was_sent_to waveform_view '
    'were_sent_to wipe_session withdraw_invitation withdraw_invitations_by withdraw_node_request write_retention', ' ');
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

-- 20_instances.sql

-- No credentials and nothing about leases.
grant select (id, organization_id, instance_name, phone_number, status, pairing_method, has_session,
  account_phone, account_lid, last_connected_at, last_disconnect_reason, messages_sent_count,
  messages_received_count, desired_state, history_policy, restriction, created_at, updated_at, deleted_at)
  on public.whatsapp_instances to authenticated;

-- A lease says nothing about the instance itself. Who writes the time itself, for each message, need not have it written.
create or replace trigger touch_updated_at before update of instance_name, phone_number, status, pairing_method, session_data,
    account_phone, account_lid, last_connected_at, last_disconnect_reason, messages_sent_count,
    messages_received_count, desired_state, history_policy, restriction, deleted_at
  on public.whatsapp_instances
  for each row when (new.updated_at is not distinct from old.updated_at) execute function public.touch_updated_at();

create or replace function public.set_instance_status(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_epoch constant bigint := (p ->> 'epoch')::bigint;
  v_has_event boolean := coalesce(jsonb_typeof(p -> 'event'), 'null') = 'object';
  v_restriction constant jsonb := nullif(p -> 'restriction', 'null');
  v_organization_id text;
  v_current record;
begin
  select organization_id into v_organization_id from public.whatsapp_instances where id = v_id;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  -- First the organization, then the instance: the order of everybody who locks both.
  if v_has_event then
    perform 1 from public.organizations where id = v_organization_id for no key update;
  end if;
  select lease_epoch, restriction into v_current from public.whatsapp_instances where id = v_id for no key update;
  if v_current.lease_epoch <> v_epoch then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_id)::text;
  end if;
  -- Told when it begins, changes or ends.
  if p -> 'event' ->> 'name' = 'whatsapp:restricted' and v_current.restriction is not distinct from v_restriction then
    v_has_event := false;
  end if;
  update public.whatsapp_instances set
      status = coalesce(p ->> 'status', status),
      pairing_method = coalesce(p ->> 'pairing_method', pairing_method),
      desired_state = coalesce(p ->> 'desired_state', desired_state),
      phone_number = case when p ? 'phone_number' then p ->> 'phone_number' else phone_number end,
      account_phone = case when p ? 'account_phone' then p ->> 'account_phone' else account_phone end,
      account_lid = case when p ? 'account_lid' then p ->> 'account_lid' else account_lid end,
      last_connected_at = case when (p ->> 'last_connected_at')::boolean then now() else last_connected_at end,
      last_disconnect_reason = case when p ? 'reason' then p ->> 'reason' else last_disconnect_reason end,
      restriction = case when p ? 'restriction' then v_restriction else restriction end
    where id = v_id;
  return jsonb_build_object('event',
    case when v_has_event then public.append_event(v_organization_id, v_id, p -> 'event') end);
end
$$;

-- An instance as the service reads it: everything but its credentials and who runs it.
create or replace function public.instance_view(i public.whatsapp_instances) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('id', i.id, 'organization_id', i.organization_id, 'instance_name', i.instance_name,
    'phone_number', i.phone_number, 'status', i.status, 'pairing_method', i.pairing_method,
    'account_phone', i.account_phone, 'account_lid', i.account_lid, 'last_connected_at', i.last_connected_at,
    'messages_sent_count', i.messages_sent_count, 'messages_received_count', i.messages_received_count,
    'desired_state', i.desired_state, 'history_policy', i.history_policy, 'restriction', i.restriction,
    'has_session', i.has_session, 'resumes', i.resumes,
    'last_disconnect_reason', i.last_disconnect_reason,
    'created_at', i.created_at, 'updated_at', i.updated_at, 'deleted_at', i.deleted_at)
$$;

-- 21_inbox.sql

-- Gives dead rows another chance, those first whose last one was longest ago: one that dies again goes to the end. With a `kind` those
-- instead of which nobody knew what they are: of WhatsApp's name for it, or all for `unsupported`, as far as their bodies are kept.
create or replace function public.redrive_inbox(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 1000);
  v_ids bigint[];
  v_instances jsonb;
  v_redriven int;
begin
  if p ->> 'kind' is null then
    v_ids := array(
      select i.id
      from public.inbox i
      where i.state = 2 and (v_organization_id is null or i.organization_id = v_organization_id)
        and (v_instance_id is null or i.instance_id = v_instance_id)
      order by i.processed_at nulls first, i.id
      limit v_limit
    );
  else
    v_ids := array(
      select i.id
      from (
        select m.organization_id, m.instance_id, m.inbox_id, m.content_type, m.deleted_at
        from public.messages m where m.type = 'unsupported'
        union all
        select n.organization_id, n.instance_id, n.inbox_id, n.content_type, n.deleted_at
        from public.notes n where n.type = 'unsupported'
      ) u
      join public.inbox i on i.id = u.inbox_id
      where (v_organization_id is null or u.organization_id = v_organization_id)
        and (v_instance_id is null or u.instance_id = v_instance_id)
        and u.content_type <> 'ciphertext' and p ->> 'kind' in ('unsupported', u.content_type) and u.deleted_at is null
        and i.state = 1 and i.body is not null
      order by i.processed_at nulls first, i.id
      limit v_limit
    );
  end if;
  with chosen as (
    select i.id from public.inbox i
    where i.id = any (v_ids) and i.state = case when p ->> 'kind' is null then 2 else 1 end
    for update skip locked
  ), redriven as (
    update public.inbox i
      set state = 0, outcome = null, reason = null, error = null, attempts = 0, processed_at = null
      from chosen c
      where i.id = c.id
      returning i.instance_id
  )
  select count(*), coalesce(jsonb_agg(distinct r.instance_id), '[]') into v_redriven, v_instances from redriven r;
  return jsonb_build_object('redriven', v_redriven, 'instance_ids', v_instances);
end
$$;

-- 22_sessions.sql

-- Takes a session over, or tells who holds it: {"held_by": node}. The same node may always take it anew. `data_keys` brings new
-- data keys for where they are needed: the lock on the instance's row makes one of two nodes the maker, and the raised epoch
-- keeps the one before from sealing with another. Of the keys as many come along as an answer may hold, the last written
-- first; the others are read when they are needed. A deleted instance is taken by whoever can log its device out (`logs_out`), while
-- that is to be done: `logout_ms` says for how long. With `max_pairings`, not where so many others of the organization are run
-- that are not linked either, wherever that is.
create or replace function public.acquire_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_limit constant int := 500;
  v_max_bytes constant int := 262144;
  v_logs_out constant boolean := coalesce((p ->> 'logs_out')::boolean, false);
  v_instance public.whatsapp_instances;
  v_purpose text;
  v_keys jsonb;
  v_is_complete boolean;
begin
  if p ->> 'max_pairings' is not null then
    select * into v_instance from public.whatsapp_instances where id = v_id;
    perform public.lock_to_count(v_instance.organization_id);
    if not v_instance.has_session and (p ->> 'max_pairings')::bigint <= (
      select count(*) from public.whatsapp_instances i
      where i.organization_id = v_instance.organization_id and i.id <> v_id and i.deleted_at is null
        and not i.has_session and i.lease_owner is not null and i.lease_expires_at > now()
    ) then
      raise exception using errcode = 'AZ410', message = 'too_many_pairings';
    end if;
  end if;
  update public.whatsapp_instances i
    set lease_epoch = lease_epoch + 1, lease_owner = p ->> 'node_id',
      lease_expires_at = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    where i.id = v_id and (i.deleted_at is null or i.logout_expires_at is not null and v_logs_out)
      and (i.lease_owner = p ->> 'node_id' or not public.is_leased(i))
    returning i.* into v_instance;
  if not found then
    select * into v_instance from public.whatsapp_instances
      where id = v_id and (deleted_at is null or logout_expires_at is not null and v_logs_out);
    return case when found then jsonb_build_object('held_by', coalesce(v_instance.lease_owner, '')) end;
  end if;
  if p -> 'data_keys' is not null then
    foreach v_purpose in array array['session', 'inbox'] loop
      if public.needs_data_key(v_id, v_purpose, p -> 'data_keys' -> 'master_ids') then
        perform public.replace_data_key(v_instance, v_purpose, p -> 'data_keys' -> v_purpose);
      end if;
    end loop;
  end if;
  with recent as materialized (
    select k.key_type, k.key_id, k.value, k.updated_at
    from public.whatsapp_session_keys k
    where k.instance_id = v_id and k.key_type <> 'pre-key'
    order by k.updated_at desc
    limit v_limit + 1
  ), placed as (
    select r.*, row_number() over taken as place, sum(octet_length(r.value)) over taken as bytes
    from recent r
    window taken as (order by r.updated_at desc, r.key_type, r.key_id rows between unbounded preceding and current row)
  )
  select coalesce(jsonb_agg(jsonb_build_array(l.key_type, l.key_id, translate(encode(l.value, 'base64'), e'\n', '')) order by l.place)
      filter (where l.place <= v_limit and l.bytes <= v_max_bytes), '[]'),
      coalesce(bool_and(l.place <= v_limit and l.bytes <= v_max_bytes), true)
    into v_keys, v_is_complete
    from placed l;
  return jsonb_build_object(
    'epoch', v_instance.lease_epoch,
    'organization_id', v_instance.organization_id,
    'phone_number', v_instance.phone_number,
    'account_phone', v_instance.account_phone,
    'account_lid', v_instance.account_lid,
    'pairing_method', v_instance.pairing_method,
    'session_data', translate(encode(v_instance.session_data, 'base64'), e'\n', ''),
    'logout_ms', extract(epoch from v_instance.logout_expires_at - now()) * 1000,
    'is_restricted', v_instance.restriction is not null,
    'keys', v_keys,
    'keys_complete', v_is_complete,
    'data_keys', jsonb_build_object('session', public.data_keys_of(v_id, 'session'),
      'inbox', public.data_keys_of(v_id, 'inbox'))
  );
end
$$;

-- Gives a session up. Its data key goes with what it sealed: copies of these rows open no more. A deleted instance's key for
-- received messages goes, too, once none of them waits. Where the device was to be taken off the account, `logout` says how that
-- ended: it is noted, and the event that tells of it stored, once. `only_if` leaves all others alone: `leaving`, those of which the
-- device is to be taken off the account; `expired`, those of which it is no longer.
create or replace function public.wipe_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_epoch constant bigint := (p ->> 'epoch')::bigint;
  v_has_event constant boolean := coalesce(jsonb_typeof(p -> 'event'), 'null') = 'object';
  v_instance public.whatsapp_instances;
  v_event jsonb;
begin
  -- First the organization, then the instance: the order of everybody who locks both. Messages on their way out end with it, and
  -- events tell of them.
  perform 1 from public.organizations o
    where o.id = (select i.organization_id from public.whatsapp_instances i where i.id = v_id)
    for no key update;
  select * into v_instance from public.whatsapp_instances where id = v_id for no key update;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  if v_instance.lease_epoch <> v_epoch then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_id)::text;
  end if;
  if p ->> 'only_if' = 'leaving' and v_instance.logout_expires_at is null
    or p ->> 'only_if' = 'expired' and coalesce(v_instance.logout_expires_at > now(), true)
  then
    return '{"event": null}'::jsonb;
  end if;
  delete from public.whatsapp_session_keys where instance_id = v_id;
  delete from public.data_keys where instance_id = v_id and purpose = 'session';
  update public.whatsapp_instances
    set session_data = null, account_phone = null, account_lid = null, restriction = null, status = 'disconnected',
      desired_state = 'stopped', lease_epoch = lease_epoch + 1, lease_owner = null, lease_expires_at = null,
      deleted_at = case when (p ->> 'deleted')::boolean then coalesce(deleted_at, now()) else deleted_at end,
      last_disconnect_reason = coalesce(p ->> 'reason', last_disconnect_reason)
    where id = v_id;
  if v_instance.logout_expires_at is not null then
    update public.whatsapp_instances
      set logout_expires_at = null, logout_ended_at = now(), logout_result = coalesce(p ->> 'logout', 'unconfirmed')
      where id = v_id;
    perform public.begin_audit(jsonb_build_object('organization_id', v_instance.organization_id, 'actor_kind', 'service',
      'actor_id', 'service', 'actor_name', 'service', 'action', 'device logout', 'object_type', 'instances', 'object_id', v_id,
      'outcome', case when p ->> 'logout' in ('confirmed', 'already_unlinked', 'banned', 'not_linked')
        then 'done' else 'failed' end,
      'details', jsonb_build_object('result', coalesce(p ->> 'logout', 'unconfirmed'))));
    if v_has_event then
      v_event := public.append_event(v_instance.organization_id, v_id, p -> 'event');
    end if;
  end if;
  perform public.shred_drained_keys(jsonb_build_object('instance_id', v_id));
  return jsonb_build_object('event', v_event);
end
$$;

-- 30_contacts.sql

-- What was written to these people before they were contacts becomes part of their conversations. A message or note keeps its old
-- chat_key where the contact has the same id already.
create or replace function public.join_conversations(p_contact_ids uuid[]) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_chats jsonb;
begin
  -- By instance, as the unique keys of both tables are: they look quickly into chats that hardly ever have something.
  select jsonb_agg(jsonb_build_object('contact_id', k.id, 'instance_id', i.id, 'chat', a.chat)) into v_chats
    from public.contacts k
    join public.whatsapp_instances i on i.organization_id = k.organization_id
    cross join lateral (values (k.phone_number || '@s.whatsapp.net'), (k.phone_number || '@hosted'), (k.lid || '@lid'),
      (k.lid || '@hosted.lid')) as a (chat)
    where k.id = any (p_contact_ids) and a.chat is not null;
  with theirs as materialized (
    select n.id, c.contact_id, not exists (
        select from public.notes o
        where o.instance_id = n.instance_id and o.chat_key = c.contact_id::text
          and o.whatsapp_message_id = n.whatsapp_message_id
      ) and row_number() over (partition by n.instance_id, c.contact_id, n.whatsapp_message_id order by n.ordinal) = 1
      as is_first
    from jsonb_to_recordset(v_chats) as c (contact_id uuid, instance_id uuid, chat text)
    join public.notes n on n.instance_id = c.instance_id and n.chat_key = c.chat
    where n.contact_id is null
  )
  update public.notes n
    set contact_id = t.contact_id, chat_key = case when t.is_first then t.contact_id::text else n.chat_key end
    from theirs t
    where n.id = t.id;
  with theirs as materialized (
    select m.id, c.contact_id, not exists (
        select from public.messages o
        where o.instance_id = m.instance_id and o.direction = m.direction and o.chat_key = c.contact_id::text
          and o.whatsapp_message_id = m.whatsapp_message_id
      ) and row_number() over (
        partition by m.instance_id, m.direction, c.contact_id, m.whatsapp_message_id order by m.ordinal) = 1
      as is_first
    from jsonb_to_recordset(v_chats) as c (contact_id uuid, instance_id uuid, chat text)
    cross join (values ('outbound'), ('inbound')) as d (direction)
    join public.messages m on m.instance_id = c.instance_id and m.direction = d.direction and m.chat_key = c.chat
    where m.contact_id is null
  ), held as materialized (
    -- In the order of ids, as receipts lock them.
    select m.id from public.messages m where m.id in (select t.id from theirs t) order by m.id for update
  )
  update public.messages m
    set contact_id = t.contact_id, chat_key = case when t.is_first then t.contact_id::text else m.chat_key end
    from theirs t
    join held h on h.id = t.id
    where m.id = t.id;
end
$$;

-- Moves everything of one contact to another, deletes it and tells so; the kept contact had the addresses of the other one, too. A
-- message or note keeps its old chat_key where the kept contact has the same id already: nothing that was received is ever
-- deleted. Where one open booking is the rule the oldest stays, and each of the others is told of.
-- Callers hold the lock on the organization's row, so that nobody else makes or merges its contacts meanwhile.
create or replace function public.merge_contacts(p_kept uuid, p_lost uuid, p_booking_policy text, p_instance_id uuid)
  returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_lost public.contacts;
  v_booking_id uuid;
  v_now constant text := to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
begin
  -- In the order of ids, as receipts lock them.
  perform 1 from public.messages where contact_id = p_lost order by id for update;
  update public.messages m
    set contact_id = p_kept,
      chat_key = case when m.chat_key <> p_lost::text or exists (
          select from public.messages o
          where o.instance_id = m.instance_id and o.direction = m.direction and o.chat_key = p_kept::text
            and o.whatsapp_message_id = m.whatsapp_message_id
        ) then m.chat_key else p_kept::text end
    where m.contact_id = p_lost;
  update public.notes n
    set contact_id = p_kept,
      chat_key = case when n.chat_key <> p_lost::text or exists (
          select from public.notes o
          where o.instance_id = n.instance_id and o.chat_key = p_kept::text
            and o.whatsapp_message_id = n.whatsapp_message_id
        ) then n.chat_key else p_kept::text end
    where n.contact_id = p_lost;
  update public.bookings set contact_id = p_kept where contact_id = p_lost;
  insert into public.former_addresses (contact_id, kind, digits)
    select p_kept, f.kind, f.digits from public.former_addresses f where f.contact_id = p_lost
    on conflict do nothing;
  update public.merged_contacts set merged_into = p_kept where merged_into = p_lost;
  delete from public.contacts where id = p_lost returning * into v_lost;
  insert into public.merged_contacts (contact_id, organization_id, merged_into)
    values (p_lost, v_lost.organization_id, p_kept);
  perform public.remember_addresses(p_kept, v_lost.phone_number, v_lost.lid);
  update public.contacts k
    set name = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name else k.name end,
      name_source = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name_source else k.name_source end,
      last_message_at = greatest(k.last_message_at, v_lost.last_message_at),
      read_until = greatest(k.read_until, v_lost.read_until)
    where k.id = p_kept;
  perform public.append_event(v_lost.organization_id, p_instance_id, jsonb_build_object(
    'name', 'whatsapp:contact', 'payload', jsonb_build_object('instanceId', p_instance_id, 'contactId', p_lost,
      'change', 'merged', 'mergedInto', p_kept, 'timestamp', v_now)));
  if p_booking_policy = 'one-open' then
    for v_booking_id in
      update public.bookings set status = 'cancelled'
        where contact_id = p_kept and status = 'pending' and id <> (
          select b.id from public.bookings b
          where b.contact_id = p_kept and b.status = 'pending'
          order by b.created_at, b.id
          limit 1
        )
        returning id
    loop
      perform public.append_event(v_lost.organization_id, p_instance_id, jsonb_build_object(
        'name', 'whatsapp:booking', 'payload', jsonb_build_object('instanceId', p_instance_id, 'bookingId', v_booking_id,
          'contactId', p_kept, 'status', 'cancelled', 'previousStatus', 'pending', 'timestamp', v_now)));
    end loop;
  end if;
end
$$;

-- 31_messages.sql

create index if not exists idx_messages_change on public.messages (change_of) where change_of is not null;

-- What nobody knew when it came is little, and looked for after an upgrade.
create index if not exists idx_messages_unsupported on public.messages (organization_id, instance_id) where type = 'unsupported';

create index if not exists idx_notes_unsupported on public.notes (organization_id, instance_id) where type = 'unsupported';

-- What is told of a message beside its own columns: what it answers with the id of that message where it is here, and the reactions
-- that stand.
create or replace function public.message_extras(p_message public.messages) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'reply_to', case when p_message.reply_to is not null then p_message.reply_to || jsonb_build_object('id', (
      select o.id
      from public.messages o
      where o.instance_id = p_message.instance_id and o.chat_key = p_message.chat_key
        and o.direction = case when (p_message.reply_to ->> 'from_me')::boolean then 'outbound' else 'inbound' end
        and o.whatsapp_message_id = p_message.reply_to ->> 'whatsapp_message_id'
    )) end,
    'reactions', (
      select coalesce(jsonb_agg(jsonb_build_object('emoji', r.emoji, 'from_me', r.from_me, 'reacted_at', r.reacted_at,
          'from', case
            when r.reactor <> '' then r.reactor
            when r.from_me then (
              select coalesce(i.account_phone, i.phone_number) from public.whatsapp_instances i where i.id = p_message.instance_id
            )
            else (select coalesce(k.phone_number, k.lid || '@lid') from public.contacts k where k.id = p_message.contact_id)
          end) order by r.reacted_at, r.id), '[]')
      from public.message_reactions r
      where r.message_id = p_message.id and r.emoji <> ''
    ),
    'media', public.media_view(p_message.id)
  );
end
$$;

revoke execute on function public.message_extras(public.messages) from public, anon, authenticated;

grant execute on function public.message_extras(public.messages) to service_role;

-- The message with this id, of one of the organizations where some are named; null where there is none.
create or replace function public.read_message(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select to_jsonb(m) - 'secret' - 'payload' - 'request' || public.message_extras(m)
    from public.messages m
    where m.id = (p ->> 'id')::uuid
      and (p -> 'organization_ids' is null or p -> 'organization_ids' ? m.organization_id)
  );
end
$$;

revoke execute on function public.read_message(jsonb) from public, anon, authenticated;

grant execute on function public.read_message(jsonb) to service_role;

-- What a message said before it was edited, the oldest first: at most a hundred texts.
create or replace function public.message_history(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('content', e.content, 'edited_at', e.edited_at) order by e.ordinal), '[]')
    from public.message_edits e
    where e.message_id = (p ->> 'id')::uuid
  );
end
$$;

revoke execute on function public.message_history(jsonb) from public, anon, authenticated;

grant execute on function public.message_history(jsonb) to service_role;

-- Messages of an organization, the last stored first, before the one with the ordinal `before`; of one contact, instance,
-- direction and status, where these are given. As read_page: `more` says that the list was cut because of its size.
create or replace function public.list_messages(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
begin
  -- Planned for what is asked for, so that each filter has its index.
  open v_page for execute format(
    'select to_jsonb(r.m) - ''secret'' - ''payload'' - ''request'' || public.message_extras(r.m) from (
      select m
      from public.messages m
      where m.organization_id = $1 and m.ordinal < $2 and m.change_of is null %s %s %s %s
      order by m.ordinal desc
      limit $3
    ) r',
    case when p ->> 'contact_id' is not null then 'and m.contact_id = $4' end,
    case when p ->> 'instance_id' is not null then 'and m.instance_id = $5' end,
    case when p ->> 'direction' is not null then 'and m.direction = $6' end,
    case when p ->> 'status' is not null then 'and m.status = $7' end)
    using p ->> 'organization_id', coalesce((p ->> 'before')::bigint, 9223372036854775807),
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501),
      public.current_contact(p ->> 'organization_id', (p ->> 'contact_id')::uuid), (p ->> 'instance_id')::uuid,
      p ->> 'direction', p ->> 'status';
  return public.read_page(v_page);
end
$$;

-- As message_extras: what a note answers is a message of its conversation, or another note.
create or replace function public.note_extras(p_note public.notes) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'reply_to', case when p_note.reply_to is not null then p_note.reply_to || jsonb_build_object('id', coalesce((
      select o.id
      from public.messages o
      where o.instance_id = p_note.instance_id and o.chat_key = p_note.chat_key
        and o.direction = case when (p_note.reply_to ->> 'from_me')::boolean then 'outbound' else 'inbound' end
        and o.whatsapp_message_id = p_note.reply_to ->> 'whatsapp_message_id'
    ), (
      select o.id
      from public.notes o
      where (p_note.reply_to ->> 'from_me')::boolean and o.instance_id = p_note.instance_id and o.chat_key = p_note.chat_key
        and o.whatsapp_message_id = p_note.reply_to ->> 'whatsapp_message_id'
    ))) end,
    'reactions', (
      select coalesce(jsonb_agg(jsonb_build_object('emoji', r.emoji, 'from_me', r.from_me, 'reacted_at', r.reacted_at,
          'from', case
            when r.reactor <> '' then r.reactor
            when r.from_me then (
              select coalesce(i.account_phone, i.phone_number) from public.whatsapp_instances i where i.id = p_note.instance_id
            )
            else (select coalesce(k.phone_number, k.lid || '@lid') from public.contacts k where k.id = p_note.contact_id)
          end) order by r.reacted_at, r.id), '[]')
      from public.message_reactions r
      where r.note_id = p_note.id and r.emoji <> ''
    ),
    'media', public.media_view(p_note.id)
  );
end
$$;

revoke execute on function public.note_extras(public.notes) from public, anon, authenticated;

grant execute on function public.note_extras(public.notes) to service_role;

-- Notes of an organization, as list_messages.
create or replace function public.list_notes(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
begin
  open v_page for execute format(
    'select to_jsonb(r.n) - ''secret'' || public.note_extras(r.n) from (
      select n
      from public.notes n
      where n.organization_id = $1 and n.ordinal < $2 %s
      order by n.ordinal desc
      limit $3
    ) r',
    case when p ->> 'contact_id' is not null then 'and n.contact_id = $4' end)
    using p ->> 'organization_id', coalesce((p ->> 'before')::bigint, 9223372036854775807),
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501),
      public.current_contact(p ->> 'organization_id', (p ->> 'contact_id')::uuid);
  return public.read_page(v_page);
end
$$;

-- 32_message_change_tables.sql

-- What was done to messages and notes after they were written.

-- A reaction that stands, of each person one.
create table if not exists public.message_reactions (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  message_id uuid references public.messages (id) on delete cascade,
  note_id uuid references public.notes (id) on delete cascade,
  -- Whose it is in a group; empty in a chat of two, where `from_me` says it.
  reactor text not null default '',
  from_me boolean not null,
  -- Empty where it was taken back: what is older must not put it there again.
  emoji text not null,
  reacted_at timestamptz not null,
  unique (message_id, from_me, reactor),
  unique (note_id, from_me, reactor),
  check (message_id is not null or note_id is not null)
);

-- What a message said before it was edited, the oldest first.
create table if not exists public.message_edits (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  message_id uuid references public.messages (id) on delete cascade,
  note_id uuid references public.notes (id) on delete cascade,
  ordinal int not null,
  content text not null,
  -- When it was edited away.
  edited_at timestamptz not null,
  stored_at timestamptz not null default now(),
  unique (message_id, ordinal),
  unique (note_id, ordinal),
  check (message_id is not null or note_id is not null)
);

-- Votes of polls, answers to events, what is pinned and kept: of each person and kind the last.
create table if not exists public.message_answers (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  message_id uuid references public.messages (id) on delete cascade,
  note_id uuid references public.notes (id) on delete cascade,
  kind text not null check (kind in ('poll_vote', 'event_answer', 'pin', 'keep')),
  -- As a reaction's.
  answerer text not null default '',
  from_me boolean not null,
  answer jsonb not null,
  answered_at timestamptz not null,
  unique (message_id, kind, from_me, answerer),
  unique (note_id, kind, from_me, answerer),
  check (message_id is not null or note_id is not null)
);

-- Changes that came before their message. They are done when it is stored, or expire.
create table if not exists public.pending_changes (
  id bigint generated always as identity primary key,
  organization_id text not null,
  instance_id uuid not null,
  inbox_id bigint not null unique,
  -- The message that it is about.
  message_id text not null,
  target_from_me boolean not null,
  -- The other side of the chat; digits.
  phone text,
  lid text,
  -- Who did it.
  from_me boolean not null,
  change jsonb not null,
  sent_at timestamptz not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);

create index if not exists idx_pending_changes_message on public.pending_changes (instance_id, message_id);

create index if not exists idx_pending_changes_instance on public.pending_changes (instance_id, id);

create index if not exists idx_pending_changes_organization on public.pending_changes (organization_id, expires_at);

create index if not exists idx_messages_quoting on public.messages (instance_id, (reply_to ->> 'whatsapp_message_id'))
  where reply_to is not null;

create index if not exists idx_notes_quoting on public.notes (instance_id, (reply_to ->> 'whatsapp_message_id'))
  where reply_to is not null;

alter table public.message_reactions enable row level security;

alter table public.message_edits enable row level security;

alter table public.message_answers enable row level security;

alter table public.pending_changes enable row level security;

revoke all on public.message_reactions, public.message_edits, public.message_answers, public.pending_changes
  from public, anon, authenticated;

grant select, insert, update, delete
  on public.message_reactions, public.message_edits, public.message_answers, public.pending_changes to service_role;

revoke all on sequence public.message_reactions_id_seq from public, anon, authenticated;

grant usage, select on sequence public.message_reactions_id_seq to service_role;

revoke all on sequence public.message_edits_id_seq from public, anon, authenticated;

grant usage, select on sequence public.message_edits_id_seq to service_role;

revoke all on sequence public.message_answers_id_seq from public, anon, authenticated;

grant usage, select on sequence public.message_answers_id_seq to service_role;

revoke all on sequence public.pending_changes_id_seq from public, anon, authenticated;

grant usage, select on sequence public.pending_changes_id_seq to service_role;

grant select on public.message_reactions, public.message_edits, public.message_answers to authenticated;

drop policy if exists members_read on public.message_reactions;

create policy members_read on public.message_reactions for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

drop policy if exists members_read on public.message_edits;

create policy members_read on public.message_edits for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

drop policy if exists members_read on public.message_answers;

create policy members_read on public.message_answers for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- 33_ingest.sql

-- Received messages become contacts, messages, notes, bookings, counters and events.

-- One decision of a worker, joined with the inbox row that it is about.
do $$
begin
  if to_regtype('public.ingest_work') is null then
    create type public.ingest_work as (
      position bigint,
      inbox_id bigint,
      action text,
      reason text,
      organization_id text,
      instance_id uuid,
      phone text,
      lid text,
      push_name text,
      message_id text,
      chat text,
      content text,
      content_type text,
      sent_at timestamptz,
      contact_id uuid,
      booking_id uuid,
      -- The same number in its other spelling.
      other_phone text,
      -- Null where the item says nothing about the message in its row.
      chat_kind text,
      from_me boolean,
      received_at timestamptz,
      -- What the message is beside its text, or what was done to one; null for a plain text.
      detail jsonb
    );
  end if;
  -- A row of the inbox, stored or about to be, with what a worker decided about it; `item` is null where it decided nothing.
  if to_regtype('public.ingest_row') is null then
    create type public.ingest_row as (
      position bigint,
      id bigint,
      organization_id text,
      instance_id uuid,
      message_id text,
      chat text,
      received_at timestamptz,
      item jsonb
    );
  end if;
  -- What became of a row, as its columns say.
  if to_regtype('public.ingest_outcome') is null then
    create type public.ingest_outcome as (
      inbox_id bigint,
      instance_id uuid,
      state smallint,
      outcome text,
      reason text,
      error text
    );
  end if;
end
$$;

-- Who wrote what the account's own phone sent once more, as its placeholder said it: the copy may name one address alone. The phone is
-- believed, so the id is enough, as long as it names one person.
create or replace function public.named_by_placeholder(p_row public.ingest_row, out phone text, out lid text)
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_named record;
begin
  if p_row.item ->> 'phone' is not null and p_row.item ->> 'lid' is not null then
    return;
  end if;
  select min(u.phone) as phone, min(u.lid) as lid, count(*) as people into v_named
    from (
      select distinct u.phone, u.lid
      from public.undecrypted_messages u
      where u.instance_id = p_row.instance_id and u.message_id = coalesce(p_row.item ->> 'message_id', p_row.message_id)
        and u.chat_kind = p_row.item ->> 'chat_kind' and u.chat_kind = 'direct'
        and u.from_me = coalesce((p_row.item ->> 'from_me')::boolean, false)
        and (u.phone is null or p_row.item ->> 'phone' is null or u.phone = p_row.item ->> 'phone')
        and (u.lid is null or p_row.item ->> 'lid' is null or u.lid = p_row.item ->> 'lid')
    ) u;
  if v_named.people = 1 then
    phone := v_named.phone;
    lid := v_named.lid;
  end if;
end
$$;

-- What is to be done with rows that somebody decided about, in their order.
create or replace function public.make_work(p_rows public.ingest_row[]) returns public.ingest_work[]
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_work public.ingest_work[];
begin
  select array_agg(row(
      r.position, r.id,
      case when w.is_lost then 'dead' else w.action end,
      case when w.is_lost then 'no_address' else r.item ->> 'reason' end,
      r.organization_id, r.instance_id, w.phone, w.lid,
      nullif(nullif(btrim(left(r.item ->> 'push_name', 200)), ''), 'Unknown'),
      coalesce(r.item ->> 'message_id', r.message_id), r.chat, coalesce(r.item ->> 'content', ''),
      coalesce(r.item ->> 'content_type', 'conversation'),
      coalesce((r.item ->> 'sent_at')::timestamptz, r.received_at), null, null, r.item ->> 'other_phone',
      r.item ->> 'chat_kind', coalesce((r.item ->> 'from_me')::boolean, false), r.received_at, r.item -> 'detail'
    )::public.ingest_work)
    into v_work
    from unnest(p_rows) r
    cross join lateral (
      select a.*, a.action in ('client', 'placeholder') and a.phone is null and a.lid is null as is_lost
      from (
        select r.item ->> 'action' as action, coalesce(nullif(r.item ->> 'phone', ''), j.phone) as phone,
          coalesce(nullif(r.item ->> 'lid', ''), j.lid) as lid
        from (select) one
        left join lateral public.named_by_placeholder(r) j on r.item ? 'is_resent'
      ) a
    ) w;
  return coalesce(v_work, '{}');
end
$$;

-- Takes out what was erased: `skip`, and nothing of it stays in the inbox.
create or replace function public.skip_erased(p_work public.ingest_work[]) returns public.ingest_work[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_erased bigint[];
  v_work public.ingest_work[];
begin
  select array_agg(w.inbox_id) into v_erased
    from unnest(p_work) w
    where w.action in ('client', 'owner_note', 'change', 'undecrypted', 'placeholder')
      and exists (
        select from public.erased_messages e
        where e.instance_id = w.instance_id and e.mark in (
          public.message_mark(w.instance_id, w.phone, w.message_id),
          public.message_mark(w.instance_id, w.lid, w.message_id),
          public.message_mark(w.instance_id, w.phone, w.detail -> 'target' ->> 'message_id'),
          public.message_mark(w.instance_id, w.lid, w.detail -> 'target' ->> 'message_id')
        )
      );
  if v_erased is null then
    return p_work;
  end if;
  update public.inbox i set body = null, message_id = '', chat = '', sender = '', attrs = '{}'
    where i.id = any (v_erased);
  select array_agg(
      case when w.inbox_id = any (v_erased) then row(w.position, w.inbox_id, 'skip', 'erased', w.organization_id,
        w.instance_id, null, null, null, '', '', '', w.content_type, w.sent_at, null, null,
        null, null, false, w.received_at, null)::public.ingest_work
      else w end order by w.position)
    into v_work
    from unnest(p_work) w;
  return v_work;
end
$$;

-- Fills in what the store knows about each item. `actions`: those of the items. `news`: the positions of those that say something new
-- of a person: of a client; and, where both addresses are known, of anybody who is a contact. `phones`: the numbers in these.
-- `changes`: somebody who is a contact gets another address by it, or loses one, or turns out to be somebody else.
-- `is_awaited`: changes of one of the messages came before it.
create or replace function public.look_up_people(p_work public.ingest_work[], p_booking_policy text,
    out work public.ingest_work[], out actions text[], out news bigint[], out phones text[], out changes boolean,
    out is_awaited boolean)
  language plpgsql
  set search_path = ''
as $$
declare
  -- For parsers that take lists of types of ours for records, of which INTO has one alone.
  v_found record;
begin
  select array_agg(row(w.position, w.inbox_id, w.action,
      -- The echo of a message that was sent through the API is no note.
      case when w.action = 'owner_note' and exists (
          select from public.messages m
          where m.instance_id = w.instance_id and m.direction = 'outbound' and m.whatsapp_message_id = w.message_id
        ) then 'own_send' else w.reason end,
      w.organization_id, w.instance_id, w.phone, w.lid,
      w.push_name, w.message_id, w.chat, w.content, w.content_type, w.sent_at, w.known_id,
      case when p_booking_policy = 'every-message' and w.action = 'client' then gen_random_uuid() end,
      w.other_phone, w.chat_kind, w.from_me, w.received_at, w.detail
    )::public.ingest_work order by w.position) as work,
      array_agg(w.action) as actions, array_agg(w.position) filter (where w.is_new) as news,
      array_agg(w.phone) filter (where w.is_new) || array_agg(w.other_phone) filter (where w.is_new) as phones,
      bool_or(w.is_new and w.is_contact) as changes, bool_or(w.is_awaited) as is_awaited
    into v_found
    from (
      select w.*, coalesce(a.id, o.id, b.id) is not null as is_contact,
        exists (
          select from public.pending_changes c where c.instance_id = w.instance_id and c.message_id = w.message_id
        ) as is_awaited,
        coalesce(m.merged_into, w.contact_id, b.id, case when w.lid is null then coalesce(a.id, o.id) end) as known_id,
        (w.action in ('client', 'placeholder')
            or w.phone is not null and w.lid is not null and coalesce(a.id, o.id, b.id) is not null)
          and (w.phone is not null and a.id is null
            or w.lid is not null and b.id is null
            or a.id <> b.id
            or o.id <> a.id and (o.lid is null or coalesce(w.lid, a.lid) is null)) as is_new
      from unnest(p_work) w
      left join public.merged_contacts m on m.contact_id = w.contact_id
      left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
      left join public.contacts o on o.organization_id = w.organization_id and o.phone_number = w.other_phone
      left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid
    ) w;
  work := v_found.work;
  actions := v_found.actions;
  news := v_found.news;
  phones := v_found.phones;
  changes := v_found.changes;
  is_awaited := v_found.is_awaited;
end
$$;

-- Where there is news of people: makes sure that every client has a contact, and fills in what the store says about each item.
-- `told`: events of contacts that turned out to be one person.
create or replace function public.resolve_people(p_work public.ingest_work[], p_booking_policy text,
    out work public.ingest_work[], out told jsonb)
  language plpgsql
  set search_path = ''
as $$
declare
  v_work public.ingest_work[] := p_work;
  v_known record;
  v_new uuid[];
  v_heads jsonb;
  v_contact_id uuid;
begin
  told := '[]'::jsonb;
  -- New people whose addresses occur in one combination only: one statement for all of them.
  with people as (
    select w.organization_id, w.phone, w.lid, min(w.other_phone) as other_phone, min(w.position) as position,
      max(least(w.sent_at, now())) as last_message_at,
      (array_agg(w.push_name order by w.position desc) filter (where w.push_name is not null))[1] as push_name
    from unnest(p_work) w
    where w.action in ('client', 'placeholder')
    group by w.organization_id, w.phone, w.lid
  ), counted as (
    select n.*,
      case when n.phone is null then 1
        else count(*) over (partition by n.organization_id, least(n.phone, n.other_phone)) end as with_phone,
      case when n.lid is null then 1 else count(*) over (partition by n.organization_id, n.lid) end as with_lid
    from people n
  ), made as (
    insert into public.contacts (organization_id, phone_number, lid, name, name_source, last_message_at)
      select n.organization_id, n.phone, n.lid, coalesce(n.push_name, 'Unknown'),
        case when n.push_name is null then 'unknown' else 'push' end, n.last_message_at
      from counted n
      where n.with_phone = 1 and n.with_lid = 1
        and not exists (
          select from public.contacts k
          where k.organization_id = n.organization_id and k.phone_number in (n.phone, n.other_phone)
        )
        and not exists (select from public.contacts k where k.organization_id = n.organization_id and k.lid = n.lid)
      order by n.position
      on conflict do nothing
      returning id
  )
  select array_agg(m.id) into v_new from made m;
  if v_new is not null then
    perform public.join_conversations(v_new);
  end if;

  v_known := public.look_up_people(p_work, p_booking_policy);
  if v_known.news is not null then
    select jsonb_object_agg(o.id, o.event_seq) into v_heads
      from public.organizations o
      where o.id in (select w.organization_id from unnest(p_work) w);
    -- In their order, and with them whoever shows nothing but a number that changes hands meanwhile.
    for i in 1 .. cardinality(v_work) loop
      if v_work[i].position = any (v_known.news)
          or v_work[i].action in ('client', 'placeholder') and v_work[i].lid is null
            and v_work[i].phone = any (v_known.phones) then
        v_contact_id := public.resolve_person(v_work[i].organization_id, v_work[i].instance_id, v_work[i].phone,
          v_work[i].other_phone, v_work[i].lid, p_booking_policy, v_work[i].action in ('client', 'placeholder'));
        if v_work[i].action in ('client', 'placeholder') then
          v_work[i].contact_id := v_contact_id;
        end if;
      end if;
    end loop;
    select coalesce(jsonb_agg(jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence,
        'name', e.name, 'payload', e.payload) order by e.organization_id, e.sequence), '[]')
      into told
      from jsonb_each_text(v_heads) as h (organization_id, sequence)
      join public.events e on e.organization_id = h.organization_id and e.sequence > h.sequence::bigint;
    v_known := public.look_up_people(v_work, p_booking_policy);
  end if;
  work := v_known.work;
end
$$;

-- Puts readable messages in the place of their placeholders, where these are; returns the inbox rows of those messages.
create or replace function public.replace_placeholders(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_replaced bigint[];
begin
  with replaced as (
    update public.messages m
      set content = w.content, content_type = w.content_type, chat_jid = w.chat, inbox_id = w.inbox_id, sent_at = w.sent_at,
        -- When it was told of what it says.
        created_at = now(), type = coalesce(w.detail ->> 'type', 'text'), metadata = w.detail -> 'metadata',
        reply_to = w.detail -> 'reply_to', mentions = w.detail -> 'mentions', is_forwarded = w.detail ? 'is_forwarded' is true,
        is_view_once = w.detail ? 'is_view_once' is true, secret = decode(w.detail ->> 'secret', 'base64')
      from (
        select c.*, row_number() over (partition by c.instance_id, c.contact_id, c.message_id order by c.position) as delivery
        from unnest(p_work) c
        where c.action = 'client'
      ) w
      where w.delivery = 1 and m.instance_id = w.instance_id and m.direction = 'inbound' and m.chat_key = w.contact_id::text
        and m.whatsapp_message_id = w.message_id and m.content_type = 'ciphertext' and m.deleted_at is null
      returning m.inbox_id
  )
  select coalesce(array_agg(r.inbox_id), '{}') into v_replaced from replaced r;
  return v_replaced;
end
$$;

-- Shows in their conversations that messages came which can't be read, until readable copies take their places; none of them makes a
-- booking, for nobody knows yet what they are. Returns the inbox rows of those that were not there before, and what tells of them.
create or replace function public.store_placeholders(p_work public.ingest_work[], p_known bigint[], out stored bigint[],
    out events jsonb)
  language plpgsql
  set search_path = ''
as $$
declare
  v_one record;
begin
  events := '[]'::jsonb;
  with shown as (
    insert into public.messages (organization_id, contact_id, instance_id, direction, content, content_type,
        whatsapp_message_id, chat_jid, chat_key, status, inbox_id, sent_at, type, metadata, is_view_once)
      select w.organization_id, w.contact_id, w.instance_id, 'inbound', w.content, 'ciphertext', w.message_id, w.chat,
        w.contact_id::text, 'received', w.inbox_id, w.sent_at, coalesce(w.detail ->> 'type', 'unsupported'),
        w.detail -> 'metadata', w.detail ? 'is_view_once' is true
      from unnest(p_work) w
      where w.action = 'placeholder' and w.inbox_id <> all (p_known)
      order by w.position
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do nothing
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into stored from shown s;
  for v_one in
    select m.id, w.organization_id, w.instance_id, w.message_id, w.contact_id, w.sent_at, w.push_name, m.metadata,
      coalesce(w.phone, k.phone_number, w.lid || '@lid') as sender
    from unnest(p_work) w
    join public.messages m on m.instance_id = w.instance_id and m.direction = 'inbound' and m.chat_key = w.contact_id::text
      and m.whatsapp_message_id = w.message_id
    join public.contacts k on k.id = w.contact_id
    where w.inbox_id = any (stored)
    order by w.position
  loop
    update public.contacts k
      set updated_at = now(), last_message_at = greatest(k.last_message_at, least(v_one.sent_at, now())),
        name = case when v_one.push_name is not null and k.name_source <> 'person' then v_one.push_name else k.name end,
        name_source = case when v_one.push_name is not null and k.name_source <> 'person' then 'push' else k.name_source end
      where k.id = v_one.contact_id;
    events := events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:message-updated', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_one.instance_id,
        'id', v_one.id, 'messageId', v_one.message_id, 'contactId', v_one.contact_id,
        'timestamp', to_char(v_one.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'change', 'placeholder', 'metadata', v_one.metadata, 'fromMe', false, 'from', v_one.sender))));
  end loop;
end
$$;

-- Stores clients' messages; returns the inbox rows whose message was not there before.
create or replace function public.store_inbound(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_stored bigint[];
begin
  with stored as (
    insert into public.messages (organization_id, contact_id, instance_id, direction, content, content_type,
        whatsapp_message_id, chat_jid, chat_key, status, inbox_id, sent_at, type, metadata, reply_to, mentions,
        is_forwarded, is_view_once, secret)
      select w.organization_id, w.contact_id, w.instance_id, 'inbound', w.content, w.content_type,
        w.message_id, w.chat, w.contact_id::text, 'received', w.inbox_id, w.sent_at,
        coalesce(w.detail ->> 'type', 'text'), w.detail -> 'metadata', w.detail -> 'reply_to', w.detail -> 'mentions',
        w.detail ? 'is_forwarded' is true, w.detail ? 'is_view_once' is true, decode(w.detail ->> 'secret', 'base64')
      from (
        select c.*, row_number() over (partition by c.instance_id, c.contact_id, c.message_id order by c.position) as delivery
        from unnest(p_work) c
        where c.action = 'client'
      ) w
      -- No statement touches a row twice.
      where w.delivery = 1
      order by w.position
      -- One that the history brought first is received now: it is told of, and has its place among those that were.
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do update
        set ordinal = default, content = excluded.content, content_type = excluded.content_type, chat_jid = excluded.chat_jid,
          inbox_id = excluded.inbox_id, sent_at = excluded.sent_at, created_at = now(), type = excluded.type,
          metadata = excluded.metadata, reply_to = excluded.reply_to, mentions = excluded.mentions,
          is_forwarded = excluded.is_forwarded, is_view_once = excluded.is_view_once, secret = excluded.secret
        where messages.ordinal < 0
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into v_stored from stored s;
  if cardinality(v_stored) < (select count(*) from unnest(p_work) w where w.action = 'client') then
    v_stored := v_stored || public.replace_placeholders(p_work);
  end if;
  -- A text may bring a file, too: the picture above a menu.
  if exists (select 1 from unnest(p_work) w where w.detail ? 'media') then
    perform public.store_media(p_work, v_stored);
  end if;

  update public.contacts k
    set updated_at = now(),
      last_message_at = greatest(k.last_message_at, u.last_message_at),
      name = case when u.push_name is not null and k.name_source <> 'person' then u.push_name else k.name end,
      name_source = case when u.push_name is not null and k.name_source <> 'person' then 'push'
        else k.name_source end
    from (
      select w.contact_id, max(least(w.sent_at, now())) as last_message_at,
        (array_agg(w.push_name order by w.position desc) filter (where w.push_name is not null))[1] as push_name
      from unnest(p_work) w
      where w.inbox_id = any (v_stored)
      group by w.contact_id
    ) u
    where k.id = u.contact_id
      and (k.last_message_at is null or k.last_message_at < u.last_message_at
        or u.push_name <> k.name and k.name_source <> 'person');
  return v_stored;
end
$$;

-- Stores the owner's notes; returns the inbox rows whose note was not there before.
create or replace function public.store_notes(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_stored bigint[];
begin
  with stored as (
    insert into public.notes (organization_id, contact_id, instance_id, content, content_type, whatsapp_message_id,
        chat_key, inbox_id, sent_at, type, metadata, reply_to, mentions, is_forwarded, is_view_once, secret)
      select w.organization_id, w.contact_id, w.instance_id, w.content, w.content_type, w.message_id,
        coalesce(w.contact_id::text, w.chat), w.inbox_id, w.sent_at,
        coalesce(w.detail ->> 'type', 'text'), w.detail -> 'metadata', w.detail -> 'reply_to', w.detail -> 'mentions',
        w.detail ? 'is_forwarded' is true, w.detail ? 'is_view_once' is true, decode(w.detail ->> 'secret', 'base64')
      from unnest(p_work) w
      where w.action = 'owner_note' and w.reason <> 'own_send'
      order by w.position
      on conflict (instance_id, chat_key, whatsapp_message_id) do nothing
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into v_stored from stored s;
  if exists (select 1 from unnest(p_work) w where w.detail ? 'media') then
    perform public.store_media(p_work, v_stored);
  end if;
  return v_stored;
end
$$;

-- Appends a `whatsapp:note` event for each newly stored note, in order; returns them.
create or replace function public.store_note_events(p_work public.ingest_work[], p_stored bigint[]) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_one record;
  v_events jsonb := '[]'::jsonb;
begin
  for v_one in
    select w.organization_id, w.instance_id, w.sent_at, n.id, n.contact_id
    from unnest(p_work) w
    join public.notes n on n.instance_id = w.instance_id and n.chat_key = coalesce(w.contact_id::text, w.chat)
      and n.whatsapp_message_id = w.message_id
    where w.inbox_id = any (p_stored)
    order by w.position
  loop
    v_events := v_events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:note', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_one.instance_id,
        'noteId', v_one.id, 'contactId', v_one.contact_id,
        'timestamp', to_char(v_one.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))));
  end loop;
  return v_events;
end
$$;

-- What a `whatsapp:message` event tells.
create or replace function public.message_payload(p_instance_id uuid, p_message_id text, p_from text, p_text text,
    p_sent_at timestamptz, p_contact_id uuid, p_booking_id uuid, p_detail jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_payload constant jsonb := jsonb_strip_nulls(jsonb_build_object('instanceId', p_instance_id, 'messageId', p_message_id,
    'from', p_from, 'text', p_text, 'type', coalesce(p_detail ->> 'type', 'text'),
    'timestamp', to_char(p_sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'contactId', p_contact_id, 'bookingId', p_booking_id));
begin
  if p_detail is null then
    return v_payload;
  end if;
  return v_payload || jsonb_strip_nulls(jsonb_build_object(
    'metadata', p_detail -> 'metadata',
    'replyTo', case when p_detail ? 'reply_to' then jsonb_build_object(
      'messageId', p_detail -> 'reply_to' -> 'whatsapp_message_id', 'fromMe', p_detail -> 'reply_to' -> 'from_me',
      'content', p_detail -> 'reply_to' -> 'content') end,
    'media', case when p_detail ? 'media' then jsonb_build_object('state', 'pending',
      'mimeType', p_detail -> 'media' -> 'mime_type', 'fileName', p_detail -> 'media' -> 'file_name',
      'size', p_detail -> 'media' -> 'size') end));
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
        v_one.content, v_one.sent_at, v_one.contact_id, v_one.booking_id, v_one.detail))));
  end if;
  with fresh as materialized (
    select w.position, w.organization_id, w.instance_id, w.message_id, w.phone, w.lid, w.content, w.sent_at, w.contact_id,
      w.booking_id, w.detail, row_number() over (partition by w.organization_id order by w.position) as place
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
          ) else f.booking_id end,
        f.detail
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

-- Writes placeholders into the ledger; returns the inbox rows of those that were in it already, or whose message had
-- arrived readable before. To be called when the messages of the call are stored.
create or replace function public.record_undecrypted(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_item record;
  v_copy bigint;
  v_known bigint[] := '{}'::bigint[];
begin
  for v_item in
    select w.* from unnest(p_work) w
    where w.action in ('undecrypted', 'placeholder') and w.reason <> 'view_once' and w.chat_kind is not null
    order by w.position
  loop
    -- 0 for what came from elsewhere than the inbox.
    select c.inbox_id into v_copy
      from (
        select coalesce(m.inbox_id, 0) as inbox_id
        from public.messages m
        where m.instance_id = v_item.instance_id and m.whatsapp_message_id = v_item.message_id
          and m.chat_key = v_item.contact_id::text
          and m.direction = case when v_item.from_me then 'outbound' else 'inbound' end
          and m.content_type <> 'ciphertext'
        union all
        select coalesce(n.inbox_id, 0)
        from public.notes n
        where v_item.from_me and n.instance_id = v_item.instance_id and n.whatsapp_message_id = v_item.message_id
          and n.chat_key = coalesce(v_item.contact_id::text, v_item.chat)
      ) c
      limit 1;
    if v_copy < v_item.inbox_id or exists (
      select from public.find_undecrypted(v_item.instance_id, v_item.message_id, v_item.chat, v_item.chat_kind,
        v_item.from_me, v_item.phone, v_item.lid, v_item.contact_id)
    ) then
      v_known := v_known || v_item.inbox_id;
    else
      insert into public.undecrypted_messages (organization_id, instance_id, inbox_id, message_id, chat, chat_kind,
          from_me, phone, lid, sent_at, received_at, state, recovered_inbox_id, settled_at)
        values (v_item.organization_id, v_item.instance_id, v_item.inbox_id, v_item.message_id, v_item.chat,
          v_item.chat_kind, v_item.from_me, v_item.phone, v_item.lid, v_item.sent_at, v_item.received_at,
          case when v_copy is null then 'waiting' else 'recovered' end, v_copy,
          case when v_copy is not null then now() end)
        on conflict (inbox_id) do nothing;
    end if;
  end loop;
  return v_known;
end
$$;

-- Settles what the readable messages among the items are copies of, whether it still waits or was given up.
create or replace function public.recover_undecrypted(p_work public.ingest_work[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  -- Nearly always there is nothing: one probe of a small index for each message.
  if not exists (
    select from unnest(p_work) w
    join public.undecrypted_messages u on u.instance_id = w.instance_id and u.message_id = w.message_id
    where w.action not in ('undecrypted', 'placeholder') and u.state <> 'recovered'
  ) then
    return;
  end if;
  update public.undecrypted_messages u
    set state = 'recovered', recovered_inbox_id = c.inbox_id, settled_at = now()
    from (
      select f.id, min(w.inbox_id) as inbox_id
      from unnest(p_work) w
      cross join lateral public.find_undecrypted(w.instance_id, w.message_id, w.chat, w.chat_kind, w.from_me,
        w.phone, w.lid, w.contact_id) f
      where w.action not in ('undecrypted', 'placeholder', 'dead') and w.chat_kind is not null
      group by f.id
    ) c
    where u.id = c.id and u.state <> 'recovered';
end
$$;

-- Shows anew what was stored as `unsupported` and is understood now that its row is worked on once more. `again`: the rows of the inbox
-- that were worked on before, whatever came of it.
create or replace function public.read_again(p_work public.ingest_work[], p_stored bigint[], out again bigint[], out events jsonb)
  language plpgsql
  set search_path = ''
as $$
-- `events` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_shown bigint[] := '{}'::bigint[];
  v_one record;
begin
  again := '{}';
  events := '[]'::jsonb;
  for v_one in
    select w.inbox_id, w.action, w.organization_id, w.instance_id, w.message_id, w.contact_id, w.content, w.content_type,
      w.sent_at, w.phone, w.lid, w.from_me, w.detail, coalesce(w.detail ->> 'type', 'text') as type,
      coalesce(m.id, n.id) as id, coalesce(m.type, n.type) = 'unsupported' and coalesce(m.deleted_at, n.deleted_at) is null
        and coalesce(w.detail ->> 'type', 'text') <> 'unsupported' as is_news
    from unnest(p_work) w
    left join public.messages m on w.action = 'client' and m.instance_id = w.instance_id and m.direction = 'inbound'
      and m.chat_key = w.contact_id::text and m.whatsapp_message_id = w.message_id and m.inbox_id = w.inbox_id
    left join public.notes n on w.action = 'owner_note' and n.instance_id = w.instance_id
      and n.chat_key = coalesce(w.contact_id::text, w.chat) and n.whatsapp_message_id = w.message_id and n.inbox_id = w.inbox_id
    where w.inbox_id <> all (p_stored) and (m.id is not null or n.id is not null)
    order by w.position
  loop
    again := again || v_one.inbox_id;
    continue when not v_one.is_news;
    execute format('update public.%I set content = case when edited_at is null then $2 else content end, content_type = $3,
        type = $4, metadata = $5 -> ''metadata'', reply_to = $5 -> ''reply_to'', mentions = $5 -> ''mentions'',
        is_forwarded = $5 ? ''is_forwarded'' is true, is_view_once = $5 ? ''is_view_once'' is true,
        secret = decode($5 ->> ''secret'', ''base64'') where id = $1',
        case v_one.action when 'client' then 'messages' else 'notes' end)
      using v_one.id, v_one.content, v_one.content_type, v_one.type, v_one.detail;
    v_shown := v_shown || v_one.inbox_id;
    events := events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:message-updated', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_one.instance_id,
        'id', v_one.id, 'messageId', v_one.message_id, 'contactId', v_one.contact_id,
        'timestamp', to_char(v_one.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'change', 'read_again', 'metadata', '{}'::jsonb, 'fromMe', v_one.from_me,
        'from', case when not v_one.from_me then coalesce(v_one.phone, v_one.lid || '@lid') end))));
  end loop;
  if v_shown <> '{}' then
    perform public.store_media(p_work, v_shown);
  end if;
end
$$;

-- Does what is to be done: messages, notes, bookings, events and the loss ledger. `outcomes`: what became of each row. Where it is
-- early, somebody waits for it who must not wait long: nothing is done that may have much to move.
create or replace function public.do_work(p_work public.ingest_work[], p_booking_policy text, p_is_early boolean,
    out events jsonb, out outcomes public.ingest_outcome[])
  language plpgsql
  set search_path = ''
as $$
declare
  v_people record;
  v_resolved record;
  v_work public.ingest_work[];
  v_messages bigint[] := '{}'::bigint[];
  v_notes bigint[] := '{}'::bigint[];
  v_known bigint[] := '{}'::bigint[];
  v_shown record;
  v_placed bigint[] := '{}'::bigint[];
  v_read record;
  v_again bigint[] := '{}'::bigint[];
  v_changed record;
  v_reasons jsonb;
begin
  v_people := public.look_up_people(p_work, p_booking_policy);
  v_work := v_people.work;
  events := '[]'::jsonb;
  if v_people.news is not null then
    if p_is_early and v_people.changes then
      raise exception 'conversations may move' using errcode = 'AZ414';
    end if;
    v_resolved := public.resolve_people(p_work, p_booking_policy);
    v_work := v_resolved.work;
    events := v_resolved.told;
  end if;
  if 'client' = any (v_people.actions) then
    v_messages := public.store_inbound(v_work);
  end if;
  if 'owner_note' = any (v_people.actions) then
    v_notes := public.store_notes(v_work);
  end if;
  if v_messages <> '{}' then
    perform public.store_bookings(v_work, v_messages, p_booking_policy);
    events := events || public.store_message_events(v_work, v_messages, p_booking_policy);
  end if;
  if v_notes <> '{}' then
    events := events || public.store_note_events(v_work, v_notes);
  end if;
  if cardinality(v_messages) + cardinality(v_notes) < cardinality(array_positions(v_people.actions, 'client'))
      + cardinality(array_positions(v_people.actions, 'owner_note')) then
    v_read := public.read_again(v_work, v_messages || v_notes);
    v_again := v_read.again;
    events := events || v_read.events;
  end if;
  if 'history' = any (v_people.actions) then
    perform public.note_history(v_work);
  end if;
  if v_people.actions && array['undecrypted', 'placeholder'] then
    v_known := public.record_undecrypted(v_work);
    if 'placeholder' = any (v_people.actions) then
      v_shown := public.store_placeholders(v_work, v_known);
      v_placed := v_shown.stored;
      events := events || v_shown.events;
    end if;
  end if;
  perform public.recover_undecrypted(v_work);
  if v_people.is_awaited or 'change' = any (v_people.actions) then
    v_changed := public.apply_changes(v_work, v_messages || v_notes, v_people.is_awaited);
    events := events || v_changed.events;
    v_reasons := v_changed.reasons;
  end if;
  select array_agg(row(c.inbox_id, c.instance_id, case when c.outcome = 'dead' then 2 else 1 end, c.outcome,
      case when c.outcome = 'duplicate' then 'duplicate' when c.inbox_id = any (v_again) then 'read_again' else c.reason end,
      case when c.outcome = 'dead' then c.reason end)::public.ingest_outcome)
    into outcomes
    from (
      select w.inbox_id, w.instance_id, coalesce(v_reasons ->> w.inbox_id::text, w.reason) as reason,
        case
          when w.action = 'client' then case
            when w.inbox_id = any (v_messages || v_again) then 'stored' else 'duplicate' end
          when w.action = 'owner_note' then case
            when w.reason = 'own_send' then 'skipped'
            when w.inbox_id = any (v_notes || v_again) then 'note'
            else 'duplicate' end
          when w.action = 'placeholder' and w.reason = 'view_once' then case
            when w.inbox_id = any (v_placed) then 'stored' else 'duplicate' end
          when w.action in ('undecrypted', 'placeholder') then case
            when w.inbox_id = any (v_known) then 'duplicate' else 'undecrypted' end
          when w.action = 'dead' then 'dead'
          else 'skipped' end as outcome
      from unnest(v_work) w
    ) c;
end
$$;

-- Counts what was stored of each instance.
create or replace function public.count_received(p_outcomes public.ingest_outcome[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update public.whatsapp_instances i
    set messages_received_count = i.messages_received_count + c.messages, updated_at = now()
    from (
      select o.instance_id, count(*) as messages
      from unnest(p_outcomes) o where o.outcome = 'stored' and o.reason <> 'read_again' group by o.instance_id
    ) c
    where i.id = c.instance_id;
end
$$;

revoke execute on function
  public.make_work(public.ingest_row[]), public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.look_up_people(public.ingest_work[], text), public.resolve_people(public.ingest_work[], text),
  public.named_by_placeholder(public.ingest_row), public.replace_placeholders(public.ingest_work[]),
  public.store_placeholders(public.ingest_work[], bigint[]), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_note_events(public.ingest_work[], bigint[]),
  public.store_bookings(public.ingest_work[], bigint[], text),
  public.message_payload(uuid, text, text, text, timestamptz, uuid, uuid, jsonb),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.record_undecrypted(public.ingest_work[]), public.recover_undecrypted(public.ingest_work[]),
  public.read_again(public.ingest_work[], bigint[]), public.do_work(public.ingest_work[], text, boolean),
  public.count_received(public.ingest_outcome[]), public.ingest_inbox(jsonb),
  public.owner_versions(text[]), public.ingest_received(public.ingest_row[], text[], text),
  public.store_received(public.ingest_row[], jsonb, public.ingest_outcome[]), public.commit_and_ingest(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.make_work(public.ingest_row[]), public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.look_up_people(public.ingest_work[], text), public.resolve_people(public.ingest_work[], text),
  public.named_by_placeholder(public.ingest_row), public.replace_placeholders(public.ingest_work[]),
  public.store_placeholders(public.ingest_work[], bigint[]), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_note_events(public.ingest_work[], bigint[]),
  public.store_bookings(public.ingest_work[], bigint[], text),
  public.message_payload(uuid, text, text, text, timestamptz, uuid, uuid, jsonb),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.record_undecrypted(public.ingest_work[]), public.recover_undecrypted(public.ingest_work[]),
  public.read_again(public.ingest_work[], bigint[]), public.do_work(public.ingest_work[], text, boolean),
  public.count_received(public.ingest_outcome[]), public.ingest_inbox(jsonb),
  public.owner_versions(text[]), public.ingest_received(public.ingest_row[], text[], text),
  public.store_received(public.ingest_row[], jsonb, public.ingest_outcome[]), public.commit_and_ingest(jsonb)
  to service_role;

-- 33_message_change_functions.sql

-- What is done to messages and notes: edits, deletions, reactions, votes and the like, also before their message is there.

-- The message of a chat that a change is about, or the note. In the chat's own conversation alone: senders choose the ids.
create or replace function public.find_changed(p_change public.ingest_work, out id uuid, out is_note boolean)
  language plpgsql stable
  set search_path = ''
as $$
-- @plpgsql_check_options: extra_warnings = off
declare
  v_target constant jsonb := p_change.detail -> 'target';
  v_keys constant text[] := array_remove(array[p_change.contact_id::text, p_change.chat,
    p_change.phone || '@s.whatsapp.net', p_change.lid || '@lid'], null);
begin
  is_note := false;
  select m.id into id
    from public.messages m
    where m.instance_id = p_change.instance_id and m.chat_key = any (v_keys)
      and m.direction = case when (v_target ->> 'from_me')::boolean then 'outbound' else 'inbound' end
      and m.whatsapp_message_id = v_target ->> 'message_id'
      -- What is done to a message waits until it can be read. One that is to be seen once never can.
      and (m.content_type <> 'ciphertext' or m.is_view_once)
    order by m.ordinal
    limit 1;
  if id is null then
    select n.id into id
      from public.notes n
      where n.instance_id = p_change.instance_id and n.chat_key = any (v_keys)
        and n.whatsapp_message_id = v_target ->> 'message_id'
      order by n.ordinal
      limit 1;
    is_note := id is not null;
  end if;
end
$$;

-- From which sequence on, exclusively, and up to which the events of an organization were stored around a time, a minute before and after.
-- Events have no index by what they tell, nor by time: it is found by halving.
create or replace function public.events_around(p_organization_id text, p_time timestamptz, out low bigint, out high bigint)
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_middle bigint;
  v_time timestamptz;
begin
  low := 0;
  select o.event_seq into high from public.organizations o where o.id = p_organization_id;
  while high - low > 100 loop
    v_middle := (low + high) / 2;
    select e.created_at into v_time
      from public.events e
      where e.organization_id = p_organization_id and e.sequence >= v_middle
      order by e.sequence
      limit 1;
    if v_time < p_time - interval '1 minute' then
      low := v_middle;
    else
      high := v_middle;
    end if;
  end loop;
  select coalesce(min(s.sequence), 9223372036854775807) into high
    from (
      select e.sequence
      from public.events e
      where e.organization_id = p_organization_id and e.sequence > low and e.created_at > p_time + interval '1 minute'
      order by e.sequence
      limit 1
    ) s;
end
$$;

-- Takes what a message said out of the events that told it. They were stored with it.
create or replace function public.forget_in_events(p_organization_id text, p_message_id text, p_instance_id uuid,
    p_stored_at timestamptz) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_around constant record := public.events_around(p_organization_id, p_stored_at);
begin
  update public.events e
    set payload = jsonb_strip_nulls((e.payload - 'metadata' - 'replyTo' - 'media' - 'emoji')
      || jsonb_build_object('text', case when e.payload ? 'text' then '' end))
    where e.organization_id = p_organization_id and e.sequence > v_around.low and e.sequence <= v_around.high
      and e.instance_id = p_instance_id and e.payload ->> 'messageId' = p_message_id;
end
$$;

-- Takes back a message or a note for everyone: nothing of what it said stays, but that it was there.
create or replace function public.delete_changed(p_change public.ingest_work, p_id uuid, p_is_note boolean) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_message_id constant text := p_change.detail -> 'target' ->> 'message_id';
  v_inbox_id bigint;
  v_stored_at timestamptz;
  v_edit record;
begin
  if p_is_note then
    update public.notes n
      set content = '', metadata = null, reply_to = null, mentions = null, secret = null, deleted_at = p_change.sent_at
      where n.id = p_id
      returning n.inbox_id, n.created_at into v_inbox_id, v_stored_at;
  else
    update public.messages m
      set content = '', metadata = null, reply_to = null, mentions = null, secret = null, payload = null, request = null,
        deleted_at = p_change.sent_at
      where m.id = p_id
      returning m.inbox_id, m.created_at into v_inbox_id, v_stored_at;
    -- What edits of it said that we sent.
    update public.messages m set content = '', mentions = null, payload = null, request = m.request - 'text'
      where m.change_of = p_id and m.request ->> 'type' = 'edit';
  end if;
  delete from public.message_media d where d.message_id = p_id;
  for v_edit in
    delete from public.message_edits d where d.message_id = p_id or d.note_id = p_id returning d.stored_at
  loop
    perform public.forget_in_events(p_change.organization_id, v_message_id, p_change.instance_id, v_edit.stored_at);
  end loop;
  delete from public.message_reactions d where d.message_id = p_id or d.note_id = p_id;
  delete from public.message_answers d where d.message_id = p_id or d.note_id = p_id;
  -- Others of the conversation quote it. Without a contact there are few.
  if p_change.contact_id is not null then
    update public.messages m set reply_to = m.reply_to || '{"content": ""}'
      where m.contact_id = p_change.contact_id and m.instance_id = p_change.instance_id
        and m.reply_to ->> 'whatsapp_message_id' = v_message_id;
    update public.notes n set reply_to = n.reply_to || '{"content": ""}'
      where n.contact_id = p_change.contact_id and n.instance_id = p_change.instance_id
        and n.reply_to ->> 'whatsapp_message_id' = v_message_id;
  else
    update public.messages m set reply_to = m.reply_to || '{"content": ""}'
      where m.organization_id = p_change.organization_id and m.contact_id is null and m.instance_id = p_change.instance_id
        and m.reply_to ->> 'whatsapp_message_id' = v_message_id;
    update public.notes n set reply_to = n.reply_to || '{"content": ""}'
      where n.organization_id = p_change.organization_id and n.contact_id is null and n.instance_id = p_change.instance_id
        and n.reply_to ->> 'whatsapp_message_id' = v_message_id;
  end if;
  update public.inbox i set body = null where i.id = v_inbox_id and i.state = 1;
  perform public.forget_in_events(p_change.organization_id, v_message_id, p_change.instance_id, v_stored_at);
end
$$;

-- What the answers to a message come to, as its metadata say it: votes of a poll are counted for each option, answers to an event for
-- each kind of answer.
create or replace function public.counted_answers(p_id uuid, p_metadata jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_metadata jsonb := coalesce(p_metadata, '{}');
begin
  if jsonb_typeof(v_metadata -> 'options') = 'array' then
    v_metadata := v_metadata || jsonb_build_object('options', (
      select coalesce(jsonb_agg(o.option || jsonb_build_object('votes', (
          select count(*)
          from public.message_answers a
          where (a.message_id = p_id or a.note_id = p_id) and a.kind = 'poll_vote'
            and a.answer ? encode(sha256(convert_to(o.option ->> 'name', 'UTF8')), 'hex')
        )) order by o.place), '[]')
      from jsonb_array_elements(v_metadata -> 'options') with ordinality as o (option, place)
      where jsonb_typeof(o.option) = 'object'
    ));
  end if;
  if exists (
    select from public.message_answers a where (a.message_id = p_id or a.note_id = p_id) and a.kind = 'event_answer'
  ) then
    v_metadata := v_metadata || jsonb_build_object('answers', '{"going": 0, "not_going": 0, "maybe": 0}'::jsonb || (
      select jsonb_object_agg(c.answer, c.answers)
      from (
        select a.answer #>> '{}' as answer, count(*) as answers
        from public.message_answers a
        where (a.message_id = p_id or a.note_id = p_id) and a.kind = 'event_answer'
        group by 1
      ) c
    ));
  end if;
  return v_metadata;
end
$$;

-- Notes the answer of one person, the last one of each kind. Returns whether it says something new.
create or replace function public.store_answer(p_change public.ingest_work, p_id uuid, p_is_note boolean, p_answer jsonb)
  returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_kind constant text := p_change.detail ->> 'kind';
  v_known record;
begin
  select a.id, a.answer, a.answered_at into v_known
    from public.message_answers a
    where (a.message_id = p_id or a.note_id = p_id) and a.kind = v_kind and a.from_me = p_change.from_me;
  if v_known.id is null then
    insert into public.message_answers (organization_id, message_id, note_id, kind, from_me, answer, answered_at)
      values (p_change.organization_id, case when not p_is_note then p_id end, case when p_is_note then p_id end, v_kind,
        p_change.from_me, p_answer, p_change.sent_at);
    return true;
  end if;
  if v_known.answered_at > p_change.sent_at or v_known.answer = p_answer then
    return false;
  end if;
  update public.message_answers a set answer = p_answer, answered_at = p_change.sent_at where a.id = v_known.id;
  return true;
end
$$;

-- Notes the reaction of one person. Returns whether it says something new.
create or replace function public.store_reaction(p_change public.ingest_work, p_id uuid, p_is_note boolean) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_emoji constant text := coalesce(p_change.detail ->> 'emoji', '');
  v_known record;
begin
  select r.id, r.emoji, r.reacted_at into v_known
    from public.message_reactions r
    where (r.message_id = p_id or r.note_id = p_id) and r.from_me = p_change.from_me;
  if v_known.id is null then
    insert into public.message_reactions (organization_id, message_id, note_id, from_me, emoji, reacted_at)
      values (p_change.organization_id, case when not p_is_note then p_id end, case when p_is_note then p_id end,
        p_change.from_me, v_emoji, p_change.sent_at);
    return v_emoji <> '';
  end if;
  if v_known.reacted_at > p_change.sent_at or v_known.emoji = v_emoji then
    return false;
  end if;
  update public.message_reactions r set emoji = v_emoji, reacted_at = p_change.sent_at where r.id = v_known.id;
  return true;
end
$$;

-- Keeps a change whose message is not there. Returns why it is done with so far.
create or replace function public.keep_change(p_change public.ingest_work) returns text
  language plpgsql
  set search_path = ''
as $$
begin
  delete from public.pending_changes c where c.instance_id = p_change.instance_id and c.expires_at <= now();
  if (select count(*) >= 1000 from (
      select from public.pending_changes c where c.instance_id = p_change.instance_id limit 1000
    ) w) then
    return 'too_many_changes_wait';
  end if;
  insert into public.pending_changes (organization_id, instance_id, inbox_id, message_id, target_from_me, phone, lid, from_me,
      change, sent_at, expires_at)
    values (p_change.organization_id, p_change.instance_id, p_change.inbox_id, p_change.detail -> 'target' ->> 'message_id',
      (p_change.detail -> 'target' ->> 'from_me')::boolean, p_change.phone, p_change.lid, p_change.from_me, p_change.detail,
      p_change.sent_at, now() + interval '14 days')
    on conflict (inbox_id) do nothing;
  return 'waits_for_message';
end
$$;

-- Does what somebody did to a message. `event`: what tells of it. `reason`: why nothing came of it.
create or replace function public.apply_change(p_change public.ingest_work, out event jsonb, out reason text)
  language plpgsql
  set search_path = ''
as $$
-- @plpgsql_check_options: extra_warnings = off
declare
  v_detail constant jsonb := p_change.detail;
  v_kind constant text := p_change.detail ->> 'kind';
  v_found record;
  v_row record;
  v_table text;
  v_name text := 'whatsapp:message-updated';
  v_payload jsonb;
begin
  v_found := public.find_changed(p_change);
  if v_found.id is null then
    reason := public.keep_change(p_change);
    return;
  end if;
  v_table := case when v_found.is_note then 'notes' else 'messages' end;
  if v_found.is_note then
    select n.contact_id, n.content, n.metadata, n.edited_at, n.deleted_at into v_row
      from public.notes n where n.id = v_found.id for update;
  else
    select m.contact_id, m.content, m.metadata, m.edited_at, m.deleted_at into v_row
      from public.messages m where m.id = v_found.id for update;
  end if;
  if v_kind in ('edit', 'delete', 'live_location') and p_change.from_me <> (v_detail -> 'target' ->> 'from_me')::boolean then
    reason := 'not_the_author';
  elsif v_row.deleted_at is not null then
    reason := 'message_deleted';
  elsif v_kind = 'sealed' then
    reason := 'sealed_change';
  end if;
  if reason is not null then
    return;
  end if;
  v_payload := jsonb_build_object('instanceId', p_change.instance_id, 'id', v_found.id,
    'messageId', v_detail -> 'target' -> 'message_id', 'contactId', v_row.contact_id,
    'timestamp', to_char(p_change.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));

  if v_kind = 'delete' then
    perform public.delete_changed(p_change, v_found.id, v_found.is_note);
    v_name := 'whatsapp:message-deleted';
  elsif v_kind = 'edit' then
    if v_row.edited_at >= p_change.sent_at or v_row.content = p_change.content then
      reason := 'superseded';
      return;
    end if;
    insert into public.message_edits (organization_id, message_id, note_id, ordinal, content, edited_at)
      select p_change.organization_id, case when not v_found.is_note then v_found.id end,
        case when v_found.is_note then v_found.id end, c.edits + 1, v_row.content, p_change.sent_at
      from (
        select count(*) as edits from public.message_edits e where e.message_id = v_found.id or e.note_id = v_found.id
      ) c
      where c.edits < 100;
    execute format('update public.%I set content = $2, edited_at = $3, mentions = $4,
        metadata = case when $5 is null then metadata else coalesce(metadata, ''{}'') || $5 end where id = $1', v_table)
      using v_found.id, p_change.content, p_change.sent_at, v_detail -> 'mentions', v_detail -> 'metadata';
    v_name := 'whatsapp:message-edited';
    v_payload := v_payload || jsonb_build_object('text', p_change.content);
  elsif v_kind = 'reaction' then
    if not public.store_reaction(p_change, v_found.id, v_found.is_note) then
      reason := 'superseded';
      return;
    end if;
    v_name := 'whatsapp:reaction';
    v_payload := v_payload || jsonb_build_object('emoji', coalesce(v_detail ->> 'emoji', ''));
  else
    if v_kind = 'live_location' then
      if (v_row.metadata ->> 'updated_at')::timestamptz >= p_change.sent_at then
        reason := 'superseded';
        return;
      end if;
      v_row.metadata := coalesce(v_row.metadata, '{}') || coalesce(v_detail -> 'metadata', '{}')
        || jsonb_build_object('updated_at', v_payload -> 'timestamp');
    elsif not public.store_answer(p_change, v_found.id, v_found.is_note,
        coalesce(v_detail -> 'options', v_detail -> 'answer', v_detail -> 'on')) then
      reason := 'superseded';
      return;
    elsif v_kind in ('pin', 'keep') then
      v_row.metadata := coalesce(v_row.metadata, '{}') || jsonb_build_object(
        case v_kind when 'pin' then 'is_pinned' else 'is_kept' end, v_detail -> 'on');
    else
      v_row.metadata := public.counted_answers(v_found.id, v_row.metadata);
    end if;
    execute format('update public.%I set metadata = $2 where id = $1', v_table) using v_found.id, v_row.metadata;
    v_payload := v_payload || jsonb_build_object('change', v_kind, 'metadata', v_row.metadata);
  end if;
  if v_name in ('whatsapp:reaction', 'whatsapp:message-updated') then
    v_payload := v_payload || jsonb_build_object('fromMe', p_change.from_me, 'from', case
      when p_change.from_me then (
        select coalesce(i.account_phone, i.phone_number) from public.whatsapp_instances i where i.id = p_change.instance_id
      )
      else coalesce(p_change.phone, (select k.phone_number from public.contacts k where k.id = p_change.contact_id),
        p_change.lid || '@lid') end);
  end if;
  event := public.append_event(p_change.organization_id, p_change.instance_id,
    jsonb_build_object('name', v_name, 'payload', jsonb_strip_nulls(v_payload)));
end
$$;

-- Does the changes among the items, and those that waited for one of the messages that were stored now; first the latter, each in the
-- order in which they were made. `reasons`: by row of the inbox, why nothing came of it.
create or replace function public.apply_changes(p_work public.ingest_work[], p_stored bigint[], p_is_awaited boolean,
    out events jsonb, out reasons jsonb)
  language plpgsql
  set search_path = ''
as $$
-- `events` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_one public.ingest_work;
  v_waiting record;
  v_done record;
begin
  events := '[]'::jsonb;
  reasons := '{}'::jsonb;
  if p_is_awaited then
    for v_waiting in
      select c.id as waiting_id, c.inbox_id as change_inbox_id, c.change, c.from_me as change_from_me, c.sent_at as changed_at, w as item
      from unnest(p_work) w
      join public.pending_changes c on c.instance_id = w.instance_id and c.message_id = w.message_id
      left join public.contacts k on k.id = w.contact_id
      where w.inbox_id = any (p_stored) and c.target_from_me = w.from_me
        and (c.phone in (w.phone, w.other_phone, k.phone_number) or c.lid in (w.lid, k.lid))
      order by c.sent_at, c.id
    loop
      delete from public.pending_changes c where c.id = v_waiting.waiting_id;
      if v_waiting.change ->> 'kind' = 'sealed' then
        -- Its message is there: a worker can open it now.
        update public.inbox i
          set state = 0, outcome = null, reason = null, error = null, processed_at = null, claimed_by = null, claimed_until = null
          where i.id = v_waiting.change_inbox_id and i.state = 1 and i.body is not null;
        continue;
      end if;
      v_one := v_waiting.item;
      v_one.detail := v_waiting.change;
      v_one.content := coalesce(v_waiting.change ->> 'content', '');
      v_one.from_me := v_waiting.change_from_me;
      v_one.sent_at := v_waiting.changed_at;
      v_one.inbox_id := v_waiting.change_inbox_id;
      v_done := public.apply_change(v_one);
      if v_done.event is not null then
        events := events || v_done.event;
      end if;
    end loop;
  end if;
  foreach v_one in array p_work loop
    if v_one.action = 'change' then
      v_done := public.apply_change(v_one);
      if v_done.event is not null then
        events := events || v_done.event;
      end if;
      if v_done.reason is not null then
        reasons := reasons || jsonb_build_object(v_one.inbox_id::text, v_done.reason);
      end if;
    end if;
  end loop;
end
$$;

-- Of each item the rows of the inbox that its target came in, sealed as they are, for whoever opens what is sealed to it; and the
-- secret of a poll or an event.
create or replace function public.find_change_targets(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
        'secret', translate(encode(coalesce(m.secret, n.secret), 'base64'), e'\n', ''),
        'inbox', case when i.body is not null then to_jsonb(i) - 'body'
          || jsonb_build_object('body', translate(encode(i.body, 'base64'), e'\n', '')) end
      ) order by e.place), '[]')
    from jsonb_array_elements(p -> 'items') with ordinality as e (item, place)
    left join public.inbox c on c.id = (e.item ->> 'inbox_id')::bigint
    left join public.contacts a on a.organization_id = c.organization_id and a.phone_number = e.item ->> 'phone'
    left join public.contacts b on b.organization_id = c.organization_id and b.lid = e.item ->> 'lid'
    left join lateral public.find_changed(row(e.place, c.id, 'change', null, c.organization_id, c.instance_id,
      e.item ->> 'phone', e.item ->> 'lid', null, null, c.chat, null, null, null, coalesce(b.id, a.id), null, null, null, null,
      null, e.item)::public.ingest_work) f on true
    left join public.messages m on m.id = f.id and not f.is_note
    left join public.notes n on n.id = f.id and f.is_note
    left join public.inbox i on i.id = coalesce(m.inbox_id, n.inbox_id)
  );
end
$$;

revoke execute on function
  public.find_changed(public.ingest_work), public.events_around(text, timestamptz), public.forget_in_events(text, text, uuid, timestamptz),
  public.delete_changed(public.ingest_work, uuid, boolean), public.counted_answers(uuid, jsonb),
  public.store_answer(public.ingest_work, uuid, boolean, jsonb), public.store_reaction(public.ingest_work, uuid, boolean),
  public.keep_change(public.ingest_work), public.apply_change(public.ingest_work),
  public.apply_changes(public.ingest_work[], bigint[], boolean), public.find_change_targets(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.find_changed(public.ingest_work), public.events_around(text, timestamptz), public.forget_in_events(text, text, uuid, timestamptz),
  public.delete_changed(public.ingest_work, uuid, boolean), public.counted_answers(uuid, jsonb),
  public.store_answer(public.ingest_work, uuid, boolean, jsonb), public.store_reaction(public.ingest_work, uuid, boolean),
  public.keep_change(public.ingest_work), public.apply_change(public.ingest_work),
  public.apply_changes(public.ingest_work[], bigint[], boolean), public.find_change_targets(jsonb)
  to service_role;

-- 34_outbound.sql

-- Messages that we send: stored before they leave, then resolved. Sending survives a crash: the rows hold what a repeat needs,
-- and the key by which a caller asks for the same message again.

-- What the service needs to know of a message that it sends.
create or replace function public.outbound_view(m public.messages) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
  'message_id', m.id, 'contact_id', m.contact_id, 'instance_id', m.instance_id, 'ordinal', m.ordinal,
  'whatsapp_message_id', m.whatsapp_message_id, 'chat_jid', m.chat_jid, 'content', m.content,
  'content_type', m.content_type, 'status', m.status, 'error', m.error, 'request_hash', m.request_hash,
  'unchanged_ms', floor(extract(epoch from now() - m.updated_at) * 1000), 'organization_id', m.organization_id
) || case when m.request is null then '{}'::jsonb else jsonb_strip_nulls(jsonb_build_object(
  'payload', translate(encode(m.payload, 'base64'), e'\n', ''))) || jsonb_build_object('request', m.request)
end
$$;

-- Stores a message before it is sent, with its contact, and with the entry of the audit log that `audit` holds. Whom it is
-- for is given as `chat_jid`, `phone`, `other_phone` and `lid`, or as `numbers`, any of which may be the person's, with the `lid` where
-- it was found out just now: then it goes where that person wrote from, or else to `otherwise`; where that is not given either,
-- nothing is stored and the answer says so.
-- `detail`: what there is to store of a message that is more than a plain text.
-- `events`: of the message, of contacts that turned out to be one person, and of what `booking_policy` leaves of their open bookings.
create or replace function public.begin_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_audit constant jsonb := nullif(p -> 'audit', 'null');
  v_detail constant jsonb := nullif(p -> 'detail', 'null');
  v_address jsonb := p;
  v_conversation jsonb;
  v_chat text;
  v_phone text;
  v_lid text;
  v_noted jsonb := '{}'::jsonb;
  v_event_seq bigint;
  v_account text;
  v_epoch bigint;
  v_contact_id uuid;
  v_message public.messages;
begin
  -- Before the locks: it may have much to read.
  if p ->> 'chat_jid' is null and jsonb_typeof(p -> 'numbers') = 'array' then
    v_address := nullif(p -> 'otherwise', 'null');
    v_conversation := public.conversation_address(v_organization_id, v_instance_id, p -> 'numbers', p ->> 'lid');
    if p ->> 'lid' is null then
      v_address := coalesce(v_conversation, v_address);
    elsif v_conversation is not null then
      -- What was found out of the person just now is newer than what the contact says.
      v_address := v_address || jsonb_build_object('chat_jid', v_conversation -> 'chat_jid');
    end if;
  end if;
  v_chat := v_address ->> 'chat_jid';
  v_phone := nullif(v_address ->> 'phone', '');
  v_lid := nullif(v_address ->> 'lid', '');
  select event_seq into v_event_seq from public.organizations where id = v_organization_id for no key update;
  perform 1 from public.whatsapp_instances where id = v_instance_id and organization_id = v_organization_id;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  -- The lock above makes calls with one key wait for each other.
  select * into v_message from public.stored_outbound(p);
  if found then
    if v_audit is not null then
      v_noted := jsonb_build_object('audit_id', public.begin_audit(v_audit));
    end if;
    return public.outbound_view(v_message) || v_noted || '{"was_there": true}';
  end if;
  if v_address is null then
    return jsonb_build_object('unresolved', true);
  end if;
  if (v_phone is not null or v_lid is not null) and not exists (
    select from public.whatsapp_instances i
    where i.organization_id = v_organization_id and i.deleted_at is null
      and (v_phone in (i.phone_number, i.account_phone) or v_lid = i.account_lid)
  ) then
    v_contact_id := public.resolve_person(v_organization_id, v_instance_id, v_phone, v_address ->> 'other_phone', v_lid,
      coalesce(p ->> 'booking_policy', 'off'), true);
    update public.contacts set last_message_at = greatest(last_message_at, now()) where id = v_contact_id;
  end if;
  -- After messages that are locked where contacts are merged, as receipts do: no deadlocks.
  select coalesce(account_phone, account_lid, ''), lease_epoch into v_account, v_epoch
    from public.whatsapp_instances where id = v_instance_id
    for share;
  if v_epoch <> (p ->> 'epoch')::bigint then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_instance_id)::text;
  end if;
  if p ->> 'request_id' is not null then
    -- Held until the end, so that a withdrawal comes before or after all of this. Whoever can't withdraw it waits until it
    -- is over, and goes by the clock: this may have waited for the locks above.
    perform 1 from public.node_requests
      where id = (p ->> 'request_id')::uuid and expires_at > clock_timestamp()
      for share;
    if not found then
      raise exception 'request withdrawn' using errcode = 'AZ404';
    end if;
  end if;
  insert into public.messages as m (id, organization_id, contact_id, instance_id, direction, content, content_type,
      whatsapp_message_id, chat_jid, chat_key, status, idempotency_key, request_hash, sent_from, type, metadata, reply_to,
      mentions, is_view_once, request, change_of)
    values (coalesce((p ->> 'message_id')::uuid, gen_random_uuid()), v_organization_id, v_contact_id, v_instance_id,
      'outbound', p ->> 'content', coalesce(p ->> 'content_type', 'conversation'), p ->> 'whatsapp_message_id', v_chat,
      coalesce(v_contact_id::text, v_chat, ''), 'pending',
      p ->> 'idempotency_key', p ->> 'request_hash', nullif(v_account, ''), coalesce(v_detail ->> 'type', 'text'),
      nullif(v_detail -> 'metadata', 'null'), nullif(v_detail -> 'reply_to', 'null'), nullif(v_detail -> 'mentions', 'null'),
      coalesce((v_detail ->> 'is_view_once')::boolean, false), v_detail -> 'request', (v_detail ->> 'change_of')::uuid)
    on conflict (instance_id, direction, chat_key, whatsapp_message_id) do update set updated_at = now()
    returning m.* into v_message;
  if v_detail #> '{request,file}' is not null then
    perform public.attach_media(v_message.id, (v_detail #>> '{request,file,id}')::uuid, jsonb_build_object(
      'kind', v_detail ->> 'type', 'file_name', v_detail #> '{request,file,fileName}',
      'waveform', v_detail #> '{request,file,waveform}', 'is_animated', v_detail #> '{request,file,isAnimated}'));
  end if;
  if p -> 'detail' ->> 'change_of' is null then
    perform public.append_event(v_organization_id, v_instance_id, jsonb_build_object('name', 'whatsapp:message-sent',
      'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_instance_id, 'id', v_message.id,
        'messageId', v_message.whatsapp_message_id, 'to', coalesce(v_phone, v_lid || '@lid', v_chat),
        'text', v_message.content, 'type', coalesce(p -> 'detail' ->> 'type', 'text'), 'contactId', v_contact_id,
        'timestamp', public.event_time(v_message.created_at)))));
  end if;
  if v_audit is not null then
    v_noted := jsonb_build_object('audit_id', public.begin_audit(v_audit));
  end if;
  return public.outbound_view(v_message) || v_noted || coalesce((
    select jsonb_build_object('events', jsonb_agg(jsonb_build_object('organization_id', e.organization_id,
      'sequence', e.sequence, 'name', e.name, 'payload', e.payload) order by e.sequence))
    from public.events e
    where e.organization_id = v_organization_id and e.sequence > v_event_seq
    having count(*) > 0
  ), '{}');
end
$$;

-- Keeps what was made of a message before it is written for the first time; not for a sender who lost the session.
create or replace function public.prepare_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_instance record;
begin
  select i.id, i.lease_epoch into v_instance
    from public.messages m join public.whatsapp_instances i on i.id = m.instance_id
    where m.id = (p ->> 'message_id')::uuid and m.direction = 'outbound'
    for share of i;
  if not found then
    return jsonb_build_object('prepared', false);
  end if;
  if v_instance.lease_epoch <> (p ->> 'epoch')::bigint then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_instance.id)::text;
  end if;
  update public.messages set payload = decode(p ->> 'payload', 'base64') where id = (p ->> 'message_id')::uuid;
  return jsonb_build_object('prepared', true);
end
$$;

revoke execute on function public.prepare_outbound(jsonb) from public, anon, authenticated;

grant execute on function public.prepare_outbound(jsonb) to service_role;

-- How far an outbound message has come; a status never goes back to one before it.
create or replace function public.outbound_rank(p_status text) returns int
  language sql immutable parallel safe
  set search_path = ''
as $$
  select array_position(array['pending', 'unknown', 'failed', 'sent', 'delivered', 'read', 'played'], p_status)
$$;

-- A time as events tell it.
create or replace function public.event_time(p_at timestamptz) returns text
  language sql stable
  set search_path = ''
as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- The known times of a message's statuses with new ones beside them. What is known stays as it is, and nothing is later than what
-- comes after it, or before the message, whatever a receipt says: WhatsApp's clock counts whole seconds, and may be another.
create or replace function public.status_times(p_known jsonb, p_new jsonb, p_from timestamptz) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_object_agg(t.status, public.event_time(least(t.reached, t.bound)))
  from (
    select s.status, a.at, max(a.at) over (order by s.place) as reached, min(a.known) over (order by s.place desc) as bound
    from unnest(array['sent', 'delivered', 'read', 'played']) with ordinality as s (status, place)
    cross join lateral (
      select (p_known ->> s.status)::timestamptz as known,
        coalesce((p_known ->> s.status)::timestamptz,
          case when p_new ->> s.status is not null then greatest((p_new ->> s.status)::timestamptz, p_from) end) as at
    ) a
  ) t
  where t.at is not null
$$;

-- What a `whatsapp:message-status` event tells of a message that came to stand so.
create or replace function public.status_event(m public.messages, p_status text, p_error text, p_at text) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('organization_id', m.organization_id, 'instance_id', m.instance_id,
    'name', 'whatsapp:message-status', 'payload', jsonb_strip_nulls(jsonb_build_object(
      'instanceId', m.instance_id, 'id', m.id, 'messageId', m.whatsapp_message_id, 'contactId', m.contact_id,
      'status', p_status, 'error', p_error, 'timestamp', coalesce(p_at, public.event_time(now())))))
$$;

-- Records how sending went, with the event that tells of it; `at`: when WhatsApp took it.
create or replace function public.finish_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_status constant text := p ->> 'status';
  v_at constant timestamptz := least(coalesce((p ->> 'at')::timestamptz, now()), now());
  v_message public.messages;
  v_was text;
  v_events jsonb := '[]'::jsonb;
begin
  if v_status is null or v_status not in ('sent', 'failed', 'unknown') then
    raise exception 'no result of sending: %', v_status using errcode = '22023';
  end if;
  if v_status <> 'unknown' then
    -- First the organization, as everybody who locks it.
    perform 1 from public.organizations o
      where o.id = (select m.organization_id from public.messages m where m.id = (p ->> 'message_id')::uuid)
      for no key update;
  end if;
  select * into v_message from public.messages
    where id = (p ->> 'message_id')::uuid and direction = 'outbound' for update;
  if not found then
    raise exception 'message not found' using errcode = 'AZ404';
  end if;
  v_was := v_message.status;
  if v_status = 'sent' and v_message.status_at ->> 'sent' is null then
    -- A receipt may have told already that it arrived.
    update public.messages m
      set status_at = public.status_times(m.status_at, jsonb_build_object('sent', v_at), m.created_at)
      where m.id = v_message.id
      returning m.* into v_message;
  end if;
  if public.outbound_rank(v_status) > public.outbound_rank(v_was) then
    update public.messages m set status = v_status, error = p ->> 'error' where m.id = v_message.id;
    if v_status = 'sent' then
      update public.whatsapp_instances set messages_sent_count = messages_sent_count + 1
        where id = v_message.instance_id;
    end if;
    if v_status <> 'unknown' then
      v_events := public.append_events(jsonb_build_array(
        public.status_event(v_message, v_status, p ->> 'error', v_message.status_at ->> v_status)));
    end if;
  end if;
  return jsonb_build_object('events', v_events);
end
$$;

-- What we sent to change a message has left: the message shows it, and an event tells of it.
create or replace function public.apply_sent_change() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_message public.messages;
  v_change public.ingest_work;
begin
  -- First the organization, as everybody who locks it.
  perform 1 from public.organizations o where o.id = new.organization_id for no key update;
  select * into v_message from public.messages m
    where m.id = new.change_of and m.organization_id = new.organization_id for update;
  if not found then
    return null;
  end if;
  v_change.action := 'change';
  v_change.organization_id := v_message.organization_id;
  v_change.instance_id := v_message.instance_id;
  v_change.contact_id := v_message.contact_id;
  v_change.chat := v_message.chat_key;
  v_change.from_me := true;
  v_change.content := new.content;
  v_change.sent_at := new.created_at;
  v_change.detail := jsonb_strip_nulls(jsonb_build_object('kind', new.request -> 'type', 'mentions', new.mentions,
    'emoji', new.content, 'target', jsonb_build_object('message_id', v_message.whatsapp_message_id,
      'from_me', v_message.direction = 'outbound')));
  perform public.apply_change(v_change);
  return null;
end
$$;

create or replace trigger apply_sent_change after update of status on public.messages
  for each row when (new.change_of is not null and old.status in ('pending', 'unknown', 'failed')
    and new.status in ('sent', 'delivered', 'read', 'played'))
  execute function public.apply_sent_change();

revoke execute on function public.apply_sent_change() from public, anon, authenticated;

grant execute on function public.apply_sent_change() to service_role;

-- To be asked before a message is written again: it may be known by now, too old, or another account's. Not for a sender who
-- lost the session. One that failed as `reopened` says is taken up again, unless something else is in the way: then it stays as it is.
create or replace function public.repeat_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message public.messages;
  v_account public.whatsapp_instances;
  v_is_reopened boolean;
  v_reason text;
begin
  perform 1 from public.organizations o
    where o.id = (select m.organization_id from public.messages m where m.id = (p ->> 'message_id')::uuid)
    for no key update;
  select * into v_message from public.messages
    where id = (p ->> 'message_id')::uuid and direction = 'outbound' for update;
  if not found then
    return jsonb_build_object('status', 'failed', 'error', 'message_deleted');
  end if;
  v_is_reopened := v_message.status = 'failed' and coalesce(v_message.error = p ->> 'reopened', false);
  if v_message.status in ('pending', 'unknown') or v_is_reopened then
    select * into v_account from public.whatsapp_instances where id = v_message.instance_id;
    if v_account.lease_epoch <> (p ->> 'epoch')::bigint then
      raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_account.id)::text;
    end if;
    v_reason := case
      when v_message.sent_from not in (v_account.account_phone, v_account.account_lid) then 'account_changed'
      when v_message.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float) then 'not_confirmed_in_time'
      when v_message.repeats >= (p ->> 'max_repeats')::int then 'not_confirmed'
    end;
    if v_is_reopened and v_reason is not null then
      return jsonb_build_object('status', 'failed', 'error', v_message.error);
    end if;
    update public.messages
      set status = case when v_reason is null then 'unknown' else 'failed' end,
        error = v_reason,
        repeats = repeats + case when v_reason is null then 1 else 0 end
      where id = v_message.id
      returning * into v_message;
    if v_reason is not null then
      perform public.append_events(jsonb_build_array(public.status_event(v_message, 'failed', v_reason, null)));
    end if;
  end if;
  return jsonb_build_object('status', v_message.status, 'error', v_message.error);
end
$$;

-- Gives up what was in doubt for too long, also for instances that nobody runs; tells which instances have something
-- in doubt that nothing has happened to for a while.
create or replace function public.sweep_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_ids uuid[];
  v_told jsonb;
  v_instances jsonb;
begin
  v_ids := array(
    select m.id from public.messages m
    where m.direction = 'outbound' and m.status in ('pending', 'unknown')
      and m.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float)
    limit 1000
  );
  perform 1 from public.organizations o
    where o.id in (select m.organization_id from public.messages m where m.id = any (v_ids))
    order by o.id
    for no key update;
  with expired as (
    select m.id from public.messages m
    where m.id = any (v_ids) and m.status in ('pending', 'unknown')
    for update skip locked
  ), failed as (
    update public.messages m set status = 'failed', error = 'not_confirmed_in_time'
      from expired e where m.id = e.id
      returning m.ordinal, public.status_event(m, 'failed', m.error, null) as event
  )
  select coalesce(jsonb_agg(f.event order by f.ordinal), '[]') into v_told from failed f;
  perform public.append_events(v_told);
  select coalesce(jsonb_agg(o.instance_id), '[]') into v_instances
    from (
      select distinct m.instance_id from public.messages m
      where m.direction = 'outbound' and m.status in ('pending', 'unknown')
        and m.updated_at < now() - make_interval(secs => (p ->> 'idle_seconds')::float)
      limit 5000
    ) o;
  return jsonb_build_object('expired', jsonb_array_length(v_told), 'instance_ids', v_instances);
end
$$;

-- A new owner does not know how far the one before it came; without a session nobody will ever know.
create or replace function public.doubt_outbound() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_told jsonb;
begin
  with open as (
    select m.id from public.messages m
    where m.instance_id = new.id and m.direction = 'outbound'
      and (m.status = 'pending' or (m.status = 'unknown' and new.session_data is null))
    -- Whoever holds one of them is about to say how it went.
    for update skip locked
  ), left_open as (
    update public.messages m
      set status = case when new.session_data is null then 'failed' else 'unknown' end,
        error = case when new.session_data is null then 'session_ended' end
      from open o where m.id = o.id
      returning m.ordinal, m.status, public.status_event(m, m.status, m.error, null) as event
  )
  select jsonb_agg(l.event order by l.ordinal) into v_told from left_open l where l.status = 'failed';
  if v_told is not null then
    -- Who ends a session holds its organization.
    perform public.append_events(v_told);
  end if;
  return null;
end
$$;

-- Receipts of the recipients alone: each raises the status of its message, with an event, or adds a time that was missing; `at` is
-- when the recipient says so. While an older version still runs beside this one, what its processes hear counts as it did:
-- they do not say from whom, and nobody would hear it again.
create or replace function public.apply_receipts(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_ids uuid[];
  v_statuses text[];
  v_times timestamptz[];
  v_organizations text[];
  v_instances uuid[];
  v_changed int;
  v_told jsonb;
begin
  -- What changes nothing holds nobody up.
  select array_agg(m.id), array_agg(e.status), array_agg(least(e.at, now())), array_agg(distinct m.organization_id)
    into v_ids, v_statuses, v_times, v_organizations
    from jsonb_array_elements(p -> 'items') as i (item)
    cross join jsonb_to_record(i.item)
      as e (instance_id uuid, whatsapp_message_id text, status text, phone text, lid text, at timestamptz)
    join public.messages m on m.instance_id = e.instance_id and m.direction = 'outbound'
      and m.whatsapp_message_id = e.whatsapp_message_id
    where e.status in ('sent', 'delivered', 'read', 'played')
      and (public.was_sent_to(m, e.phone, e.lid) or not i.item ?| array['phone', 'lid'])
      and m.status_at ->> e.status is null;
  if v_ids is null then
    return '{"changed": 0, "events": []}'::jsonb;
  end if;
  perform 1 from public.organizations o where o.id = any (v_organizations) order by o.id for no key update;
  with said as (
    select s.id, s.status, public.outbound_rank(s.status) as rank, min(s.at) as at
    from unnest(v_ids, v_statuses, v_times) as s (id, status, at)
    group by s.id, s.status
  ), held as materialized (
    select m.id, m.status as was, public.outbound_rank(m.status) as rank
    from public.messages m
    where m.id = any (v_ids)
    order by m.id
    for update of m
  ), due as materialized (
    select h.id, h.was, s.status, s.at, s.rank, s.rank > h.rank as is_rise
    from held h
    join said s on s.id = h.id
    where h.was <> 'failed' or s.rank > public.outbound_rank('sent')
  ), raised as (
    update public.messages m
      set status = coalesce(d.status, m.status), error = case when d.status is null then m.error end,
        status_at = public.status_times(m.status_at, d.times, m.created_at)
      from (
        select d.id, (array_agg(d.status order by d.rank desc) filter (where d.is_rise))[1] as status,
          jsonb_object_agg(d.status, d.at) as times
        from due d
        group by d.id
      ) d
      where m.id = d.id
      returning m.id, m.instance_id, m.ordinal, m.status_at, d.status as risen, m as message
  ), told as (
    select r.ordinal, d.rank, public.status_event(r.message, d.status, null, r.status_at ->> d.status) as event
    from raised r
    join due d on d.id = r.id
    where d.is_rise
  )
  -- The first receipt of a message whose sending was in doubt is what tells that it was sent.
  select (select count(*) from raised r where r.risen is not null),
      array(select h.instance_id from (
        select r.instance_id, r.id from raised r where r.risen is not null
      ) h join held w on w.id = h.id where w.was in ('pending', 'unknown', 'failed')),
      (select jsonb_agg(t.event order by t.ordinal, t.rank) from told t)
    into v_changed, v_instances, v_told;
  if cardinality(v_instances) > 0 then
    perform 1 from public.whatsapp_instances i where i.id = any (v_instances) order by i.id for no key update;
    update public.whatsapp_instances i
      set messages_sent_count = i.messages_sent_count + c.messages
      from (select s.id, count(*) as messages from unnest(v_instances) as s (id) group by s.id) c
      where i.id = c.id;
  end if;
  return jsonb_build_object('changed', v_changed, 'events', public.append_events(coalesce(v_told, '[]')));
end
$$;

revoke execute on function
  public.outbound_view(public.messages), public.stored_outbound(jsonb), public.find_outbound(jsonb),
  public.begin_outbound(jsonb), public.outbound_rank(text), public.event_time(timestamptz),
  public.status_times(jsonb, jsonb, timestamptz), public.status_event(public.messages, text, text, text),
  public.finish_outbound(jsonb),
  public.list_open_outbound(jsonb), public.repeat_outbound(jsonb), public.sweep_outbound(jsonb),
  public.doubt_outbound(), public.was_sent_to(public.messages, text, text), public.were_sent_to(jsonb),
  public.apply_receipts(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.outbound_view(public.messages), public.stored_outbound(jsonb), public.find_outbound(jsonb),
  public.begin_outbound(jsonb), public.outbound_rank(text), public.event_time(timestamptz),
  public.status_times(jsonb, jsonb, timestamptz), public.status_event(public.messages, text, text, text),
  public.finish_outbound(jsonb),
  public.list_open_outbound(jsonb), public.repeat_outbound(jsonb), public.sweep_outbound(jsonb),
  public.doubt_outbound(), public.was_sent_to(public.messages, text, text), public.were_sent_to(jsonb),
  public.apply_receipts(jsonb)
  to service_role;

-- What was sent under an id of WhatsApp's; null for one that this instance did not send.
create or replace function public.find_outbound_content(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('content', m.content, 'content_type', m.content_type, 'message_id', m.id)
    || jsonb_strip_nulls(jsonb_build_object('payload', translate(encode(m.payload, 'base64'), e'\n', '')))
  from public.messages m
  where m.instance_id = (p ->> 'instance_id')::uuid and m.direction = 'outbound'
    and m.whatsapp_message_id = p ->> 'whatsapp_message_id'
  limit 1
$$;

-- 35_media.sql

-- Files of messages: where they are kept, and what is still to be fetched from WhatsApp.

-- A file in a store. The row is written before the file and goes after it, so that no file is without a row: `writing` until it is
-- there, `stored` while it may be used, `doomed` while it is being removed. The same bytes of one organization are stored once.
create table if not exists public.media_files (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id),
  sha256 bytea not null,
  size bigint not null check (size >= 0),
  -- By its content.
  mime_type text not null,
  width int,
  height int,
  seconds double precision,
  has_thumbnail boolean not null default false,
  backend text not null check (backend in ('local', 'supabase', 's3')),
  state text not null default 'writing' check (state in ('writing', 'stored', 'doomed')),
  -- When somebody looks whether it is still needed; null: not before it loses a reference.
  expires_at timestamptz,
  created_at timestamptz not null default now()
);

create unique index if not exists idx_media_files_content on public.media_files (organization_id, sha256) where state = 'stored';

create index if not exists idx_media_files_expiry on public.media_files (expires_at) where expires_at is not null;

-- How many bytes the files of an organization take, with those that are being written or removed.
create table if not exists public.media_usage (
  organization_id text primary key references public.organizations (id) on delete cascade,
  bytes bigint not null default 0
);

-- The file of a message or a note, from when it is known that there is one.
create table if not exists public.message_media (
  -- Of the one or the other: the same as one of the next two, with which it goes.
  message_id uuid primary key,
  of_message uuid references public.messages (id) on delete cascade,
  of_note uuid references public.notes (id) on delete cascade,
  organization_id text not null,
  instance_id uuid not null,
  whatsapp_message_id text not null,
  kind text not null,
  state text not null default 'pending' check (state in ('pending', 'ready', 'failed', 'expired', 'skipped')),
  -- Why it is not there, by a code.
  error text,
  -- Until it is ready what its sender says, afterwards what it is.
  mime_type text,
  file_name text,
  size bigint,
  seconds double precision,
  width int,
  height int,
  waveform bytea,
  is_animated boolean not null default false,
  -- Of the file, as its sender says: what comes is compared with it.
  sha256 bytea,
  -- A JPEG that the sender made, until there is one of ours.
  thumbnail bytea,
  -- How to get and open it, sealed; gone once it is ready.
  sealed bytea,
  file_id uuid references public.media_files (id),
  -- What is to be done next: fetching it, or asking the account's phone to upload once more what WhatsApp has no longer.
  step text not null default 'download' check (step in ('download', 'phone')),
  -- Of this step.
  attempts int not null default 0,
  -- How often it came to asking the phone.
  phone_rounds int not null default 0,
  -- While somebody works on it: until when at the latest.
  next_attempt_at timestamptz not null default now(),
  claimed_by text,
  created_at timestamptz not null default now(),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);

create index if not exists idx_message_media_of_message on public.message_media (of_message) where of_message is not null;

create index if not exists idx_message_media_of_note on public.message_media (of_note) where of_note is not null;

create index if not exists idx_message_media_due on public.message_media (step, organization_id, next_attempt_at)
  where state = 'pending';

create index if not exists idx_message_media_waiting on public.message_media (step, next_attempt_at) where state = 'pending';

create index if not exists idx_message_media_file on public.message_media (file_id) where file_id is not null;

create index if not exists idx_message_media_asked on public.message_media (instance_id, whatsapp_message_id) where step = 'phone';

create index if not exists idx_message_media_sealed on public.message_media (instance_id, message_id) where sealed is not null;

alter table public.media_files enable row level security;

alter table public.media_usage enable row level security;

alter table public.message_media enable row level security;

revoke all on public.media_files, public.media_usage, public.message_media from public, anon, authenticated;

grant select, insert, update, delete on public.media_files, public.media_usage, public.message_media to service_role;

-- A file that a row stops to use may be needed by nobody: somebody has to look.
create or replace function public.release_media_file() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update public.media_files f set expires_at = now()
    where f.id = old.file_id and f.state = 'stored' and (tg_op = 'DELETE' or new.file_id is distinct from old.file_id);
  return null;
end
$$;

create or replace trigger release_media_file after delete or update of file_id on public.message_media
  for each row when (old.file_id is not null) execute function public.release_media_file();

-- Begins to store a file. `state`: `stored` when the same bytes are there already, under `id` then, and stay for a while; `writing`
-- when they are to be written under `id`, within `lease_seconds`; `refused` where the organization would have more than `quota` bytes.
create or replace function public.reserve_media_file(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_size constant bigint := (p ->> 'size')::bigint;
  v_quota constant bigint := (p ->> 'quota')::bigint;
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_id uuid;
begin
  update public.media_files f set expires_at = greatest(f.expires_at, v_until)
    where f.organization_id = p ->> 'organization_id' and f.sha256 = decode(p ->> 'sha256', 'hex') and f.state = 'stored'
    returning f.id into v_id;
  if found then
    return jsonb_build_object('id', v_id, 'state', 'stored');
  end if;
  insert into public.media_usage (organization_id) values (p ->> 'organization_id') on conflict do nothing;
  update public.media_usage u set bytes = u.bytes + v_size
    where u.organization_id = p ->> 'organization_id' and (v_quota is null or u.bytes + v_size <= v_quota);
  if not found then
    return jsonb_build_object('id', null, 'state', 'refused');
  end if;
  insert into public.media_files (organization_id, sha256, size, mime_type, width, height, seconds, has_thumbnail, backend,
      expires_at)
    values (p ->> 'organization_id', decode(p ->> 'sha256', 'hex'), v_size, p ->> 'mime_type', (p ->> 'width')::int,
      (p ->> 'height')::int, (p ->> 'seconds')::double precision, coalesce((p ->> 'has_thumbnail')::boolean, false),
      p ->> 'backend', v_until)
    returning id into v_id;
  return jsonb_build_object('id', v_id, 'state', 'writing');
end
$$;

-- A file is in its store. Gives the id under which its bytes are kept, another one where somebody else was faster with the same
-- bytes; null when it took too long. Unless a row refers to it within `lease_seconds`, it is removed.
create or replace function public.finish_media_file(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_file public.media_files;
  v_id uuid;
begin
  select * into v_file from public.media_files where id = (p ->> 'id')::uuid and state = 'writing' for update;
  if not found then
    return '{"id": null}'::jsonb;
  end if;
  begin
    update public.media_files set state = 'stored', expires_at = v_until where id = v_file.id;
    return jsonb_build_object('id', v_file.id);
  exception when unique_violation then
    update public.media_files f set expires_at = greatest(f.expires_at, v_until)
      where f.organization_id = v_file.organization_id and f.sha256 = v_file.sha256 and f.state = 'stored'
      returning f.id into v_id;
    update public.media_files set expires_at = now() where id = v_file.id;
    return jsonb_build_object('id', v_id);
  end;
end
$$;

-- Whether anything refers to a file.
create or replace function public.is_media_file_used(p_id uuid) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (select from public.message_media m where m.file_id = p_id);
end
$$;

-- Looks at files whose time is over; those that nobody needs are `doomed`, and given to whoever asks, to remove them from their store
-- within `lease_seconds` and then have them forgotten.
create or replace function public.doom_media_files(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_ids uuid[];
begin
  v_ids := array(
    select f.id from public.media_files f
    where f.expires_at <= now()
    order by f.expires_at
    limit least(greatest((p ->> 'limit')::int, 1), 500)
    for update skip locked
  );
  update public.media_files f set expires_at = null
    where f.id = any (v_ids) and f.state = 'stored' and public.is_media_file_used(f.id);
  update public.media_files f set state = 'doomed', expires_at = v_until
    where f.id = any (v_ids) and f.expires_at is not null;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'organization_id', f.organization_id, 'backend', f.backend)), '[]')
    from public.media_files f
    where f.id = any (v_ids) and f.state = 'doomed'
  );
end
$$;

-- What was removed from its store.
create or replace function public.forget_media_files(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_forgotten int;
begin
  with gone as (
    delete from public.media_files f
      where f.id in (select e::uuid from jsonb_array_elements_text(p -> 'ids') e) and f.state = 'doomed'
      returning f.organization_id, f.size
  ), freed as (
    update public.media_usage u set bytes = greatest(u.bytes - g.bytes, 0)
      from (select organization_id, sum(size) as bytes from gone group by organization_id) g
      where u.organization_id = g.organization_id
  )
  select count(*) into v_forgotten from gone;
  return jsonb_build_object('forgotten', v_forgotten);
end
$$;

-- The message or the note that a file is of; nothing where there is none.
create or replace function public.media_subject(p_id uuid, out organization_id text, out contact_id uuid, out chat_jid text,
    out from_me boolean)
  language plpgsql stable
  set search_path = ''
as $$
-- @plpgsql_check_options: extra_warnings = off
begin
  select m.organization_id, m.contact_id, m.chat_jid, m.direction = 'outbound' into organization_id, contact_id, chat_jid, from_me
    from public.messages m where m.id = p_id;
  if not found then
    select n.organization_id, n.contact_id, coalesce(k.lid || '@lid', k.phone_number || '@s.whatsapp.net', n.chat_key), true
      into organization_id, contact_id, chat_jid, from_me
      from public.notes n
      left join public.contacts k on k.id = n.contact_id
      where n.id = p_id;
  end if;
end
$$;

-- Files of messages and notes that were stored just now; `p_stored` names their inbox rows.
create or replace function public.store_media(p_work public.ingest_work[], p_stored bigint[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.message_media (message_id, of_message, of_note, organization_id, instance_id, whatsapp_message_id, kind,
      mime_type, file_name, size, seconds, width, height, waveform, is_animated, sha256, thumbnail, sealed)
    select s.id, s.of_message, s.of_note, w.organization_id, w.instance_id, w.message_id, d.media ->> 'kind', d.media ->> 'mime_type',
      d.media ->> 'file_name', public.plausible_number(d.media -> 'size')::bigint,
      public.plausible_number(d.media -> 'seconds')::double precision, public.plausible_number(d.media -> 'width')::int,
      public.plausible_number(d.media -> 'height')::int, decode(d.media ->> 'waveform', 'base64'),
      coalesce((d.media ->> 'is_animated')::boolean, false), decode(d.media ->> 'sha256', 'hex'),
      decode(d.media ->> 'thumbnail', 'base64'), decode(d.media ->> 'sealed', 'base64')
    from unnest(p_work) w
    cross join lateral (select w.detail -> 'media' as media) d
    cross join lateral (
      select m.id, m.id as of_message, null::uuid as of_note
      from public.messages m
      where w.action = 'client' and m.instance_id = w.instance_id and m.direction = 'inbound'
        and m.chat_key = w.contact_id::text and m.whatsapp_message_id = w.message_id
      union all
      select n.id, null, n.id
      from public.notes n
      where w.action = 'owner_note' and n.instance_id = w.instance_id and n.chat_key = coalesce(w.contact_id::text, w.chat)
        and n.whatsapp_message_id = w.message_id
    ) s
    where w.inbox_id = any (p_stored) and d.media is not null
    order by s.id
    on conflict (message_id) do nothing;
end
$$;

-- What senders say of sizes may be anything: a number that no file has is none.
create or replace function public.plausible_number(p_value jsonb) returns numeric
  language sql immutable parallel safe
  set search_path = ''
as $$
  select case when jsonb_typeof(p_value) = 'number' and p_value::numeric between 0 and 2147483647 then p_value::numeric end
$$;

-- A file that is stored is the file of a message, of one that we sent for instance; `p_media` holds what there is to tell of it.
create or replace function public.attach_media(p_message_id uuid, p_file_id uuid, p_media jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform 1 from public.media_files f where f.id = p_file_id and f.state = 'stored' for share;
  if not found then
    raise exception 'media file not found' using errcode = 'AZ404';
  end if;
  insert into public.message_media (message_id, of_message, organization_id, instance_id, whatsapp_message_id, kind, state, mime_type,
      file_name, size, seconds, width, height, waveform, is_animated, file_id)
    select m.id, m.id, m.organization_id, m.instance_id, coalesce(m.whatsapp_message_id, ''), p_media ->> 'kind', 'ready', f.mime_type,
      p_media ->> 'file_name', f.size, coalesce((p_media ->> 'seconds')::double precision, f.seconds),
      coalesce(f.width, (p_media ->> 'width')::int), coalesce(f.height, (p_media ->> 'height')::int),
      decode(p_media ->> 'waveform', 'base64'), coalesce((p_media ->> 'is_animated')::boolean, false), f.id
    from public.messages m
    join public.media_files f on f.organization_id = m.organization_id
    where m.id = p_message_id and f.id = p_file_id
    on conflict (message_id) do nothing;
end
$$;

-- How loud a voice note is in the course of it, in 64 steps of 0 to 100, whatever its sender says; null where nobody said it.
create or replace function public.waveform_view(p_waveform bytea) returns jsonb
  language sql immutable parallel safe
  set search_path = ''
as $$
  select jsonb_agg(least(get_byte(p_waveform, s), 100) order by s)
  from generate_series(0, least(octet_length(p_waveform), 64) - 1) s
$$;

-- What callers are shown of the file of a message; null where it has none.
create or replace function public.media_view(p_message_id uuid) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('state', m.state, 'mime_type', m.mime_type, 'file_name', m.file_name, 'size', m.size,
      'seconds', m.seconds, 'width', m.width, 'height', m.height, 'sha256', encode(f.sha256, 'hex'),
      'waveform', public.waveform_view(m.waveform),
      'url', case when f.id is not null then '/api/messages/' || m.message_id || '/media' end,
      'thumbnail_url', case when f.has_thumbnail then '/api/messages/' || m.message_id || '/thumbnail' end,
      'error', m.error)
    from public.message_media m
    left join public.media_files f on f.id = m.file_id
    where m.message_id = p_message_id
  );
end
$$;

-- Tells that the file of a message came, or will not; returns the event.
create or replace function public.append_media_event(p_message_id uuid) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_media public.message_media;
begin
  select * into v_media from public.message_media where message_id = p_message_id;
  return public.append_event(v_media.organization_id, v_media.instance_id, jsonb_build_object(
    'name', 'whatsapp:media', 'payload', jsonb_strip_nulls(jsonb_build_object(
      'instanceId', v_media.instance_id, 'id', v_media.message_id, 'messageId', v_media.whatsapp_message_id,
      'contactId', (public.media_subject(p_message_id)).contact_id,
      'state', v_media.state, 'mimeType', v_media.mime_type, 'size', v_media.size, 'error', v_media.error,
      'timestamp', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))));
end
$$;

-- Whether there is work: files to fetch, phones to ask, files to remove.
create or replace function public.media_waits() returns jsonb
  language plpgsql stable
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
begin
  return jsonb_build_object(
    'download', exists (
      select from public.message_media m
      where m.state = 'pending' and m.step = 'download' and m.next_attempt_at <= now()
    ),
    'phone', exists (
      select from public.message_media m where m.state = 'pending' and m.step = 'phone' and m.next_attempt_at <= now()
    ),
    'expired', exists (select from public.media_files f where f.expires_at <= now()));
end
$$;

-- Gives a worker the files whose turn it is: of each organization the oldest, the organizations in turn, and never so many of one that
-- more than `per_organization` are worked on at the same time, by whichever process. A claim ends after `lease_seconds`.
create or replace function public.claim_media(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_step constant text := p ->> 'step';
  v_ids uuid[];
begin
  -- What is worked on is counted, and two must not count at the same time.
  perform pg_advisory_xact_lock(hashtextextended('auzap media claims', 0));
  with recursive owners as (
    (
      select m.organization_id from public.message_media m
      where m.state = 'pending' and m.step = v_step order by m.organization_id limit 1
    )
    union all
    select n.organization_id
    from owners o
    cross join lateral (
      select m.organization_id from public.message_media m
      where m.state = 'pending' and m.step = v_step and m.organization_id > o.organization_id
      order by m.organization_id
      limit 1
    ) n
  ), turns as (
    select c.message_id, c.next_attempt_at,
      row_number() over (partition by o.organization_id order by c.next_attempt_at) + o.busy as turn
    from (
      select w.organization_id, (
          select count(*) from public.message_media b
          where b.state = 'pending' and b.step = v_step and b.organization_id = w.organization_id
            and b.next_attempt_at > now() and b.claimed_by is not null
        ) as busy
      from owners w
    ) o
    cross join lateral (
      select m.message_id, m.next_attempt_at
      from public.message_media m
      where m.state = 'pending' and m.step = v_step and m.organization_id = o.organization_id and m.next_attempt_at <= now()
      order by m.next_attempt_at
      limit greatest((p ->> 'per_organization')::int - o.busy, 0)
    ) c
  )
  select array_agg(t.message_id) into v_ids
    from (
      select w.message_id from turns w
      order by w.turn, w.next_attempt_at
      limit least(greatest((p ->> 'limit')::int, 1), 100)
    ) t;
  v_ids := array(
    select m.message_id from public.message_media m
    where m.message_id = any (v_ids) and m.state = 'pending' and m.next_attempt_at <= now()
    order by m.message_id
    for update skip locked
  );
  update public.message_media m
    set claimed_by = p ->> 'worker', attempts = m.attempts + 1,
      next_attempt_at = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    where m.message_id = any (v_ids);
  return (
    select coalesce(jsonb_agg(jsonb_build_object('message_id', m.message_id, 'organization_id', m.organization_id,
        'instance_id', m.instance_id, 'whatsapp_message_id', m.whatsapp_message_id, 'kind', m.kind, 'size', m.size,
        'seconds', m.seconds, 'attempts', m.attempts, 'phone_rounds', m.phone_rounds, 'chat_jid', g.chat_jid, 'from_me', g.from_me,
        'sha256', encode(m.sha256, 'hex'),
        'thumbnail', translate(encode(m.thumbnail, 'base64'), e'\n', ''),
        'sealed', translate(encode(m.sealed, 'base64'), e'\n', '')) order by m.created_at), '[]')
    from public.message_media m
    cross join lateral public.media_subject(m.message_id) g
    where m.message_id = any (v_ids)
  );
end
$$;

-- Prolongs the claims of a worker; gives those that are still its own.
create or replace function public.renew_media_claims(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  with renewed as (
    update public.message_media m
      set next_attempt_at = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
      where m.message_id in (select e::uuid from jsonb_array_elements_text(p -> 'message_ids') e)
        and m.state = 'pending' and m.claimed_by = p ->> 'worker'
      returning m.message_id
  )
  select array_agg(r.message_id) into v_ids from renewed r;
  return coalesce(to_jsonb(v_ids), '[]');
end
$$;

-- What became of a file that a worker claimed. `state`: `ready`, with `file_id`; `failed`, `expired` or `skipped`, with `error`;
-- `pending`, to go on with `step` in `delay_seconds`, and without `counted` as if it had not been tried: what failed had nothing to do
-- with the file. Takes no effect where the claim is somebody else's by now. Gives the events.
create or replace function public.settle_media(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message_id constant uuid := (p ->> 'message_id')::uuid;
  v_state constant text := p ->> 'state';
  v_media public.message_media;
  v_file public.media_files;
begin
  if v_state <> 'pending' then
    -- Before rows about messages: the order of everybody who locks both.
    perform 1 from public.organizations o
      where o.id = (select m.organization_id from public.message_media m where m.message_id = v_message_id)
      for no key update;
  end if;
  select * into v_media from public.message_media m
    where m.message_id = v_message_id and m.state = 'pending' and m.claimed_by = p ->> 'worker'
    for update;
  if not found then
    return '{"settled": false, "events": []}'::jsonb;
  end if;
  if v_state = 'ready' then
    select * into v_file from public.media_files f
      where f.id = (p ->> 'file_id')::uuid and f.organization_id = v_media.organization_id and f.state = 'stored'
      for share;
    if not found then
      raise exception 'media file not found' using errcode = 'AZ404';
    end if;
  end if;
  update public.message_media m
    set state = v_state, claimed_by = null,
      step = coalesce(p ->> 'step', m.step),
      attempts = case when p ->> 'step' <> m.step then 0
        else greatest(m.attempts - case when p ->> 'counted' = 'false' then 1 else 0 end, 0) end,
      phone_rounds = m.phone_rounds + case when m.step = 'download' and p ->> 'step' = 'phone' then 1 else 0 end,
      error = p ->> 'error',
      next_attempt_at = now() + make_interval(secs => coalesce((p ->> 'delay_seconds')::double precision, 0)),
      thumbnail = case when v_state = 'ready' then null else m.thumbnail end,
      sealed = case when v_state = 'ready' then null else m.sealed end,
      file_id = v_file.id,
      mime_type = coalesce(v_file.mime_type, m.mime_type),
      size = coalesce(v_file.size, m.size),
      width = coalesce(v_file.width, m.width),
      height = coalesce(v_file.height, m.height),
      seconds = coalesce(v_file.seconds, m.seconds)
    where m.message_id = v_message_id;
  return jsonb_build_object('settled', true, 'events',
    case when v_state = 'pending' then '[]'::jsonb else jsonb_build_array(public.append_media_event(v_message_id)) end);
end
$$;

-- Files for which the phone of an instance was asked by the id of their message, also those that were given up meanwhile: what opens
-- them, and where they were.
create or replace function public.find_asked_media(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('message_id', m.message_id, 'chat_jid', g.chat_jid,
        'sealed', translate(encode(m.sealed, 'base64'), e'\n', ''))), '[]')
    from (
      select a.* from public.message_media a
      where a.instance_id = (p ->> 'instance_id')::uuid and a.whatsapp_message_id = p ->> 'whatsapp_message_id'
        and a.step = 'phone' and a.sealed is not null
      limit 20
    ) m
    cross join lateral public.media_subject(m.message_id) g
  );
end
$$;

-- What the phone said of a file that it was asked for: `sealed`, where it is now, so that it is fetched; or `error`, why it is not
-- there. Takes no effect where nobody waits for it. Gives the events.
create or replace function public.answer_media(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message_id constant uuid := (p ->> 'message_id')::uuid;
  v_sealed constant bytea := decode(p ->> 'sealed', 'base64');
  v_state text;
begin
  perform 1 from public.organizations o
    where o.id = (select m.organization_id from public.message_media m where m.message_id = v_message_id)
    for no key update;
  select m.state into v_state from public.message_media m
    where m.message_id = v_message_id and m.step = 'phone' and m.sealed is not null
    for update;
  if not found or v_sealed is null and v_state <> 'pending' then
    return '{"events": []}'::jsonb;
  end if;
  if v_sealed is null then
    update public.message_media m
      set state = 'failed', error = p ->> 'error', claimed_by = null
      where m.message_id = v_message_id;
  else
    update public.message_media m
      set state = 'pending', error = null, step = 'download', attempts = 0, claimed_by = null, next_attempt_at = now(),
        sealed = v_sealed
      where m.message_id = v_message_id;
  end if;
  return jsonb_build_object('events',
    case when v_sealed is null or v_state <> 'pending' then jsonb_build_array(public.append_media_event(v_message_id)) else '[]' end);
end
$$;

-- Has what failed, expired or was skipped tried once more. `state`: null where the message has no file, `ready` and `pending` as they
-- are. `retryable`: it is known how to get it. Gives the events.
create or replace function public.retry_media(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message_id constant uuid := (p ->> 'message_id')::uuid;
  v_media public.message_media;
  v_events jsonb := '[]'::jsonb;
begin
  perform 1 from public.organizations o where o.id = p ->> 'organization_id' for no key update;
  select * into v_media from public.message_media m
    where m.message_id = v_message_id and m.organization_id = p ->> 'organization_id'
    for update;
  if v_media.state in ('failed', 'expired', 'skipped') and v_media.sealed is not null then
    update public.message_media m
      set state = 'pending', error = null, attempts = 0, phone_rounds = 0, next_attempt_at = now(), claimed_by = null,
        step = 'download'
      where m.message_id = v_message_id;
    v_events := jsonb_build_array(public.append_media_event(v_message_id));
  end if;
  return jsonb_build_object('media', public.media_view(v_message_id), 'events', v_events,
    'retryable', v_media.sealed is not null or v_media.state is distinct from 'failed' and v_media.state is distinct from 'expired'
      and v_media.state is distinct from 'skipped');
end
$$;

-- The file of a message, or a note, of one of the organizations, of any where `organization_ids` is null; null where there is no such message.
-- `media` is null where it has no file, `file` where that is not there.
create or replace function public.find_media(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('organization_id', g.organization_id,
      'media', case when m.message_id is not null then jsonb_build_object('state', m.state, 'error', m.error, 'kind', m.kind,
        'file_name', m.file_name) end,
      'file', case when f.id is not null then jsonb_build_object('id', f.id, 'sha256', encode(f.sha256, 'hex'), 'size', f.size,
        'mime_type', f.mime_type, 'backend', f.backend, 'has_thumbnail', f.has_thumbnail) end)
    from public.media_subject((p ->> 'message_id')::uuid) g
    left join public.message_media m on m.message_id = (p ->> 'message_id')::uuid
    left join public.media_files f on f.id = m.file_id and f.state = 'stored'
    where g.organization_id is not null
      and (p -> 'organization_ids' is null or p -> 'organization_ids' = 'null' or p -> 'organization_ids' ? g.organization_id)
  );
end
$$;

revoke execute on function
  public.release_media_file(), public.reserve_media_file(jsonb), public.finish_media_file(jsonb),
  public.is_media_file_used(uuid), public.doom_media_files(jsonb), public.forget_media_files(jsonb), public.media_subject(uuid),
  public.store_media(public.ingest_work[], bigint[]),
  public.plausible_number(jsonb),
  public.attach_media(uuid, uuid, jsonb), public.waveform_view(bytea), public.media_view(uuid), public.append_media_event(uuid), public.media_waits(),
  public.claim_media(jsonb), public.renew_media_claims(jsonb), public.settle_media(jsonb),
  public.find_asked_media(jsonb), public.answer_media(jsonb), public.retry_media(jsonb), public.find_media(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.release_media_file(), public.reserve_media_file(jsonb), public.finish_media_file(jsonb),
  public.is_media_file_used(uuid), public.doom_media_files(jsonb), public.forget_media_files(jsonb), public.media_subject(uuid),
  public.store_media(public.ingest_work[], bigint[]),
  public.plausible_number(jsonb),
  public.attach_media(uuid, uuid, jsonb), public.waveform_view(bytea), public.media_view(uuid), public.append_media_event(uuid), public.media_waits(),
  public.claim_media(jsonb), public.renew_media_claims(jsonb), public.settle_media(jsonb),
  public.find_asked_media(jsonb), public.answer_media(jsonb), public.retry_media(jsonb), public.find_media(jsonb)
  to service_role;

-- 36_uploads.sql

-- Files that callers bring to be sent: they are files as any others, kept for a while before anything refers to them.

-- Keeps a stored file for `keep_seconds` at least, and notes what is known of it now; null where it is not there.
create or replace function public.hold_media_file(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_file record;
begin
  update public.media_files f
    set expires_at = greatest(f.expires_at, now() + make_interval(secs => (p ->> 'keep_seconds')::double precision)),
      seconds = coalesce(f.seconds, (p ->> 'seconds')::double precision)
    where f.id = (p ->> 'id')::uuid and f.organization_id = p ->> 'organization_id' and f.state = 'stored'
    returning f.* into v_file;
  if not found then
    return null;
  end if;
  return jsonb_build_object('id', v_file.id, 'organization_id', v_file.organization_id,
    'sha256', encode(v_file.sha256, 'hex'), 'size', v_file.size, 'mime_type', v_file.mime_type, 'width', v_file.width,
    'height', v_file.height, 'seconds', v_file.seconds, 'has_thumbnail', v_file.has_thumbnail, 'backend', v_file.backend,
    'expires_at', v_file.expires_at);
end
$$;

revoke execute on function public.hold_media_file(jsonb) from public, anon, authenticated;

grant execute on function public.hold_media_file(jsonb) to service_role;

-- 37_history.sql

-- What WhatsApp hands over of the time before: each notification of the account's own phone, and what became of it.

create table if not exists public.history_syncs (
  id uuid primary key default gen_random_uuid(),
  ordinal bigint generated always as identity,
  organization_id text not null,
  instance_id uuid not null,
  -- The row whose sealed body says where the history is and what opens it.
  inbox_id bigint not null unique,
  -- skipped: nothing of it is kept, because the body of its row is gone or history is switched off by now.
  state text not null default 'pending' check (state in ('pending', 'done', 'failed', 'skipped')),
  sync_type text,
  chunk_order int,
  -- WhatsApp's word on how far the phone is, in per cent.
  progress int,
  -- What it answers, where it was asked for.
  request_id text,
  -- Messages that were not there before, and those that were.
  stored int not null default 0,
  known int not null default 0,
  attempts int not null default 0,
  next_attempt_at timestamptz not null default now(),
  claimed_by text,
  claimed_until timestamptz,
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);

create index if not exists idx_history_syncs_instance on public.history_syncs (instance_id, ordinal desc);

create index if not exists idx_history_syncs_pending on public.history_syncs (next_attempt_at) where state = 'pending';

alter table public.history_syncs enable row level security;

revoke all on public.history_syncs from public, anon, authenticated;

grant select, insert, update, delete on public.history_syncs to service_role;

revoke all on sequence public.history_syncs_ordinal_seq from public, anon, authenticated;

grant usage, select on sequence public.history_syncs_ordinal_seq to service_role;

-- Notes what an account's own phone announced, in the transaction that closes its row. Only so many of an instance wait.
create or replace function public.note_history(p_work public.ingest_work[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.history_syncs (organization_id, instance_id, inbox_id)
    select w.organization_id, w.instance_id, w.inbox_id
    from unnest(p_work) w
    join public.whatsapp_instances i on i.id = w.instance_id
    where w.action = 'history' and i.history_policy <> 'ignore'
      and (
        select count(*) from (
          select from public.history_syncs s where s.instance_id = w.instance_id and s.state = 'pending' limit 1000
        ) t
      ) < 1000
    order by w.position
    on conflict (inbox_id) do nothing;
end
$$;

create or replace function public.history_waits() returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from public.history_syncs s
    where s.state = 'pending' and s.next_attempt_at <= now() and coalesce(s.claimed_until <= now(), true)
  );
end
$$;

-- Claims one notification, with the row that it came in: of each instance one at a time, and the organizations take turns.
create or replace function public.claim_history(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_sync public.history_syncs;
  v_row jsonb;
begin
  -- Two that look at the same time would find two of one instance.
  if not pg_try_advisory_xact_lock(hashtextextended('auzap history', 0)) then
    return 'null'::jsonb;
  end if;
  select s.* into v_sync
    from public.history_syncs s
    where s.state = 'pending' and s.next_attempt_at <= now() and coalesce(s.claimed_until <= now(), true)
      and not exists (
        select from public.history_syncs o
        where o.instance_id = s.instance_id and o.state = 'pending' and o.claimed_until > now()
      )
    order by (
        select max(d.updated_at) from public.history_syncs d where d.organization_id = s.organization_id and d.attempts > 0
      ) nulls first, s.attempts, s.ordinal
    limit 1
    for update of s skip locked;
  if not found then
    return 'null'::jsonb;
  end if;
  update public.history_syncs s
    set claimed_by = p ->> 'worker', attempts = s.attempts + 1, updated_at = clock_timestamp(),
      claimed_until = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    where s.id = v_sync.id;
  select jsonb_build_object('id', r.id, 'organization_id', r.organization_id, 'instance_id', r.instance_id,
      'attrs', r.attrs, 'encryption', r.encryption, 'hash', r.hash, 'body', public.encode_base64(r.body),
      'received_at', r.received_at, 'attempts', r.attempts, 'account_phone', r.account_phone, 'account_lid', r.account_lid)
    into v_row
    from public.inbox r where r.id = v_sync.inbox_id;
  return jsonb_build_object('id', v_sync.id, 'organization_id', v_sync.organization_id, 'instance_id', v_sync.instance_id,
    'attempts', v_sync.attempts + 1, 'row', v_row,
    'policy', (select i.history_policy from public.whatsapp_instances i where i.id = v_sync.instance_id and i.deleted_at is null));
end
$$;

-- The place of a message among all others: history lies before everything that was received, in the order of its own times.
create or replace function public.history_ordinal(p_sent_at timestamptz, p_id text) returns bigint
  language sql stable
  set search_path = ''
as $$
  select ((extract(epoch from p_sent_at)::bigint & 8589934591) - 8589934592) * 1048576
    + (hashtextextended(p_id, 0) & 1048575)
$$;

-- Stores messages of a claimed notification as history: no contact (unless the instance wants some made of it), no booking, no
-- event. `messages`: clients' with the address of the chat; the owner's become notes, as those that are received live. What
-- is there already, was erased, or is older than what the organization keeps is left out. Answers null where the claim is lost.
create or replace function public.store_history(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_sync public.history_syncs;
  v_policy text;
  -- A record: the table of settings is made after this.
  v_settings record;
  v_rows jsonb;
  v_person record;
  v_stored int;
  v_notes int;
  v_all constant int := jsonb_array_length(p -> 'messages');
begin
  select s.* into v_sync
    from public.history_syncs s
    where s.id = (p ->> 'id')::uuid and s.state = 'pending' and s.claimed_by = p ->> 'worker';
  if not found then
    return 'null'::jsonb;
  end if;
  -- First the organization, as everybody: nobody makes or merges its contacts meanwhile.
  perform 1 from public.organizations o where o.id = v_sync.organization_id for no key update;
  select i.history_policy into v_policy
    from public.whatsapp_instances i where i.id = v_sync.instance_id and i.deleted_at is null;
  update public.history_syncs s
    set claimed_until = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision), updated_at = clock_timestamp()
    where s.id = v_sync.id and s.state = 'pending' and s.claimed_by = p ->> 'worker';
  if not found or v_policy is null or v_policy = 'ignore' then
    return 'null'::jsonb;
  end if;
  v_settings := public.retention_of(v_sync.organization_id);
  if v_policy = 'contacts' then
    for v_person in
      select distinct m.phone, m.other_phone, m.lid
      from jsonb_to_recordset(p -> 'messages') as m (phone text, other_phone text, lid text, from_me boolean, chat text)
      where not m.from_me and not exists (
        select from public.whatsapp_instances i
        where i.organization_id = v_sync.organization_id
          and (i.phone_number in (m.phone, m.other_phone) or i.account_phone in (m.phone, m.other_phone) or i.account_lid = m.lid)
      )
    loop
      perform public.resolve_person(v_sync.organization_id, v_sync.instance_id, v_person.phone, v_person.other_phone,
        v_person.lid, p ->> 'booking_policy', true);
    end loop;
  end if;

  select jsonb_agg(to_jsonb(r)) into v_rows
    from (
      select distinct on (n.from_me, n.chat_key, n.message_id) n.*
      from (
        select m.from_me, m.message_id, m.content, m.content_type, m.type, m.metadata, m.sent_at, m.chat, k.id as contact_id,
          coalesce(k.id::text, m.chat) as chat_key,
          array_remove(array[k.id::text, m.chat, m.phone || '@s.whatsapp.net', m.lid || '@lid'], null) as chat_keys
        from jsonb_to_recordset(p -> 'messages') as m (phone text, other_phone text, lid text, from_me boolean, chat text,
          message_id text, content text, content_type text, type text, metadata jsonb, sent_at timestamptz)
        left join lateral (
          select k.id
          from public.contacts k
          where k.organization_id = v_sync.organization_id and (k.lid = m.lid or k.phone_number in (m.phone, m.other_phone))
          order by coalesce(k.lid = m.lid, false) desc, coalesce(k.phone_number = m.phone, false) desc, k.id
          limit 1
        ) k on true
        where m.sent_at >= coalesce(public.retention_cutoff(
            case when m.from_me then v_settings.notes_days else v_settings.messages_days end), '-infinity')
          and not exists (
            select from public.erased_messages e
            where e.instance_id = v_sync.instance_id and e.mark in (
              public.message_mark(v_sync.instance_id, m.phone, m.message_id),
              public.message_mark(v_sync.instance_id, m.lid, m.message_id)
            )
          )
      ) n
      order by n.from_me, n.chat_key, n.message_id, n.sent_at
    ) r;

  with made as (
    insert into public.messages (ordinal, organization_id, contact_id, instance_id, direction, content, content_type, type,
        metadata, whatsapp_message_id, chat_jid, chat_key, status, sent_at, created_at)
      overriding system value
      select public.history_ordinal(m.sent_at, m.message_id), v_sync.organization_id, m.contact_id, v_sync.instance_id, 'inbound',
        m.content, m.content_type, m.type, m.metadata, m.message_id, m.chat, m.chat_key, 'received', m.sent_at, m.sent_at
      from jsonb_to_recordset(v_rows) as m (from_me boolean, message_id text, content text, content_type text, type text,
        metadata jsonb, sent_at timestamptz, chat text, contact_id uuid, chat_key text, chat_keys text[])
      where not m.from_me and not exists (
        select from public.messages o
        where o.instance_id = v_sync.instance_id and o.direction = 'inbound' and o.chat_key = any (m.chat_keys)
          and o.whatsapp_message_id = m.message_id
      )
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do nothing
      returning id
  )
  select count(*) into v_stored from made;

  with made as (
    insert into public.notes (ordinal, organization_id, contact_id, instance_id, content, content_type, type, metadata,
        whatsapp_message_id, chat_key, sent_at, created_at)
      overriding system value
      select public.history_ordinal(m.sent_at, m.message_id), v_sync.organization_id, m.contact_id, v_sync.instance_id,
        m.content, m.content_type, m.type, m.metadata, m.message_id, m.chat_key, m.sent_at, m.sent_at
      from jsonb_to_recordset(v_rows) as m (from_me boolean, message_id text, content text, content_type text, type text,
        metadata jsonb, sent_at timestamptz, chat text, contact_id uuid, chat_key text, chat_keys text[])
      where m.from_me and not exists (
        select from public.notes o
        where o.instance_id = v_sync.instance_id and o.chat_key = any (m.chat_keys) and o.whatsapp_message_id = m.message_id
      ) and not exists (
        -- What was sent through the API is no note.
        select from public.messages o
        where o.instance_id = v_sync.instance_id and o.direction = 'outbound' and o.whatsapp_message_id = m.message_id
      )
      on conflict (instance_id, chat_key, whatsapp_message_id) do nothing
      returning id
  )
  select count(*) into v_notes from made;

  update public.history_syncs s
    set stored = s.stored + v_stored + v_notes, known = s.known + v_all - v_stored - v_notes
    where s.id = v_sync.id;
  return jsonb_build_object('stored', v_stored + v_notes);
end
$$;

-- Says how a claimed notification ended, or when it is to be tried again (`retry_seconds`). Does nothing where the claim is lost.
create or replace function public.finish_history(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.history_syncs s
    set state = coalesce(p ->> 'state', 'pending'), error = p ->> 'error',
      sync_type = coalesce(p ->> 'sync_type', s.sync_type), chunk_order = coalesce((p ->> 'chunk_order')::int, s.chunk_order),
      progress = coalesce((p ->> 'progress')::int, s.progress), request_id = coalesce(p ->> 'request_id', s.request_id),
      claimed_by = null, claimed_until = null, updated_at = clock_timestamp(),
      next_attempt_at = now() + make_interval(secs => coalesce((p ->> 'retry_seconds')::double precision, 0))
    where s.id = (p ->> 'id')::uuid and s.state = 'pending' and s.claimed_by = p ->> 'worker';
  return jsonb_build_object('finished', found);
end
$$;

-- How far the history of an instance is: counts over all, and the last notifications.
create or replace function public.history_of(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
begin
  return (
    select jsonb_build_object(
      'policy', (select i.history_policy from public.whatsapp_instances i where i.id = v_instance_id),
      'pending', count(*) filter (where s.state = 'pending'), 'failed', count(*) filter (where s.state = 'failed'),
      'done', count(*) filter (where s.state = 'done'), 'messages', coalesce(sum(s.stored), 0),
      'progress', (array_agg(s.progress order by s.ordinal desc) filter (where s.progress is not null))[1],
      'syncs', coalesce((
        select jsonb_agg(to_jsonb(t) order by t.ordinal desc)
        from (
          select l.id, l.ordinal, l.state, l.sync_type, l.chunk_order, l.progress, l.request_id, l.stored, l.known, l.attempts,
            l.error, l.created_at, l.updated_at
          from public.history_syncs l where l.instance_id = v_instance_id
          order by l.ordinal desc
          limit 50
        ) t
      ), '[]'::jsonb))
    from public.history_syncs s
    where s.instance_id = v_instance_id
  );
end
$$;

-- The oldest message of a chat that is known, from which WhatsApp counts backwards. Null where there is none.
create or replace function public.history_anchor(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_contact_id constant uuid := public.current_contact(p ->> 'organization_id', (p ->> 'contact_id')::uuid);
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
begin
  return (
    select jsonb_build_object('message_id', a.whatsapp_message_id, 'from_me', a.from_me, 'sent_at', a.sent_at,
      'phone', k.phone_number, 'lid', k.lid)
    from (
      (
        select m.whatsapp_message_id, m.direction = 'outbound' as from_me, m.sent_at
        from public.messages m
        where m.contact_id = v_contact_id and m.instance_id = v_instance_id and m.whatsapp_message_id is not null
          and m.status <> 'failed'
        order by m.ordinal
        limit 1
      )
      union all
      (
        select n.whatsapp_message_id, true, n.sent_at
        from public.notes n
        where n.contact_id = v_contact_id and n.instance_id = v_instance_id
        order by n.ordinal
        limit 1
      )
    ) a
    join public.contacts k on k.id = v_contact_id
    order by a.sent_at
    limit 1
  );
end
$$;

revoke execute on function
  public.note_history(public.ingest_work[]), public.history_waits(), public.claim_history(jsonb),
  public.history_ordinal(timestamptz, text), public.store_history(jsonb), public.finish_history(jsonb),
  public.history_of(jsonb), public.history_anchor(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.note_history(public.ingest_work[]), public.history_waits(), public.claim_history(jsonb),
  public.history_ordinal(timestamptz, text), public.store_history(jsonb), public.finish_history(jsonb),
  public.history_of(jsonb), public.history_anchor(jsonb)
  to service_role;

-- 38_conversations.sql

-- Conversations: contacts by their last message, and up to where somebody has read what they wrote.

-- Marks everything of a contact as read and tells so. `chats`: what was not, the last 1,000 messages at most. Null for a contact that
-- is not there.
create or replace function public.read_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_id constant uuid := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  v_read_until bigint;
  v_last bigint;
  v_count int;
  v_instance_id uuid;
  v_chats jsonb;
begin
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  select k.read_until into v_read_until
    from public.contacts k where k.id = v_id and k.organization_id = v_organization_id;
  if not found then
    return null;
  end if;
  with unread as materialized (
    select m.ordinal, m.instance_id, m.chat_jid, m.whatsapp_message_id
    from public.messages m
    where m.contact_id = v_id and m.ordinal > v_read_until and m.direction = 'inbound'
    order by m.ordinal desc
    limit 1000
  ), chats as (
    select u.instance_id, u.chat_jid, jsonb_agg(u.whatsapp_message_id order by u.ordinal) as ids
    from unread u
    where u.chat_jid is not null and u.whatsapp_message_id is not null
    group by u.instance_id, u.chat_jid
  )
  select max(u.ordinal), count(*), (array_agg(u.instance_id order by u.ordinal desc))[1],
      (select jsonb_agg(to_jsonb(c)) from chats c)
    into v_last, v_count, v_instance_id, v_chats
    from unread u;
  if v_count = 0 then
    return '{"count": 0, "chats": [], "events": []}'::jsonb;
  end if;
  update public.contacts set read_until = v_last where id = v_id;
  return jsonb_build_object('count', v_count, 'chats', coalesce(v_chats, '[]'),
    'events', public.append_events(jsonb_build_array(public.read_event(v_organization_id, v_instance_id, v_id))));
end
$$;

-- What a `whatsapp:contact` event tells of a contact that has nothing unread any more, or less.
create or replace function public.read_event(p_organization_id text, p_instance_id uuid, p_contact_id uuid) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('organization_id', p_organization_id, 'instance_id', p_instance_id, 'name', 'whatsapp:contact',
    'payload', jsonb_build_object('instanceId', p_instance_id, 'contactId', p_contact_id, 'change', 'read',
      'timestamp', public.event_time(now())))
$$;

-- Notes that messages were read on another device of the account: of each contact everything up to there. `unknown`: the places of
-- those that are not stored, maybe not yet.
create or replace function public.note_read(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_found jsonb;
  v_told jsonb;
begin
  select coalesce(jsonb_agg(jsonb_build_object('place', e.place - 1, 'contact_id', f.contact_id, 'ordinal', f.ordinal,
      'instance_id', f.instance_id, 'organization_id', f.organization_id)), '[]')
    into v_found
    from jsonb_array_elements(p -> 'items') with ordinality as e (item, place)
    left join lateral (
      select k.id as contact_id, m.ordinal, m.instance_id, k.organization_id
      from public.whatsapp_instances i
      join public.contacts k on k.organization_id = i.organization_id
        and (k.lid = e.item ->> 'lid' or k.phone_number = e.item ->> 'phone')
      join public.messages m on m.instance_id = i.id and m.direction = 'inbound' and m.chat_key = k.id::text
        and m.whatsapp_message_id = e.item ->> 'whatsapp_message_id'
      where i.id = (e.item ->> 'instance_id')::uuid
      limit 1
    ) f on true;
  perform 1 from public.organizations o
    where o.id in (select f ->> 'organization_id' from jsonb_array_elements(v_found) f)
    order by o.id
    for no key update;
  with last as (
    select (f ->> 'contact_id')::uuid as contact_id, max((f ->> 'ordinal')::bigint) as ordinal,
      min(f ->> 'instance_id')::uuid as instance_id
    from jsonb_array_elements(v_found) f
    where f ->> 'contact_id' is not null
    group by f ->> 'contact_id'
  ), marked as (
    update public.contacts k set read_until = l.ordinal
      from last l
      where k.id = l.contact_id and k.read_until < l.ordinal
      returning k.organization_id, k.id, l.instance_id
  )
  select jsonb_agg(public.read_event(m.organization_id, m.instance_id, m.id) order by m.id) into v_told from marked m;
  return jsonb_build_object('events', public.append_events(coalesce(v_told, '[]')), 'unknown', (
    select coalesce(jsonb_agg(f -> 'place'), '[]') from jsonb_array_elements(v_found) f where f ->> 'contact_id' is null
  ));
end
$$;

-- Contacts of an organization by their last message, the newest first, before the one with the ordinal `before`; as read_page. Messages
-- are walked, and of each contact the last one counts: the index of their order is enough, and receiving has none more to keep.
create or replace function public.list_conversations(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
begin
  open v_page for execute
    'select jsonb_build_object(
        ''ordinal'', m.ordinal,
        ''contact'', jsonb_build_object(''id'', k.id, ''organization_id'', k.organization_id, ''phone_number'', k.phone_number,
          ''lid'', k.lid, ''name'', k.name, ''name_source'', k.name_source, ''created_at'', k.created_at,
          ''updated_at'', k.updated_at, ''last_message_at'', k.last_message_at),
        ''last_message'', to_jsonb(m) - array[''secret'', ''payload'', ''request'', ''request_hash'', ''idempotency_key''],
        ''unread_count'', (
          select count(*) from (
            select from public.messages u
            where u.contact_id = k.id and u.ordinal > k.read_until and u.direction = ''inbound''
            limit 1000
          ) u
        ),
        ''open_booking'', (
          select to_jsonb(b) from public.bookings b
          where b.contact_id = k.id and b.status = ''pending''
          order by b.created_at, b.id
          limit 1
        ))
      from public.messages m
      join public.contacts k on k.id = m.contact_id
      where m.organization_id = $1 and m.ordinal < $2
        and m.ordinal = (select max(n.ordinal) from public.messages n where n.contact_id = m.contact_id)
      order by m.ordinal desc
      limit $3'
    using p ->> 'organization_id', coalesce((p ->> 'before')::bigint, 9223372036854775807),
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  return public.read_page(v_page);
end
$$;

revoke execute on function
  public.read_contact(jsonb), public.read_event(text, uuid, uuid), public.note_read(jsonb), public.list_conversations(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.read_contact(jsonb), public.read_event(text, uuid, uuid), public.note_read(jsonb), public.list_conversations(jsonb)
  to service_role;

-- 40_events.sql

-- Appends events of any organizations, which the caller holds, in their order: each has `organization_id`, `instance_id`, `name` and
-- `payload`. Returns them as append_event does.
create or replace function public.append_events(p_events jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_stored jsonb;
begin
  with made as materialized (
    select e.place, e.event ->> 'organization_id' as organization_id, (e.event ->> 'instance_id')::uuid as instance_id,
      e.event ->> 'name' as name, e.event -> 'payload' as payload,
      row_number() over (partition by e.event ->> 'organization_id' order by e.place) as number
    from jsonb_array_elements(p_events) with ordinality as e (event, place)
  ), numbered as (
    update public.organizations o set event_seq = o.event_seq + c.events
      from (select m.organization_id, count(*) as events from made m group by m.organization_id) c
      where o.id = c.organization_id
      returning o.id, o.event_seq - c.events as base
  ), stored as (
    insert into public.events (organization_id, sequence, name, payload, instance_id)
      select m.organization_id, n.base + m.number, m.name, m.payload, m.instance_id
      from made m
      join numbered n on n.id = m.organization_id
  )
  select jsonb_agg(jsonb_build_object('organization_id', m.organization_id, 'sequence', n.base + m.number, 'name', m.name,
      'payload', m.payload) order by m.place)
    into v_stored
    from made m
    join numbered n on n.id = m.organization_id;
  return coalesce(v_stored, '[]');
end
$$;

revoke execute on function
  public.append_event(text, uuid, jsonb), public.append_events(jsonb), public.list_events(jsonb),
  public.event_heads(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.append_event(text, uuid, jsonb), public.append_events(jsonb), public.list_events(jsonb),
  public.event_heads(jsonb)
  to service_role;

-- 41_ticks.sql

-- One part of a tick.
create or replace function public.tick_part(p_part text, p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  return case p_part
    when 'work' then public.node_poll(p)
    when 'keys' then public.announce_keys(p)
    when 'heads' then public.event_heads(p)
    when 'callers' then jsonb_build_object('keys', public.usable_api_keys(p), 'memberships', public.memberships_of(p))
    when 'inbox' then jsonb_build_object('waiting', public.inbox_waits())
    when 'history' then jsonb_build_object('waiting', public.history_waits())
    when 'media' then public.media_waits()
    when 'undecrypted' then public.give_up_undecrypted(p)
    when 'drained' then public.shred_drained_keys(p)
    when 'closings' then public.unfinished_closings(p)
  end;
end
$$;

-- Everything that a process asks again and again: the parts that `p` names are answered under the same names. What only reads
-- comes first: from the heartbeat on locks are held that commits of sessions wait for. A node says that it lives before it is
-- told what nobody runs, and lives whatever becomes of the other parts: `failed` names those that came to nothing, with their
-- SQLSTATE.
create or replace function public.node_tick(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_answers jsonb := '{}'::jsonb;
  v_failed jsonb := '{}'::jsonb;
  v_part text;
begin
  foreach v_part in array array[
    'heads', 'callers', 'inbox', 'media', 'history', 'closings', 'heartbeat', 'work', 'keys', 'undecrypted', 'drained'
  ] loop
    if v_part = 'heartbeat' and p ? 'heartbeat' then
      if p -> 'heartbeat' ? 'bury' then
        perform public.bury_nodes(p -> 'heartbeat' -> 'bury');
      end if;
      v_answers := v_answers || jsonb_build_object('heartbeat', public.node_heartbeat(p -> 'heartbeat'));
    elsif p ? v_part then
      begin
        v_answers := v_answers || jsonb_build_object(v_part, public.tick_part(v_part, p -> v_part));
      exception when others then
        v_failed := v_failed || jsonb_build_object(v_part, sqlstate);
      end;
    end if;
  end loop;
  return case when v_failed = '{}' then v_answers else v_answers || jsonb_build_object('failed', v_failed) end;
end
$$;

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

-- 51_erasure.sql

-- Goes on through the organization's rows of the inbox from where the erasure was: looks at `p_window` rows and empties
-- `p_limit` of them, at most.
create or replace function public.erase_from_inbox(p_erasure public.erasures, p_window int, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
-- `erasure` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_pattern constant text := public.erased_pattern(p_erasure);
  v_strangers constant text := public.person_pattern('{}', public.erased_strangers(p_erasure));
  -- Rows get their ids before they are committed, not always in this order.
  v_margin constant int := case when p_erasure.is_near_end then 10000 else 0 end;
  v_after constant bigint := p_erasure.inbox_cursor - v_margin;
  v_ids bigint[];
  v_peers bigint[];
  v_seen int;
  v_last bigint;
begin
  select max(w.id), count(*) into v_last, v_seen
    from (
      select i.id from public.inbox i
      where i.organization_id = p_erasure.organization_id and i.id > v_after
      order by i.id
      limit p_window + v_margin
    ) w;
  v_ids := array(
    select i.id from public.inbox i
    where i.id > v_after and i.id <= v_last and i.organization_id = p_erasure.organization_id
      and public.inbox_addressing(i.chat, i.sender, i.attrs) ~ v_pattern
      and (v_strangers is null or public.inbox_addressing(i.chat, i.sender, i.attrs) !~ v_strangers)
    order by i.id
    limit p_limit
  );
  is_at_end := v_seen < p_window + v_margin and cardinality(v_ids) < p_limit;
  v_last := coalesce(v_ids[p_limit], v_last);
  erasure := p_erasure;
  erasure.counts := public.add_count(erasure.counts, 'inbox', public.empty_inbox_rows(v_ids));
  -- What the account's own phone sent after: it may hold anybody's message, and was read.
  v_peers := array(
    select i.id from public.inbox i
    where i.id > v_after and i.id <= v_last and i.organization_id = p_erasure.organization_id
      and i.attrs ->> 'category' = 'peer' and i.state = 1 and i.body is not null
    order by i.id
    for update
  );
  update public.inbox i set body = null where i.id = any (v_peers);
  -- So is what was handed over of the time before; whoever fetches it at the moment stores no more of it.
  update public.history_syncs s
    set state = 'skipped', error = 'erased', claimed_by = null, claimed_until = null, updated_at = clock_timestamp()
    where s.inbox_id > v_after and s.inbox_id <= v_last and s.organization_id = p_erasure.organization_id
      and s.state = 'pending';
  erasure.inbox_cursor := greatest(erasure.inbox_cursor, v_last);
end
$$;

-- As `erase_from_inbox`. Events are committed in their sequence, which only who holds the organization can prolong.
create or replace function public.erase_from_events(p_erasure public.erasures, p_contact_id uuid, p_window int, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
-- `erasure` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_from constant text[] := public.erased_phones(p_erasure)
    || array(select l.lid || '@lid' from unnest(public.erased_lids(p_erasure)) as l (lid));
  v_ids constant text[] := array[p_contact_id::text, p_erasure.contact_id::text]
    || array(select m.contact_id::text from public.merged_contacts m where m.merged_into = p_contact_id);
  v_has_strangers constant boolean := public.erased_strangers(p_erasure) <> '{}';
  v_sequences bigint[];
  v_seen int;
  v_last bigint;
begin
  select max(w.sequence), count(*) into v_last, v_seen
    from (
      select e.sequence from public.events e
      where e.organization_id = p_erasure.organization_id and e.sequence > p_erasure.event_cursor
      order by e.sequence
      limit p_window
    ) w;
  v_sequences := array(
    select e.sequence from public.events e
    where e.organization_id = p_erasure.organization_id
      and e.sequence > p_erasure.event_cursor and e.sequence <= v_last
      and (e.payload ->> 'contactId' = any (v_ids) or coalesce(e.payload ->> 'from', e.payload ->> 'to') = any (v_from)
        and (not v_has_strangers or e.payload ->> 'contactId' is null or not exists (
          select from public.contacts k
          where k.id = (e.payload ->> 'contactId')::uuid and k.organization_id = p_erasure.organization_id
        )))
    order by e.sequence
    limit p_limit
  );
  update public.events e set payload = '{"erased": true}'
    where e.organization_id = p_erasure.organization_id and e.sequence = any (v_sequences);
  is_at_end := v_seen < p_window and cardinality(v_sequences) < p_limit;
  erasure := p_erasure;
  erasure.counts := public.add_count(erasure.counts, 'events', cardinality(v_sequences));
  erasure.event_cursor := greatest(erasure.event_cursor, coalesce(v_sequences[p_limit], v_last));
end
$$;

-- Takes the quotes of messages that are erased out of what is in other chats: of its row, of the event that told it, and of the row of
-- the inbox. What a chat has under the same id itself is what is quoted there: senders choose the ids. The caller holds the organization.
create or replace function public.forget_quotes(p_instances uuid[], p_message_ids text[], p_erasure public.erasures,
    p_contact_id uuid) returns void
  language plpgsql
  set search_path = ''
  set enable_hashjoin = off
  set enable_mergejoin = off
as $$
declare
  v_one record;
begin
  for v_one in
    with gone as materialized (
      select distinct g.instance_id, g.message_id
      from unnest(p_instances, p_message_ids) as g (instance_id, message_id)
    )
    select m.id, false as is_note, m.instance_id, m.whatsapp_message_id, m.inbox_id, m.created_at
    from gone g
    join public.messages m on m.instance_id = g.instance_id and m.reply_to is not null
      and m.reply_to ->> 'whatsapp_message_id' = g.message_id
    where m.contact_id is distinct from p_contact_id and not exists (
      select from public.messages o
      where o.instance_id = m.instance_id and o.chat_key = m.chat_key and o.whatsapp_message_id = g.message_id
        and o.direction in ('inbound', 'outbound')
    )
    union all
    select n.id, true, n.instance_id, n.whatsapp_message_id, n.inbox_id, n.created_at
    from gone g
    join public.notes n on n.instance_id = g.instance_id and n.reply_to is not null
      and n.reply_to ->> 'whatsapp_message_id' = g.message_id
    where n.contact_id is distinct from p_contact_id and not exists (
      select from public.messages o
      where o.instance_id = n.instance_id and o.chat_key = n.chat_key and o.whatsapp_message_id = g.message_id
        and o.direction in ('inbound', 'outbound')
    )
    order by 1
  loop
    if v_one.is_note then
      update public.notes n set reply_to = null where n.id = v_one.id;
    else
      update public.messages m set reply_to = null where m.id = v_one.id;
      perform public.forget_quote_in_events(p_erasure.organization_id, v_one.whatsapp_message_id, v_one.instance_id,
        v_one.created_at);
    end if;
    update public.inbox i set body = null where i.id = v_one.inbox_id and i.state = 1;
  end loop;
end
$$;

-- Takes what a message quotes out of the event that told it.
create or replace function public.forget_quote_in_events(p_organization_id text, p_message_id text, p_instance_id uuid,
    p_stored_at timestamptz) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_around constant record := public.events_around(p_organization_id, p_stored_at);
begin
  update public.events e set payload = e.payload - 'replyTo'
    where e.organization_id = p_organization_id and e.sequence > v_around.low and e.sequence <= v_around.high
      and e.instance_id = p_instance_id and e.payload ->> 'messageId' = p_message_id and e.payload ? 'replyTo';
end
$$;

-- Deletes messages, notes and bookings of a contact, at most so many of each, and empties the rows of the inbox that the messages
-- and notes came from, whatever address they name. The caller holds the organization.
create or replace function public.erase_conversation(p_erasure public.erasures, p_contact_id uuid, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
-- `erasure` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_pattern constant text := public.erased_pattern(p_erasure);
  v_instances uuid[];
  v_ids text[];
  v_origins bigint[];
  v_rows int;
begin
  erasure := p_erasure;
  with theirs as (
    (select m.id from public.messages m where m.contact_id = p_contact_id limit p_limit)
    union all
    (
      select m.id from public.messages m
      where m.contact_id is null and m.organization_id = p_erasure.organization_id and m.chat_jid ~ v_pattern
      limit p_limit
    )
  ), held as materialized (
    -- In the order of ids, as receipts lock them.
    select m.id from public.messages m where m.id in (select t.id from theirs t) order by m.id for update
  ), gone as (
    delete from public.messages m using held h where m.id = h.id
      returning m.instance_id, m.whatsapp_message_id, m.inbox_id
  )
  select array_agg(g.instance_id), array_agg(g.whatsapp_message_id), array_agg(g.inbox_id), count(*)
    into v_instances, v_ids, v_origins, v_rows
    from gone g;
  perform public.mark_erased(v_instances, v_ids, p_erasure);
  perform public.forget_quotes(v_instances, v_ids, p_erasure, p_contact_id);
  erasure.counts := public.add_count(erasure.counts, 'messages', v_rows);
  erasure.counts := public.add_count(erasure.counts, 'inbox', public.empty_inbox_rows(v_origins));
  is_at_end := v_rows < p_limit;

  with theirs as (
    (select n.id from public.notes n where n.contact_id = p_contact_id limit p_limit)
    union all
    (
      select n.id from public.notes n
      where n.contact_id is null and n.organization_id = p_erasure.organization_id and n.chat_key ~ v_pattern
      limit p_limit
    )
  ), gone as (
    delete from public.notes n using theirs t where n.id = t.id
      returning n.instance_id, n.whatsapp_message_id, n.inbox_id
  )
  select array_agg(g.instance_id), array_agg(g.whatsapp_message_id), array_agg(g.inbox_id), count(*)
    into v_instances, v_ids, v_origins, v_rows
    from gone g;
  perform public.mark_erased(v_instances, v_ids, p_erasure);
  perform public.forget_quotes(v_instances, v_ids, p_erasure, p_contact_id);
  erasure.counts := public.add_count(erasure.counts, 'notes', v_rows);
  erasure.counts := public.add_count(erasure.counts, 'inbox', public.empty_inbox_rows(v_origins));
  is_at_end := is_at_end and v_rows < p_limit;

  delete from public.bookings b
    where b.id in (select t.id from public.bookings t where t.contact_id = p_contact_id limit p_limit);
  get diagnostics v_rows = row_count;
  erasure.counts := public.add_count(erasure.counts, 'bookings', v_rows);
  is_at_end := is_at_end and v_rows < p_limit;
end
$$;

-- Deletes the person: the ledger, changes that wait, the keys, the contact itself. The erasure goes on after it. The caller holds the organization.
create or replace function public.erase_person(p_erasure public.erasures, p_contact_id uuid) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
  v_strangers constant text[] := public.erased_strangers(p_erasure);
  v_instances constant uuid[] := array(
    select i.id from public.whatsapp_instances i where i.organization_id = p_erasure.organization_id order by i.id
  );
  v_of uuid[];
  v_ids text[];
  v_rows int;
begin
  select array_agg(u.instance_id), array_agg(u.message_id) into v_of, v_ids
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.lid = any (v_lids)
        or u.phone = any (v_phones) and (u.lid is null or u.lid <> all (v_strangers)));
  perform public.mark_erased(v_of, v_ids, p_erasure);
  with held as materialized (
    select u.id
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.lid = any (v_lids)
        or u.phone = any (v_phones) and (u.lid is null or u.lid <> all (v_strangers)))
    order by u.id
    for update
  )
  update public.undecrypted_messages u
    set phone = null, lid = null, chat = '', message_id = '',
      state = case when u.state = 'waiting' then 'given_up' else u.state end,
      settled_at = coalesce(u.settled_at, now())
    from held h
    where u.id = h.id;
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'undecrypted', v_rows);

  -- What was done to messages that did not come: those are known when they come after all.
  with gone as (
    delete from public.pending_changes c
      where c.instance_id = any (v_instances) and (c.lid = any (v_lids)
        or c.phone = any (v_phones) and (c.lid is null or c.lid <> all (v_strangers)))
      returning c.instance_id, c.message_id
  )
  select array_agg(g.instance_id), array_agg(g.message_id), count(*) into v_of, v_ids, v_rows from gone g;
  perform public.mark_erased(v_of, v_ids, p_erasure);
  v_erasure.counts := public.add_count(v_erasure.counts, 'pending_changes', v_rows);

  -- What nodes asked each other and nobody waits for any more: texts, sealed and without a name.
  delete from public.node_requests where expires_at <= now();

  -- Last and in order: commits of sessions wait for these locks. A session that runs keeps what it has in memory; where a
  -- key is missing later, WhatsApp's clients agree on new ones by themselves.
  perform 1 from public.whatsapp_instances i where i.id = any (v_instances) order by i.id for no key update;
  delete from public.whatsapp_session_keys k
    where k.instance_id = any (v_instances)
      and k.key_type in ('session', 'identity-key', 'device-list', 'lid-mapping', 'tctoken', 'sender-key', 'sender-key-memory')
      and k.key_id ~ ('(^|[^0-9])(' || nullif(array_to_string(v_phones || v_lids, '|'), '') || ')([^0-9]|$)');
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'session_keys', v_rows);

  v_erasure.merged_ids := v_erasure.merged_ids
    || array(select m.contact_id from public.merged_contacts m where m.merged_into = p_contact_id);
  delete from public.contacts k where k.id = p_contact_id;
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'contacts', v_rows);
  return v_erasure;
end
$$;

revoke execute on function
  public.message_mark(uuid, text, text), public.inbox_addressing(text, text, jsonb),
  public.erased_phones(public.erasures), public.erased_lids(public.erasures), public.erased_pattern(public.erasures),
  public.erased_strangers(public.erasures),
  public.add_count(jsonb, text, bigint), public.empty_inbox_rows(bigint[]),
  public.erase_from_inbox(public.erasures, int, int), public.erase_from_events(public.erasures, uuid, int, int),
  public.mark_erased(uuid[], text[], public.erasures),
  public.forget_quotes(uuid[], text[], public.erasures, uuid),
  public.forget_quote_in_events(text, text, uuid, timestamptz), public.erase_conversation(public.erasures, uuid, int),
  public.erase_person(public.erasures, uuid), public.learn_addresses(public.erasures, public.contacts),
  public.conclude_erasure(public.erasures), public.erasure_receipt(public.erasures), public.erase_contact(jsonb),
  public.unfinished_erasures(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.message_mark(uuid, text, text), public.inbox_addressing(text, text, jsonb),
  public.erased_phones(public.erasures), public.erased_lids(public.erasures), public.erased_pattern(public.erasures),
  public.erased_strangers(public.erasures),
  public.add_count(jsonb, text, bigint), public.empty_inbox_rows(bigint[]),
  public.erase_from_inbox(public.erasures, int, int), public.erase_from_events(public.erasures, uuid, int, int),
  public.mark_erased(uuid[], text[], public.erasures),
  public.forget_quotes(uuid[], text[], public.erasures, uuid),
  public.forget_quote_in_events(text, text, uuid, timestamptz), public.erase_conversation(public.erasures, uuid, int),
  public.erase_person(public.erasures, uuid), public.learn_addresses(public.erasures, public.contacts),
  public.conclude_erasure(public.erasures), public.erasure_receipt(public.erasures), public.erase_contact(jsonb),
  public.unfinished_erasures(jsonb)
  to service_role;

-- 52_export.sql

-- A person's rights: everything that is kept about a contact can be read in pieces.

-- What was done to a message or to a note after it was written, by both sides: earlier texts, reactions that stand, and answers. Of a
-- vote the names of what was chosen, too, where they are among the options.
create or replace function public.changes_made(p_message_id uuid, p_note_id uuid, p_metadata jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'edits', (
      select coalesce(jsonb_agg(jsonb_build_object('content', e.content, 'edited_at', e.edited_at) order by e.ordinal), '[]')
      from (
        select * from public.message_edits where message_id = p_message_id
        union all
        select * from public.message_edits where note_id = p_note_id
      ) e
    ),
    'reactions', (
      select coalesce(jsonb_agg(jsonb_build_object('emoji', r.emoji, 'from_me', r.from_me, 'reacted_at', r.reacted_at)
        order by r.reacted_at, r.id), '[]')
      from (
        select * from public.message_reactions where message_id = p_message_id
        union all
        select * from public.message_reactions where note_id = p_note_id
      ) r
      where r.emoji <> ''
    ),
    'answers', (
      select coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'from_me', a.from_me, 'answer', a.answer,
          'answered_at', a.answered_at)
        || case when a.kind = 'poll_vote' and jsonb_typeof(p_metadata -> 'options') = 'array' then jsonb_build_object('options', (
            select coalesce(jsonb_agg(o.option ->> 'name' order by o.place), '[]')
            from jsonb_array_elements(p_metadata -> 'options') with ordinality as o (option, place)
            where a.answer ? encode(sha256(convert_to(o.option ->> 'name', 'UTF8')), 'hex')
          )) else '{}' end order by a.answered_at, a.id), '[]')
      from (
        select * from public.message_answers where message_id = p_message_id
        union all
        select * from public.message_answers where note_id = p_note_id
      ) a
    )
  );
end
$$;

-- About how many bytes the export shows of a message or a note.
create or replace function public.shown_bytes(p_message_id uuid, p_note_id uuid, p_content text, p_metadata jsonb,
    p_reply_to jsonb) returns bigint
  language plpgsql stable
  set search_path = ''
as $$
begin
  return octet_length(p_content) + coalesce(octet_length(p_metadata::text), 0) + coalesce(octet_length(p_reply_to::text), 0) + (
    select coalesce(sum(octet_length(e.content)), 0)
    from (
      select content from public.message_edits where message_id = p_message_id
      union all
      select content from public.message_edits where note_id = p_note_id
    ) e
  );
end
$$;

-- One page of what is kept about a contact, under all addresses of the person: rows of one kind after `after`, and where to go on;
-- `next` is null where nothing is left to look at. A page holds about so many bytes of texts and bodies, however long each of them
-- is. What is looked at for it is bounded, too: it may hold less than `limit` and have a next one.
create or replace function public.export_contact(p jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_after constant bigint := coalesce((p ->> 'after')::bigint, 0);
  -- History has its place before everything that was received: below 0.
  v_after_ordinal constant bigint := case when v_after = 0 then -9223372036854775808 else v_after end;
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 100), 1), 500);
  v_bytes constant int := 500000;
  v_window constant int := 5000;
  v_contact public.contacts;
  v_phones text[];
  v_lids text[];
  v_strangers text[];
  v_ids text[];
  v_from text[];
  v_pattern text;
  v_rows jsonb;
  v_next bigint;
  v_until bigint;
  v_found int;
  v_shown int;
begin
  select * into v_contact from public.contacts
    where organization_id = v_organization_id and id = (p ->> 'contact_id')::uuid;
  if not found then
    raise exception 'contact not found' using errcode = 'AZ404';
  end if;
  v_phones := array_remove(public.former_addresses_of(v_contact, 'phone') || v_contact.phone_number, null);
  v_lids := array_remove(public.former_addresses_of(v_contact, 'lid') || v_contact.lid, null);
  v_strangers := public.former_owners(v_organization_id, v_phones, v_contact.id);
  v_pattern := public.person_pattern(v_phones, v_lids);
  case p ->> 'kind'
    when 'merged_contacts' then
      select jsonb_agg(to_jsonb(c) order by c.merged_at, c.contact_id), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select m.contact_id, m.merged_at from public.merged_contacts m where m.merged_into = v_contact.id
          order by m.merged_at, m.contact_id
          offset v_after limit v_limit
        ) c;
    when 'former_addresses' then
      select jsonb_agg(to_jsonb(a) order by a.kind, a.digits), nullif(v_after + count(*), v_after) into v_rows, v_next
        from (
          select f.kind, f.digits from public.former_addresses f where f.contact_id = v_contact.id
          order by f.kind, f.digits
          offset v_after limit v_limit
        ) a;
    when 'messages' then
      with found as (
        (
          select t as told, t.ordinal from public.messages t
          where t.contact_id = v_contact.id and t.ordinal > v_after_ordinal
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.messages t
          where t.contact_id is null and t.ordinal > v_after_ordinal and t.organization_id = v_organization_id
            and t.chat_jid ~ v_pattern
          order by t.ordinal
          limit v_limit
        )
        order by ordinal
        limit v_limit
      ), page as (
        select f.told, f.ordinal, sum(b.bytes) over (order by f.ordinal) - b.bytes as bytes_before
        from found f
        cross join lateral (
          select public.shown_bytes((f.told).id, null, (f.told).content, (f.told).metadata, (f.told).reply_to) as bytes
        ) b
      )
      select jsonb_agg(to_jsonb(f.told) - 'secret' - 'payload' - 'request'
            || public.changes_made((f.told).id, null, (f.told).metadata) || public.message_extras(f.told) order by f.ordinal),
          max(f.ordinal)
        into v_rows, v_next
        from page f
        where f.bytes_before < v_bytes;
    when 'notes' then
      with found as (
        (
          select t as told, t.ordinal from public.notes t
          where t.contact_id = v_contact.id and t.ordinal > v_after_ordinal
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.notes t
          where t.contact_id is null and t.ordinal > v_after_ordinal and t.organization_id = v_organization_id
            and t.chat_key ~ v_pattern
          order by t.ordinal
          limit v_limit
        )
        order by ordinal
        limit v_limit
      ), page as (
        select f.told, f.ordinal, sum(b.bytes) over (order by f.ordinal) - b.bytes as bytes_before
        from found f
        cross join lateral (
          select public.shown_bytes(null, (f.told).id, (f.told).content, (f.told).metadata, (f.told).reply_to) as bytes
        ) b
      )
      select jsonb_agg(to_jsonb(f.told) - 'secret'
            || public.changes_made(null, (f.told).id, (f.told).metadata) || public.note_extras(f.told) order by f.ordinal),
          max(f.ordinal)
        into v_rows, v_next
        from page f
        where f.bytes_before < v_bytes;
    when 'bookings' then
      -- They have no number: the place in their order is as good, while none is deleted.
      select jsonb_agg(to_jsonb(b) order by b.created_at, b.id), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select * from public.bookings where contact_id = v_contact.id
          order by created_at, id
          offset v_after limit v_limit
        ) b;
    when 'undecrypted' then
      select jsonb_agg(to_jsonb(u) order by u.id), max(u.id) into v_rows, v_next
        from (
          select * from public.undecrypted_messages
          where id > v_after and organization_id = v_organization_id
            and (phone = any (v_phones) and (lid is null or lid <> all (v_strangers)) or lid = any (v_lids))
          order by id
          limit v_limit
        ) u;
    when 'pending_changes' then
      select jsonb_agg(to_jsonb(c) order by c.id), max(c.id) into v_rows, v_next
        from (
          select * from public.pending_changes
          where id > v_after and organization_id = v_organization_id
            and (phone = any (v_phones) and (lid is null or lid <> all (v_strangers)) or lid = any (v_lids))
          order by id
          limit v_limit
        ) c;
    when 'inbox' then
      -- What is looked at is bounded by the ids alone, so that no row is looked at twice for the next page.
      select max(w.id) into v_until
        from (select i.id from public.inbox i where i.id > v_after order by i.id limit v_window) w;
      with found as (
        select i.* from public.inbox i
        where i.id > v_after and i.id <= v_until and i.organization_id = v_organization_id
          and public.inbox_addressing(i.chat, i.sender, i.attrs) ~ v_pattern
          and (v_strangers = '{}'
            or public.inbox_addressing(i.chat, i.sender, i.attrs) !~ public.person_pattern('{}', v_strangers))
        order by i.id
        limit v_limit
      ), page as (
        select f.*, sum(b.bytes) over (order by f.id) - b.bytes as bytes_before
        from found f
        cross join lateral (select coalesce(octet_length(f.body), 0) as bytes) b
      )
      select jsonb_agg((to_jsonb(i) - 'body' - 'claimed_by' - 'claimed_until' - 'bytes_before')
            || jsonb_build_object('body', translate(encode(i.body, 'base64'), e'\n', '')) order by i.id)
            filter (where i.bytes_before < v_bytes),
          max(i.id) filter (where i.bytes_before < v_bytes), count(*), count(*) filter (where i.bytes_before < v_bytes)
        into v_rows, v_next, v_found, v_shown
        from page i;
      if v_found < v_limit and v_shown = v_found then
        v_next := v_until;
      end if;
    when 'events' then
      v_ids := v_contact.id::text
        || array(select m.contact_id::text from public.merged_contacts m where m.merged_into = v_contact.id);
      v_from := v_phones || array(select l.lid || '@lid' from unnest(v_lids) as l (lid));
      select max(w.sequence) into v_until
        from (
          select e.sequence from public.events e
          where e.organization_id = v_organization_id and e.sequence > v_after
          order by e.sequence
          limit v_window
        ) w;
      with found as (
        select e.* from public.events e
        where e.organization_id = v_organization_id and e.sequence > v_after and e.sequence <= v_until
          and (e.payload ->> 'contactId' = any (v_ids) or coalesce(e.payload ->> 'from', e.payload ->> 'to') = any (v_from)
            and (v_strangers = '{}' or e.payload ->> 'contactId' is null or not exists (
              select from public.contacts k
              where k.id = (e.payload ->> 'contactId')::uuid and k.organization_id = v_organization_id
            )))
        order by e.sequence
        limit v_limit
      ), page as (
        select f.*, sum(b.bytes) over (order by f.sequence) - b.bytes as bytes_before
        from found f
        cross join lateral (select coalesce(octet_length(f.payload ->> 'text'), 0) as bytes) b
      )
      select jsonb_agg(to_jsonb(e) - 'bytes_before' order by e.sequence)
            filter (where e.bytes_before < v_bytes),
          max(e.sequence) filter (where e.bytes_before < v_bytes),
          count(*), count(*) filter (where e.bytes_before < v_bytes)
        into v_rows, v_next, v_found, v_shown
        from page e;
      if v_found < v_limit and v_shown = v_found then
        v_next := v_until;
      end if;
    else
      raise exception 'unknown kind %', p ->> 'kind' using errcode = '22023';
  end case;
  return jsonb_build_object('rows', coalesce(v_rows, '[]'), 'next', v_next);
end
$$;

revoke execute on function
  public.changes_made(uuid, uuid, jsonb), public.shown_bytes(uuid, uuid, text, jsonb, jsonb), public.export_contact(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.changes_made(uuid, uuid, jsonb), public.shown_bytes(uuid, uuid, text, jsonb, jsonb), public.export_contact(jsonb)
  to service_role;

-- 55_resealing.sql

-- Columns of rows about messages that the instance's key for received messages seals, by table in the order of the walk. `kind` tells
-- what a value is bound to.
create or replace function public.sealed_message_columns()
  returns table (place int, kind text, table_name text, id_column text, column_name text)
  language sql immutable parallel safe
  set search_path = ''
as $$
  values
    (1, 'payload', 'messages', 'id', 'payload'),
    (1, 'secret', 'messages', 'id', 'secret'),
    (2, 'note secret', 'notes', 'id', 'secret'),
    (3, 'media source', 'message_media', 'message_id', 'sealed')
$$;

-- One table after the other: `after` is [place, id]. `window` and `scanned` are rows, also those in which nothing is sealed, so that a
-- call reads no more where such rows are many. All values of a row are on one page. What nobody can open any more, and `is_gone`: as
-- inbox bodies.
create or replace function public.stale_message_values(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_place constant int := coalesce((p -> 'after' ->> 0)::int, 1);
  v_table text;
  v_id text;
  v_heads text;
  v_values text;
  v_page jsonb;
begin
  select min(c.table_name), min(c.id_column), string_agg(format('(%L, substr(t.%I, 1, 5))', c.kind, c.column_name), ', '),
      string_agg(format('when %L then t.%I', c.kind, c.column_name), ' ')
    into v_table, v_id, v_heads, v_values
    from public.sealed_message_columns() c
    where c.place = v_place;
  execute format($sql$
    with win as materialized (
      select t.row_id as id, t.instance_id, v.kind, v.head
      from (select t.*, t.%2$I as row_id from public.%1$I t where t.%2$I > $1 order by t.%2$I limit $2) t
      cross join lateral (values %3$s) v (kind, head)
    ), stale as (
      select w.id, w.kind, k.key_id is null and not exists (
          select from public.whatsapp_instances i where i.id = w.instance_id and i.deleted_at is null
        ) as is_gone
      from win w
      left join public.data_keys k on k.instance_id = w.instance_id and k.purpose = 'inbox' and k.retired_at is null
      where w.head is not null and w.head is distinct from '\x02'::bytea || k.key_id
        and not (k.key_id is null and substr(w.head, 1, 1) = '\x02'::bytea)
      order by w.id
      fetch first ($3) rows with ties
    ), ending as (
      select case when (select count(*) from stale) >= $3 then (select s.id from stale s order by s.id desc limit 1)
        else (select w.id from win w order by w.id desc limit 1) end as id
    )
    select jsonb_build_object(
      'rows', (
        select coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'id', s.id, 'instance_id', t.instance_id,
          'whatsapp_message_id', coalesce(t.whatsapp_message_id, ''), 'is_gone', s.is_gone,
          'value', translate(encode(case s.kind %4$s end, 'base64'), e'\n', '')) order by s.id), '[]')
        from stale s join public.%1$I t on t.%2$I = s.id
      ),
      'scanned', (select count(distinct w.id) from win w where w.id <= (select e.id from ending e)),
      'next', (select jsonb_build_array($4, e.id) from ending e where e.id is not null)
    )
  $sql$, v_table, v_id, v_heads, v_values)
    into v_page
    using coalesce((p -> 'after' ->> 1)::uuid, '00000000-0000-0000-0000-000000000000'), (p ->> 'window')::int,
      (p ->> 'limit')::int, v_place;
  if v_page -> 'next' = 'null' and exists (select from public.sealed_message_columns() c where c.place > v_place) then
    v_page := v_page || jsonb_build_object('next', jsonb_build_array(v_place + 1, '00000000-0000-0000-0000-000000000000'));
  end if;
  return v_page;
end
$$;

create or replace function public.reseal_message_values(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_column record;
  v_some int;
  v_changed int := 0;
begin
  for v_column in
    select c.* from public.sealed_message_columns() c
    where c.kind in (select e ->> 'kind' from jsonb_array_elements(p -> 'rows') e)
    order by c.place, c.kind
  loop
    execute format($sql$
      with given as (
        select (e ->> 'id')::uuid as id, decode(e ->> 'old', 'base64') as old, decode(e ->> 'new', 'base64') as new
        from jsonb_array_elements($1) e
        where e ->> 'kind' = $2
      ), free as (
        select t.%2$I as id, g.new
        from given g join public.%1$I t on t.%2$I = g.id and substr(t.%3$I, 1, 33) = g.old
        order by t.%2$I
        for no key update of t skip locked
      )
      update public.%1$I t set %3$I = f.new from free f where t.%2$I = f.id
    $sql$, v_column.table_name, v_column.id_column, v_column.column_name)
      using p -> 'rows', v_column.kind;
    get diagnostics v_some = row_count;
    v_changed := v_changed + v_some;
  end loop;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- Only to be shown: exact while tables are small.
create or replace function public.count_sealed(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
    'credentials', (
      select count(*) from (
        select from public.whatsapp_instances i where i.session_data is not null limit 100000
      ) r
    ),
    'session_keys', public.rows_about('public.whatsapp_session_keys'::regclass),
    'inbox_bodies', public.rows_about('public.inbox'::regclass),
    'message_values', public.rows_about('public.messages'::regclass) + public.rows_about('public.notes'::regclass)
      + public.rows_about('public.message_media'::regclass),
    'webhook_secrets', public.rows_about('public.webhook_endpoints'::regclass)
  )
$$;

revoke execute on function
  public.stale_credentials(jsonb), public.reseal_credentials(jsonb), public.stale_session_keys(jsonb),
  public.reseal_session_keys(jsonb), public.stale_inbox_bodies(jsonb), public.reseal_inbox_bodies(jsonb),
  public.sealed_message_columns(), public.stale_message_values(jsonb), public.reseal_message_values(jsonb),
  public.stale_webhook_secrets(jsonb), public.reseal_webhook_secrets(jsonb), public.stale_direct_values(jsonb),
  public.reseal_direct_values(jsonb), public.count_sealed(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.stale_credentials(jsonb), public.reseal_credentials(jsonb), public.stale_session_keys(jsonb),
  public.reseal_session_keys(jsonb), public.stale_inbox_bodies(jsonb), public.reseal_inbox_bodies(jsonb),
  public.sealed_message_columns(), public.stale_message_values(jsonb), public.reseal_message_values(jsonb),
  public.stale_webhook_secrets(jsonb), public.reseal_webhook_secrets(jsonb), public.stale_direct_values(jsonb),
  public.reseal_direct_values(jsonb), public.count_sealed(jsonb)
  to service_role;
