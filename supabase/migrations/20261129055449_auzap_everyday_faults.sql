alter table public.api_keys add column if not exists created_by jsonb check (created_by ?& '{kind,id,name}');
-- One reason, one name.
update public.whatsapp_instances set last_disconnect_reason = 'whatsapp_unavailable' where last_disconnect_reason = 'no_answer';

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
    'idx_messages_contact idx_messages_idempotency idx_messages_instance_ordinal idx_messages_open '
    'idx_messages_organization idx_messages_outbound idx_messages_without_contact idx_node_requests_expiry '
    'idx_node_requests_waiting idx_notes_contact idx_notes_organization idx_notes_without_contact '
    'idx_organization_invitations_by idx_organization_invitations_user idx_organization_members_user '
    'idx_undecrypted_instance idx_undecrypted_message idx_undecrypted_received idx_undecrypted_waiting '
    'idx_webhook_deliveries_due idx_webhook_deliveries_organization idx_webhook_endpoints_organization '
    'idx_whatsapp_instances_alive idx_whatsapp_instances_organization idx_whatsapp_instances_resumable inbox '
    'inbox_id_seq ingest_work key_holders messages messages_ordinal_seq node_requests nodes notes notes_ordinal_seq '
    'organization_invitations organization_members organizations pairing_qrs retention_progress retention_settings '
    'service_secrets session_writers undecrypted_messages undecrypted_messages_id_seq webhook_deliveries '
    'webhook_deliveries_id_seq webhook_endpoints whatsapp_instances whatsapp_session_keys', ' ');
  v_functions constant text[] := string_to_array(
    'acquire_session add_count announce_keys answer_invitation answer_node_request api_key_grant api_key_view '
    'append_event apply_audit_retention apply_inbox_retention apply_receipts apply_retention ask_node '
    'authenticate_api_key begin_audit begin_ingest begin_outbound bury_nodes check_epochs claim_inbox '
    'close_organization commit_encoded_batch commit_session_batch complete_message conclude_erasure '
    'conversation_address count_locked_sessions count_rows count_sealed create_api_key data_keys_of '
    'default_retention describe_database doubt_outbound drop_retired_keys empty_inbox_rows encode_base64 '
    'end_keys_made end_of_held end_of_new_key erase_contact erase_conversation erase_from_events erase_from_inbox '
    'erase_person erased_lids erased_pattern erased_phones erasure_receipt event_heads export_contact find_inbox '
    'find_outbound find_outbound_content find_pairing_qr find_undecrypted finish_audit finish_outbound '
    'former_addresses_of give_up_undecrypted has_usable_api_key inbox_addressing inbox_waits ingest_inbox '
    'instance_integrity instance_view invitation_view invitations_of invite_member is_leased is_usable '
    'items_with_origin keep_audit_log keep_contact_name keep_former_addresses keep_service_secret lacks_data_key '
    'learn_addresses list_events list_keys_to_rewrap list_messages list_notes list_open_outbound '
    'list_unkeyed_instances lock_to_count mark_erased memberships_of merge_contacts message_mark my_organizations '
    'needs_data_key node_heartbeat node_poll node_tick open_call organization_data_keys organization_of_object '
    'outbound_rank outbound_view owner_addresses person_pattern put_member queue_stats read_data_keys '
    'read_node_answer read_node_answers read_page read_retention read_session_keys record_undecrypted '
    'recover_undecrypted redrive_inbox release_claims release_session remember_addresses remove_member renew_claims '
    'renew_data_keys renew_running_keys repeat_outbound replace_data_key require_open_organization '
    'require_other_owner require_place reseal_credentials reseal_direct_values reseal_inbox_bodies '
    'reseal_session_keys reseal_webhook_secrets resolve_contacts resolve_person restore_instance retention_cutoff '
    'retention_of revoke_api_key rewrap_data_keys rotate_api_key rotation_blockers rows_about schema_versions '
    'scopes_of_role search_contacts session_holder set_instance_status shred_drained_keys skip_erased '
    'stale_credentials stale_direct_values stale_inbox_bodies stale_session_keys stale_webhook_secrets '
    'store_bookings store_inbound store_message_events store_notes store_pairing_qr stored_outbound sweep_outbound '
    'sweep_retention take_node_requests tick_part touch_updated_at unfinished_closings unfinished_erasures '
    'usable_api_keys was_sent_to were_sent_to wipe_session withdraw_invitation withdraw_invitations_by '
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

-- 02_common.sql

-- What an open cursor gives, each row as an object, until it ends or they make more than 1 MiB of JSON together; the first one
-- counts however large it is. `more` says that the rows were cut there. No row is read but those and the one that is too much.
create or replace function public.read_page(p_rows refcursor) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_row jsonb;
  v_rows jsonb[] := '{}';
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

-- The end of a new key: what was asked for, as far as whoever makes it gets there.
create or replace function public.end_of_new_key(p_asked timestamptz, p_usual timestamptz, p_held timestamptz) returns timestamptz
  language plpgsql immutable
  set search_path = ''
as $$
begin
  if p_asked > p_held then
    raise exception using errcode = 'AZ403', message = 'expiry_not_held';
  end if;
  return least(coalesce(p_asked, p_usual), p_held);
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
  v_made uuid[] := '{}';
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
  perform public.withdraw_invitations_by('api-key', (v_ended || (p ->> 'key_id')::uuid)::text[], null);
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
  public.end_keys_made(jsonb), public.revoke_api_key(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.keep_service_secret(jsonb), public.is_usable(public.api_keys), public.api_key_grant(public.api_keys),
  public.authenticate_api_key(jsonb), public.usable_api_keys(jsonb), public.has_usable_api_key(jsonb),
  public.api_key_view(public.api_keys), public.scopes_of_role(text), public.end_of_held(jsonb, text, text[]),
  public.end_of_new_key(timestamptz, timestamptz, timestamptz), public.create_api_key(jsonb), public.rotate_api_key(jsonb),
  public.end_keys_made(jsonb), public.revoke_api_key(jsonb)
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

-- 23_nodes.sql

-- What there is to do for a node that runs `running` sessions: some of those that nobody runs, up to its fair share, and
-- requests of other nodes.
-- `again`: those, too, that wait for a person. `next_lease_ms`: when the first lease of another node ends unless it is
-- prolonged, so that nobody has to look again before. `has_leaver`: another node gives its sessions up.
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
  -- reason that only a person can change; one whose owner vanished was running.
  with wanted as materialized (
    select i.id, i.organization_id, i.lease_owner, i.lease_expires_at,
      i.lease_owner is null or i.lease_expires_at <= now() or i.lease_expires_at is null as is_free
    from public.whatsapp_instances i
    where i.desired_state = 'running' and i.deleted_at is null and i.has_session
      and (v_again or i.lease_owner is not null or i.status <> 'disconnected'
        or i.last_disconnect_reason in ('service_stopped', 'handed_over', 'storage_refused'))
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
    'next_lease_ms', v_next_lease_ms, 'requests', public.take_node_requests(p));
end
$$;

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
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501), (p ->> 'contact_id')::uuid, (p ->> 'instance_id')::uuid,
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
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501), (p ->> 'contact_id')::uuid;
  return public.read_page(v_page);
end
$$;

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
