-- Bookings are made and changed by people, too.
alter table public.bookings
  add column if not exists title text,
  add column if not exists notes text,
  add column if not exists starts_at timestamptz,
  add column if not exists ends_at timestamptz,
  add column if not exists idempotency_key text,
  add column if not exists request_hash text;
-- Groups: what is written there is a message, too, and no part of what else is listed.
alter table if exists public.whatsapp_instances add column if not exists group_policy text not null default 'ignore'
  check (group_policy in ('ignore', 'store'));
alter table if exists public.inbox drop constraint if exists inbox_outcome_check;
alter table if exists public.inbox add constraint inbox_outcome_check
  check (outcome in ('stored', 'note', 'skipped', 'duplicate', 'dead', 'undecrypted', 'group'));
alter table if exists public.messages add column if not exists group_id uuid;
alter table if exists public.messages add column if not exists sender_phone text;
alter table if exists public.messages add column if not exists sender_lid text;
alter table if exists public.messages add column if not exists sender_name text;
drop index if exists public.idx_messages_without_contact;
-- What webhooks deliver, and how far they are.
alter table if exists public.webhook_endpoints
  add column if not exists description text not null default '',
  add column if not exists instance_id uuid,
  add column if not exists former_secret_expires_at timestamptz,
  add column if not exists paused_at timestamptz,
  add column if not exists pause_reason text,
  add column if not exists failing_since timestamptz,
  add column if not exists redrive_after bigint,
  add column if not exists redrive_until bigint;
alter table if exists public.webhook_endpoints drop constraint if exists webhook_endpoints_instance_id_organization_id_fkey;
do $$
begin
  if to_regclass('public.webhook_endpoints') is not null then
    alter table public.webhook_endpoints add constraint webhook_endpoints_instance_id_organization_id_fkey
      foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id);
  end if;
end
$$;
alter table if exists public.webhook_deliveries
  add column if not exists chat_key text not null default '',
  add column if not exists is_next boolean not null default false,
  add column if not exists claimed_by text,
  add column if not exists first_attempt_at timestamptz,
  add column if not exists tries jsonb not null default '[]',
  add column if not exists response_body text;

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
    'group_changes group_changes_id_seq group_members group_members_id_seq groups history_syncs '
    'history_syncs_ordinal_seq idx_api_keys_created_by idx_api_keys_organization idx_api_keys_replaced_by '
    'idx_audit_log_actor idx_audit_log_call idx_audit_log_object idx_audit_log_organization idx_audit_log_time '
    'idx_bookings_contact idx_bookings_organization idx_bookings_pending idx_bookings_start '
    'idx_contacts_organization idx_data_keys_instance idx_data_keys_master idx_data_keys_organization '
    'idx_erased_messages_age idx_erasures_organization idx_erasures_unfinished idx_group_changes_group '
    'idx_group_changes_organization idx_group_members_lid idx_group_members_person idx_group_members_phone '
    'idx_groups_organization idx_history_syncs_instance idx_history_syncs_pending idx_inbox_dead '
    'idx_inbox_organization idx_inbox_pending idx_inbox_received idx_media_files_content idx_media_files_expiry '
    'idx_merged_contacts_into idx_message_media_asked idx_message_media_due idx_message_media_file '
    'idx_message_media_of_message idx_message_media_of_note idx_message_media_sealed idx_message_media_waiting '
    'idx_messages_change idx_messages_contact idx_messages_group idx_messages_group_id idx_messages_idempotency '
    'idx_messages_instance_ordinal idx_messages_open idx_messages_organization idx_messages_outbound '
    'idx_messages_quoting idx_messages_sender_lid idx_messages_sender_phone idx_messages_unsupported '
    'idx_messages_without_contact idx_node_requests_expiry idx_node_requests_waiting idx_notes_contact '
    'idx_notes_organization idx_notes_quoting idx_notes_unsupported idx_notes_without_contact '
    'idx_organization_invitations_by idx_organization_invitations_user idx_organization_members_user '
    'idx_pending_changes_instance idx_pending_changes_message idx_pending_changes_organization '
    'idx_undecrypted_instance idx_undecrypted_message idx_undecrypted_received idx_undecrypted_waiting '
    'idx_webhook_deliveries_chat idx_webhook_deliveries_claimed idx_webhook_deliveries_due '
    'idx_webhook_deliveries_event idx_webhook_deliveries_log idx_webhook_deliveries_next '
    'idx_webhook_deliveries_organization idx_webhook_deliveries_turn idx_webhook_endpoints_active '
    'idx_webhook_endpoints_instance idx_webhook_endpoints_organization idx_whatsapp_instances_alive '
    'idx_whatsapp_instances_leaving idx_whatsapp_instances_organization idx_whatsapp_instances_resumable inbox '
    'inbox_id_seq ingest_outcome ingest_row ingest_work key_holders media_files media_usage merged_contacts '
    'message_answers message_answers_id_seq message_edits message_edits_id_seq message_media message_reactions '
    'message_reactions_id_seq messages messages_ordinal_seq node_requests nodes notes notes_ordinal_seq '
    'organization_invitations organization_members organizations pairing_qrs pending_changes pending_changes_id_seq '
    'retention_progress retention_settings service_secrets session_writers undecrypted_messages '
    'undecrypted_messages_id_seq uq_bookings_idempotency_key webhook_deliveries webhook_deliveries_id_seq '
    'webhook_endpoints whatsapp_instances whatsapp_session_keys', ' ');
  v_functions constant text[] := string_to_array(
    'acquire_session add_count announce_keys answer_invitation answer_media answer_node_request api_key_grant '
    'api_key_view append_event append_events append_group_event append_media_event apply_audit_retention '
    'apply_change apply_changes apply_inbox_retention apply_receipts apply_retention apply_sent_change ask_node '
    'attach_media authenticate_api_key begin_audit begin_ingest begin_logout begin_outbound booking_event '
    'booking_row bury_nodes change_booking change_webhook changer_of changes_made check_epochs claim_history '
    'claim_inbox claim_media claim_webhook_deliveries close_organization commit_and_ingest commit_encoded_batch '
    'commit_session_batch complete_message conclude_erasure conversation_address count_locked_sessions '
    'count_received count_rows count_sealed counted_answers create_api_key create_booking create_webhook '
    'current_contact data_keys_of default_retention delete_changed describe_database do_work doom_media_files '
    'doubt_outbound drop_retired_keys empty_inbox_rows encode_base64 end_keys_made end_of_held end_of_new_key '
    'enqueue_webhook_events erase_contact erase_conversation erase_from_events erase_from_groups erase_from_inbox '
    'erase_person erased_lids erased_pattern erased_phones erased_strangers erasure_receipt event_heads event_time '
    'events_around export_contact find_asked_media find_booking find_change_targets find_changed find_inbox '
    'find_media find_outbound find_outbound_content find_pairing_qr find_undecrypted finish_audit finish_history '
    'finish_media_file finish_outbound forget_in_events forget_media_files forget_quote_in_events forget_quotes '
    'forget_webhook_answers forget_what_groups_were former_addresses_of former_owners give_up_undecrypted '
    'group_chat_key group_of group_view has_usable_api_key history_anchor history_of history_ordinal history_waits '
    'hold_group hold_media_file hold_webhook inbox_addressing inbox_waits ingest_inbox ingest_received '
    'instance_integrity instance_view invitation_view invitations_of invite_member is_group_unknown is_in_group '
    'is_leased is_media_file_used is_usable join_conversations keep_audit_log keep_change keep_contact_name '
    'keep_former_addresses keep_service_secret keys_at_an_end lacks_data_key last_instance_of learn_addresses '
    'learn_group learn_people list_conversations list_events list_groups list_keys_to_rewrap list_messages '
    'list_notes list_open_outbound list_unkeyed_instances list_webhook_deliveries lock_to_count look_up_people '
    'make_work mark_erased may_change_in_group media_subject media_view media_waits memberships_of merge_contacts '
    'message_extras message_history message_mark message_payload my_organizations named_by_placeholder '
    'needs_data_key node_heartbeat node_poll node_tick note_extras note_group_changes note_history note_read '
    'open_call organization_data_keys organization_of_object outbound_rank outbound_view owner_addresses '
    'owner_versions pause_webhook person_name person_pattern plausible_number prepare_outbound '
    'promote_webhook_deliveries put_group_members put_member queue_stats read_again read_contact read_data_keys '
    'read_event read_group read_message read_node_answer read_node_answers read_page read_retention '
    'read_session_keys record_undecrypted recover_undecrypted redrive_inbox redrive_webhook release_claims '
    'release_media_file release_session remember_addresses remove_member rename_contact renew_claims '
    'renew_data_keys renew_media_claims renew_running_keys repeat_outbound replace_data_key replace_placeholders '
    'replace_webhook_secret require_open_organization require_other_owner require_place reseal_credentials '
    'reseal_direct_values reseal_inbox_bodies reseal_message_values reseal_session_keys reseal_webhook_secrets '
    'reserve_media_file resolve_people resolve_person restore_instance resume_webhook retention_cutoff retention_of '
    'retry_media revoke_api_key rewrap_data_keys rotate_api_key rotation_blockers rows_about schema_versions '
    'scopes_of_role sealed_message_columns search_contacts session_holder set_instance_status settle_media '
    'settle_webhook_delivery shown_bytes shred_drained_keys skip_erased stale_credentials stale_direct_values '
    'stale_inbox_bodies stale_message_values stale_session_keys stale_webhook_secrets status_event status_times '
    'store_answer store_bookings store_history store_in_groups store_inbound store_media store_message_events '
    'store_note_events store_notes store_pairing_qr store_placeholders store_reaction store_received '
    'stored_outbound sweep_outbound sweep_retention take_node_requests take_up_webhook_events tick_part '
    'touch_updated_at unfinished_closings unfinished_erasures usable_api_keys was_sent_to waveform_view '
    'webhook_chat_key webhook_view webhook_waits webhook_wants were_sent_to wipe_session withdraw_invitation '
    'withdraw_invitations_by withdraw_node_request write_retention', ' ');
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

-- 10_organizations.sql

create or replace function public.require_place() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_max constant int := tg_argv[0];
  v_others bigint;
