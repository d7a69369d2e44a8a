alter table public.api_keys add column if not exists created_by jsonb check (created_by ?& '{kind,id,name}');
-- One reason, one name.
update public.whatsapp_instances set last_disconnect_reason = 'whatsapp_unavailable' where last_disconnect_reason = 'no_answer';
-- Whose number became somebody else's may be left without an address.
alter table if exists public.contacts drop constraint if exists contacts_check;
do $$
begin
  if to_regtype('public.ingest_work') is not null and not exists (
    select from pg_attribute a
    where a.attrelid = to_regclass('public.ingest_work') and a.attname = 'other_phone' and not a.attisdropped
  ) then
    alter type public.ingest_work add attribute other_phone text;
  end if;
end
$$;
-- They take or answer something else now.
drop function if exists public.merge_contacts(uuid, uuid, text);
drop function if exists public.resolve_person(text, text, text, text);
drop function if exists public.conversation_address(text, uuid, jsonb);
drop function if exists public.resolve_contacts(public.ingest_work[], text);
alter table public.erasures add column if not exists merged_ids uuid[] not null default '{}';
-- What the owner wrote to people before they were contacts joins their conversations, as it does from now on. It keeps its chat_key:
-- nothing that old is delivered again.
update public.notes n
  set contact_id = k.id
  from public.contacts k
  where n.contact_id is null and split_part(n.chat_key, '@', 2) in ('s.whatsapp.net', 'hosted')
    and k.phone_number = split_part(n.chat_key, '@', 1) and k.organization_id = n.organization_id;
update public.notes n
  set contact_id = k.id
  from public.contacts k
  where n.contact_id is null and split_part(n.chat_key, '@', 2) in ('lid', 'hosted.lid')
    and k.lid = split_part(n.chat_key, '@', 1) and k.organization_id = n.organization_id;
-- Logging a deleted instance's device out may take longer than the call.
alter table public.whatsapp_instances
  add column if not exists logout_requested_at timestamptz,
  add column if not exists logout_expires_at timestamptz,
  add column if not exists logout_ended_at timestamptz,
  add column if not exists logout_result text check (logout_result in
    ('confirmed', 'already_unlinked', 'banned', 'not_linked', 'expired', 'session_unreadable', 'unconfirmed'));

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
    'idx_whatsapp_instances_organization idx_whatsapp_instances_resumable inbox inbox_id_seq ingest_work '
    'key_holders merged_contacts messages messages_ordinal_seq node_requests nodes notes notes_ordinal_seq '
    'organization_invitations organization_members organizations pairing_qrs retention_progress retention_settings '
    'service_secrets session_writers undecrypted_messages undecrypted_messages_id_seq webhook_deliveries '
    'webhook_deliveries_id_seq webhook_endpoints whatsapp_instances whatsapp_session_keys', ' ');
  v_functions constant text[] := string_to_array(
    'acquire_session add_count announce_keys answer_invitation answer_node_request api_key_grant api_key_view '
    'append_event apply_audit_retention apply_inbox_retention apply_receipts apply_retention ask_node '
    'authenticate_api_key begin_audit begin_ingest begin_logout begin_outbound bury_nodes check_epochs claim_inbox '
    'close_organization commit_encoded_batch commit_session_batch complete_message conclude_erasure '
    'conversation_address count_locked_sessions count_rows count_sealed create_api_key current_contact data_keys_of '
    'default_retention describe_database doubt_outbound drop_retired_keys empty_inbox_rows encode_base64 '
    'end_keys_made end_of_held end_of_new_key erase_contact erase_conversation erase_from_events erase_from_inbox '
    'erase_person erased_lids erased_pattern erased_phones erased_strangers erasure_receipt event_heads '
    'export_contact find_inbox find_outbound find_outbound_content find_pairing_qr find_undecrypted finish_audit '
    'finish_outbound former_addresses_of former_owners give_up_undecrypted has_usable_api_key inbox_addressing '
    'inbox_waits ingest_inbox instance_integrity instance_view invitation_view invitations_of invite_member '
    'is_leased is_usable items_with_origin join_conversations keep_audit_log keep_contact_name '
    'keep_former_addresses keep_service_secret keys_at_an_end lacks_data_key learn_addresses learn_people '
    'list_events list_keys_to_rewrap list_messages list_notes list_open_outbound list_unkeyed_instances '
    'lock_to_count mark_erased memberships_of merge_contacts message_mark my_organizations needs_data_key '
    'node_heartbeat node_poll node_tick open_call organization_data_keys organization_of_object outbound_rank '
    'outbound_view owner_addresses person_pattern put_member queue_stats read_data_keys read_node_answer '
    'read_node_answers read_page read_retention read_session_keys record_undecrypted recover_undecrypted '
    'redrive_inbox release_claims release_session remember_addresses remove_member renew_claims renew_data_keys '
    'renew_running_keys repeat_outbound replace_data_key require_open_organization require_other_owner '
    'require_place reseal_credentials reseal_direct_values reseal_inbox_bodies reseal_session_keys '
    'reseal_webhook_secrets resolve_people resolve_person restore_instance retention_cutoff retention_of '
    'revoke_api_key rewrap_data_keys rotate_api_key rotation_blockers rows_about schema_versions scopes_of_role '
    'search_contacts session_holder set_instance_status shred_drained_keys skip_erased stale_credentials '
    'stale_direct_values stale_inbox_bodies stale_session_keys stale_webhook_secrets store_bookings store_inbound '
    'store_message_events store_notes store_pairing_qr stored_outbound sweep_outbound sweep_retention '
    'take_node_requests tick_part touch_updated_at unfinished_closings unfinished_erasures usable_api_keys '
    'was_sent_to were_sent_to wipe_session withdraw_invitation withdraw_invitations_by withdraw_node_request '
    'write_retention', ' ');
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

-- 02_common.sql

-- What an open cursor gives, each row as an object, until it ends or they make more than 1 MiB of JSON together; the first one
-- counts however large it is. `more` says that the rows were cut there. No row is read but those and the one that is too much.
create or replace function public.read_page(p_rows refcursor) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_row jsonb;
  v_rows jsonb[] := array[]::jsonb[];
  v_bytes bigint := 0;
begin
  loop
    fetch p_rows into v_row;
    exit when not found;
    v_bytes := v_bytes + octet_length(v_row::text);
    if v_bytes > 1048576 and cardinality(v_rows) > 0 then
      close p_rows;
      return jsonb_build_object('rows', to_jsonb(v_rows), 'more', true);
    end if;
    v_rows := array_append(v_rows, v_row);
  end loop;
  close p_rows;
  return jsonb_build_object('rows', to_jsonb(v_rows), 'more', false);
end
$$;