begin
  perform public.lock_to_count(new.organization_id);
  -- Others: a member who gets another role, and an instance that is there already, take no further place.
  case tg_table_name
    when 'api_keys' then
      select count(*) into v_others from public.api_keys k
        where k.organization_id = new.organization_id and public.is_usable(k);
    when 'organization_members' then
      select count(*) into v_others from public.organization_members m
        where m.organization_id = new.organization_id and m.user_id <> new.user_id;
    when 'whatsapp_instances' then
      select count(*) into v_others from public.whatsapp_instances i
        where i.organization_id = new.organization_id and i.id <> new.id and i.deleted_at is null;
    when 'webhook_endpoints' then
      select count(*) into v_others from public.webhook_endpoints w where w.organization_id = new.organization_id;
  end case;
  if v_others >= v_max then
    raise exception using errcode = 'AZ410', message = 'too_many_' || tg_argv[1];
  end if;
  return new;
end
$$;

-- Revokes its keys and takes nothing new from now on; its instances are for the service to log out, and their data keys go then.
-- What the organization's own data key sealed becomes unreadable.
create or replace function public.close_organization(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.organizations set closed_at = coalesce(closed_at, now()) where id = p ->> 'id';
  if not found then
    raise exception 'organization not found' using errcode = 'AZ404';
  end if;
  update public.api_keys set revoked_at = now() where organization_id = p ->> 'id' and revoked_at is null;
  delete from public.organization_invitations where organization_id = p ->> 'id';
  perform public.pause_webhook(w.id, 'organization_closed') from public.webhook_endpoints w where w.organization_id = p ->> 'id';
  delete from public.data_keys where organization_id = p ->> 'id' and instance_id is null;
  return '{}'::jsonb;
end
$$;

-- 20_instances.sql

-- No credentials and nothing about leases.
grant select (id, organization_id, instance_name, phone_number, status, pairing_method, has_session,
  account_phone, account_lid, last_connected_at, last_disconnect_reason, messages_sent_count,
  messages_received_count, desired_state, history_policy, restriction, group_policy, created_at, updated_at, deleted_at)
  on public.whatsapp_instances to authenticated;

-- A lease says nothing about the instance itself. Who writes the time itself, for each message, need not have it written.
create or replace trigger touch_updated_at before update of instance_name, phone_number, status, pairing_method, session_data,
    account_phone, account_lid, last_connected_at, last_disconnect_reason, messages_sent_count,
    messages_received_count, desired_state, history_policy, restriction, group_policy, deleted_at
  on public.whatsapp_instances
  for each row when (new.updated_at is not distinct from old.updated_at) execute function public.touch_updated_at();

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
    'group_policy', i.group_policy,
    'has_session', i.has_session, 'resumes', i.resumes,
    'last_disconnect_reason', i.last_disconnect_reason,
    'created_at', i.created_at, 'updated_at', i.updated_at, 'deleted_at', i.deleted_at)
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
    'stores_groups', v_instance.group_policy = 'store',
    'keys', v_keys,
    'keys_complete', v_is_complete,
    'data_keys', jsonb_build_object('session', public.data_keys_of(v_id, 'session'),
      'inbox', public.data_keys_of(v_id, 'inbox'))
  );
end
$$;

-- 23_nodes.sql

-- A node is alive, and runs these sessions: prolongs their leases. Tells which of them are not its own any more, and
-- whom else there is: nodes that are alive, and holders of leases. `rival`: another process beats under the same name. `groups`: which of
-- them store what is written in groups.
create or replace function public.node_heartbeat(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_node constant text := p ->> 'node_id';
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_lost jsonb;
  v_others jsonb;
  v_groups jsonb;
  v_rival boolean;
begin
  -- A predecessor that died is buried before its successor's first beat.
  v_rival := exists (
    select from public.nodes n
    where n.id = v_node and n.incarnation <> (p ->> 'incarnation')::uuid and n.expires_at > now()
  );
  insert into public.nodes as n (id, kind, incarnation, is_leaving, expires_at)
    values (v_node, p ->> 'kind', (p ->> 'incarnation')::uuid, (p ->> 'is_leaving')::boolean, v_until)
    on conflict (id) do update set kind = excluded.kind, incarnation = excluded.incarnation,
      is_leaving = excluded.is_leaving, heartbeat_at = now(), expires_at = excluded.expires_at;
  -- Whoever else is at it does not have to be waited for.
  delete from public.nodes n where n.id in (
    select o.id from public.nodes o where o.expires_at < now() - interval '1 hour' for update skip locked
  );

  with running as (
    select (e ->> 0)::uuid as id, (e ->> 1)::bigint as epoch from jsonb_array_elements(p -> 'sessions') e
  ), held as materialized (
    -- In the order of ids, as everybody else who locks several instances.
    select i.id, i.lease_owner, i.lease_epoch
    from public.whatsapp_instances i
    where i.id in (select r.id from running r)
    order by i.id
    for no key update
  ), renewed as (
    update public.whatsapp_instances i set lease_expires_at = v_until
      from held h join running r on r.id = h.id
      where i.id = h.id and h.lease_owner = v_node and h.lease_epoch = r.epoch
      returning i.id, i.group_policy
  )
  select coalesce(jsonb_agg(r.id) filter (where w.id is null), '[]'),
      coalesce(jsonb_agg(r.id) filter (where w.group_policy = 'store'), '[]')
    into v_lost, v_groups
    from running r
    left join renewed w on w.id = r.id;

  select coalesce(jsonb_agg(o.id), '[]') into v_others
    from (
      select n.id from public.nodes n where n.expires_at > now()
      union
      select i.lease_owner from public.whatsapp_instances i
      where i.lease_owner is not null and i.lease_expires_at > now()
    ) o
    where o.id <> v_node;
  return jsonb_build_object('lost', v_lost, 'others', v_others, 'rival', v_rival, 'groups', v_groups);
end
$$;

-- 30_groups.sql

-- Groups in which numbers take part that keep what is written there: who is in them, and what was changed.

create table if not exists public.groups (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null,
  instance_id uuid not null,
  jid text not null,
  -- Null as long as WhatsApp has not told it.
  subject text,
  description text,
  owner_phone text,
  owner_lid text,
  -- When WhatsApp told who is in it; null: it is to be asked.
  learnt_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (instance_id, jid),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);

create index if not exists idx_groups_organization on public.groups (organization_id, created_at desc, id desc);

create table if not exists public.group_members (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  group_id uuid not null references public.groups (id) on delete cascade,
  -- One of them at least.
  phone text,
  lid text,
  role text not null default 'member' check (role in ('member', 'admin', 'owner')),
  changed_at timestamptz not null default now(),
  check (phone is not null or lid is not null)
);

create unique index if not exists idx_group_members_lid on public.group_members (group_id, lid);

create unique index if not exists idx_group_members_phone on public.group_members (group_id, phone);

create index if not exists idx_group_members_person on public.group_members (organization_id, lid, phone);

-- What somebody changed of a group, as WhatsApp told it.
create table if not exists public.group_changes (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  group_id uuid not null references public.groups (id) on delete cascade,
  -- Names what WhatsApp told, which may come twice; the place within it.
  notice_id text not null,
  place int not null,
  kind text not null check (kind in ('create', 'subject', 'description', 'add', 'remove', 'leave', 'promote', 'demote')),
  -- Who did it, as far as that was told.
  phone text,
  lid text,
  -- What it is called since.
  subject text,
  -- Whom it was done to: [{ phone, lid }].
  people jsonb,
  changed_at timestamptz not null,
  created_at timestamptz not null default now(),
  unique (group_id, notice_id, place)
);

create index if not exists idx_group_changes_group on public.group_changes (group_id, id desc);

create index if not exists idx_group_changes_organization on public.group_changes (organization_id, id);

alter table public.groups enable row level security;

alter table public.group_members enable row level security;

alter table public.group_changes enable row level security;

revoke all on public.groups, public.group_members, public.group_changes from public, anon, authenticated;

grant select, insert, update, delete on public.groups, public.group_members, public.group_changes to service_role;

revoke all on sequence public.group_members_id_seq from public, anon, authenticated;

grant usage, select on sequence public.group_members_id_seq to service_role;

revoke all on sequence public.group_changes_id_seq from public, anon, authenticated;

grant usage, select on sequence public.group_changes_id_seq to service_role;

grant select on public.groups, public.group_members, public.group_changes to authenticated;

drop policy if exists members_read on public.groups;

create policy members_read on public.groups for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

drop policy if exists members_read on public.group_members;

create policy members_read on public.group_members for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

drop policy if exists members_read on public.group_changes;

create policy members_read on public.group_changes for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

create or replace trigger touch_updated_at before update on public.groups
  for each row execute function public.touch_updated_at();

-- What was missed while groups were ignored is to be asked.
create or replace function public.forget_what_groups_were() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update public.groups g set learnt_at = null where g.instance_id = new.id and g.learnt_at is not null;
  return null;
end
$$;

create or replace trigger forget_what_groups_were after update of group_policy on public.whatsapp_instances
  for each row when (old.group_policy is distinct from new.group_policy) execute function public.forget_what_groups_were();

-- The group of an instance with this address, which is made where it is not there.
create or replace function public.group_of(p_organization_id text, p_instance_id uuid, p_jid text) returns public.groups
  language plpgsql
  set search_path = ''
as $$
declare
  v_group public.groups;
begin
  select * into v_group from public.groups g where g.instance_id = p_instance_id and g.jid = p_jid;
  if not found then
    insert into public.groups (organization_id, instance_id, jid) values (p_organization_id, p_instance_id, p_jid)
      on conflict (instance_id, jid) do nothing;
    select * into v_group from public.groups g where g.instance_id = p_instance_id and g.jid = p_jid;
  end if;
  return v_group;
end
$$;

-- Whose a message of a group is: senders choose the ids, so it is part of what names it.
create or replace function public.group_chat_key(p_jid text, p_from_me boolean, p_lid text, p_phone text) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select case when p_from_me then p_jid else concat(p_jid, '/', coalesce(p_lid, p_phone)) end
$$;

-- How events and reactions name a person.
create or replace function public.person_name(p_phone text, p_lid text) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select coalesce(p_phone, p_lid || '@lid')
$$;

-- Locks an instance's organization and the group; null where the instance stores no groups (any more).
create or replace function public.hold_group(p_instance_id uuid, p_jid text) returns public.groups
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id text;
  v_group public.groups;
begin
  select i.organization_id into v_organization_id from public.whatsapp_instances i
    where i.id = p_instance_id and i.group_policy = 'store' and i.deleted_at is null;
  if not found then
    return null;
  end if;
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  v_group := public.group_of(v_organization_id, p_instance_id, p_jid);
  perform 1 from public.groups g where g.id = v_group.id for update;
  return v_group;
end
$$;

-- Says what somebody changed of a group.
create or replace function public.append_group_event(p_group public.groups, p_change text, p_from text, p_subject text, p_members jsonb,
    p_at timestamptz) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  return public.append_event(p_group.organization_id, p_group.instance_id, jsonb_build_object('name', 'whatsapp:group',
    'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_group.instance_id, 'groupId', p_group.id, 'change', p_change,
      'from', p_from, 'subject', p_subject, 'members', p_members,
      'timestamp', to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))));
end
$$;

-- Puts people into a group, or gives those that are there another role.
create or replace function public.put_group_members(p_group public.groups, p_people jsonb, p_role text) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_one record;
begin
  for v_one in
    select e.person ->> 'phone' as phone, e.person ->> 'lid' as lid, coalesce(p_role, e.person ->> 'role') as role
    from jsonb_array_elements(p_people) e (person)
    where e.person ->> 'phone' is not null or e.person ->> 'lid' is not null
  loop
    delete from public.group_members m
      where m.group_id = p_group.id and (m.lid = v_one.lid or m.phone = v_one.phone);
    insert into public.group_members (organization_id, group_id, phone, lid, role)
      values (p_group.organization_id, p_group.id, v_one.phone, v_one.lid, v_one.role);
  end loop;
end
$$;

-- Whether WhatsApp is to be asked who is in a group.
create or replace function public.is_group_unknown(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('unknown', not exists (
    select from public.groups g
    where g.instance_id = (p ->> 'instance_id')::uuid and g.jid = p ->> 'jid' and g.learnt_at is not null
  ))
$$;

-- Stores what WhatsApp says of a group: `subject`, `description`, `owner`, and all `members` with their roles. Returns the events.
create or replace function public.learn_group(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_group public.groups := public.hold_group((p ->> 'instance_id')::uuid, p ->> 'jid');
begin
  if v_group.id is null then
    return '[]'::jsonb;
  end if;
  update public.groups g
    set subject = p ->> 'subject', description = p ->> 'description', owner_phone = p -> 'owner' ->> 'phone',
      owner_lid = p -> 'owner' ->> 'lid', learnt_at = now()
    where g.id = v_group.id;
  delete from public.group_members m where m.group_id = v_group.id;
  perform public.put_group_members(v_group, p -> 'members', null);
  return jsonb_build_array(public.append_group_event(v_group, 'learnt', null, p ->> 'subject', null, now()));
end
$$;

-- Stores what WhatsApp told of a group under `notice_id`, once: `changes` with their `kind`, `subject` and `people`, made by `by` at `at`.
-- Returns the events.
create or replace function public.note_group_changes(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_group public.groups := public.hold_group((p ->> 'instance_id')::uuid, p ->> 'jid');
  v_at constant timestamptz := least((p ->> 'at')::timestamptz, now());
  v_one record;
  v_events jsonb := '[]'::jsonb;
begin
  if v_group.id is null then
    return v_events;
  end if;
  for v_one in
    select e.change ->> 'kind' as kind, e.change ->> 'subject' as subject, e.change -> 'people' as people, e.place
    from jsonb_array_elements(p -> 'changes') with ordinality as e (change, place)
    order by e.place
  loop
    insert into public.group_changes (organization_id, group_id, notice_id, place, kind, phone, lid, subject, people, changed_at)
      values (v_group.organization_id, v_group.id, p ->> 'notice_id', v_one.place, v_one.kind, p -> 'by' ->> 'phone',
        p -> 'by' ->> 'lid', v_one.subject, v_one.people, v_at)
      on conflict (group_id, notice_id, place) do nothing;
    continue when not found;
    case
      when v_one.kind in ('create', 'subject') and v_one.subject is not null then
        -- One that comes late does not undo what came since.
        update public.groups g set subject = v_one.subject
          where g.id = v_group.id and not exists (
            select from public.group_changes c
            where c.group_id = v_group.id and c.subject is not null and c.changed_at > v_at
          );
      when v_one.kind = 'description' then
        update public.groups g set learnt_at = null where g.id = v_group.id;
      when v_one.kind = 'add' then
        perform public.put_group_members(v_group, v_one.people, 'member');
      when v_one.kind = 'promote' then
        perform public.put_group_members(v_group, v_one.people, 'admin');
      when v_one.kind = 'demote' then
        perform public.put_group_members(v_group, v_one.people, 'member');
      when v_one.kind in ('remove', 'leave') then
        delete from public.group_members m
          using jsonb_array_elements(v_one.people) as e (person)
          where m.group_id = v_group.id and (m.lid = e.person ->> 'lid' or m.phone = e.person ->> 'phone');
      else null;
    end case;
    v_events := v_events || public.append_group_event(v_group, v_one.kind,
      public.person_name(p -> 'by' ->> 'phone', p -> 'by' ->> 'lid'), v_one.subject, (
        select jsonb_agg(public.person_name(e.person ->> 'phone', e.person ->> 'lid') order by e.place)
        from jsonb_array_elements(v_one.people) with ordinality as e (person, place)
      ), v_at);
  end loop;
  return v_events;
end
$$;

-- A group as it is shown.
create or replace function public.group_view(p_group public.groups) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object('id', p_group.id, 'organization_id', p_group.organization_id, 'instance_id', p_group.instance_id,
    'jid', p_group.jid, 'subject', p_group.subject, 'description', p_group.description,
    'owner', case when coalesce(p_group.owner_phone, p_group.owner_lid) is not null
      then jsonb_build_object('phone_number', p_group.owner_phone, 'lid', p_group.owner_lid) end,
    'member_count', (select count(*) from public.group_members m where m.group_id = p_group.id),
    'learnt_at', p_group.learnt_at, 'created_at', p_group.created_at, 'updated_at', p_group.updated_at);
end
$$;

-- Groups of an organization, the last seen for the first time first, after the one that `before` names; of one instance where it is given.
create or replace function public.list_groups(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
begin
  open v_page for execute format(
    'select public.group_view(r.g) from (
      select g
      from public.groups g
      where g.organization_id = $1 %s %s
      order by g.created_at desc, g.id desc
      limit $2
    ) r',
    case when p ->> 'before' is not null then 'and (g.created_at, g.id) < ($3, $4)' end,
    case when p ->> 'instance_id' is not null then 'and g.instance_id = $5' end)
    using p ->> 'organization_id', least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501), (p ->> 'before')::timestamptz,
      (p ->> 'before_id')::uuid, (p ->> 'instance_id')::uuid;
  return public.read_page(v_page);
end
$$;

-- A group with its members and the last hundred changes, of one of the organizations where some are named; null where there is none.
create or replace function public.read_group(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select public.group_view(g) || jsonb_build_object(
      'members', (
        select coalesce(jsonb_agg(jsonb_build_object('phone_number', m.phone, 'lid', m.lid, 'role', m.role,
          'changed_at', m.changed_at) order by m.role = 'owner' desc, m.role = 'admin' desc, m.id), '[]')
        from public.group_members m where m.group_id = g.id
      ),
      'changes', (
        select coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'by', case when coalesce(c.phone, c.lid) is not null
            then jsonb_build_object('phone_number', c.phone, 'lid', c.lid) end, 'subject', c.subject,
            'members', (
              select coalesce(jsonb_agg(jsonb_build_object('phone_number', e.person -> 'phone', 'lid', e.person -> 'lid')), '[]')
              from jsonb_array_elements(c.people) e (person)
            ), 'changed_at', c.changed_at) order by c.id desc), '[]')
        from (select * from public.group_changes l where l.group_id = g.id order by l.id desc limit 100) c
      ))
    from public.groups g
    where g.id = (p ->> 'id')::uuid and (p -> 'organization_ids' is null or p -> 'organization_ids' ? g.organization_id)
  );
end
$$;

revoke execute on function
  public.forget_what_groups_were(), public.group_of(text, uuid, text), public.group_chat_key(text, boolean, text, text),
  public.person_name(text, text), public.hold_group(uuid, text),
  public.append_group_event(public.groups, text, text, text, jsonb, timestamptz),
  public.put_group_members(public.groups, jsonb, text), public.is_group_unknown(jsonb), public.learn_group(jsonb),
  public.note_group_changes(jsonb), public.group_view(public.groups), public.list_groups(jsonb), public.read_group(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.forget_what_groups_were(), public.group_of(text, uuid, text), public.group_chat_key(text, boolean, text, text),
  public.person_name(text, text), public.hold_group(uuid, text),
  public.append_group_event(public.groups, text, text, text, jsonb, timestamptz),
  public.put_group_members(public.groups, jsonb, text), public.is_group_unknown(jsonb), public.learn_group(jsonb),
  public.note_group_changes(jsonb), public.group_view(public.groups), public.list_groups(jsonb), public.read_group(jsonb)
  to service_role;

-- 31_messages.sql

create index if not exists idx_messages_group on public.messages (group_id, ordinal desc) where group_id is not null;

create index if not exists idx_messages_group_id on public.messages (group_id, whatsapp_message_id) where group_id is not null;

create index if not exists idx_messages_sender_phone on public.messages (organization_id, sender_phone, ordinal)
  where sender_phone is not null;

create index if not exists idx_messages_sender_lid on public.messages (organization_id, sender_lid, ordinal)
  where sender_lid is not null;

-- Messages in chats that have no contact are few: looking for a person's among them must not read all the others.
create index if not exists idx_messages_without_contact on public.messages (organization_id, ordinal)
  where contact_id is null and group_id is null;

do $$
begin
  if not exists (select from pg_catalog.pg_constraint c where c.conname = 'messages_group_id_fkey') then
    alter table public.messages add constraint messages_group_id_fkey
      foreign key (group_id) references public.groups (id) on delete cascade;
  end if;
end
$$;

create unique index if not exists uq_bookings_idempotency_key on public.bookings (organization_id, idempotency_key)
  where idempotency_key is not null;

create index if not exists idx_bookings_start on public.bookings (organization_id, starts_at, id) where starts_at is not null;

-- What is told of a message beside its own columns: what it answers with the id of that message where it is here, and the reactions
-- that stand.
create or replace function public.message_extras(p_message public.messages) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'reply_to', case when p_message.reply_to is not null then p_message.reply_to || jsonb_build_object('id', case
      when p_message.group_id is not null then (
        select o.id
        from public.messages o
        where o.group_id = p_message.group_id and o.whatsapp_message_id = p_message.reply_to ->> 'whatsapp_message_id'
          and (o.direction = 'outbound') = (p_message.reply_to ->> 'from_me')::boolean
        order by o.ordinal
        limit 1
      )
      else (
        select o.id
        from public.messages o
        where o.instance_id = p_message.instance_id and o.chat_key = p_message.chat_key
          and o.direction = case when (p_message.reply_to ->> 'from_me')::boolean then 'outbound' else 'inbound' end
          and o.whatsapp_message_id = p_message.reply_to ->> 'whatsapp_message_id'
      ) end) end,
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

-- Messages of an organization, the last stored first, before the one with the ordinal `before`; of one contact, instance,
-- direction and status, where these are given. Those of a group where one is named, and of none otherwise. As read_page: `more` says that the list was cut because of its size.
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
      where m.organization_id = $1 and m.ordinal < $2 and m.change_of is null and %s %s %s %s %s
      order by m.ordinal desc
      limit $3
    ) r',
    case when p ->> 'group_id' is not null then 'm.group_id = $8' else 'm.group_id is null' end,
    case when p ->> 'contact_id' is not null then 'and m.contact_id = $4' end,
    case when p ->> 'instance_id' is not null then 'and m.instance_id = $5' end,
    case when p ->> 'direction' is not null then 'and m.direction = $6' end,
    case when p ->> 'status' is not null then 'and m.status = $7' end)
    using p ->> 'organization_id', coalesce((p ->> 'before')::bigint, 9223372036854775807),
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501),
      public.current_contact(p ->> 'organization_id', (p ->> 'contact_id')::uuid), (p ->> 'instance_id')::uuid,
      p ->> 'direction', p ->> 'status', (p ->> 'group_id')::uuid;
  return public.read_page(v_page);