revoke execute on function
  public.touch_updated_at(), public.encode_base64(bytea), public.read_page(refcursor), public.schema_versions(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.touch_updated_at(), public.encode_base64(bytea), public.read_page(refcursor), public.schema_versions(jsonb)
  to service_role;

-- 10_organizations.sql

-- How much an organization may have, and that its members leave it an owner. What breaks a rule is refused with AZ410, whose
-- message is a code: the service has the sentence that callers get to read.

-- Makes everybody wait who counts what the organization has, or hands on rights in it; null stands for the whole service. The
-- organization is locked first, as everywhere.
create or replace function public.lock_to_count(p_organization_id text) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform 1 from public.organizations o where o.id = p_organization_id for share;
  perform pg_advisory_xact_lock(hashtextextended('counted:' || coalesce(p_organization_id, ''), 0));
end
$$;

-- Makes a user a member, or changes the role of one; with `invite` a user who is none is asked first. With `keep_owner`, not where
-- the organization would lose its last owner.
-- Whoever may do less now loses those of the own keys that may do more, unless `keys` says to keep them.
create or replace function public.put_member(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_scopes constant text[] := public.scopes_of_role(p ->> 'role');
  v_member public.organization_members;
begin
  perform public.lock_to_count(p ->> 'organization_id');
  if public.end_of_held(p -> 'by', p ->> 'organization_id', v_scopes) is not null then
    -- A membership does not end.
    raise exception using errcode = 'AZ403', message = 'expiry_not_held';
  end if;
  if (p ->> 'invite')::boolean and not exists (select from public.organization_members m
      where m.organization_id = p ->> 'organization_id' and m.user_id = (p ->> 'user_id')::uuid) then
    return public.invite_member(p);
  end if;
  if (p ->> 'keep_owner')::boolean and p ->> 'role' <> 'owner' then
    perform public.require_other_owner(p);
  end if;
  insert into public.organization_members as m (organization_id, user_id, role)
    values (p ->> 'organization_id', (p ->> 'user_id')::uuid, p ->> 'role')
    on conflict (organization_id, user_id) do update set role = excluded.role
    returning m.* into v_member;
  delete from public.organization_invitations i
    where i.organization_id = v_member.organization_id and i.user_id = v_member.user_id;
  if v_member.role <> 'owner' then
    perform public.withdraw_invitations_by('user', array[p ->> 'user_id'], v_member.organization_id);
  end if;
  return to_jsonb(v_member) || public.end_keys_made(p || jsonb_build_object('within', v_scopes));
end
$$;

-- Whether the user was a member; the own keys end with that, unless `keys` says to keep them. With `keep_owner`, as above.
create or replace function public.remove_member(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  perform public.lock_to_count(p ->> 'organization_id');
  if (p ->> 'keep_owner')::boolean then
    perform public.require_other_owner(p);
  end if;
  delete from public.organization_members m
    where m.organization_id = p ->> 'organization_id' and m.user_id = (p ->> 'user_id')::uuid;
  if not found then
    return jsonb_build_object('removed', false);
  end if;
  perform public.withdraw_invitations_by('user', array[p ->> 'user_id'], p ->> 'organization_id');
  return jsonb_build_object('removed', true) || public.end_keys_made(p);
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
  delete from public.data_keys where organization_id = p ->> 'id' and instance_id is null;
  return '{}'::jsonb;
end
$$;

-- 11_api_keys.sql

create index if not exists idx_api_keys_created_by on public.api_keys ((created_by ->> 'id')) where created_by is not null;

-- A key as lists show it.
create or replace function public.api_key_view(p_key public.api_keys) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(p_key) - 'key_hash'
$$;

-- What a member may do.
create or replace function public.scopes_of_role(p_role text) returns text[]
  language sql immutable
  set search_path = ''
as $$
  select case p_role when 'owner' then '{read,send,manage}' when 'agent' then '{read,send}' else '{read}' end::text[]
$$;

-- Nobody hands on more than they hold: when what they hand on ends for themselves; null where it does not. Whoever it is keeps
-- holding it until this is stored. Refused with AZ403. The caller has locked the organization.
create or replace function public.end_of_held(p_by jsonb, p_organization_id text, p_scopes text[]) returns timestamptz
  language plpgsql
  set search_path = ''
as $$
declare
  v_key public.api_keys;
  v_role text;
  v_is_held boolean := true;
begin
  if p_by ->> 'kind' = 'api-key' then
    select k.* into v_key from public.api_keys k where k.id = (p_by ->> 'id')::uuid for share;
    v_is_held := found and public.is_usable(v_key)
      and (v_key.organization_id is null or v_key.organization_id is not distinct from p_organization_id and v_key.scopes @> p_scopes);
  elsif p_by ->> 'kind' = 'user' then
    select m.role into v_role from public.organization_members m
      where m.organization_id = p_organization_id and m.user_id = (p_by ->> 'id')::uuid for share;
    v_is_held := found and public.scopes_of_role(v_role) @> p_scopes;
  end if;
  if not v_is_held then
    raise exception using errcode = 'AZ403', message = 'scope_not_held';
  end if;
  return v_key.expires_at;
end
$$;

-- The end of a new key: what was asked for, as far as whoever makes it gets there, and in a year that everybody can write.
create or replace function public.end_of_new_key(p_asked timestamptz, p_usual timestamptz, p_held timestamptz) returns timestamptz
  language plpgsql stable
  set search_path = ''
as $$
begin
  if p_asked > p_held then
    raise exception using errcode = 'AZ403', message = 'expiry_not_held';
  end if;
  return least(coalesce(p_asked, case when p_usual is not null then least(p_usual, '9999-01-01 00:00:00+00') end), p_held);
end
$$;

create or replace function public.create_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_scopes constant text[] := array(select jsonb_array_elements_text(p -> 'scopes'));
  v_key public.api_keys;
  v_held timestamptz;
begin
  perform public.lock_to_count(p ->> 'organization_id');
  v_held := public.end_of_held(p -> 'by', p ->> 'organization_id', v_scopes);
  insert into public.api_keys (organization_id, name, prefix, key_hash, scopes, expires_at, created_by)
    values (p ->> 'organization_id', p ->> 'name', p ->> 'prefix', decode(p ->> 'key_hash', 'base64'), v_scopes,
      public.end_of_new_key((p ->> 'expires_at')::timestamptz, null, v_held), nullif(p -> 'by', 'null'))
    returning * into v_key;
  return public.api_key_view(v_key);
end
$$;

-- A new key takes the place of one, which lives on for a while; one that ends at once leaves its place to the new one. Null when
-- there is no such key; a key that is revoked, past its end or rotated already stays as it is. A key that rotates itself was made by
-- whoever made it before: the holder is the same.
create or replace function public.rotate_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_by constant jsonb := nullif(p -> 'by', 'null');
  v_id constant uuid := (p ->> 'id')::uuid;
  v_by_id constant uuid := case when v_by ->> 'kind' = 'api-key' then (v_by ->> 'id')::uuid end;
  v_old public.api_keys;
  v_new public.api_keys;
  v_held timestamptz;
begin
  perform public.lock_to_count(p ->> 'organization_id');
  -- In one order: of two keys that rotate each other neither waits for the other.
  perform 1 from public.api_keys k
    where k.id in (v_id, v_by_id)
    order by k.id for update;
  select k.* into v_old from public.api_keys k
    where k.id = v_id and k.organization_id is not distinct from p ->> 'organization_id';
  if not found then
    return null;
  end if;
  if v_old.replaced_by is not null or not public.is_usable(v_old) then
    return jsonb_build_object('id', null);
  end if;
  v_held := public.end_of_held(v_by, v_old.organization_id, v_old.scopes);
  update public.api_keys k
    set expires_at = least(k.expires_at, now() + make_interval(secs => (p ->> 'overlap_seconds')::double precision))
    where k.id = v_old.id;
  insert into public.api_keys (organization_id, name, prefix, key_hash, scopes, expires_at, created_by)
    values (v_old.organization_id, v_old.name, p ->> 'prefix', decode(p ->> 'key_hash', 'base64'), v_old.scopes,
      public.end_of_new_key((p ->> 'expires_at')::timestamptz, now() + (v_old.expires_at - v_old.created_at), v_held),
      case when v_by_id = v_old.id then v_old.created_by else v_by end)
    returning * into v_new;
  update public.api_keys k set replaced_by = v_new.id where k.id = v_old.id;
  return public.api_key_view(v_new);
end
$$;

-- Those of the keys whose holder may do no more with them: they ended, or were replaced and end soon, and none that stays took
-- their place by itself. `p_within`: scopes that may stay.
create or replace function public.keys_at_an_end(p_keys uuid[], p_within text[]) returns uuid[]
  language sql stable
  set search_path = ''
as $$
  with recursive staying as (
    select k.id, k.created_by from public.api_keys k
    where k.id = any (p_keys) and public.is_usable(k) and k.replaced_by is null
    union
    select o.id, o.created_by
    from staying s
    join public.api_keys o on o.replaced_by = s.id and o.created_by is not distinct from s.created_by
  )
  select array(
    select k.id from public.api_keys k
    where k.id = any (p_keys) and not (k.scopes <@ p_within) and k.id not in (select s.id from staying s)
  )
$$;

-- Ends the keys that somebody made, those that these made, and so on; a key also answers for those of which it took the place by
-- itself. `p`: `user_id` in `organization_id`, or `key_id`; `keys`: revoke, keep or all; `within`: scopes that may stay;
-- `by`: who asks for it. Says which usable ones ended, and which stay: a hundred of each at most.
create or replace function public.end_keys_made(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_by constant jsonb := nullif(p -> 'by', 'null');
  v_within constant text[] := array(select jsonb_array_elements_text(coalesce(p -> 'within', '[]')));
  v_makers uuid[] := array_remove(array[(p ->> 'key_id')::uuid], null);
  v_made uuid[] := array[]::uuid[];
  v_older uuid[];
  v_next uuid[];
  v_ended uuid[];
  v_key public.api_keys;
  v_revoked jsonb := '[]'::jsonb;
  v_kept jsonb := '[]'::jsonb;
begin
  if p ->> 'user_id' is not null then
    v_made := array(
      select k.id from public.api_keys k
      where k.organization_id = p ->> 'organization_id'
        and k.created_by ->> 'id' = p ->> 'user_id' and k.created_by ->> 'kind' = 'user'
      order by k.id for update
    );
    v_makers := v_made;
  end if;
  loop
    v_older := array(
      select o.id from public.api_keys o join public.api_keys n on n.id = o.replaced_by
      where n.id = any (v_makers) and not o.id = any (v_makers) and o.created_by is not distinct from n.created_by
    );
    v_makers := v_makers || v_older;
    v_next := array(
      select k.id from public.api_keys k
      where k.created_by ->> 'id' = any (v_makers::text[]) and k.created_by ->> 'kind' = 'api-key' and not k.id = any (v_made)
        and k.id is distinct from (p ->> 'key_id')::uuid
      order by k.id for update
    );
    exit when v_older = '{}' and v_next = '{}';
    v_made := v_made || v_next;
    v_makers := v_makers || v_next;
  end loop;

  v_ended := array(
    select k.id from public.api_keys k
    where k.id = any (v_made) and public.is_usable(k) and not (k.scopes <@ v_within)
      and (p ->> 'keys' = 'all'
        or p ->> 'keys' = 'revoke' and (k.organization_id is null or p ->> 'organization_id' is not null))
  );
  if v_by ->> 'kind' = 'api-key' and v_by ->> 'id' = any (v_ended::text[]) then
    raise exception using errcode = 'AZ410', message = 'api_key_in_use';
  end if;
  update public.api_keys k set revoked_at = now() where k.id = any (v_ended);
  perform public.withdraw_invitations_by('api-key', public.keys_at_an_end(v_makers, v_within)::text[], null);
  for v_key in
    select k.* from public.api_keys k
    where k.id = any (v_ended) or k.id = any (v_made) and public.is_usable(k)
    order by k.created_at desc, k.id
  loop
    if v_key.revoked_at is null then
      v_kept := v_kept || case when jsonb_array_length(v_kept) < 100 then public.api_key_view(v_key) else '[]' end;
    else
      v_revoked := v_revoked || case when jsonb_array_length(v_revoked) < 100 then public.api_key_view(v_key) else '[]' end;
      perform public.begin_audit(jsonb_build_object('actor_kind', coalesce(v_by ->> 'kind', 'operator'),
        'actor_id', coalesce(v_by ->> 'id', 'unknown'), 'actor_name', coalesce(v_by ->> 'name', 'unknown'),
        'action', 'api key ended with its maker', 'organization_id', v_key.organization_id,
        'object_type', 'api-keys', 'object_id', v_key.id, 'outcome', 'done'));
    end if;
  end loop;
  return jsonb_build_object('revoked', v_revoked, 'kept', v_kept);
end
$$;

-- Ends a key, and by `keys` what it made.
create or replace function public.revoke_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  perform public.lock_to_count(p ->> 'organization_id');
  update public.api_keys k set revoked_at = coalesce(k.revoked_at, now())
    where k.id = (p ->> 'id')::uuid and k.organization_id is not distinct from p ->> 'organization_id';
  if not found then
    return jsonb_build_object('found', false);
  end if;
  return jsonb_build_object('found', true) || public.end_keys_made(p || jsonb_build_object('key_id', p ->> 'id'));
end
$$;

revoke execute on function
  public.keep_service_secret(jsonb), public.is_usable(public.api_keys), public.api_key_grant(public.api_keys),
  public.authenticate_api_key(jsonb), public.usable_api_keys(jsonb), public.has_usable_api_key(jsonb),
  public.api_key_view(public.api_keys), public.scopes_of_role(text), public.end_of_held(jsonb, text, text[]),
  public.end_of_new_key(timestamptz, timestamptz, timestamptz), public.create_api_key(jsonb), public.rotate_api_key(jsonb),
  public.keys_at_an_end(uuid[], text[]), public.end_keys_made(jsonb), public.revoke_api_key(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.keep_service_secret(jsonb), public.is_usable(public.api_keys), public.api_key_grant(public.api_keys),
  public.authenticate_api_key(jsonb), public.usable_api_keys(jsonb), public.has_usable_api_key(jsonb),
  public.api_key_view(public.api_keys), public.scopes_of_role(text), public.end_of_held(jsonb, text, text[]),
  public.end_of_new_key(timestamptz, timestamptz, timestamptz), public.create_api_key(jsonb), public.rotate_api_key(jsonb),
  public.keys_at_an_end(uuid[], text[]), public.end_keys_made(jsonb), public.revoke_api_key(jsonb)
  to service_role;

-- 12_invitations.sql

-- Who is asked to be a member.

-- Users who are asked to be members, and are none before they accept. Nobody but the service reads this.
create table if not exists public.organization_invitations (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id) on delete cascade,
  user_id uuid not null,
  role text not null check (role in ('owner', 'agent', 'viewer')),
  -- Who asks, as { kind, id, name }.
  created_by jsonb not null check (created_by ?& '{kind,id,name}'),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- Kept until it expires: so long the user is not asked again.
  declined_at timestamptz,
  unique (organization_id, user_id)
);

create index if not exists idx_organization_invitations_user on public.organization_invitations (user_id);

create index if not exists idx_organization_invitations_by on public.organization_invitations ((created_by ->> 'id'));

alter table public.organization_invitations enable row level security;

revoke all on public.organization_invitations from public, anon, authenticated;

grant select, insert, update, delete on public.organization_invitations to service_role;

create or replace trigger require_open_organization before insert on public.organization_invitations
  for each row execute function public.require_open_organization();

-- An invitation as lists show it.
create or replace function public.invitation_view(p_invitation public.organization_invitations) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(p_invitation)
    || jsonb_build_object('organization_name', (select o.name from public.organizations o where o.id = p_invitation.organization_id))
$$;

-- Asks a user to be a member, or once more, with the role of this time. The caller has locked the organization.
create or replace function public.invite_member(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_user_id constant uuid := (p ->> 'user_id')::uuid;
  v_invitation public.organization_invitations;
begin
  perform pg_advisory_xact_lock(hashtextextended('invited:' || v_user_id, 0));
  delete from public.organization_invitations i
    where (i.organization_id = v_organization_id or i.user_id = v_user_id) and i.expires_at <= now();
  if exists (select from public.organization_invitations i
      where i.organization_id = v_organization_id and i.user_id = v_user_id and i.declined_at is not null) then
    raise exception using errcode = 'AZ410', message = 'invitation_declined';
  end if;
  if (select count(*) >= 100 from public.organization_invitations i
      where i.organization_id = v_organization_id and i.user_id <> v_user_id) then
    raise exception using errcode = 'AZ410', message = 'too_many_invitations';
  end if;
  if (select count(*) >= 20 from public.organization_invitations i
      where i.user_id = v_user_id and i.organization_id <> v_organization_id and i.declined_at is null) then
    raise exception using errcode = 'AZ410', message = 'user_has_too_many_invitations';
  end if;
  insert into public.organization_invitations as i (organization_id, user_id, role, created_by, expires_at)
    values (v_organization_id, v_user_id, p ->> 'role', p -> 'by', now() + interval '14 days')
    on conflict (organization_id, user_id) do update
      set role = excluded.role, created_by = excluded.created_by, expires_at = excluded.expires_at
    returning i.* into v_invitation;
  return jsonb_build_object('invitation', public.invitation_view(v_invitation));
end
$$;

-- What waits for a user's answer, the newest first: twenty or so at most.
create or replace function public.invitations_of(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(public.invitation_view(i) order by i.created_at desc, i.id), '[]')
  from public.organization_invitations i
  join public.organizations o on o.id = i.organization_id
  where i.user_id = (p ->> 'user_id')::uuid and i.declined_at is null and i.expires_at > now() and o.closed_at is null
$$;

-- The user's answer: with `accept` the user is a member from now on. Null where nothing waits for it.
create or replace function public.answer_invitation(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_invitation public.organization_invitations;
begin
  select i.* into v_invitation from public.organization_invitations i
    where i.id = (p ->> 'id')::uuid and i.user_id = (p ->> 'user_id')::uuid;
  if not found then
    return null;
  end if;
  perform public.lock_to_count(v_invitation.organization_id);
  select i.* into v_invitation from public.organization_invitations i
    where i.id = v_invitation.id and i.declined_at is null and i.expires_at > now() for update;
  if not found then
    return null;
  end if;
  if (p ->> 'accept')::boolean then
    insert into public.organization_members (organization_id, user_id, role)
      values (v_invitation.organization_id, v_invitation.user_id, v_invitation.role)
      on conflict (organization_id, user_id) do nothing;
    delete from public.organization_invitations i where i.id = v_invitation.id;
  else
    update public.organization_invitations i set declined_at = now() where i.id = v_invitation.id;
  end if;
  return public.invitation_view(v_invitation);
end
$$;

-- Takes an invitation back that nobody answered; null where there is none.
create or replace function public.withdraw_invitation(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_invitation public.organization_invitations;
begin
  delete from public.organization_invitations i
    where i.id = (p ->> 'id')::uuid and i.organization_id = p ->> 'organization_id' and i.declined_at is null
      and i.expires_at > now()
    returning i.* into v_invitation;
  return case when found then public.invitation_view(v_invitation) end;
end
$$;

-- Those whom somebody asked who may ask nobody any more, unless they answered.
create or replace function public.withdraw_invitations_by(p_kind text, p_ids text[], p_organization_id text) returns void
  language sql
  set search_path = ''
as $$
  delete from public.organization_invitations i
    where i.created_by ->> 'id' = any (p_ids) and i.created_by ->> 'kind' = p_kind and i.declined_at is null
      and (p_organization_id is null or i.organization_id = p_organization_id)
$$;

revoke execute on function
  public.invitation_view(public.organization_invitations), public.invite_member(jsonb), public.invitations_of(jsonb),
  public.answer_invitation(jsonb), public.withdraw_invitation(jsonb), public.withdraw_invitations_by(text, text[], text)
  from public, anon, authenticated;

grant execute on function
  public.invitation_view(public.organization_invitations), public.invite_member(jsonb), public.invitations_of(jsonb),
  public.answer_invitation(jsonb), public.withdraw_invitation(jsonb), public.withdraw_invitations_by(text, text[], text)
  to service_role;

-- 20_instances.sql

create index if not exists idx_whatsapp_instances_leaving on public.whatsapp_instances (id) where logout_expires_at is not null;

-- A deleted instance comes back, unless its device is still being taken off the account. The organization is locked first, as
-- everywhere.
create or replace function public.restore_instance(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id text;
  v_is_closed boolean;
begin
  select i.organization_id into v_organization_id from public.whatsapp_instances i where i.id = (p ->> 'id')::uuid;
  select o.closed_at is not null into v_is_closed
    from public.organizations o where o.id = v_organization_id for share;
  if v_is_closed then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  update public.whatsapp_instances
    set deleted_at = null, logout_requested_at = null, logout_ended_at = null, logout_result = null
    where id = (p ->> 'id')::uuid and deleted_at is not null and logout_expires_at is null;
  if not found and exists (
    select from public.whatsapp_instances i where i.id = (p ->> 'id')::uuid and i.logout_expires_at is not null
  ) then
    raise exception 'logout_pending' using errcode = 'AZ410';
  end if;
  return jsonb_build_object('restored', found);
end
$$;

-- Marks an instance as deleted and its device as to be taken off the account, for so many seconds; whoever runs it, or takes it
-- over, does it. Does nothing where that was asked for already.
create or replace function public.begin_logout(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.whatsapp_instances
    set deleted_at = now(), desired_state = 'stopped', logout_requested_at = now(),
      logout_expires_at = now() + make_interval(secs => (p ->> 'seconds')::double precision),
      logout_ended_at = null, logout_result = null
    where id = (p ->> 'instance_id')::uuid and deleted_at is null;
  return jsonb_build_object('begun', found);
end
$$;

revoke execute on function
  public.is_leased(public.whatsapp_instances), public.restore_instance(jsonb), public.begin_logout(jsonb),
  public.set_instance_status(jsonb), public.unfinished_closings(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.is_leased(public.whatsapp_instances), public.restore_instance(jsonb), public.begin_logout(jsonb),
  public.set_instance_status(jsonb), public.unfinished_closings(jsonb)
  to service_role;

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
  -- First the organization, then the instance: the order of everybody who locks both.
  if v_has_event then
    perform 1 from public.organizations o
      where o.id = (select i.organization_id from public.whatsapp_instances i where i.id = v_id)
      for no key update;
  end if;
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
    set session_data = null, account_phone = null, account_lid = null, status = 'disconnected',
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

-- 23_nodes.sql

-- What there is to do for a node that runs `running` sessions: some of those that nobody runs, up to its fair share, and
-- requests of other nodes.
-- `again`: those, too, that wait for a person. `next_lease_ms`: when the first lease of another node ends unless it is
-- prolonged, so that nobody has to look again before. `has_leaver`: another node gives its sessions up. `leaving`: instances that
-- the node runs and somebody deleted, with the time for which their devices are tried to be logged out, in ms.
create or replace function public.node_poll(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_again constant boolean := coalesce((p ->> 'again')::boolean, false);
  v_stale record;
  v_nodes int;
  v_has_leaver boolean;
  v_share int;
  v_free jsonb;
  v_next_lease_ms bigint;
begin
  -- Nobody is linking it any more. Whoever was cut off for a moment, and may go on, does not say so again. First the
  -- organization, then the instance, as everybody who locks both; whoever else is at either does not have to be waited for.
  for v_stale in
    select i.id, i.organization_id, i.deleted_at is not null as is_deleted
    from public.whatsapp_instances i
    where i.status <> 'disconnected' and coalesce(i.lease_expires_at < now() - interval '1 minute', true)
      and not (i.deleted_at is null and i.desired_state = 'running' and i.has_session)
    order by i.organization_id, i.id
    limit 100
  loop
    perform 1 from public.organizations o where o.id = v_stale.organization_id for no key update skip locked;
    continue when not found;
    perform 1 from public.whatsapp_instances i
      where i.id = v_stale.id and i.status <> 'disconnected'
        and coalesce(i.lease_expires_at < now() - interval '1 minute', true)
      for no key update skip locked;
    continue when not found;
    update public.whatsapp_instances i set status = 'disconnected', last_disconnect_reason = 'service_restarted'
      where i.id = v_stale.id;
    if not v_stale.is_deleted then
      perform public.append_event(v_stale.organization_id, v_stale.id, jsonb_build_object(
        'name', 'whatsapp:disconnected',
        'payload', jsonb_build_object('instanceId', v_stale.id, 'reason', 'service_restarted',
          'timestamp', to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))));
    end if;
  end loop;

  select greatest(count(*) filter (where not n.is_leaving), 1),
      coalesce(bool_or(n.is_leaving and n.id <> p ->> 'node_id'), false)
    into v_nodes, v_has_leaver
    from public.nodes n where n.kind = 'api' and n.expires_at > now();
  -- An instance that should be on line comes back by itself when nobody runs it. Whoever released it may have ended it for a
  -- reason that only a person can change; one whose owner vanished was running. Of a deleted one the device may still have to be
  -- taken off the account.
  with wanted as materialized (
    select i.id, i.organization_id, i.lease_owner, i.lease_expires_at,
      i.lease_owner is null or i.lease_expires_at <= now() or i.lease_expires_at is null as is_free
    from public.whatsapp_instances i
    where i.desired_state = 'running' and i.deleted_at is null and i.has_session
      and (v_again or i.lease_owner is not null or i.status <> 'disconnected'
        or i.last_disconnect_reason in ('service_stopped', 'handed_over', 'storage_refused'))
    union all
    select i.id, i.organization_id, i.lease_owner, i.lease_expires_at,
      i.lease_owner is null or i.lease_expires_at <= now() or i.lease_expires_at is null
    from public.whatsapp_instances i
    where i.logout_expires_at is not null and (p ->> 'logs_out')::boolean
  ), shared as (
    select ceil(count(*)::numeric / v_nodes)::int as share,
      ceil(extract(epoch from min(w.lease_expires_at) filter (
        where w.lease_owner <> p ->> 'node_id' and w.lease_expires_at > now()
      ) - now()) * 1000) as next_lease_ms
    from wanted w
  )
  select s.share, s.next_lease_ms, (
      select coalesce(jsonb_agg(jsonb_build_array(f.id, f.organization_id)), '[]')
      from (
        -- Any order will do, as long as two nodes do not take the same one.
        select w.id, w.organization_id from wanted w
        where w.is_free
        order by random()
        limit greatest(least((p ->> 'limit')::int, s.share - (p ->> 'running')::int), 0)
      ) f
    )
    into v_share, v_next_lease_ms, v_free
    from shared s;
  return jsonb_build_object('nodes', v_nodes, 'share', v_share, 'free', v_free, 'has_leaver', v_has_leaver,
    'next_lease_ms', v_next_lease_ms, 'requests', public.take_node_requests(p), 'leaving', (
      select coalesce(jsonb_agg(jsonb_build_array(i.id, extract(epoch from i.logout_expires_at - now()) * 1000)), '[]')
      from public.whatsapp_instances i
      where i.logout_expires_at is not null and i.lease_owner = p ->> 'node_id'
    ));
end
$$;

-- 25_data_keys.sql

-- Of instances that are deleted nothing received waits to be routed any more: their bodies become unreadable.
create or replace function public.shred_drained_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_shredded int;
begin
  delete from public.data_keys k
    using public.whatsapp_instances i
    where i.id = k.instance_id and i.deleted_at is not null and i.logout_expires_at is null and k.purpose = 'inbox'
      and (p ->> 'instance_id' is null or i.id = (p ->> 'instance_id')::uuid)
      and not exists (select from public.inbox r where r.instance_id = i.id and r.state = 0);
  get diagnostics v_shredded = row_count;
  return jsonb_build_object('shredded', v_shredded);
end
$$;

-- 30_contacts.sql

-- LIDs of those who had one of these numbers before: what names such a LID is theirs, and not whose the number is now.
create or replace function public.former_owners(p_organization_id text, p_phones text[], p_contact_id uuid) returns text[]
  language sql stable
  set search_path = ''
as $$
  select coalesce(array_agg(k.lid), '{}')
  from public.contacts k
  where k.organization_id = p_organization_id and k.lid is not null and k.id is distinct from p_contact_id
    and exists (
      select from public.former_addresses f
      where f.contact_id = k.id and f.kind = 'phone' and f.digits = any (p_phones)
    )
$$;

-- Where contacts that were joined with another one went: an id that was told once leads on for ever, in one step.
create table if not exists public.merged_contacts (
  contact_id uuid primary key,
  organization_id text not null,
  merged_into uuid not null,
  merged_at timestamptz not null default now(),
  foreign key (merged_into, organization_id) references public.contacts (id, organization_id) on delete cascade
);

create index if not exists idx_merged_contacts_into on public.merged_contacts (merged_into);

alter table public.merged_contacts enable row level security;

revoke all on public.merged_contacts from public, anon, authenticated;

grant select, insert, update, delete on public.merged_contacts to service_role;

-- The id of the contact that this one became, or the same id.
create or replace function public.current_contact(p_organization_id text, p_contact_id uuid) returns uuid
  language sql stable
  set search_path = ''
as $$
  select coalesce((
    select m.merged_into from public.merged_contacts m
    where m.contact_id = p_contact_id and m.organization_id = p_organization_id
  ), p_contact_id)
$$;

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
        where o.instance_id = m.instance_id and o.direction = 'outbound' and o.chat_key = c.contact_id::text
          and o.whatsapp_message_id = m.whatsapp_message_id
      ) and row_number() over (partition by m.instance_id, c.contact_id, m.whatsapp_message_id order by m.ordinal) = 1
      as is_first
    from jsonb_to_recordset(v_chats) as c (contact_id uuid, instance_id uuid, chat text)
    join public.messages m on m.instance_id = c.instance_id and m.direction = 'outbound' and m.chat_key = c.chat
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
      last_message_at = greatest(k.last_message_at, v_lost.last_message_at)
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

-- The contact of whoever has these addresses; completed or merged where necessary, and created unless only those that are known
-- are to learn from it (`p_may_create`: null, then, where nobody is). `p_other_phone` is the same number in another spelling.
-- A LID stays with its person, who may change the number; a number that shows another LID is another person's now, and its former
-- owner keeps everything but the number. Who was known by the number alone is the person of its first LID.
create or replace function public.resolve_person(p_organization_id text, p_instance_id uuid, p_phone text,
    p_other_phone text, p_lid text, p_booking_policy text, p_may_create boolean)
  returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_by_lid public.contacts;
  v_one public.contacts;
  v_kept public.contacts;
begin
  select * into v_by_lid from public.contacts where organization_id = p_organization_id and lid = p_lid;
  v_kept := v_by_lid;
  for v_one in
    select * from public.contacts k
    where k.organization_id = p_organization_id and k.phone_number in (p_phone, p_other_phone)
      and k.id is distinct from v_by_lid.id
    order by k.phone_number = p_phone desc
  loop
    if v_one.lid is not null and p_lid is not null then
      -- In another spelling it may be another number after all: nothing is taken from it.
      if v_one.phone_number = p_phone then
        update public.contacts set phone_number = null where id = v_one.id;
      end if;
    elsif v_one.lid is not null and v_kept.lid is not null then
      -- Two spellings, each with a LID of its own: the one that was asked for.
      continue;
    elsif v_kept.id is null then
      v_kept := v_one;
    elsif v_by_lid.phone_number is not null and v_by_lid.phone_number not in (p_phone, coalesce(p_other_phone, p_phone))
        and exists (select from public.messages m where m.contact_id = v_one.id and m.direction = 'inbound') then
      -- The person of the LID had another number until now, and somebody wrote from this one: perhaps who had it before.
      update public.contacts set phone_number = null where id = v_one.id;
    elsif (v_kept.created_at, v_kept.id) < (v_one.created_at, v_one.id) then
      perform public.merge_contacts(v_kept.id, v_one.id, p_booking_policy, p_instance_id);
      v_kept.lid := coalesce(v_kept.lid, v_one.lid);
    else
      perform public.merge_contacts(v_one.id, v_kept.id, p_booking_policy, p_instance_id);
      v_one.lid := coalesce(v_one.lid, v_kept.lid);
      v_kept := v_one;
    end if;
  end loop;

  if v_kept.id is null then
    if p_may_create then
      insert into public.contacts (organization_id, phone_number, lid) values (p_organization_id, p_phone, p_lid)
        returning * into v_kept;
      perform public.join_conversations(array[v_kept.id]);
    end if;
    return v_kept.id;
  end if;
  update public.contacts
    set phone_number = coalesce(p_phone, phone_number), lid = coalesce(p_lid, v_kept.lid, lid)
    where id = v_kept.id
      and (phone_number is distinct from coalesce(p_phone, phone_number)
        or lid is distinct from coalesce(p_lid, v_kept.lid, lid));
  if found then
    perform public.join_conversations(array[v_kept.id]);
  end if;
  return v_kept.id;
end
$$;

revoke execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.former_owners(text, text[], uuid),
  public.person_pattern(text[], text[]),
  public.current_contact(text, uuid), public.join_conversations(uuid[]),
  public.merge_contacts(uuid, uuid, text, uuid),
  public.resolve_person(text, uuid, text, text, text, text, boolean)
  from public, anon, authenticated;

grant execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.former_owners(text, text[], uuid),
  public.person_pattern(text[], text[]),
  public.current_contact(text, uuid), public.join_conversations(uuid[]),
  public.merge_contacts(uuid, uuid, text, uuid),
  public.resolve_person(text, uuid, text, text, text, text, boolean)
  to service_role;

-- What an instance's phone tells of people: `pairs` of `phone`, `other_phone` and `lid`, oldest first. Those who are contacts learn
-- from it; nobody becomes one. `events`: of contacts that turned out to be one person.
create or replace function public.learn_people(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_event_seq bigint;
  v_pair record;
begin
  select o.event_seq into v_event_seq
    from public.organizations o
    join public.whatsapp_instances i on i.organization_id = o.id
    where o.id = v_organization_id and i.id = v_instance_id
    for no key update of o;
  if not found then
    return '{"events": []}'::jsonb;
  end if;
  for v_pair in
    select e.pair ->> 'phone' as phone, e.pair ->> 'other_phone' as other_phone, e.pair ->> 'lid' as lid
    from jsonb_array_elements(p -> 'pairs') with ordinality as e (pair, place)
    order by e.place
  loop
    perform public.resolve_person(v_organization_id, v_instance_id, v_pair.phone, v_pair.other_phone, v_pair.lid,
      p ->> 'booking_policy', false);
  end loop;
  return jsonb_build_object('events', (
    select coalesce(jsonb_agg(jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence,
      'name', e.name, 'payload', e.payload) order by e.sequence), '[]')
    from public.events e
    where e.organization_id = v_organization_id and e.sequence > v_event_seq
  ));
end
$$;

revoke execute on function public.learn_people(jsonb) from public, anon, authenticated;

grant execute on function public.learn_people(jsonb) to service_role;

-- 31_messages.sql

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
    'select to_jsonb(r) from (
      select m.id, m.ordinal, m.organization_id, m.contact_id, m.instance_id, m.direction, m.content, m.content_type,
        m.whatsapp_message_id, m.chat_jid, m.status, m.error, m.sent_at, m.created_at, m.updated_at
      from public.messages m
      where m.organization_id = $1 and m.ordinal < $2 %s %s %s %s
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

-- Notes of an organization, as list_messages.
create or replace function public.list_notes(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
begin
  open v_page for execute format(
    'select to_jsonb(r) from (
      select n.id, n.ordinal, n.organization_id, n.contact_id, n.instance_id, n.content, n.content_type,
        n.whatsapp_message_id, n.sent_at, n.created_at
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
      other_phone text
    );
  end if;
end
$$;

-- Locks the pending rows of the items and returns what is to be done with them, without what was erased, and leaving out those
-- before whose turn it is not: whoever hands rows in, an instance's messages are processed in the order in which they came.
create or replace function public.begin_ingest(p_items jsonb, p_worker text) returns public.ingest_work[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_ids constant bigint[] := array(select (e ->> 'inbox_id')::bigint from jsonb_array_elements(p_items) e);
  v_work public.ingest_work[];
begin
  -- Whoever locks several organizations does it in the order of their ids: no deadlocks between workers.
  perform 1 from public.organizations o
    where o.id in (select i.organization_id from public.inbox i where i.id = any (v_ids))
    order by o.id
    for no key update;
  with locked as materialized (
    select i.id, i.organization_id, i.instance_id, i.message_id, i.chat, i.received_at
    from public.inbox i
    -- `<=`, as in `claim_inbox`.
    where i.id = any (v_ids) and i.state <= 0
      and (i.claimed_by is null or i.claimed_by = p_worker or i.claimed_until <= now())
    order by i.id
    for update
  ), waiting as materialized (
    -- Of each instance the oldest row that waits and is none of these. What is younger must wait for it.
    select h.instance_id, o.id
    from (select distinct l.instance_id from locked l) h
    cross join lateral (
      select i.id
      from public.inbox i
      where i.state = 0 and i.instance_id = h.instance_id and i.id not in (select l.id from locked l)
      order by i.id
      limit 1
    ) o
  ), items as (
    select distinct on (e.inbox_id) e.*, nullif(e.phone, '') as phone_or_null, nullif(e.lid, '') as lid_or_null
    from rows from (jsonb_to_recordset(p_items) as (inbox_id bigint, action text, reason text, phone text, lid text,
      push_name text, message_id text, content text, content_type text, sent_at timestamptz, other_phone text))
      with ordinality as e (inbox_id, action, reason, phone, lid, push_name, message_id, content, content_type,
      sent_at, other_phone, position)
    order by e.inbox_id, e.position
  )
  select array_agg(row(
      w.position, l.id,
      case when w.action = 'client' and w.phone_or_null is null and w.lid_or_null is null then 'dead'
        else w.action end,
      case when w.action = 'client' and w.phone_or_null is null and w.lid_or_null is null then 'no_address'
        else w.reason end,
      l.organization_id, l.instance_id, w.phone_or_null, w.lid_or_null,
      nullif(nullif(btrim(left(w.push_name, 200)), ''), 'Unknown'),
      coalesce(w.message_id, l.message_id), l.chat, coalesce(w.content, ''), coalesce(w.content_type, 'conversation'),
      coalesce(w.sent_at, l.received_at), null, null, w.other_phone
    )::public.ingest_work order by w.position)
    into v_work
    from items w
    join locked l on l.id = w.inbox_id
    left join waiting o on o.instance_id = l.instance_id
    where o.id is null or l.id < o.id;
  -- Where nobody was ever erased, nothing more than this is asked.
  if v_work is not null and exists (select from public.erased_messages) then
    v_work := public.skip_erased(v_work);
  end if;
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
    where w.action in ('client', 'owner_note', 'undecrypted')
      and exists (
        select from public.erased_messages e
        where e.instance_id = w.instance_id and e.mark in (
          public.message_mark(w.instance_id, w.phone, w.message_id),
          public.message_mark(w.instance_id, w.lid, w.message_id)
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
        null)::public.ingest_work
      else w end order by w.position)
    into v_work
    from unnest(p_work) w;
  return v_work;
end
$$;

-- Makes sure that every client has a contact, and fills in what the store says about each item. `told`: events of contacts that
-- turned out to be one person.
create or replace function public.resolve_people(p_work public.ingest_work[], p_booking_policy text,
    out work public.ingest_work[], out told jsonb)
  language plpgsql
  set search_path = ''
as $$
declare
  v_work public.ingest_work[] := p_work;
  v_new uuid[];
  v_news bigint[];
  v_phones text[];
  v_heads jsonb;
  v_contact_id uuid;
  i int;
begin
  told := '[]'::jsonb;
  -- New people whose addresses occur in one combination only: the usual case, one statement for all of them.
  with people as (
    select w.organization_id, w.phone, w.lid, min(w.other_phone) as other_phone, min(w.position) as position,
      max(least(w.sent_at, now())) as last_message_at,
      (array_agg(w.push_name order by w.position desc) filter (where w.push_name is not null))[1] as push_name
    from unnest(p_work) w
    where w.action = 'client'
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

  -- Items that say something new of a person: of a client; and, where both addresses are known, of anybody who is a contact.
  select array_agg(w.place), array_agg(w.phone) || array_agg(w.other_phone) into v_news, v_phones
    from unnest(p_work) with ordinality as w (position, inbox_id, action, reason, organization_id, instance_id, phone, lid,
      push_name, message_id, chat, content, content_type, sent_at, contact_id, booking_id, other_phone, place)
    left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
    left join public.contacts o on o.organization_id = w.organization_id and o.phone_number = w.other_phone
    left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid
    where (w.action = 'client' or w.phone is not null and w.lid is not null
        and coalesce(a.id, o.id, b.id) is not null)
      and (w.phone is not null and a.id is null
        or w.lid is not null and b.id is null
        or a.id <> b.id
        or o.id <> a.id and (o.lid is null or coalesce(w.lid, a.lid) is null));
  if v_news is not null then
    select jsonb_object_agg(o.id, o.event_seq) into v_heads
      from public.organizations o
      where o.id in (select w.organization_id from unnest(p_work) w);
    -- In their order, and with them whoever shows nothing but a number that changes hands meanwhile.
    for i in
      select w.place
      from unnest(p_work) with ordinality as w (position, inbox_id, action, reason, organization_id, instance_id, phone, lid,
        push_name, message_id, chat, content, content_type, sent_at, contact_id, booking_id, other_phone, place)
      where w.place = any (v_news) or w.action = 'client' and w.lid is null and w.phone = any (v_phones)
      order by w.place
    loop
      v_contact_id := public.resolve_person(v_work[i].organization_id, v_work[i].instance_id, v_work[i].phone,
        v_work[i].other_phone, v_work[i].lid, p_booking_policy, v_work[i].action = 'client');
      if v_work[i].action = 'client' then
        v_work[i].contact_id := v_contact_id;
      end if;
    end loop;
    select coalesce(jsonb_agg(jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence,
        'name', e.name, 'payload', e.payload) order by e.organization_id, e.sequence), '[]')
      into told
      from jsonb_each_text(v_heads) as h (organization_id, sequence)
      join public.events e on e.organization_id = h.organization_id and e.sequence > h.sequence::bigint;
  end if;

  select array_agg(row(w.position, w.inbox_id, w.action,
      -- The echo of a message that was sent through the API is no note.
      case when w.action = 'owner_note' and exists (
          select from public.messages m
          where m.instance_id = w.instance_id and m.direction = 'outbound' and m.whatsapp_message_id = w.message_id
        ) then 'own_send' else w.reason end,
      w.organization_id, w.instance_id, w.phone, w.lid,
      w.push_name, w.message_id, w.chat, w.content, w.content_type, w.sent_at,
      coalesce(m.merged_into, w.contact_id, b.id, case when w.lid is null then coalesce(a.id, o.id) end),
      case when p_booking_policy = 'every-message' and w.action = 'client' then gen_random_uuid() end,
      w.other_phone
    )::public.ingest_work order by w.position)
    into work
    from unnest(v_work) w
    left join public.merged_contacts m on m.contact_id = w.contact_id
    left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
    left join public.contacts o on o.organization_id = w.organization_id and o.phone_number = w.other_phone
    left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid;
  work := coalesce(work, '{}');
end
$$;

create or replace function public.ingest_inbox(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_policy constant text := p ->> 'booking_policy';
  v_work public.ingest_work[];
  v_messages bigint[];
  v_notes bigint[];
  v_known bigint[];
  v_step record;
  v_events jsonb;
begin
  v_work := public.begin_ingest(p -> 'items', p ->> 'worker');
  if cardinality(v_work) = 0 then
    return '{"events": [], "processed": 0}'::jsonb;
  end if;
  v_step := public.resolve_people(v_work, v_policy);
  v_work := v_step.work;
  v_messages := public.store_inbound(v_work);
  v_notes := public.store_notes(v_work);
  perform public.store_bookings(v_work, v_messages, v_policy);
  v_events := v_step.told || public.store_message_events(v_work, v_messages, v_policy);
  v_known := public.record_undecrypted(v_work, p -> 'items');
  perform public.recover_undecrypted(v_work, p -> 'items');

  update public.inbox i
    set state = case when c.outcome = 'dead' then 2 else 1 end,
      outcome = c.outcome,
      reason = case when c.outcome = 'duplicate' then 'duplicate' else c.reason end,
      error = case when c.outcome = 'dead' then c.reason end,
      processed_at = now(), claimed_by = null, claimed_until = null
    from (
      select w.inbox_id, w.reason,
        case
          when w.action = 'client' then case when w.inbox_id = any (v_messages) then 'stored' else 'duplicate' end
          when w.action = 'owner_note' then case
            when w.reason = 'own_send' then 'skipped'
            when w.inbox_id = any (v_notes) then 'note'
            else 'duplicate' end
          when w.action = 'undecrypted' then case
            when w.inbox_id = any (v_known) then 'duplicate' else 'undecrypted' end
          when w.action = 'dead' then 'dead'
          else 'skipped' end as outcome
      from unnest(v_work) w
    ) c
    where i.id = c.inbox_id and i.state <= 0;

  -- Last and in order: commits of sessions wait for these locks.
  perform 1 from public.whatsapp_instances i
    where i.id in (select w.instance_id from unnest(v_work) w where w.inbox_id = any (v_messages))
    order by i.id
    for no key update;
  update public.whatsapp_instances i
    set messages_received_count = i.messages_received_count + c.messages
    from (
      select w.instance_id, count(*) as messages
      from unnest(v_work) w where w.inbox_id = any (v_messages) group by w.instance_id
    ) c
    where i.id = c.instance_id;
  return jsonb_build_object('events', v_events, 'processed', cardinality(v_work));
end
$$;

revoke execute on function
  public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.resolve_people(public.ingest_work[], text), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_bookings(public.ingest_work[], bigint[], text),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.items_with_origin(public.ingest_work[], jsonb), public.record_undecrypted(public.ingest_work[], jsonb),
  public.recover_undecrypted(public.ingest_work[], jsonb), public.ingest_inbox(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.resolve_people(public.ingest_work[], text), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_bookings(public.ingest_work[], bigint[], text),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.items_with_origin(public.ingest_work[], jsonb), public.record_undecrypted(public.ingest_work[], jsonb),
  public.recover_undecrypted(public.ingest_work[], jsonb), public.ingest_inbox(jsonb)
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
  'unchanged_ms', floor(extract(epoch from now() - m.updated_at) * 1000)
)
$$;

-- Stores a message before it is sent, with its contact, and with the entry of the audit log that `audit` holds. Whom it is
-- for is given as `chat_jid`, `phone`, `other_phone` and `lid`, or as `numbers`, any of which may be the person's, with the `lid` where
-- it was found out just now: then it goes where that person wrote from, or else to `otherwise`; where that is not given either,
-- nothing is stored and the answer says so.
-- `events`: of contacts that turned out to be one person, and of what `booking_policy` leaves of their open bookings.
create or replace function public.begin_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_audit constant jsonb := nullif(p -> 'audit', 'null');
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
      whatsapp_message_id, chat_jid, chat_key, status, idempotency_key, request_hash, sent_from)
    values (coalesce((p ->> 'message_id')::uuid, gen_random_uuid()), v_organization_id, v_contact_id, v_instance_id,
      'outbound', p ->> 'content', coalesce(p ->> 'content_type', 'conversation'), p ->> 'whatsapp_message_id', v_chat,
      coalesce(v_contact_id::text, v_chat, ''), 'pending',
      p ->> 'idempotency_key', p ->> 'request_hash', nullif(v_account, ''))
    on conflict (instance_id, direction, chat_key, whatsapp_message_id) do update set updated_at = now()
    returning m.* into v_message;
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
  end if;
  return jsonb_build_object('status', v_message.status, 'error', v_message.error);
end
$$;

-- Where the owner of a number wrote from last: the contact with this LID, where it is known whose the number is, or else that of the
-- first of the numbers that has one; and the chat of the last message that came from it to this instance. Null where there
-- is none, or where that chat is no person's.
create or replace function public.conversation_address(p_organization_id text, p_instance_id uuid, p_numbers jsonb,
    p_lid text)
  returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_contact public.contacts;
  v_chat text;
begin
  select c.* into v_contact from public.contacts c where c.organization_id = p_organization_id and c.lid = p_lid;
  if not found then
    select c.* into v_contact
      from jsonb_array_elements_text(p_numbers) with ordinality n (number, place)
      join public.contacts c on c.phone_number = n.number and c.organization_id = p_organization_id
      -- With another LID it was whose number it is no more.
      where p_lid is null or c.lid is null
      order by n.place
      limit 1;
  end if;
  if v_contact.id is null then
    return null;
  end if;
  select m.chat_jid into v_chat from public.messages m
    where m.contact_id = v_contact.id and m.organization_id = p_organization_id and m.instance_id = p_instance_id
      and m.direction = 'inbound'
    order by m.ordinal desc
    limit 1;
  if v_chat is null or v_chat !~ '^[^@]*@(s\.whatsapp\.net|c\.us|lid)$' then
    return null;
  end if;
  -- Without the device; c.us is an old name of s.whatsapp.net.
  v_chat := substring(v_chat from '^[^@:_]*') || replace(substring(v_chat from '@.*$'), '@c.us', '@s.whatsapp.net');
  if v_chat like '%@s.whatsapp.net' and v_chat <> concat(v_contact.phone_number, '@s.whatsapp.net') then
    -- From a number that may be somebody else's by now.
    v_chat := coalesce(v_contact.lid || '@lid', v_contact.phone_number || '@s.whatsapp.net');
  end if;
  return jsonb_build_object('chat_jid', v_chat, 'phone', v_contact.phone_number, 'lid', v_contact.lid);
end
$$;

revoke execute on function public.conversation_address(text, uuid, jsonb, text) from public, anon, authenticated;

grant execute on function public.conversation_address(text, uuid, jsonb, text) to service_role;

-- 40_events.sql

-- Events of an organization after the sequence `after`, in sequence. As read_page, so it may be fewer than `limit`.
create or replace function public.list_events(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
  v_organization_id constant text := p ->> 'organization_id';
  v_after constant bigint := coalesce((p ->> 'after')::bigint, 0);
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 1001);
begin
  open v_page for
    select jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence, 'name', e.name, 'payload', e.payload)
    from public.events e
    where e.organization_id = v_organization_id and e.sequence > v_after
    order by e.sequence
    limit v_limit;
  return public.read_page(v_page);
end
$$;

revoke execute on function
  public.append_event(text, uuid, jsonb), public.list_events(jsonb), public.event_heads(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.append_event(text, uuid, jsonb), public.list_events(jsonb), public.event_heads(jsonb)
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
      select m.id, m.created_at from public.messages m
      where m.organization_id = v_organization_id and v_settings.messages_days is not null
        and m.status not in ('pending', 'unknown')
      order by m.ordinal
      limit v_limit
    ) w
    where w.created_at < public.retention_cutoff(v_settings.messages_days)
  ), held as materialized (
    select m.id from public.messages m where m.id in (select o.id from old o) order by m.id for update
  )
  delete from public.messages m using held h where m.id = h.id;
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'messages', v_rows);
  v_more := v_more or v_rows = v_limit;

  delete from public.notes n
    where n.id in (
      select w.id from (
        select t.id, t.created_at from public.notes t
        where t.organization_id = v_organization_id and v_settings.notes_days is not null
        order by t.ordinal
        limit v_limit
      ) w
      where w.created_at < public.retention_cutoff(v_settings.notes_days)
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'notes', v_rows);
  v_more := v_more or v_rows = v_limit;

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

-- LIDs of others who had one of the numbers before.
create or replace function public.erased_strangers(p_erasure public.erasures) returns text[]
  language sql stable
  set search_path = ''
as $$
  select array(
    select unnest(public.former_owners(p_erasure.organization_id, public.erased_phones(p_erasure), p_erasure.contact_id))
    except select unnest(public.erased_lids(p_erasure))
  )
$$;

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
      and (e.payload ->> 'contactId' = any (v_ids) or e.payload ->> 'from' = any (v_from)
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

-- Deletes the person: the ledger, the keys, the contact itself. The erasure goes on after it. The caller holds the organization.
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

-- Takes over what is known of the person by now, who may have been joined with another contact: where that is more than
-- before, what was gone through counts again.
create or replace function public.learn_addresses(p_erasure public.erasures, p_contact public.contacts) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
begin
  -- A number that became somebody else's meanwhile names the person no more.
  v_erasure.phone_number := p_contact.phone_number;
  v_erasure.lid := coalesce(p_contact.lid, p_erasure.lid);
  v_erasure.former_phones := array(
    select p.phone from unnest(v_phones || public.former_addresses_of(p_contact, 'phone')) as p (phone)
    where not exists (
      select from public.contacts k
      where k.organization_id = p_contact.organization_id and k.id <> p_contact.id and k.phone_number = p.phone
    )
    except select v_erasure.phone_number
  );
  v_erasure.former_lids := array(
    select unnest(v_lids || public.former_addresses_of(p_contact, 'lid')) except select v_erasure.lid
  );
  if not (public.erased_phones(v_erasure) <@ v_phones and public.erased_lids(v_erasure) <@ v_lids) then
    v_erasure.inbox_cursor := 0;
    v_erasure.event_cursor := 0;
  end if;
  return v_erasure;
end
$$;

-- Erases a contact with everything about it, in steps of bounded size: to be called until `receipt` comes (`begin_only`: no step
-- is done, but it is noted and will be gone on with). First inbox and
-- events are gone through without holding anybody up, for about a second in each call. Then each step holds the organization,
-- as whoever processes its messages does, so that nothing which is processed meanwhile can leave remains; the last one alone
-- looks at everything again.
-- The person is deleted twice, in two transactions: a commit of a running session that waited for the locks of the first one puts
-- the person's Signal keys back, and is over when the second one has the locks. Whatever is received afterwards is a new
-- contact's.
create or replace function public.erase_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 5000);
  v_window constant int := 5000;
  v_erasure public.erasures;
  v_contact_id uuid;
  v_contact public.contacts;
  v_step record;
  v_is_at_end boolean := true;
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
begin
  insert into public.erasures (organization_id, contact_id, phone_number, lid)
    select k.organization_id, k.id, k.phone_number, k.lid
    from public.contacts k
    where k.organization_id = v_organization_id and k.id = (p ->> 'contact_id')::uuid
    on conflict (organization_id, contact_id) do nothing;
  select * into v_erasure from public.erasures e
    where e.organization_id = v_organization_id
      and (e.contact_id = (p ->> 'contact_id')::uuid or (p ->> 'contact_id')::uuid = any (e.merged_ids))
    order by e.contact_id = (p ->> 'contact_id')::uuid desc
    limit 1
    for update;
  if not found then
    raise exception 'contact not found' using errcode = 'AZ404';
  end if;
  if v_erasure.erased_at is not null then
    return jsonb_build_object('receipt', public.erasure_receipt(v_erasure));
  end if;
  if (p ->> 'begin_only')::boolean then
    return '{"receipt": null}'::jsonb;
  end if;
  if v_erasure.is_near_end then
    -- Before rows of the inbox: the order of everybody who locks both.
    perform 1 from public.organizations where id = v_organization_id for no key update;
  end if;

  -- It may have been joined with another one since.
  v_contact_id := public.current_contact(v_organization_id, v_erasure.contact_id);
  select * into v_contact from public.contacts k
    where k.organization_id = v_organization_id
      and (k.id = v_contact_id or k.lid = v_erasure.lid
        or k.phone_number = v_erasure.phone_number and (k.lid is null or v_erasure.lid is null))
    order by k.id = v_contact_id desc, k.phone_number = v_erasure.phone_number desc nulls last
    limit 1;
  if found then
    v_erasure := public.learn_addresses(v_erasure, v_contact);
  end if;

  if v_erasure.is_near_end then
    v_step := public.erase_conversation(v_erasure, v_contact.id, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
  end if;
  while v_is_at_end loop
    v_step := public.erase_from_inbox(v_erasure, v_window, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
    exit when v_is_at_end or v_erasure.is_near_end or clock_timestamp() > v_until;
    v_is_at_end := true;
  end loop;
  while v_is_at_end loop
    v_step := public.erase_from_events(v_erasure, v_contact.id, v_window, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
    exit when v_is_at_end or v_erasure.is_near_end or clock_timestamp() > v_until;
    v_is_at_end := true;
  end loop;
  if v_is_at_end and v_erasure.is_near_end then
    v_erasure := public.erase_person(v_erasure, v_contact.id);
    if v_erasure.is_person_gone then
      v_erasure := public.conclude_erasure(v_erasure);
    end if;
    v_erasure.is_person_gone := true;
  end if;
  v_erasure.is_near_end := v_erasure.is_near_end or v_is_at_end;

  update public.erasures e
    set counts = v_erasure.counts, inbox_cursor = v_erasure.inbox_cursor, event_cursor = v_erasure.event_cursor,
      is_near_end = v_erasure.is_near_end, is_person_gone = v_erasure.is_person_gone,
      phone_number = v_erasure.phone_number, lid = v_erasure.lid,
      former_phones = v_erasure.former_phones, former_lids = v_erasure.former_lids, erased_at = v_erasure.erased_at,
      merged_ids = v_erasure.merged_ids
    where e.id = v_erasure.id;
  return jsonb_build_object('receipt',
    case when v_erasure.erased_at is not null then public.erasure_receipt(v_erasure) end);
end
$$;

revoke execute on function
  public.message_mark(uuid, text, text), public.inbox_addressing(text, text, jsonb),
  public.erased_phones(public.erasures), public.erased_lids(public.erasures), public.erased_pattern(public.erasures),
  public.erased_strangers(public.erasures),
  public.add_count(jsonb, text, bigint), public.empty_inbox_rows(bigint[]),
  public.erase_from_inbox(public.erasures, int, int), public.erase_from_events(public.erasures, uuid, int, int),
  public.mark_erased(uuid[], text[], public.erasures), public.erase_conversation(public.erasures, uuid, int),
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
  public.mark_erased(uuid[], text[], public.erasures), public.erase_conversation(public.erasures, uuid, int),
  public.erase_person(public.erasures, uuid), public.learn_addresses(public.erasures, public.contacts),
  public.conclude_erasure(public.erasures), public.erasure_receipt(public.erasures), public.erase_contact(jsonb),
  public.unfinished_erasures(jsonb)
  to service_role;

-- 52_export.sql

-- A person's rights: everything that is kept about a contact can be read in pieces.

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
          select * from public.messages
          where contact_id = v_contact.id and ordinal > v_after
          order by ordinal
          limit v_limit
        )
        union all
        (
          select * from public.messages
          where contact_id is null and ordinal > v_after and organization_id = v_organization_id
            and chat_jid ~ v_pattern
          order by ordinal
          limit v_limit
        )
        order by ordinal
        limit v_limit
      ), page as (
        select f.*, sum(octet_length(f.content)) over (order by f.ordinal) - octet_length(f.content) as bytes_before
        from found f
      )
      select jsonb_agg(to_jsonb(m) - 'bytes_before' order by m.ordinal), max(m.ordinal) into v_rows, v_next
        from page m
        where m.bytes_before < v_bytes;
    when 'notes' then
      with found as (
        (
          select * from public.notes
          where contact_id = v_contact.id and ordinal > v_after
          order by ordinal
          limit v_limit
        )
        union all
        (
          select * from public.notes
          where contact_id is null and ordinal > v_after and organization_id = v_organization_id
            and chat_key ~ v_pattern
          order by ordinal
          limit v_limit
        )
        order by ordinal
        limit v_limit
      ), page as (
        select f.*, sum(octet_length(f.content)) over (order by f.ordinal) - octet_length(f.content) as bytes_before
        from found f
      )
      select jsonb_agg(to_jsonb(n) - 'bytes_before' order by n.ordinal), max(n.ordinal) into v_rows, v_next
        from page n
        where n.bytes_before < v_bytes;
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
          and (e.payload ->> 'contactId' = any (v_ids) or e.payload ->> 'from' = any (v_from)
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
    when p_type = 'messages' then (select m.organization_id from public.messages m where m.id = p_id::uuid)
  end
$$;

-- `organizations`: those that the actor may know of; null for all. An object of another one stays nobody's here. What a user
-- answers to an invitation is no business of the organization that the user is in already.
create or replace function public.begin_audit(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id text := p ->> 'organization_id';
  v_known constant jsonb := nullif(p -> 'organizations', 'null');
  v_call_id constant uuid := (p ->> 'call_id')::uuid;
  v_id bigint;
begin
  if v_organization_id is null then
    v_organization_id := public.organization_of_object(p ->> 'object_type', p ->> 'object_id');
    if v_known is not null and not v_known ? v_organization_id then
      v_organization_id := null;
    end if;
  end if;
  if v_organization_id is null and jsonb_array_length(v_known) = 1 and p ->> 'object_type' is distinct from 'invitations' then
    v_organization_id := v_known ->> 0;
  end if;
  insert into public.audit_log (organization_id, actor_kind, actor_id, actor_name, action, object_type, object_id,
      request_id, address, outcome, status, details, call_id)
    values (v_organization_id, p ->> 'actor_kind', p ->> 'actor_id', p ->> 'actor_name', p ->> 'action',
      p ->> 'object_type', p ->> 'object_id', p ->> 'request_id', p ->> 'address', coalesce(p ->> 'outcome', 'begun'),
      (p ->> 'status')::smallint, coalesce(p -> 'details', '{}'), v_call_id)
    on conflict (call_id) where call_id is not null do nothing
    returning id into v_id;
  if v_id is null then
    select a.id into v_id from public.audit_log a where a.call_id = v_call_id;
  end if;
  return to_jsonb(v_id);
end
$$;

-- Of an organization, or where `organization_id` is null of what belongs to none; entries of others and younger ones are not
-- looked at, nor those that are younger than `min_days`. Security definer, as `finish_audit`.
create or replace function public.apply_audit_retention(p jsonb) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 5000);
  v_days constant int := (public.retention_of(v_organization_id)).audit_days;
  v_cutoff constant timestamptz := public.retention_cutoff(v_days + greatest(coalesce((p ->> 'min_days')::int, 0) - v_days, 0));
  v_ids bigint[];
begin
  if v_organization_id is null then
    v_ids := array(
      select o.id from public.audit_log o where o.organization_id is null and o.at < v_cutoff order by o.at limit v_limit
    );
  else
    v_ids := array(
      select o.id from public.audit_log o
      where o.organization_id = v_organization_id and o.at < v_cutoff
      order by o.at
      limit v_limit
    );
  end if;
  delete from public.audit_log a where a.id = any (v_ids);
  return jsonb_build_object('deleted', cardinality(v_ids));
end
$$;

-- Applies retention to organizations after `after`, in the order of their ids, for about a second. `swept`: what was done, by
-- organization. `after`: the last one that is done; `is_over`: there is none after it; `more`: the next one is not done yet.
-- `busy`: another process is at it.
create or replace function public.sweep_retention(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 5000);
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
  v_after text := coalesce(p ->> 'after', '');
  v_id text;
  v_step jsonb;
  v_deleted int;
  v_swept jsonb := '[]'::jsonb;
  v_has_more boolean := false;
  v_is_over boolean;
begin
  loop
    select o.id into v_id from public.organizations o where o.id > v_after order by o.id limit 1;
    v_is_over := not found;
    exit when v_is_over;
    v_step := public.apply_retention(jsonb_build_object('organization_id', v_id, 'limit', v_limit));
    if (v_step ->> 'busy')::boolean then
      return '{"busy": true}'::jsonb;
    end if;
    v_deleted := (public.apply_audit_retention(jsonb_build_object('organization_id', v_id, 'limit', v_limit,
      'min_days', p -> 'audit_min_days')) ->> 'deleted')::int;
    v_step := jsonb_set(v_step, '{counts}', public.add_count(v_step -> 'counts', 'audit', v_deleted));
    if exists (select from jsonb_each_text(v_step -> 'counts') c where c.value <> '0') then
      v_swept := v_swept || jsonb_build_array(jsonb_build_array(v_id, v_step -> 'counts'));
    end if;
    v_has_more := (v_step ->> 'more')::boolean or v_deleted = v_limit;
    exit when v_has_more;
    v_after := v_id;
    exit when clock_timestamp() > v_until;
  end loop;
  return jsonb_build_object('busy', false, 'more', v_has_more, 'is_over', v_is_over, 'after', v_after, 'swept', v_swept);
end
$$;

-- 54_key_rotation.sql

-- Who may still seal under another key than the new one, as [process, node, has the new key first, last sign of life]: processes, and
-- nodes that run sessions whose data key the new key has not wrapped.
create or replace function public.rotation_blockers(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with holders as (
    select h.process::text, h.node_id, h.key_ids ->> 0 = p -> 'master_ids' ->> 0 as has_key, h.sealing, h.announced_at
    from public.key_holders h
    where h.expires_at > now()
  ), sessions as (
    select i.lease_owner as node_id, max(i.lease_expires_at) as lease_expires_at
    from public.whatsapp_instances i
    where i.lease_owner is not null and i.lease_expires_at > now()
      and (i.deleted_at is null or i.logout_expires_at is not null) and not exists (
      select from public.data_keys k
      where k.instance_id = i.id and k.purpose = 'session' and k.retired_at is null
        and substr(k.wrapped, 2, 4) = decode(p -> 'master_ids' ->> 0, 'base64')
    )
    group by i.lease_owner
  )
  select coalesce(jsonb_agg(jsonb_build_array(b.process, b.node_id, b.has_key, b.seen_at) order by b.node_id, b.process), '[]')
  from (
    select h.process, h.node_id, h.has_key, h.announced_at as seen_at
    from holders h
    where h.sealing <> p -> 'master_ids' ->> 0
    union all
    select s.node_id, s.node_id, exists (select from holders h where h.node_id = s.node_id and h.has_key), s.lease_expires_at
    from sessions s
  ) b
$$;

-- New data keys for sessions that run: `keys` holds [instance, epoch, session, inbox]. Gives [instance, session keys, inbox
-- keys] for those that are still the caller's.
create or replace function public.renew_running_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_instance public.whatsapp_instances;
  v_new jsonb;
  v_renewed jsonb := '[]'::jsonb;
begin
  -- In the order of ids, as everybody else who locks several instances.
  for v_new in select e from jsonb_array_elements(p -> 'keys') e order by (e ->> 0)::uuid loop
    select * into v_instance from public.whatsapp_instances
      where id = (v_new ->> 0)::uuid and lease_epoch = (v_new ->> 1)::bigint
        and (deleted_at is null or logout_expires_at is not null)
      for no key update;
    continue when not found;
    if public.needs_data_key(v_instance.id, 'session', p -> 'master_ids') then
      perform public.replace_data_key(v_instance, 'session', v_new -> 2);
    end if;
    if public.needs_data_key(v_instance.id, 'inbox', p -> 'master_ids') then
      perform public.replace_data_key(v_instance, 'inbox', v_new -> 3);
    end if;
    v_renewed := v_renewed || jsonb_build_array(jsonb_build_array(v_instance.id,
      public.data_keys_of(v_instance.id, 'session'), public.data_keys_of(v_instance.id, 'inbox')));
  end loop;
  return v_renewed;
end
$$;