end
$$;

-- 32_undecrypted_messages.sql

-- What became of everything that arrived for an instance from `from` until before `to`. Every row of the inbox is counted
-- once: received = stored + notes + groups + skipped + duplicates + pending + dead + waiting + recovered + given_up.
create or replace function public.instance_integrity(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with arrived as (
    select i.state, i.outcome, i.reason, count(*) as messages
    from public.inbox i
    where i.instance_id = (p ->> 'instance_id')::uuid and i.organization_id = p ->> 'organization_id'
      and i.received_at >= (p ->> 'from')::timestamptz and i.received_at < (p ->> 'to')::timestamptz
    group by i.state, i.outcome, i.reason
  ), ledger as (
    select u.state, count(*) as messages,
      count(*) filter (where u.chat_kind in ('direct', 'self')) as personal
    from public.undecrypted_messages u
    where u.instance_id = (p ->> 'instance_id')::uuid and u.organization_id = p ->> 'organization_id'
      and u.received_at >= (p ->> 'from')::timestamptz and u.received_at < (p ->> 'to')::timestamptz
    group by u.state
  ), outcomes as (
    select coalesce(sum(a.messages), 0) as received,
      coalesce(sum(a.messages) filter (where a.outcome = 'stored'), 0) as stored,
      coalesce(sum(a.messages) filter (where a.outcome = 'note'), 0) as notes,
      coalesce(sum(a.messages) filter (where a.outcome = 'group'), 0) as groups,
      coalesce(sum(a.messages) filter (where a.outcome = 'skipped'), 0) as skipped,
      coalesce(sum(a.messages) filter (where a.outcome = 'duplicate'), 0) as duplicates,
      coalesce(sum(a.messages) filter (where a.state = 0), 0) as pending,
      coalesce(sum(a.messages) filter (where a.state = 2), 0) as dead,
      (
        select coalesce(jsonb_object_agg(r.reason, r.messages), '{}')
        from (
          select coalesce(b.reason, 'unknown') as reason, sum(b.messages) as messages
          from arrived b where b.outcome in ('skipped', 'dead') group by 1
        ) r
      ) as by_reason
    from arrived a
  )
  select jsonb_build_object(
    'received', o.received, 'stored', o.stored, 'notes', o.notes, 'groups', o.groups, 'skipped', o.skipped,
    'duplicates', o.duplicates, 'pending', o.pending, 'dead', o.dead, 'by_reason', o.by_reason,
    'waiting', coalesce((select l.messages from ledger l where l.state = 'waiting'), 0),
    'recovered', coalesce((select l.messages from ledger l where l.state = 'recovered'), 0),
    'given_up', coalesce((select l.messages from ledger l where l.state = 'given_up'), 0),
    'lost', coalesce((select l.personal from ledger l where l.state = 'given_up'), 0)
  )
  from outcomes o
$$;

-- 33_ingest.sql

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
      coalesce(r.item ->> 'message_id', r.message_id), coalesce(r.item ->> 'chat', r.chat), coalesce(r.item ->> 'content', ''),
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
    where w.action in ('client', 'owner_note', 'change', 'undecrypted', 'placeholder', 'group')
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
        -- What somebody writes in a group is no part of the conversation with him.
        case when w.action <> 'group' then
          coalesce(m.merged_into, w.contact_id, b.id, case when w.lid is null then coalesce(a.id, o.id) end) end as known_id,
        w.action <> 'group' and (w.action in ('client', 'placeholder')
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
          and m.chat_key = case v_item.chat_kind
            when 'group' then public.group_chat_key(v_item.chat, v_item.from_me, v_item.lid, v_item.phone)
            else v_item.contact_id::text end
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
      w.sent_at, w.phone, w.lid, w.from_me, w.detail, coalesce(w.detail ->> 'type', 'text') as type, m.group_id,
      coalesce(m.id, n.id) as id, coalesce(m.type, n.type) = 'unsupported' and coalesce(m.deleted_at, n.deleted_at) is null
        and coalesce(w.detail ->> 'type', 'text') <> 'unsupported' as is_news
    from unnest(p_work) w
    left join public.messages m on w.action in ('client', 'group') and m.instance_id = w.instance_id
      and m.direction = case when w.action = 'group' and w.from_me then 'outbound' else 'inbound' end
      and m.chat_key = case w.action when 'group' then public.group_chat_key(w.chat, w.from_me, w.lid, w.phone)
        else w.contact_id::text end
      and m.whatsapp_message_id = w.message_id and m.inbox_id = w.inbox_id
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
        case v_one.action when 'owner_note' then 'notes' else 'messages' end)
      using v_one.id, v_one.content, v_one.content_type, v_one.type, v_one.detail;
    v_shown := v_shown || v_one.inbox_id;
    events := events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:message-updated', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_one.instance_id,
        'id', v_one.id, 'messageId', v_one.message_id, 'contactId', v_one.contact_id, 'groupId', v_one.group_id,
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
  v_groups record;
  v_grouped bigint[] := '{}'::bigint[];
  v_ignored bigint[] := '{}'::bigint[];
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
  if 'group' = any (v_people.actions) then
    v_groups := public.store_in_groups(v_work);
    v_grouped := v_groups.stored;
    v_ignored := v_groups.ignored;
    events := events || v_groups.events;
  end if;
  if cardinality(v_messages || v_notes || v_grouped) < cardinality(array_positions(v_people.actions, 'client'))
      + cardinality(array_positions(v_people.actions, 'owner_note')) + cardinality(array_positions(v_people.actions, 'group')) then
    v_read := public.read_again(v_work, v_messages || v_notes || v_grouped);
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
    v_changed := public.apply_changes(v_work, v_messages || v_notes || v_grouped, v_people.is_awaited);
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
          when w.action = 'group' then case
            when w.inbox_id = any (v_grouped || v_again) then 'group'
            when w.inbox_id = any (v_ignored) then 'skipped'
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

-- 33_message_change_functions.sql

-- What is done to messages and notes: edits, deletions, reactions, votes and the like, also before their message is there.

-- Whether something was done in a group.
create or replace function public.is_in_group(p_change public.ingest_work) returns boolean
  language sql immutable parallel safe
  set search_path = ''
as $$
  select coalesce(p_change.chat like '%@g.us', false)
$$;

-- Who did something, where a chat has more than two people; empty elsewhere, and of the account itself.
create or replace function public.changer_of(p_change public.ingest_work) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select case when public.is_in_group(p_change) and not p_change.from_me
    then coalesce(public.person_name(p_change.phone, p_change.lid), '') else '' end
$$;

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
  if public.is_in_group(p_change) then
    -- Of the author that is named: in a group many choose ids.
    select m.id into id
      from public.groups g
      join public.messages m on m.group_id = g.id and m.whatsapp_message_id = v_target ->> 'message_id'
      where g.instance_id = p_change.instance_id and g.jid = p_change.chat and case
        when (v_target ->> 'from_me')::boolean then m.direction = 'outbound'
        else m.direction = 'inbound'
          and (m.sender_lid = v_target -> 'author' ->> 'lid' or m.sender_phone = v_target -> 'author' ->> 'phone') end
      order by m.ordinal
      limit 1;
    return;
  end if;
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
  if public.is_in_group(p_change) then
    update public.messages m set reply_to = m.reply_to || '{"content": ""}'
      where m.instance_id = p_change.instance_id and m.reply_to is not null
        and m.reply_to ->> 'whatsapp_message_id' = v_message_id
        and m.group_id = (select d.group_id from public.messages d where d.id = p_id);
  elsif p_change.contact_id is not null then
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
    where (a.message_id = p_id or a.note_id = p_id) and a.kind = v_kind and a.from_me = p_change.from_me
      and a.answerer in (public.changer_of(p_change), p_change.lid || '@lid');
  if v_known.id is null then
    insert into public.message_answers (organization_id, message_id, note_id, kind, from_me, answerer, answer, answered_at)
      values (p_change.organization_id, case when not p_is_note then p_id end, case when p_is_note then p_id end, v_kind,
        p_change.from_me, public.changer_of(p_change), p_answer, p_change.sent_at);
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
    where (r.message_id = p_id or r.note_id = p_id) and r.from_me = p_change.from_me
      and r.reactor in (public.changer_of(p_change), p_change.lid || '@lid');
  if v_known.id is null then
    insert into public.message_reactions (organization_id, message_id, note_id, from_me, reactor, emoji, reacted_at)
      values (p_change.organization_id, case when not p_is_note then p_id end, case when p_is_note then p_id end,
        p_change.from_me, public.changer_of(p_change), v_emoji, p_change.sent_at);
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
      (p_change.detail -> 'target' ->> 'from_me')::boolean, p_change.phone, p_change.lid, p_change.from_me,
      case when public.is_in_group(p_change) then p_change.detail || jsonb_build_object('chat', p_change.chat)
        else p_change.detail end, p_change.sent_at, now() + interval '14 days')
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
  if public.is_in_group(p_change) and not exists (
    select from public.whatsapp_instances i where i.id = p_change.instance_id and i.group_policy = 'store'
  ) then
    reason := 'group';
    return;
  end if;
  v_found := public.find_changed(p_change);
  if v_found.id is null then
    reason := public.keep_change(p_change);
    return;
  end if;
  v_table := case when v_found.is_note then 'notes' else 'messages' end;
  if v_found.is_note then
    select n.contact_id, n.content, n.metadata, n.edited_at, n.deleted_at, null::uuid as group_id into v_row
      from public.notes n where n.id = v_found.id for update;
  else
    select m.contact_id, m.content, m.metadata, m.edited_at, m.deleted_at, m.group_id into v_row
      from public.messages m where m.id = v_found.id for update;
  end if;
  if v_kind in ('edit', 'delete', 'live_location') and (case when v_row.group_id is null
      then p_change.from_me <> (v_detail -> 'target' ->> 'from_me')::boolean
      else not public.may_change_in_group(p_change, v_found.id) end) then
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
    'messageId', v_detail -> 'target' -> 'message_id', 'contactId', v_row.contact_id, 'groupId', v_row.group_id,
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
      select c.id as waiting_id, c.inbox_id as change_inbox_id, c.change, c.from_me as change_from_me, c.sent_at as changed_at,
        c.phone as change_phone, c.lid as change_lid, w as item
      from unnest(p_work) w
      join public.pending_changes c on c.instance_id = w.instance_id and c.message_id = w.message_id
      left join public.contacts k on k.id = w.contact_id
      where w.inbox_id = any (p_stored) and c.target_from_me = w.from_me
        and case when c.change ? 'chat'
          then c.change ->> 'chat' = w.chat and (w.from_me or c.change -> 'target' -> 'author' ->> 'phone' = w.phone
            or c.change -> 'target' -> 'author' ->> 'lid' = w.lid)
          else not public.is_in_group(w) and (c.phone in (w.phone, w.other_phone, k.phone_number) or c.lid in (w.lid, k.lid)) end
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
      if public.is_in_group(v_one) then
        v_one.phone := v_waiting.change_phone;
        v_one.lid := v_waiting.change_lid;
      end if;
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
      e.item ->> 'phone', e.item ->> 'lid', null, null, coalesce(e.item ->> 'chat', c.chat), null, null, null, coalesce(b.id, a.id), null, null, null, null,
      null, e.item)::public.ingest_work) f on true
    left join public.messages m on m.id = f.id and not f.is_note
    left join public.notes n on n.id = f.id and f.is_note
    left join public.inbox i on i.id = coalesce(m.inbox_id, n.inbox_id)
  );
end
$$;

revoke execute on function
  public.is_in_group(public.ingest_work), public.changer_of(public.ingest_work), public.find_changed(public.ingest_work), public.events_around(text, timestamptz), public.forget_in_events(text, text, uuid, timestamptz),
  public.delete_changed(public.ingest_work, uuid, boolean), public.counted_answers(uuid, jsonb),
  public.store_answer(public.ingest_work, uuid, boolean, jsonb), public.store_reaction(public.ingest_work, uuid, boolean),
  public.keep_change(public.ingest_work), public.apply_change(public.ingest_work),
  public.apply_changes(public.ingest_work[], bigint[], boolean), public.find_change_targets(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.is_in_group(public.ingest_work), public.changer_of(public.ingest_work), public.find_changed(public.ingest_work), public.events_around(text, timestamptz), public.forget_in_events(text, text, uuid, timestamptz),
  public.delete_changed(public.ingest_work, uuid, boolean), public.counted_answers(uuid, jsonb),
  public.store_answer(public.ingest_work, uuid, boolean, jsonb), public.store_reaction(public.ingest_work, uuid, boolean),
  public.keep_change(public.ingest_work), public.apply_change(public.ingest_work),
  public.apply_changes(public.ingest_work[], bigint[], boolean), public.find_change_targets(jsonb)
  to service_role;

-- 33_received_in_groups.sql

-- What is written in groups, of instances that keep it: no contact, no booking, no conversation.

-- Stores messages of groups, with their events. `stored`: the inbox rows of those that were not there before. `ignored`: of instances that
-- ignore groups by now.
create or replace function public.store_in_groups(p_work public.ingest_work[], out stored bigint[], out ignored bigint[],
    out events jsonb)
  language plpgsql
  set search_path = ''
as $$
-- `events` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_one record;
  v_group public.groups;
  v_id uuid;
begin
  stored := '{}';
  ignored := '{}';
  events := '[]'::jsonb;
  for v_one in
    select w.*, i.group_policy, coalesce(i.account_phone, i.phone_number) as own_phone
    from unnest(p_work) w
    join public.whatsapp_instances i on i.id = w.instance_id
    where w.action = 'group'
    order by w.position
  loop
    if v_one.group_policy <> 'store' then
      ignored := ignored || v_one.inbox_id;
      continue;
    end if;
    v_group := public.group_of(v_one.organization_id, v_one.instance_id, v_one.chat);
    insert into public.messages (organization_id, instance_id, direction, content, content_type, whatsapp_message_id, chat_jid,
        chat_key, status, inbox_id, sent_at, type, metadata, reply_to, mentions, is_forwarded, is_view_once, secret, group_id,
        sender_phone, sender_lid, sender_name)
      values (v_one.organization_id, v_one.instance_id, case when v_one.from_me then 'outbound' else 'inbound' end, v_one.content,
        v_one.content_type, v_one.message_id, v_one.chat,
        public.group_chat_key(v_one.chat, v_one.from_me, v_one.lid, v_one.phone),
        case when v_one.from_me then 'sent' else 'received' end, v_one.inbox_id, v_one.sent_at,
        coalesce(v_one.detail ->> 'type', 'text'), v_one.detail -> 'metadata', v_one.detail -> 'reply_to',
        v_one.detail -> 'mentions', v_one.detail ? 'is_forwarded' is true, v_one.detail ? 'is_view_once' is true,
        decode(v_one.detail ->> 'secret', 'base64'), v_group.id, v_one.phone, v_one.lid, v_one.push_name)
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do nothing
      returning id into v_id;
    continue when not found;
    stored := stored || v_one.inbox_id;
    events := events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:group-message', 'payload', public.message_payload(v_one.instance_id, v_one.message_id,
        coalesce(public.person_name(v_one.phone, v_one.lid), case when v_one.from_me then v_one.own_phone end),
        v_one.content, v_one.sent_at, null, null, v_one.detail)
        || jsonb_strip_nulls(jsonb_build_object('id', v_id, 'groupId', v_group.id, 'subject', v_group.subject,
          'name', v_one.push_name, 'fromMe', v_one.from_me))));
  end loop;
  if exists (select 1 from unnest(p_work) w where w.action = 'group' and w.detail ? 'media') then
    perform public.store_media(p_work, stored);
  end if;
end
$$;

-- Whether somebody may do to a message of a group what its author alone may, or an admin: take it back.
create or replace function public.may_change_in_group(p_change public.ingest_work, p_id uuid) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from public.messages m
    where m.id = p_id and case
      when p_change.from_me or m.direction = 'outbound' then p_change.from_me and m.direction = 'outbound'
      else m.sender_lid = p_change.lid or m.sender_phone = p_change.phone end
  ) or p_change.detail ->> 'kind' = 'delete' and exists (
    select from public.messages m
    join public.group_members a on a.group_id = m.group_id and a.role in ('admin', 'owner')
    join public.whatsapp_instances i on i.id = m.instance_id
    where m.id = p_id and (
      a.lid = case when p_change.from_me then i.account_lid else p_change.lid end
      or a.phone = case when p_change.from_me then i.account_phone else p_change.phone end
    )
  );
end
$$;

revoke execute on function
  public.store_in_groups(public.ingest_work[]), public.may_change_in_group(public.ingest_work, uuid)
  from public, anon, authenticated;

grant execute on function
  public.store_in_groups(public.ingest_work[]), public.may_change_in_group(public.ingest_work, uuid)
  to service_role;

-- 34_outbound.sql

-- The instance's message under this idempotency key, or else under this WhatsApp id.
create or replace function public.stored_outbound(p jsonb) returns setof public.messages
  language sql stable
  set search_path = ''
as $$
  select m.* from public.messages m
  where m.instance_id = (p ->> 'instance_id')::uuid
    and (m.idempotency_key = p ->> 'idempotency_key'
      or m.direction = 'outbound' and m.group_id is null and m.whatsapp_message_id = p ->> 'whatsapp_message_id')
  order by m.idempotency_key = p ->> 'idempotency_key' desc nulls last
  limit 1
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
    where e.status in ('sent', 'delivered', 'read', 'played') and m.group_id is null
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

-- What was sent under an id of WhatsApp's; null for one that this instance did not send.
create or replace function public.find_outbound_content(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('content', m.content, 'content_type', m.content_type, 'message_id', m.id)
    || jsonb_strip_nulls(jsonb_build_object('payload', translate(encode(m.payload, 'base64'), e'\n', '')))
  from public.messages m
  where m.instance_id = (p ->> 'instance_id')::uuid and m.direction = 'outbound' and m.group_id is null
    and m.whatsapp_message_id = p ->> 'whatsapp_message_id'
  limit 1
$$;

-- 35_media.sql

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
      select m.id, m.id, null
      from public.messages m
      where w.action = 'group' and m.instance_id = w.instance_id
        and m.direction = case when w.from_me then 'outbound' else 'inbound' end
        and m.chat_key = public.group_chat_key(w.chat, w.from_me, w.lid, w.phone) and m.whatsapp_message_id = w.message_id
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
      'groupId', (select m.group_id from public.messages m where m.id = p_message_id),
      'state', v_media.state, 'mimeType', v_media.mime_type, 'size', v_media.size, 'error', v_media.error,
      'timestamp', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))));
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
        'author_jid', (
          select coalesce(a.sender_lid || '@lid', a.sender_phone || '@s.whatsapp.net')
          from public.messages a where a.id = m.message_id and a.group_id is not null
        ),
        'sha256', encode(m.sha256, 'hex'),
        'thumbnail', translate(encode(m.thumbnail, 'base64'), e'\n', ''),
        'sealed', translate(encode(m.sealed, 'base64'), e'\n', '')) order by m.created_at), '[]')
    from public.message_media m
    cross join lateral public.media_subject(m.message_id) g
    where m.message_id = any (v_ids)
  );
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
  v_sender_counts boolean;
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
  -- What is played may not say how large it is; what its content shows to be no picture has no size of one.
  v_sender_counts := v_state <> 'ready' or v_file.mime_type ~ '^(audio|video)/';
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
      width = coalesce(v_file.width, case when v_sender_counts then m.width end),
      height = coalesce(v_file.height, case when v_sender_counts then m.height end),
      seconds = coalesce(v_file.seconds, case when v_sender_counts then m.seconds end)
    where m.message_id = v_message_id;
  return jsonb_build_object('settled', true, 'events',
    case when v_state = 'pending' then '[]'::jsonb else jsonb_build_array(public.append_media_event(v_message_id)) end);
end
$$;

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
  v_id uuid;
  v_read_until bigint;
  v_last bigint;
  v_count int;
  v_instance_id uuid;
  v_chats jsonb;
begin
  -- Before that it may become part of another one.
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  v_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
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
  v_id uuid;
  v_instance_id uuid;
  v_name constant text := p ->> 'name';
begin
  -- Before that it may become part of another one.
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  v_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
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
  v_instance_id := public.last_instance_of(v_id);
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
    when 'webhooks' then public.webhook_waits()
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
    'heads', 'callers', 'inbox', 'media', 'history', 'webhooks', 'closings', 'heartbeat', 'work', 'keys', 'undecrypted', 'drained'
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
  v_contact_id uuid;
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
  -- Before the organization is held it may become part of another one.
  v_contact_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
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

-- 42_webhooks.sql

create index if not exists idx_webhook_endpoints_active on public.webhook_endpoints (organization_id) where is_active;

create index if not exists idx_webhook_endpoints_instance on public.webhook_endpoints (instance_id) where instance_id is not null;

create unique index if not exists idx_webhook_deliveries_next on public.webhook_deliveries (endpoint_id, chat_key)
  where status = 'pending' and is_next;

create index if not exists idx_webhook_deliveries_turn on public.webhook_deliveries (endpoint_id, next_attempt_at)
  where status = 'pending' and is_next;

create index if not exists idx_webhook_deliveries_chat on public.webhook_deliveries (endpoint_id, chat_key, sequence)
  where status = 'pending';

create index if not exists idx_webhook_deliveries_claimed on public.webhook_deliveries (endpoint_id) where claimed_by is not null;

create index if not exists idx_webhook_deliveries_log on public.webhook_deliveries (endpoint_id, id desc);

create index if not exists idx_webhook_deliveries_event on public.webhook_deliveries (organization_id, sequence);

-- What people set; where the worker stands is no change of the webhook.
create or replace trigger touch_updated_at
  before update of url, event_names, instance_id, description, is_active on public.webhook_endpoints
  for each row execute function public.touch_updated_at();

create or replace trigger require_open_organization before insert on public.webhook_endpoints
  for each row execute function public.require_open_organization();

create or replace trigger require_place before insert on public.webhook_endpoints
  for each row execute function public.require_place('20', 'webhooks');

-- An answer may repeat what it was told: it goes with the words of the event.
create or replace function public.forget_webhook_answers() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update public.webhook_deliveries d set response_body = null
    from changed c
    where d.organization_id = c.organization_id and d.sequence = c.sequence and d.response_body is not null;
  return null;
end
$$;

create or replace trigger forget_webhook_answers after update on public.events
  referencing new table as changed
  for each statement execute function public.forget_webhook_answers();

-- As the service reads it: without its secret.
create or replace function public.webhook_view(p_webhook public.webhook_endpoints) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(p_webhook) - 'secret' - 'deleted_at'
$$;

-- Which webhook a call is about, held; nothing where the caller knows none of this id.
create or replace function public.hold_webhook(p jsonb) returns public.webhook_endpoints
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant jsonb := nullif(p -> 'organization_ids', 'null');
  v_webhook public.webhook_endpoints;
begin
  select w.* into v_webhook from public.webhook_endpoints w
    where w.id = (p ->> 'id')::uuid and (v_known is null or v_known ? w.organization_id)
    for update;
  return v_webhook;
end
$$;

-- It begins with what happens from now on.
create or replace function public.create_webhook(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_webhook public.webhook_endpoints;
begin
  insert into public.webhook_endpoints (id, organization_id, url, secret, event_names, description, instance_id, last_sequence)
    select (p ->> 'id')::uuid, o.id, p ->> 'url', decode(p ->> 'secret', 'base64'),
      array(select jsonb_array_elements_text(p -> 'event_names')), p ->> 'description', (p ->> 'instance_id')::uuid, o.event_seq
    from public.organizations o
    where o.id = p ->> 'organization_id'
    returning * into v_webhook;
  if not found then
    raise exception 'organization not found' using errcode = 'AZ404';
  end if;
  return public.webhook_view(v_webhook);
end
$$;

-- Another sealed secret in the place of the one that begins with `old`; false where that is another one by now.
create or replace function public.replace_webhook_secret(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.webhook_endpoints w
    set secret = decode(p ->> 'new', 'base64'),
      former_secret_expires_at = now() + make_interval(secs => (p ->> 'overlap_seconds')::double precision)
    where w.id = (p ->> 'id')::uuid and substr(w.secret, 1, 33) = decode(p ->> 'old', 'base64');
  return to_jsonb(found);
end
$$;

-- Stops deliveries until somebody resumes them; nothing that waits is given up.
create or replace function public.pause_webhook(p_id uuid, p_reason text) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id text;
begin
  update public.webhook_endpoints w set is_active = false, paused_at = now(), pause_reason = p_reason
    where w.id = p_id and w.is_active
    returning w.organization_id into v_organization_id;
  if not found then
    return false;
  end if;
  if p_reason <> 'by_request' then
    perform public.begin_audit(jsonb_build_object('organization_id', v_organization_id, 'actor_kind', 'service',
      'actor_id', 'service', 'actor_name', 'service', 'action', 'webhook paused', 'object_type', 'webhooks', 'object_id', p_id,
      'outcome', 'done', 'details', jsonb_build_object('reason', p_reason)));
  end if;
  return true;
end
$$;

-- Changes what is named and keeps the rest; null where the caller knows none of this id.
create or replace function public.change_webhook(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_webhook public.webhook_endpoints := public.hold_webhook(p);
  v_changes constant jsonb := p -> 'changes';
begin
  if v_webhook.id is null then
    return null;
  end if;
  update public.webhook_endpoints w
    set url = coalesce(v_changes ->> 'url', w.url), description = coalesce(v_changes ->> 'description', w.description),
      event_names = case when v_changes ? 'event_names' then array(select jsonb_array_elements_text(v_changes -> 'event_names'))
        else w.event_names end,
      instance_id = case when v_changes ? 'instance_id' then (v_changes ->> 'instance_id')::uuid else w.instance_id end
    where w.id = v_webhook.id;
  if v_changes ->> 'state' = 'paused' then
    perform public.pause_webhook(v_webhook.id, 'by_request');
  end if;
  select w.* into v_webhook from public.webhook_endpoints w where w.id = v_webhook.id;
  return public.webhook_view(v_webhook);
end
$$;

-- Of each chat in which something waits, and nothing is being tried: the oldest is. The caller holds the webhook.
create or replace function public.promote_webhook_deliveries(p_endpoint_id uuid, p_chats text[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update public.webhook_deliveries d set is_next = true, next_attempt_at = now()
    from (
      select f.id
      from (select distinct u.chat_key from unnest(p_chats) as u (chat_key)) c
      cross join lateral (
        select w.id from public.webhook_deliveries w
        where w.endpoint_id = p_endpoint_id and w.chat_key = c.chat_key and w.status = 'pending'
        order by w.sequence
        limit 1
      ) f
      where not exists (
        select from public.webhook_deliveries n
        where n.endpoint_id = p_endpoint_id and n.chat_key = c.chat_key and n.status = 'pending' and n.is_next
      )
    ) f
    where d.id = f.id;
end
$$;

-- What an event is delivered in order with: what concerns the same person, or the same group; where neither is named, the same chat of
-- the instance, or the instance, or the organization.
create or replace function public.webhook_chat_key(p_instance_id uuid, p_payload jsonb) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select coalesce('contact ' || (p_payload ->> 'contactId'), 'group ' || (p_payload ->> 'groupId'),
    'instance ' || p_instance_id || coalesce(' ' || coalesce(p_payload ->> 'from', p_payload ->> 'to'), ''), '')
$$;

-- Whether a webhook wants an event. Of what was erased there is nothing to tell.
create or replace function public.webhook_wants(p_webhook public.webhook_endpoints, p_event public.events) returns boolean
  language sql immutable parallel safe
  set search_path = ''
as $$
  select (p_webhook.event_names = '{}' or p_event.name = any (p_webhook.event_names))
    and (p_webhook.instance_id is null or p_event.instance_id is not distinct from p_webhook.instance_id)
    and not p_event.payload ? 'erased'
$$;

-- Makes deliveries of the events of one webhook after the sequence, `limit` of them at most. Returns the last that was looked at;
-- null where there is none. The caller holds the webhook.
create or replace function public.enqueue_webhook_events(p_webhook public.webhook_endpoints, p_after bigint, p_until bigint, p_limit int)
  returns bigint
  language plpgsql
  set search_path = ''
as $$
declare
  v_last bigint;
begin
  select max(w.sequence) into v_last
    from (
      select e.sequence from public.events e
      where e.organization_id = p_webhook.organization_id and e.sequence > p_after and e.sequence <= p_until
      order by e.sequence
      limit p_limit
    ) w;
  insert into public.webhook_deliveries as d (endpoint_id, organization_id, sequence, chat_key)
    select p_webhook.id, e.organization_id, e.sequence, public.webhook_chat_key(e.instance_id, e.payload)
    from public.events e
    where e.organization_id = p_webhook.organization_id and e.sequence > p_after and e.sequence <= v_last
      and public.webhook_wants(p_webhook, e)
    order by e.sequence
    on conflict (endpoint_id, sequence) do update
      set status = 'pending', is_next = false, attempts = 0, claimed_by = null, first_attempt_at = null, next_attempt_at = now(),
        tries = '[]', response_status = null, response_body = null, error = null, delivered_at = null
      where d.status <> 'pending';
  perform public.promote_webhook_deliveries(p_webhook.id, array(
    select distinct d.chat_key from public.webhook_deliveries d
    where d.endpoint_id = p_webhook.id and d.sequence > p_after and d.sequence <= v_last and d.status = 'pending'
  ));
  return v_last;
end
$$;

-- Moves webhooks on over the events of their organizations, each by `limit` events at most, and makes their deliveries. The events
-- of an organization are committed in the order of their sequence, so none is passed by. One that has `max_waiting` deliveries waits
-- until some are made. `organization_ids`: of these alone. `more`: another call finds more.
create or replace function public.take_up_webhook_events(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_named constant text[] := case when nullif(p -> 'organization_ids', 'null') is not null
    then array(select jsonb_array_elements_text(p -> 'organization_ids')) end;
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 1000);
  v_max constant int := (p ->> 'max_waiting')::int;
  v_id uuid;
  v_webhook public.webhook_endpoints;
  v_head bigint;
  v_last bigint;
  v_taken int := 0;
  v_more boolean := false;
begin
  for v_id in
    select w.id
    from public.webhook_endpoints w
    join public.organizations o on o.id = w.organization_id
    where w.is_active and (v_named is null or w.organization_id = any (v_named))
      and (w.last_sequence < o.event_seq or w.redrive_after is not null)
    order by random()
    limit 50
  loop
    select w.* into v_webhook from public.webhook_endpoints w where w.id = v_id and w.is_active for update skip locked;
    continue when not found;
    continue when (
      select count(*) from (
        select from public.webhook_deliveries d where d.endpoint_id = v_id and d.status = 'pending' limit v_max
      ) w
    ) >= v_max;
    v_taken := v_taken + 1;
    if v_webhook.redrive_after is not null then
      v_last := public.enqueue_webhook_events(v_webhook, v_webhook.redrive_after, v_webhook.redrive_until, v_limit);
      if v_last is null or v_last >= v_webhook.redrive_until then
        update public.webhook_endpoints w set redrive_after = null, redrive_until = null where w.id = v_id;
      else
        update public.webhook_endpoints w set redrive_after = v_last where w.id = v_id;
        v_more := true;
      end if;
    end if;
    select o.event_seq into v_head from public.organizations o where o.id = v_webhook.organization_id;
    if v_head > v_webhook.last_sequence then
      v_last := public.enqueue_webhook_events(v_webhook, v_webhook.last_sequence, v_head, v_limit);
      update public.webhook_endpoints w set last_sequence = coalesce(v_last, v_head) where w.id = v_id;
      v_more := v_more or v_last < v_head;
    end if;
  end loop;
  return jsonb_build_object('taken', v_taken, 'more', v_more or v_taken = 50);
end
$$;

-- What a worker has to know every second: which organizations have webhooks (null: more than are worth a list), whether events wait
-- to be taken up, and whether deliveries are due.
create or replace function public.webhook_waits() returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_organizations text[] := array(
    select distinct w.organization_id from public.webhook_endpoints w where w.is_active limit 1001
  );
begin
  return jsonb_build_object(
    'organizations', case when cardinality(v_organizations) <= 1000 then to_jsonb(v_organizations) end,
    'behind', exists (
      select from public.webhook_endpoints w
      join public.organizations o on o.id = w.organization_id
      where w.is_active and (w.last_sequence < o.event_seq or w.redrive_after is not null)
    ),
    'due', exists (
      select from public.webhook_endpoints w
      where w.is_active and exists (
        select from public.webhook_deliveries d
        where d.endpoint_id = w.id and d.status = 'pending' and d.is_next and d.next_attempt_at <= now()
      )
    ));
end
$$;

-- Gives a worker the deliveries whose turn it is: the organizations in turn, of each webhook the one that is due for longest. Never
-- so many that more than `per_organization`, or `per_webhook`, are worked on at the same time, by whichever process; of a webhook
-- that fails one, and of all those `failing_limit`, so that they leave the others their places. A claim ends after `lease_seconds`.
create or replace function public.claim_webhook_deliveries(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set jit = off
as $$
declare
  v_ids bigint[];
begin
  -- What is worked on is counted, and two must not count at the same time.
  perform pg_advisory_xact_lock(hashtextextended('auzap webhook claims', 0));
  with able as (
    select w.id, w.organization_id, w.failing_since is not null as is_failing, (
        select count(*) from public.webhook_deliveries b
        where b.endpoint_id = w.id and b.claimed_by is not null and b.next_attempt_at > now()
      ) as busy
    from public.webhook_endpoints w
    where w.is_active
  ), due as (
    select a.organization_id, a.is_failing, c.id, c.next_attempt_at, c.place
    from able a
    cross join lateral (
      select d.id, d.next_attempt_at, row_number() over (order by d.next_attempt_at) + a.busy as place
      from (
        select w.id, w.next_attempt_at from public.webhook_deliveries w
        where w.endpoint_id = a.id and w.status = 'pending' and w.is_next and w.next_attempt_at <= now()
        order by w.next_attempt_at
        limit greatest(case when a.is_failing then 1 else (p ->> 'per_webhook')::int end - a.busy, 0)
      ) d
    ) c
  ), turns as (
    select d.id, d.next_attempt_at, d.is_failing,
      row_number() over (partition by d.organization_id order by d.place, d.next_attempt_at) + b.busy as turn
    from due d
    join (select a.organization_id, sum(a.busy) as busy from able a group by a.organization_id) b using (organization_id)
  ), places as (
    select t.*, row_number() over (partition by t.is_failing order by t.turn, t.next_attempt_at) as place
    from turns t
    where t.turn <= (p ->> 'per_organization')::int
  )
  select array_agg(t.id) into v_ids
    from (
      select w.id from places w
      where not w.is_failing or w.place <= (p ->> 'failing_limit')::int
      order by w.turn, w.next_attempt_at
      limit least(greatest((p ->> 'limit')::int, 1), 100)
    ) t;
  v_ids := array(
    select d.id from public.webhook_deliveries d
    where d.id = any (v_ids) and d.status = 'pending' and d.is_next and d.next_attempt_at <= now()
    order by d.id
    for update skip locked
  );
  update public.webhook_deliveries d
    set claimed_by = p ->> 'worker', first_attempt_at = coalesce(d.first_attempt_at, now()),
      next_attempt_at = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    where d.id = any (v_ids);
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'webhook_id', w.id, 'organization_id', d.organization_id,
        'sequence', d.sequence, 'attempts', d.attempts, 'is_failing', w.failing_since is not null, 'url', w.url,
        'secret', translate(encode(w.secret, 'base64'), e'\n', ''),
        'has_former_secret', coalesce(w.former_secret_expires_at > now(), false),
        'event', case when not e.payload ? 'erased'
          then jsonb_build_object('name', e.name, 'payload', e.payload, 'created_at', e.created_at) end) order by d.id), '[]')
    from public.webhook_deliveries d
    join public.webhook_endpoints w on w.id = d.endpoint_id
    left join public.events e on e.organization_id = d.organization_id and e.sequence = d.sequence
    where d.id = any (v_ids)
  );
end
$$;

-- What became of a try. `outcome`: `delivered`; `retry`, after `delay_seconds`, or the webhook is paused where the first try was
-- `window_seconds` ago; `gone`, it is paused at once; `drop`, there is nothing to deliver; `release`, nothing was tried. Takes no
-- effect where the claim is another worker's by now. `paused`: why it is paused with this.
create or replace function public.settle_webhook_delivery(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_outcome constant text := p ->> 'outcome';
  v_is_try constant boolean := v_outcome in ('delivered', 'retry', 'gone');
  v_delivery public.webhook_deliveries;
  v_reason text;
begin
  perform 1 from public.webhook_endpoints w
    where w.id = (select d.endpoint_id from public.webhook_deliveries d where d.id = (p ->> 'id')::bigint)
    for update;
  update public.webhook_deliveries d
    set status = case v_outcome when 'delivered' then 'delivered' when 'drop' then 'failed' else 'pending' end,
      is_next = v_outcome not in ('delivered', 'drop'), claimed_by = null,
      attempts = d.attempts + v_is_try::int,
      first_attempt_at = case when v_is_try or d.attempts > 0 then d.first_attempt_at end,
      next_attempt_at = now() + make_interval(secs => coalesce((p ->> 'delay_seconds')::double precision, 0)),
      delivered_at = case when v_outcome = 'delivered' then now() end,
      response_status = (p ->> 'response_status')::int, response_body = p ->> 'response_body', error = p ->> 'error',
      tries = case when not v_is_try then d.tries else
        case when jsonb_array_length(d.tries) >= 10 then d.tries - 0 else d.tries end || jsonb_build_array(jsonb_build_object(
          'at', p -> 'at', 'duration_ms', p -> 'duration_ms', 'status', p -> 'response_status', 'error', p -> 'error')) end
    where d.id = (p ->> 'id')::bigint and d.claimed_by = p ->> 'worker' and d.status = 'pending'
    returning * into v_delivery;
  if not found then
    return '{"paused": null}'::jsonb;
  end if;
  if v_outcome in ('delivered', 'drop') then
    perform public.promote_webhook_deliveries(v_delivery.endpoint_id, array[v_delivery.chat_key]);
  end if;
  if v_outcome = 'delivered' then
    update public.webhook_endpoints w set failing_since = null where w.id = v_delivery.endpoint_id and w.failing_since is not null;
  elsif v_outcome in ('retry', 'gone') then
    update public.webhook_endpoints w set failing_since = now() where w.id = v_delivery.endpoint_id and w.failing_since is null;
    v_reason := case
      when v_outcome = 'gone' then 'gone'
      when v_delivery.first_attempt_at + make_interval(secs => (p ->> 'window_seconds')::double precision) <= now() then 'failing'
    end;
    if v_reason is not null and not public.pause_webhook(v_delivery.endpoint_id, v_reason) then
      v_reason := null;
    end if;
  end if;
  return jsonb_build_object('paused', v_reason);
end
$$;

-- Goes on with what waits, at once. With `after`, what waits up to that sequence is given up. Null where the caller knows none of
-- this id.
create or replace function public.resume_webhook(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_webhook public.webhook_endpoints := public.hold_webhook(p);
  v_head bigint;
  v_chats text[];
begin
  if v_webhook.id is null then
    return null;
  end if;
  select o.event_seq into v_head from public.organizations o where o.id = v_webhook.organization_id and o.closed_at is null;
  if not found then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  if p ->> 'after' is not null then
    with skipped as (
      update public.webhook_deliveries d set status = 'failed', is_next = false, claimed_by = null, error = 'skipped'
        where d.endpoint_id = v_webhook.id and d.status = 'pending' and d.sequence <= (p ->> 'after')::bigint
          and (d.claimed_by is null or d.next_attempt_at <= now())
        returning d.chat_key
    )
    select array_agg(distinct s.chat_key) into v_chats from skipped s;
    perform public.promote_webhook_deliveries(v_webhook.id, v_chats);
  end if;
  update public.webhook_deliveries d set attempts = 0, first_attempt_at = null, claimed_by = null, next_attempt_at = now()
    where d.endpoint_id = v_webhook.id and d.status = 'pending' and d.is_next
      and (d.claimed_by is null or d.next_attempt_at <= now());
  update public.webhook_endpoints w
    set is_active = true, paused_at = null, pause_reason = null, failing_since = null,
      -- Both pass null by: without `after` it stays where it is.
      last_sequence = greatest(w.last_sequence, case when p ->> 'after' is not null then least((p ->> 'after')::bigint, v_head) end)
    where w.id = v_webhook.id
    returning * into v_webhook;
  return public.webhook_view(v_webhook);
end
$$;

-- Has everything after a sequence delivered once more, up to another one or to where the webhook stands. `webhook` is null where
-- some of that is not kept any more; null alone where the caller knows none of this id.
create or replace function public.redrive_webhook(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_webhook public.webhook_endpoints := public.hold_webhook(p);
  v_after constant bigint := (p ->> 'after')::bigint;
  v_until bigint;
  v_kept bigint;
begin
  if v_webhook.id is null then
    return null;
  end if;
  select coalesce(
      (select e.sequence from public.events e where e.organization_id = o.id order by e.sequence limit 1), o.event_seq + 1)
    into v_kept
    from public.organizations o where o.id = v_webhook.organization_id;
  if v_after > 0 and v_after < v_kept - 1 then
    return jsonb_build_object('webhook', null);
  end if;
  v_until := least(coalesce((p ->> 'until')::bigint, v_webhook.last_sequence), v_webhook.last_sequence);
  if v_until > v_after then
    update public.webhook_endpoints w
      set redrive_after = least(w.redrive_after, v_after), redrive_until = greatest(w.redrive_until, v_until)
      where w.id = v_webhook.id
      returning * into v_webhook;
  end if;
  return jsonb_build_object('webhook', public.webhook_view(v_webhook));
end
$$;

-- The log of a webhook, the newest first. `events`: what is to be told, as far as it is still kept. As read_page.
create or replace function public.list_webhook_deliveries(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
  v_endpoint_id constant uuid := (p ->> 'endpoint_id')::uuid;
  v_status constant text := p ->> 'status';
  v_before constant bigint := coalesce((p ->> 'before')::bigint, 9223372036854775807);
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 1001);
begin
  open v_page for
    select to_jsonb(d) - 'claimed_by' || jsonb_build_object('is_being_tried', d.claimed_by is not null and d.next_attempt_at > now(),
      'event', jsonb_build_object('name', e.name, 'payload', e.payload, 'created_at', e.created_at))
    from public.webhook_deliveries d
    left join public.events e on e.organization_id = d.organization_id and e.sequence = d.sequence
    where d.endpoint_id = v_endpoint_id and d.id < v_before and (v_status is null or d.status = v_status)
    order by d.id desc
    limit v_limit;
  return public.read_page(v_page);
end
$$;

revoke execute on function
  public.forget_webhook_answers(), public.webhook_view(public.webhook_endpoints), public.hold_webhook(jsonb),
  public.create_webhook(jsonb), public.replace_webhook_secret(jsonb), public.pause_webhook(uuid, text),
  public.change_webhook(jsonb), public.promote_webhook_deliveries(uuid, text[]), public.webhook_chat_key(uuid, jsonb),
  public.webhook_wants(public.webhook_endpoints, public.events),
  public.enqueue_webhook_events(public.webhook_endpoints, bigint, bigint, int), public.take_up_webhook_events(jsonb),
  public.webhook_waits(), public.claim_webhook_deliveries(jsonb), public.settle_webhook_delivery(jsonb),
  public.resume_webhook(jsonb), public.redrive_webhook(jsonb), public.list_webhook_deliveries(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.forget_webhook_answers(), public.webhook_view(public.webhook_endpoints), public.hold_webhook(jsonb),
  public.create_webhook(jsonb), public.replace_webhook_secret(jsonb), public.pause_webhook(uuid, text),
  public.change_webhook(jsonb), public.promote_webhook_deliveries(uuid, text[]), public.webhook_chat_key(uuid, jsonb),
  public.webhook_wants(public.webhook_endpoints, public.events),
  public.enqueue_webhook_events(public.webhook_endpoints, bigint, bigint, int), public.take_up_webhook_events(jsonb),
  public.webhook_waits(), public.claim_webhook_deliveries(jsonb), public.settle_webhook_delivery(jsonb),
  public.resume_webhook(jsonb), public.redrive_webhook(jsonb), public.list_webhook_deliveries(jsonb)
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

  delete from public.group_changes c
    where c.id in (
      select o.id from (
        select l.id, l.created_at from public.group_changes l
        where l.organization_id = v_organization_id and v_settings.messages_days is not null
        order by l.id
        limit v_limit
      ) o
      where o.created_at < public.retention_cutoff(v_settings.messages_days)
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'group_changes', v_rows);
  v_more := v_more or v_rows = v_limit;

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

  -- The log of deliveries that are over: for 30 days, and no longer than the events that they are of.
  delete from public.webhook_deliveries d
    where d.id in (
      select w.id from (
        select t.id, t.created_at from public.webhook_deliveries t
        where t.organization_id = v_organization_id and t.status <> 'pending'
        order by t.id
        limit v_limit
      ) w
      where w.created_at < public.retention_cutoff(least(v_settings.events_days, 30))
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'webhook_deliveries', v_rows);
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
      and (e.payload ->> 'contactId' = any (v_ids) or e.payload -> 'members' ?| v_from
        or coalesce(e.payload ->> 'from', e.payload ->> 'to') = any (v_from)
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
      where m.contact_id is null and m.group_id is null and m.organization_id = p_erasure.organization_id
        and m.chat_jid ~ v_pattern
      limit p_limit
    )
    union all
    (
      select m.id from public.messages m
      where m.organization_id = p_erasure.organization_id and m.sender_lid = any (public.erased_lids(p_erasure))
      limit p_limit
    )
    union all
    (
      select m.id from public.messages m
      where m.organization_id = p_erasure.organization_id and m.sender_phone = any (public.erased_phones(p_erasure))
        and (m.sender_lid is null or m.sender_lid <> all (public.erased_strangers(p_erasure)))
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

-- Takes a person out of groups: membership, what was changed by or of the person, and what the person did to messages of others.
create or replace function public.erase_from_groups(p_erasure public.erasures) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
  v_strangers constant text[] := public.erased_strangers(p_erasure);
  v_names constant text[] := v_phones || array(select l.lid || '@lid' from unnest(v_lids) as l (lid));
  v_rows int;
begin
  delete from public.group_members m
    where m.organization_id = p_erasure.organization_id and (m.lid = any (v_lids)
        or m.phone = any (v_phones) and (m.lid is null or m.lid <> all (v_strangers)));
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'group_members', v_rows);
  update public.groups g set owner_phone = null, owner_lid = null
    where g.organization_id = p_erasure.organization_id and (g.owner_lid = any (v_lids)
        or g.owner_phone = any (v_phones) and (g.owner_lid is null or g.owner_lid <> all (v_strangers)));
  delete from public.group_changes c
    where c.organization_id = p_erasure.organization_id and (c.lid = any (v_lids)
        or c.phone = any (v_phones) and (c.lid is null or c.lid <> all (v_strangers))
        or exists (
          select from jsonb_array_elements(c.people) e (person)
          where e.person ->> 'lid' = any (v_lids) or e.person ->> 'phone' = any (v_phones)
        ));
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'group_changes', v_rows);
  delete from public.message_reactions r where r.organization_id = p_erasure.organization_id and r.reactor = any (v_names);
  delete from public.message_answers a where a.organization_id = p_erasure.organization_id and a.answerer = any (v_names);
  return v_erasure;
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

  v_erasure := public.erase_from_groups(v_erasure);

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
  public.erase_from_groups(public.erasures), public.erase_person(public.erasures, uuid), public.learn_addresses(public.erasures, public.contacts),
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
  public.erase_from_groups(public.erasures), public.erase_person(public.erasures, uuid), public.learn_addresses(public.erasures, public.contacts),
  public.conclude_erasure(public.erasures), public.erasure_receipt(public.erasures), public.erase_contact(jsonb),
  public.unfinished_erasures(jsonb)
  to service_role;

-- 52_export.sql

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
          where t.contact_id is null and t.group_id is null and t.ordinal > v_after_ordinal
            and t.organization_id = v_organization_id and t.chat_jid ~ v_pattern
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.messages t
          where t.organization_id = v_organization_id and t.ordinal > v_after_ordinal and t.sender_lid = any (v_lids)
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.messages t
          where t.organization_id = v_organization_id and t.ordinal > v_after_ordinal and t.sender_phone = any (v_phones)
            and coalesce(t.sender_lid, '') <> all (v_strangers || v_lids)
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
    when 'group_members' then
      select jsonb_agg(to_jsonb(m) order by m.id), max(m.id) into v_rows, v_next
        from (
          select m.*, g.jid, g.subject
          from public.group_members m
          join public.groups g on g.id = m.group_id
          where m.id > v_after and m.organization_id = v_organization_id
            and (m.phone = any (v_phones) and (m.lid is null or m.lid <> all (v_strangers)) or m.lid = any (v_lids))
          order by m.id
          limit v_limit
        ) m;
    when 'group_changes' then
      select jsonb_agg(to_jsonb(c) order by c.id), max(c.id) into v_rows, v_next
        from (
          -- Who else had a part in it is not the person's to know.
          select c.id, c.group_id, c.kind, c.subject, c.changed_at
          from public.group_changes c
          where c.id > v_after and c.organization_id = v_organization_id
            and (c.phone = any (v_phones) and (c.lid is null or c.lid <> all (v_strangers)) or c.lid = any (v_lids)
              or exists (
                select from jsonb_array_elements(c.people) e (person)
                where e.person ->> 'lid' = any (v_lids) or e.person ->> 'phone' = any (v_phones)
              ))
          order by c.id
          limit v_limit
        ) c;
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
          and (e.payload ->> 'contactId' = any (v_ids) or e.payload -> 'members' ?| v_from
            or coalesce(e.payload ->> 'from', e.payload ->> 'to') = any (v_from)
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

-- 53_audit.sql

-- Whose an object is, as far as the audit log has to know it.
create or replace function public.organization_of_object(p_type text, p_id text) returns text
  language sql stable
  set search_path = ''
as $$
  select case
    when p_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then null
    when p_type = 'instances' then (select i.organization_id from public.whatsapp_instances i where i.id = p_id::uuid)
    when p_type = 'contacts' then (select k.organization_id from public.contacts k where k.id = p_id::uuid)
    when p_type = 'erasures' then (select e.organization_id from public.erasures e where e.id = p_id::uuid)
    when p_type = 'invitations' then (select i.organization_id from public.organization_invitations i where i.id = p_id::uuid)
    when p_type = 'groups' then (select g.organization_id from public.groups g where g.id = p_id::uuid)
    when p_type = 'messages' then (select m.organization_id from public.messages m where m.id = p_id::uuid)
    when p_type = 'webhooks' then (select w.organization_id from public.webhook_endpoints w where w.id = p_id::uuid)
  end
$$;
