-- Written by `npm run schema` from supabase/schema: do not edit.

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
    'idx_api_keys_organization idx_api_keys_replaced_by idx_audit_log_actor idx_audit_log_call idx_audit_log_object '
    'idx_audit_log_organization idx_audit_log_time idx_bookings_contact idx_bookings_organization '
    'idx_bookings_pending idx_contacts_organization idx_data_keys_instance idx_data_keys_master '
    'idx_data_keys_organization idx_erased_messages_age idx_erasures_organization idx_erasures_unfinished '
    'idx_inbox_dead idx_inbox_organization idx_inbox_pending idx_inbox_received idx_messages_contact '
    'idx_messages_idempotency idx_messages_instance_ordinal idx_messages_open idx_messages_organization '
    'idx_messages_outbound idx_messages_without_contact idx_node_requests_expiry idx_node_requests_waiting '
    'idx_notes_contact idx_notes_organization idx_notes_without_contact idx_organization_members_user '
    'idx_undecrypted_instance idx_undecrypted_message idx_undecrypted_received idx_undecrypted_waiting '
    'idx_webhook_deliveries_due idx_webhook_deliveries_organization idx_webhook_endpoints_organization '
    'idx_whatsapp_instances_alive idx_whatsapp_instances_organization idx_whatsapp_instances_resumable inbox '
    'inbox_id_seq ingest_work key_holders messages messages_ordinal_seq node_requests nodes notes notes_ordinal_seq '
    'organization_members organizations pairing_qrs retention_progress retention_settings service_secrets '
    'session_writers undecrypted_messages undecrypted_messages_id_seq webhook_deliveries webhook_deliveries_id_seq '
    'webhook_endpoints whatsapp_instances whatsapp_session_keys', ' ');
  v_functions constant text[] := string_to_array(
    'acquire_session add_count announce_keys answer_node_request api_key_grant append_event apply_audit_retention '
    'apply_inbox_retention apply_receipts apply_retention ask_node authenticate_api_key begin_audit begin_ingest '
    'begin_outbound bury_nodes check_epochs claim_inbox close_organization commit_encoded_batch '
    'commit_session_batch complete_message conclude_erasure conversation_address count_locked_sessions count_rows '
    'count_sealed data_keys_of default_retention describe_database doubt_outbound drop_retired_keys '
    'empty_inbox_rows encode_base64 erase_contact erase_conversation erase_from_events erase_from_inbox '
    'erase_person erased_lids erased_pattern erased_phones erasure_receipt event_heads export_contact find_inbox '
    'find_outbound find_outbound_content find_pairing_qr find_undecrypted finish_audit finish_outbound '
    'former_addresses_of give_up_undecrypted has_usable_api_key inbox_addressing inbox_waits ingest_inbox '
    'instance_integrity instance_view is_leased is_usable items_with_origin keep_audit_log keep_contact_name '
    'keep_former_addresses keep_service_secret lacks_data_key learn_addresses list_keys_to_rewrap list_messages '
    'list_notes list_open_outbound list_unkeyed_instances lock_to_count mark_erased memberships_of merge_contacts '
    'message_mark my_organizations needs_data_key node_heartbeat node_poll node_tick open_call '
    'organization_data_keys organization_of_object outbound_rank outbound_view owner_addresses person_pattern '
    'put_member queue_stats read_data_keys read_node_answer read_node_answers read_retention read_session_keys '
    'record_undecrypted recover_undecrypted redrive_inbox release_claims release_session remember_addresses '
    'remove_member renew_claims renew_data_keys renew_running_keys repeat_outbound replace_data_key '
    'require_open_organization require_other_owner require_place reseal_credentials reseal_direct_values '
    'reseal_inbox_bodies reseal_session_keys reseal_webhook_secrets resolve_contacts resolve_person '
    'restore_instance retention_cutoff retention_of revoke_api_key rewrap_data_keys rotate_api_key '
    'rotation_blockers rows_about schema_versions search_contacts session_holder set_instance_status '
    'shred_drained_keys skip_erased stale_credentials stale_direct_values stale_inbox_bodies stale_session_keys '
    'stale_webhook_secrets store_bookings store_inbound store_message_events store_notes store_pairing_qr '
    'stored_outbound sweep_outbound sweep_retention take_node_requests tick_part touch_updated_at '
    'unfinished_closings unfinished_erasures usable_api_keys was_sent_to were_sent_to wipe_session '
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

-- 01_roles.sql

-- Roles and the schema `auth` as Supabase has them, where they are missing (plain and embedded Postgres).
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'anon') then
    create role anon nologin noinherit;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'authenticated') then
    create role authenticated nologin noinherit;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    create role service_role nologin noinherit bypassrls;
  end if;
exception
  -- Roles belong to the whole server: another database of it may be migrated at this moment.
  when duplicate_object or unique_violation then
    null;
end
$$;

do $$
begin
  if not exists (select from pg_catalog.pg_namespace where nspname = 'auth') then
    create schema auth;
    grant usage on schema auth to anon, authenticated, service_role;

    create function auth.jwt() returns jsonb
      language sql stable
      set search_path = ''
    as $body$
      select coalesce(
        nullif(current_setting('request.jwt.claims', true), ''),
        nullif(current_setting('request.jwt.claim', true), '')
      )::jsonb
    $body$;

    create function auth.uid() returns uuid
      language sql stable
      set search_path = ''
    as $body$
      select nullif(coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      ), '')::uuid
    $body$;
  end if;
end
$$;

grant usage on schema public to anon, authenticated, service_role;

-- 02_common.sql

-- What several subjects use. Functions that the service calls take one JSON argument and return JSON, so that it is the same
-- call over any transport.

create or replace function public.touch_updated_at() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

-- For single values. Where there may be many, callers write the expression themselves: a function that sets its search
-- path is never inlined, and calls cost more than what it does.
create or replace function public.encode_base64(value bytea) returns text
  language sql immutable strict parallel safe
  set search_path = ''
as $$
  -- encode() breaks lines after 76 characters.
  select translate(encode(value, 'base64'), e'\n', '')
$$;

-- Which migrations were applied, as [version, name] in their order: the service compares them at its start. Dynamic, because the
-- table is made by whoever applies the first migration, maybe after this function.
create or replace function public.schema_versions(p jsonb) returns jsonb
  language plpgsql stable security definer
  set search_path = ''
as $$
-- It takes `p` because all do. @plpgsql_check_options: extra_warnings = off
declare
  v_versions jsonb;
begin
  if to_regclass('supabase_migrations.schema_migrations') is null then
    return '[]'::jsonb;
  end if;
  execute $versions$
    select coalesce(jsonb_agg(jsonb_build_array(m.version, to_jsonb(m) ->> 'name') order by m.version), '[]')
    from supabase_migrations.schema_migrations m
  $versions$ into v_versions;
  return v_versions;
end
$$;

revoke execute on function
  public.touch_updated_at(), public.encode_base64(bytea), public.schema_versions(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.touch_updated_at(), public.encode_base64(bytea), public.schema_versions(jsonb)
  to service_role;

-- 10_organizations.sql

-- Tenants and their members.

create table if not exists public.organizations (
  id text primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  name text not null default '',
  -- Last sequence in `events`; the lock on this row is what makes sequences gapless.
  event_seq bigint not null default 0,
  created_at timestamptz not null default now(),
  closed_at timestamptz
);
alter table public.organizations enable row level security;
revoke all on public.organizations from public, anon, authenticated;
grant select, insert, update, delete on public.organizations to service_role;
grant select on public.organizations to authenticated;

create table if not exists public.organization_members (
  organization_id text not null references public.organizations (id) on delete cascade,
  user_id uuid not null,
  role text not null default 'agent' check (role in ('owner', 'agent', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (organization_id, user_id)
);
create index if not exists idx_organization_members_user on public.organization_members (user_id);
alter table public.organization_members enable row level security;
revoke all on public.organization_members from public, anon, authenticated;
grant select, insert, update, delete on public.organization_members to service_role;
grant select on public.organization_members to authenticated;

-- Members of a closed organization see no more of it.
-- Security definer: a policy on `organization_members` that reads that table itself would never end.
create or replace function public.my_organizations() returns setof text
  language sql stable security definer
  set search_path = ''
as $$
  select m.organization_id from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id = auth.uid() and o.closed_at is null
$$;

-- Members read their organization's rows and nothing else; everything is written by the service. An array that is made once for
-- each query, which indexes on the organization can be searched with: with a subquery in its place, a query that names no
-- organization reads the rows of all of them to throw most of them away.
drop policy if exists members_read on public.organizations;
create policy members_read on public.organizations for select to authenticated
  using (id = any (array(select public.my_organizations())));
drop policy if exists members_read on public.organization_members;
create policy members_read on public.organization_members for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- Nothing new for an organization that is closed. The lock waits for a closing that is under way.
create or replace function public.require_open_organization() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_is_closed boolean;
begin
  select o.closed_at is not null into v_is_closed
    from public.organizations o where o.id = new.organization_id for share;
  if v_is_closed then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  return new;
end
$$;

create or replace trigger require_open_organization before insert on public.organization_members
  for each row execute function public.require_open_organization();

-- How much an organization may have, and that its members leave it an owner. What breaks a rule is refused with AZ410, whose
-- message is a code: the service has the sentence that callers get to read.

-- Makes everybody wait who counts what the organization has. The organization is locked first, as everywhere.
create or replace function public.lock_to_count(p_organization_id text) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform 1 from public.organizations o where o.id = p_organization_id for share;
  perform pg_advisory_xact_lock(hashtextextended('counted:' || p_organization_id, 0));
end
$$;

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
  end case;
  if v_others >= v_max then
    raise exception using errcode = 'AZ410', message = 'too_many_' || tg_argv[1];
  end if;
  return new;
end
$$;

create or replace trigger require_place before insert on public.organization_members
  for each row execute function public.require_place('1000', 'members');

-- Refuses what would take its last owner from an organization.
create or replace function public.require_other_owner(p jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform public.lock_to_count(p ->> 'organization_id');
  if (select coalesce(bool_or(m.user_id = (p ->> 'user_id')::uuid) and count(*) = 1, false)
      from public.organization_members m
      where m.organization_id = p ->> 'organization_id' and m.role = 'owner') then
    raise exception using errcode = 'AZ410', message = 'last_owner';
  end if;
end
$$;

-- Makes a user a member, or changes the role of one. With `keep_owner`, not where the organization would lose its last owner.
create or replace function public.put_member(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_member public.organization_members;
begin
  if (p ->> 'keep_owner')::boolean and p ->> 'role' <> 'owner' then
    perform public.require_other_owner(p);
  end if;
  insert into public.organization_members as m (organization_id, user_id, role)
    values (p ->> 'organization_id', (p ->> 'user_id')::uuid, p ->> 'role')
    on conflict (organization_id, user_id) do update set role = excluded.role
    returning m.* into v_member;
  return to_jsonb(v_member);
end
$$;

-- Whether the user was a member. With `keep_owner`, as above.
create or replace function public.remove_member(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  if (p ->> 'keep_owner')::boolean then
    perform public.require_other_owner(p);
  end if;
  delete from public.organization_members m
    where m.organization_id = p ->> 'organization_id' and m.user_id = (p ->> 'user_id')::uuid;
  return jsonb_build_object('removed', found);
end
$$;

-- In which organizations users are members, and as what.
create or replace function public.memberships_of(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('user_id', m.user_id, 'organization_id', m.organization_id,
      'role', m.role, 'is_closed', o.closed_at is not null)), '[]')
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id in (select jsonb_array_elements_text(p -> 'user_ids')::uuid)
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
  delete from public.data_keys where organization_id = p ->> 'id' and instance_id is null;
  return '{}'::jsonb;
end
$$;

revoke execute on function
  public.my_organizations(), public.require_open_organization(), public.lock_to_count(text), public.require_place(),
  public.require_other_owner(jsonb), public.put_member(jsonb), public.remove_member(jsonb),
  public.memberships_of(jsonb), public.close_organization(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.my_organizations(), public.require_open_organization(), public.lock_to_count(text), public.require_place(),
  public.require_other_owner(jsonb), public.put_member(jsonb), public.remove_member(jsonb),
  public.memberships_of(jsonb), public.close_organization(jsonb)
  to service_role;
grant execute on function public.my_organizations() to authenticated;

-- 11_api_keys.sql

-- The ways to call in: API keys with scopes and an end, and secrets of the service itself.

create table if not exists public.api_keys (
  id uuid primary key default gen_random_uuid(),
  -- Null for a key of the whole service, which belongs to no organization and has the scope `admin` alone.
  organization_id text references public.organizations (id) on delete cascade,
  name text not null,
  -- First characters of the key, to recognize it in a list.
  prefix text not null,
  key_hash bytea not null unique,
  scopes text[] not null default '{}',
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  -- The key that took its place; it lives on until `expires_at`.
  replaced_by uuid references public.api_keys (id) on delete set null,
  constraint api_keys_scopes check (
    case when organization_id is null then scopes = '{admin}'
      else cardinality(scopes) > 0 and scopes <@ '{read,send,manage}' end
  )
);
comment on column public.api_keys.key_hash is 'HMAC-SHA-256 of the key, under a secret of this deployment';
create index if not exists idx_api_keys_organization on public.api_keys (organization_id, created_at desc);
create index if not exists idx_api_keys_replaced_by on public.api_keys (replaced_by) where replaced_by is not null;
alter table public.api_keys enable row level security;
revoke all on public.api_keys from public, anon, authenticated;
grant select, insert, update, delete on public.api_keys to service_role;

create or replace trigger require_open_organization before insert on public.api_keys
  for each row execute function public.require_open_organization();
create or replace trigger require_place before insert on public.api_keys
  for each row when (new.organization_id is not null) execute function public.require_place('100', 'api_keys');

-- Secrets that the service made for itself, sealed by it. Whoever rotates SESSION_ENCRYPTION_KEY seals them again.
create table if not exists public.service_secrets (
  name text primary key check (name ~ '^[a-z0-9-]{1,64}$'),
  value bytea not null,
  created_at timestamptz not null default now()
);
alter table public.service_secrets enable row level security;
revoke all on public.service_secrets from public, anon, authenticated;
grant select, insert, update, delete on public.service_secrets to service_role;

-- The secret of this name: the given one where there was none. All processes get the same.
create or replace function public.keep_service_secret(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_value bytea;
begin
  insert into public.service_secrets (name, value) values (p ->> 'name', decode(p ->> 'value', 'base64'))
    on conflict (name) do nothing;
  select s.value into v_value from public.service_secrets s where s.name = p ->> 'name';
  return jsonb_build_object('value', public.encode_base64(v_value));
end
$$;

create or replace function public.is_usable(p_key public.api_keys) returns boolean
  language sql stable
  set search_path = ''
as $$
  select p_key.revoked_at is null and (p_key.expires_at is null or p_key.expires_at > now())
$$;

-- What a key allows, as the service reads it.
create or replace function public.api_key_grant(p_key public.api_keys) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('id', p_key.id, 'name', p_key.name, 'organization_id', p_key.organization_id,
  'scopes', p_key.scopes, 'expires_at', p_key.expires_at)
$$;

-- Whose key this is: null for one that is unknown, revoked or past its end. Notes the use, once a minute at most.
create or replace function public.authenticate_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_key public.api_keys;
begin
  select k.* into v_key from public.api_keys k
    where k.key_hash = decode(p ->> 'key_hash', 'base64') and public.is_usable(k);
  if not found then
    return null;
  end if;
  if v_key.last_used_at is null or v_key.last_used_at < now() - interval '1 minute' then
    begin
      update public.api_keys k set last_used_at = now()
        where k.id = v_key.id and k.last_used_at is not distinct from v_key.last_used_at;
    exception when disk_full or read_only_sql_transaction then
      null; -- Reading goes on where nothing can be written.
    end;
  end if;
  return public.api_key_grant(v_key);
end
$$;

-- Those of the keys that may still be used.
create or replace function public.usable_api_keys(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(public.api_key_grant(k)), '[]')
  from public.api_keys k
  where k.id in (select jsonb_array_elements_text(p -> 'ids')::uuid) and public.is_usable(k)
$$;

-- Whether anybody could call with a key.
create or replace function public.has_usable_api_key(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('has', exists (select from public.api_keys k where public.is_usable(k)))
$$;

-- A new key takes the place of one, which lives on for a while; one that ends at once leaves its place to the new one. Null when
-- there is no such key; a key that is revoked, past its end or rotated already stays as it is.
create or replace function public.rotate_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_old public.api_keys;
  v_id uuid;
begin
  -- As everywhere: the organization first.
  perform 1 from public.organizations o where o.id = p ->> 'organization_id' for share;
  select k.* into v_old from public.api_keys k
    where k.id = (p ->> 'id')::uuid and k.organization_id is not distinct from p ->> 'organization_id'
    for update;
  if not found then
    return null;
  end if;
  if v_old.replaced_by is not null or not public.is_usable(v_old) then
    return jsonb_build_object('id', null);
  end if;
  update public.api_keys k
    set expires_at = least(k.expires_at, now() + make_interval(secs => (p ->> 'overlap_seconds')::double precision))
    where k.id = v_old.id;
  insert into public.api_keys (organization_id, name, prefix, key_hash, scopes, expires_at)
    values (v_old.organization_id, v_old.name, p ->> 'prefix', decode(p ->> 'key_hash', 'base64'), v_old.scopes,
      coalesce((p ->> 'expires_at')::timestamptz, now() + (v_old.expires_at - v_old.created_at)))
    returning id into v_id;
  update public.api_keys k set replaced_by = v_id where k.id = v_old.id;
  return jsonb_build_object('id', v_id);
end
$$;

create or replace function public.revoke_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.api_keys k set revoked_at = coalesce(k.revoked_at, now())
    where k.id = (p ->> 'id')::uuid and k.organization_id is not distinct from p ->> 'organization_id';
  return jsonb_build_object('found', found);
end
$$;

revoke execute on function
  public.keep_service_secret(jsonb), public.is_usable(public.api_keys), public.api_key_grant(public.api_keys),
  public.authenticate_api_key(jsonb), public.usable_api_keys(jsonb), public.has_usable_api_key(jsonb),
  public.rotate_api_key(jsonb), public.revoke_api_key(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.keep_service_secret(jsonb), public.is_usable(public.api_keys), public.api_key_grant(public.api_keys),
  public.authenticate_api_key(jsonb), public.usable_api_keys(jsonb), public.has_usable_api_key(jsonb),
  public.rotate_api_key(jsonb), public.revoke_api_key(jsonb)
  to service_role;

-- 20_instances.sql

-- WhatsApp numbers.

create table if not exists public.whatsapp_instances (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id),
  instance_name text not null,
  phone_number text,
  status text not null default 'disconnected'
    check (status in ('connected', 'disconnected', 'connecting', 'qr_pending')),
  pairing_method text not null default 'code' check (pairing_method in ('code', 'qr')),
  -- Credentials, sealed by the service.
  session_data bytea,
  has_session boolean generated always as (session_data is not null) stored,
  -- The linked account; digits.
  account_phone text,
  account_lid text,
  last_connected_at timestamptz,
  last_disconnect_reason text,
  messages_sent_count bigint not null default 0,
  messages_received_count bigint not null default 0,
  desired_state text not null default 'stopped' check (desired_state in ('running', 'stopped')),
  lease_owner text,
  -- Raised by whoever takes the session over; a writer with another number is fenced.
  lease_epoch bigint not null default 0,
  lease_expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  -- What rows of an instance refer to: one check for the instance and for its organization.
  unique (id, organization_id)
) with (fillfactor = 70);
create index if not exists idx_whatsapp_instances_organization
  on public.whatsapp_instances (organization_id, created_at desc, id desc);
create index if not exists idx_whatsapp_instances_resumable
  on public.whatsapp_instances (id) where desired_state = 'running' and deleted_at is null;
-- What looks alive and may have nobody who runs it.
create index if not exists idx_whatsapp_instances_alive on public.whatsapp_instances (id) where status <> 'disconnected';
alter table public.whatsapp_instances enable row level security;
revoke all on public.whatsapp_instances from public, anon, authenticated;
grant select, insert, update, delete on public.whatsapp_instances to service_role;
-- No credentials and nothing about leases.
grant select (id, organization_id, instance_name, phone_number, status, pairing_method, has_session,
  account_phone, account_lid, last_connected_at, last_disconnect_reason, messages_sent_count,
  messages_received_count, desired_state, created_at, updated_at, deleted_at)
  on public.whatsapp_instances to authenticated;
drop policy if exists members_read on public.whatsapp_instances;
create policy members_read on public.whatsapp_instances for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- A lease says nothing about the instance itself.
create or replace trigger touch_updated_at before update of instance_name, phone_number, status, pairing_method, session_data,
    account_phone, account_lid, last_connected_at, last_disconnect_reason, messages_sent_count,
    messages_received_count, desired_state, deleted_at
  on public.whatsapp_instances
  for each row execute function public.touch_updated_at();
create or replace trigger require_open_organization before insert on public.whatsapp_instances
  for each row execute function public.require_open_organization();
create or replace trigger require_place before insert or update of deleted_at on public.whatsapp_instances
  for each row when (new.deleted_at is null) execute function public.require_place('1000', 'instances');

-- For one instance. Scans write the expression themselves: a function that sets its search path is never inlined, and would read
-- the credentials in each row that it is given.
create or replace function public.is_leased(p_instance public.whatsapp_instances) returns boolean
  language sql stable
  set search_path = ''
as $$
  select p_instance.lease_owner is not null and coalesce(p_instance.lease_expires_at > now(), false)
$$;

-- A deleted instance comes back. The organization is locked first, as everywhere.
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
  update public.whatsapp_instances set deleted_at = null where id = (p ->> 'id')::uuid;
  return jsonb_build_object('restored', found);
end
$$;

create or replace function public.set_instance_status(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_epoch constant bigint := (p ->> 'epoch')::bigint;
  v_has_event constant boolean := coalesce(jsonb_typeof(p -> 'event'), 'null') = 'object';
  v_organization_id text;
  v_current bigint;
begin
  select organization_id into v_organization_id from public.whatsapp_instances where id = v_id;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  -- First the organization, then the instance: the order of everybody who locks both.
  if v_has_event then
    perform 1 from public.organizations where id = v_organization_id for no key update;
  end if;
  select lease_epoch into v_current from public.whatsapp_instances where id = v_id for no key update;
  if v_current <> v_epoch then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_id)::text;
  end if;
  update public.whatsapp_instances set
      status = coalesce(p ->> 'status', status),
      pairing_method = coalesce(p ->> 'pairing_method', pairing_method),
      desired_state = coalesce(p ->> 'desired_state', desired_state),
      phone_number = case when p ? 'phone_number' then p ->> 'phone_number' else phone_number end,
      account_phone = case when p ? 'account_phone' then p ->> 'account_phone' else account_phone end,
      account_lid = case when p ? 'account_lid' then p ->> 'account_lid' else account_lid end,
      last_connected_at = case when (p ->> 'last_connected_at')::boolean then now() else last_connected_at end,
      last_disconnect_reason = case when p ? 'reason' then p ->> 'reason' else last_disconnect_reason end
    where id = v_id;
  return jsonb_build_object('event',
    case when v_has_event then public.append_event(v_organization_id, v_id, p -> 'event') end);
end
$$;

-- Closed organizations that still have an instance: whoever was closing them ended before all were logged out.
create or replace function public.unfinished_closings(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(u.id order by u.id), '[]')
  from (
    select o.id
    from public.organizations o
    where o.closed_at is not null and exists (
      select from public.whatsapp_instances i where i.organization_id = o.id and i.deleted_at is null
    )
    order by o.id
    limit 100
  ) u
$$;

revoke execute on function
  public.is_leased(public.whatsapp_instances), public.restore_instance(jsonb), public.set_instance_status(jsonb),
  public.unfinished_closings(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.is_leased(public.whatsapp_instances), public.restore_instance(jsonb), public.set_instance_status(jsonb),
  public.unfinished_closings(jsonb)
  to service_role;

-- An instance as the service reads it: everything but its credentials and who runs it.
create or replace function public.instance_view(i public.whatsapp_instances) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('id', i.id, 'organization_id', i.organization_id, 'instance_name', i.instance_name,
    'phone_number', i.phone_number, 'status', i.status, 'pairing_method', i.pairing_method,
    'account_phone', i.account_phone, 'account_lid', i.account_lid, 'last_connected_at', i.last_connected_at,
    'messages_sent_count', i.messages_sent_count, 'messages_received_count', i.messages_received_count,
    'desired_state', i.desired_state, 'has_session', i.has_session, 'last_disconnect_reason', i.last_disconnect_reason,
    'created_at', i.created_at, 'updated_at', i.updated_at, 'deleted_at', i.deleted_at)
$$;
revoke execute on function public.instance_view(public.whatsapp_instances) from public, anon, authenticated;
grant execute on function public.instance_view(public.whatsapp_instances) to service_role;

-- Who calls, by the hash of a key or by the id of a user whose token was checked, and the instance that the call's path
-- names, unless it belongs to an organization of which the caller may not know. Notes the use of a key as
-- authenticate_api_key does.
create or replace function public.open_call(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_grant jsonb;
  v_memberships jsonb;
  v_known text[];
  v_instance jsonb;
begin
  if p ->> 'key_hash' is not null then
    v_grant := public.authenticate_api_key(p);
    if v_grant is null then
      return jsonb_build_object('grant', null, 'instance', null);
    end if;
    v_known := array[v_grant ->> 'organization_id'];
  else
    v_memberships := public.memberships_of(jsonb_build_object('user_ids', jsonb_build_array(p -> 'user_id')));
    v_known := array(
      select m ->> 'organization_id' from jsonb_array_elements(v_memberships) m where not (m ->> 'is_closed')::boolean
    );
  end if;
  select public.instance_view(i) into v_instance from public.whatsapp_instances i
    where i.id = (p ->> 'instance_id')::uuid
      -- A key of no organization is one of the whole service.
      and (i.organization_id = any (v_known) or v_grant is not null and v_grant ->> 'organization_id' is null);
  return jsonb_build_object('grant', v_grant, 'memberships', v_memberships, 'instance', v_instance);
end
$$;
revoke execute on function public.open_call(jsonb) from public, anon, authenticated;
grant execute on function public.open_call(jsonb) to service_role;

-- 21_inbox.sql

-- What WhatsApp delivered, in order of arrival; committed before it is acknowledged. Its only writer takes instance and
-- organization from the instance's row under a lock, so references would cost a third of the commit and check nothing.
create table if not exists public.inbox (
  id bigint generated always as identity primary key,
  organization_id text not null,
  instance_id uuid not null,
  message_id text not null,
  chat text not null,
  sender text not null,
  -- SHA-256 (hex) over ciphertext and addressing.
  hash text not null,
  attrs jsonb not null default '{}',
  encryption text not null default 'none',
  -- Sealed by the service; null for a placeholder or a purged row.
  body bytea,
  account_phone text,
  account_lid text,
  received_at timestamptz not null default now(),
  -- 0 pending, 1 done, 2 dead.
  state smallint not null default 0 check (state between 0 and 2),
  reason text,
  error text,
  attempts int not null default 0,
  claimed_by text,
  claimed_until timestamptz,
  processed_at timestamptz,
  -- What became of a row that was closed; null while it is pending.
  outcome text check (outcome in ('stored', 'note', 'skipped', 'duplicate', 'dead', 'undecrypted')),
  unique (instance_id, hash)
) with (fillfactor = 80);
create index if not exists idx_inbox_pending on public.inbox (instance_id, id) where state = 0;
create index if not exists idx_inbox_dead on public.inbox (organization_id, id) where state = 2;
-- For counting what arrived in a period.
create index if not exists idx_inbox_received on public.inbox (instance_id, received_at);
-- For erasures: the rows of one organization, wherever in the inbox they are.
create index if not exists idx_inbox_organization on public.inbox (organization_id, id);
alter table public.inbox enable row level security;
revoke all on public.inbox from public, anon, authenticated;
grant select, insert, update, delete on public.inbox to service_role;
revoke all on sequence public.inbox_id_seq from public, anon, authenticated;
grant usage, select on sequence public.inbox_id_seq to service_role;

-- Functions that are called for each batch of messages (here, `commit_session_batch` and `ingest_inbox`) find their rows by
-- index, however many there are: their plans are made once for each connection, not for each call, and never from statistics of
-- a time when a table was nearly empty. Without sequential scans a plan may look costly where there is no way around one: then
-- compiling it would cost more.

-- A worker claims the oldest pending rows of an instance or none, so the oldest one tells whether the instance is
-- taken, and its lock decides between two workers that ask at the same time.
-- Turns go round the organizations first, then round the instances of each: however much arrives for one of them, and
-- however many instances it has, the others get their share of every call. Within an instance the order stays.
-- `more` says whether rows may be left that this worker could claim at once; where there is nothing, `free_in_ms` says
-- when the first claim of another worker ends, should that worker be dead.
-- `state <= 0`, where rows are found by their ids: with `=` the planner may search the index of what is pending instead,
-- once for each id, because its statistics are of a time when nothing was.
create or replace function public.claim_inbox(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_worker constant text := p ->> 'worker';
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 500);
  -- Of bodies; one row at least is given, whatever its size.
  v_max_bytes constant bigint := least(greatest(coalesce((p ->> 'max_bytes')::bigint, 8388608), 1), 67108864);
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_heads bigint[];
  v_organizations int;
  v_rows jsonb;
  v_owners jsonb;
  v_offered int;
  v_free_in_ms bigint;
begin
  if v_instance_id is not null then
    v_heads := array(
      select i.id from public.inbox i where i.state = 0 and i.instance_id = v_instance_id order by i.id limit 1
    );
  else
    with recursive heads as (
      -- One index probe for each instance that has pending rows.
      (
        select i.instance_id, i.organization_id, i.id, i.claimed_by, i.claimed_until
        from public.inbox i where i.state = 0 order by i.instance_id, i.id limit 1
      )
      union all
      select n.instance_id, n.organization_id, n.id, n.claimed_by, n.claimed_until
      from heads h
      cross join lateral (
        select i.instance_id, i.organization_id, i.id, i.claimed_by, i.claimed_until
        from public.inbox i
        where i.state = 0 and i.instance_id > h.instance_id
        order by i.instance_id, i.id
        limit 1
      ) n
    )
    select array_agg(f.id),
        (
          select ceil(extract(epoch from min(h.claimed_until) - now()) * 1000)
          from heads h where h.claimed_by <> v_worker and h.claimed_until > now()
        )
      into v_heads, v_free_in_ms
      from (
        select t.id
        from (
          select h.id, row_number() over (partition by h.organization_id order by h.id) as turn
          from heads h
          where h.claimed_by is null or h.claimed_by = v_worker or h.claimed_until <= now()
        ) t
        order by t.turn, t.id
        limit v_limit
      ) f;
  end if;

  select array_agg(l.id), count(distinct l.organization_id) into v_heads, v_organizations
    from (
      select i.id, i.organization_id
      from public.inbox i
      where i.id = any (v_heads) and i.state <= 0
        and (i.claimed_by is null or i.claimed_by = v_worker or i.claimed_until <= now())
      order by i.id
      for update skip locked
    ) l;
  if v_heads is null then
    return jsonb_build_object('rows', '[]'::jsonb, 'owners', '[]'::jsonb, 'more', false, 'free_in_ms', v_free_in_ms);
  end if;

  with shares as (
    select h.organization_id, h.instance_id,
      row_number() over (partition by h.organization_id order by h.id) as turn,
      ceil(ceil(v_limit::numeric / v_organizations) / count(*) over (partition by h.organization_id))::bigint as share
    from public.inbox h
    where h.id = any (v_heads)
  ), offered as (
    select r.id, r.bytes,
      row_number() over (partition by s.organization_id order by r.place, s.turn) as place,
      -- With a full share an instance may have more than it.
      r.place = s.share as is_full
    from shares s
    cross join lateral (
      select i.id, coalesce(octet_length(i.body), 0) as bytes, row_number() over (order by i.id) as place
      from public.inbox i
      where i.state = 0 and i.instance_id = s.instance_id
      order by i.id
      limit s.share
    ) r
  ), picked as (
    -- What comes before a row in this order are, of its own instance, all the older ones.
    select t.id
    from (
      select o.id, row_number() over taken as place, sum(o.bytes) over taken as bytes
      from offered o
      window taken as (order by o.place, o.id)
    ) t
    where t.place <= v_limit and (t.bytes <= v_max_bytes or t.place = 1)
  ), locked as materialized (
    -- In the order of ids, as `begin_ingest`.
    select i.id from public.inbox i
    where i.id in (select k.id from picked k) and i.state <= 0
    order by i.id
    for update
  ), claimed as (
    update public.inbox i
      set claimed_by = v_worker, claimed_until = v_until, attempts = i.attempts + 1
      where i.id in (select l.id from locked l) and i.state <= 0
      returning i.*
  )
  select (select count(*) + count(*) filter (where o.is_full) from offered o),
      public.owner_addresses(array_agg(distinct c.organization_id)),
      coalesce(jsonb_agg(jsonb_build_object(
      'id', c.id, 'organization_id', c.organization_id, 'instance_id', c.instance_id, 'attrs', c.attrs,
      'encryption', c.encryption, 'hash', c.hash, 'body', translate(encode(c.body, 'base64'), e'\n', ''),
      'received_at', c.received_at, 'attempts', c.attempts - 1,
      'account_phone', c.account_phone, 'account_lid', c.account_lid
    ) order by c.id), '[]')
    into v_offered, v_owners, v_rows
    from claimed c;
  return jsonb_build_object('rows', v_rows, 'owners', v_owners,
    'more', v_offered > jsonb_array_length(v_rows) or cardinality(v_heads) = v_limit);
end
$$;

-- How many received messages wait, of some organizations alone where `organization_ids` names them: what waits for others is
-- then neither counted, nor does it push theirs out of the list. Counted is up to a bound, the same for each instance, and
-- lower the more of them have something waiting: `is_capped` says that there are more. The oldest of an instance is its first.
create or replace function public.queue_stats(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with recursive asked as (
    select array(select jsonb_array_elements_text(p -> 'organization_ids')) as organizations,
      p -> 'organization_ids' is null as is_all
  ), heads as (
    -- One index probe for each instance that has pending rows.
    (
      select i.instance_id, i.organization_id, i.received_at
      from public.inbox i where i.state = 0 order by i.instance_id, i.id limit 1
    )
    union all
    select n.instance_id, n.organization_id, n.received_at
    from heads h
    cross join lateral (
      select i.instance_id, i.organization_id, i.received_at
      from public.inbox i
      where i.state = 0 and i.instance_id > h.instance_id
      order by i.instance_id, i.id
      limit 1
    ) n
  ), own as (
    select h.* from heads h, asked a where a.is_all or h.organization_id = any (a.organizations)
  ), bound as (
    select greatest(least(100000 / greatest(count(*), 1), 10000), 100) as rows from own
  ), pending as (
    select o.organization_id, sum(c.pending) as pending, min(o.received_at) as oldest, bool_or(c.pending = b.rows) as is_capped
    from own o
    cross join bound b
    cross join lateral (
      select count(*) as pending
      from (select from public.inbox i where i.state = 0 and i.instance_id = o.instance_id limit b.rows) r
    ) c
    group by o.organization_id
  ), dying as (
    -- The same for each organization that has dead rows.
    (select i.organization_id from public.inbox i where i.state = 2 order by i.organization_id limit 1)
    union all
    select n.organization_id
    from dying d
    cross join lateral (
      select i.organization_id from public.inbox i
      where i.state = 2 and i.organization_id > d.organization_id
      order by i.organization_id
      limit 1
    ) n
  ), dead as (
    select d.organization_id, c.dead
    from dying d
    cross join asked a
    cross join lateral (
      select count(*) as dead
      from (select from public.inbox i where i.state = 2 and i.organization_id = d.organization_id limit 10000) r
    ) c
    where a.is_all or d.organization_id = any (a.organizations)
  ), organizations as (
    select coalesce(w.organization_id, d.organization_id) as organization_id,
      coalesce(w.pending, 0) as pending, coalesce(d.dead, 0) as dead, w.oldest,
      coalesce(w.is_capped, false) or coalesce(d.dead = 10000, false) as is_capped
    from pending w full join dead d on d.organization_id = w.organization_id
  ), top as (
    select * from organizations o order by o.pending desc, o.dead desc, o.organization_id limit 100
  )
  select jsonb_build_object(
    'pending', coalesce((select sum(o.pending) from organizations o), 0),
    'dead', coalesce((select sum(o.dead) from organizations o), 0),
    'oldest_pending_at', (select min(o.oldest) from organizations o),
    'is_capped', coalesce((select bool_or(o.is_capped) from organizations o), false),
    'by_organization', coalesce((
      select jsonb_agg(jsonb_build_object('organization_id', t.organization_id, 'pending', t.pending, 'dead', t.dead,
        'oldest_pending_at', t.oldest, 'is_capped', t.is_capped) order by t.pending desc, t.dead desc, t.organization_id)
      from top t
    ), '[]')
  )
$$;

-- Keeps a living worker's claims. Rows that are being closed at this moment are locked and need no claim any more.
create or replace function public.renew_claims(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_renewed int;
begin
  with held as (
    select i.id
    from public.inbox i
    where i.id in (select e::bigint from jsonb_array_elements_text(p -> 'ids') e)
      and i.state <= 0 and i.claimed_by = p ->> 'worker'
    order by i.id
    for update skip locked
  )
  update public.inbox i
    set claimed_until = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    from held h
    where i.id = h.id;
  get diagnostics v_renewed = row_count;
  return jsonb_build_object('renewed', v_renewed);
end
$$;

-- Ends all claims. Only for a database that one process has for itself, before that process claims anything.
create or replace function public.release_claims(p jsonb) returns jsonb
  language sql
  set search_path = ''
as $$
  with released as (
    update public.inbox i set claimed_by = null, claimed_until = null
      where i.state = 0 and i.claimed_by is not null
      returning i.id
  )
  select jsonb_build_object('released', count(*)) from released
$$;

-- Gives dead rows another chance, those first whose last one was longest ago: one that dies again goes to the end.
create or replace function public.redrive_inbox(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_instances jsonb;
  v_redriven int;
begin
  with chosen as (
    select i.id
    from public.inbox i
    where i.state = 2
      and (p ->> 'organization_id' is null or i.organization_id = p ->> 'organization_id')
      and (p ->> 'instance_id' is null or i.instance_id = (p ->> 'instance_id')::uuid)
    order by i.processed_at nulls first, i.id
    limit least(greatest((p ->> 'limit')::int, 1), 1000)
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

create or replace function public.find_inbox(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(i.hash, translate(encode(i.body, 'base64'), e'\n', ''))), '[]')
  from jsonb_array_elements_text(p -> 'hashes') as wanted (hash)
  join public.inbox i on i.instance_id = (p ->> 'instance_id')::uuid and i.hash = wanted.hash
$$;

-- Whether anything is pending, by index: statistics of a time when much was would have it scan the whole table for nothing.
create or replace function public.inbox_waits() returns boolean
  language plpgsql stable
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
as $$
begin
  return exists (select from public.inbox i where i.state = 0);
end
$$;

revoke execute on function
  public.claim_inbox(jsonb), public.queue_stats(jsonb), public.renew_claims(jsonb), public.release_claims(jsonb),
  public.redrive_inbox(jsonb), public.find_inbox(jsonb), public.inbox_waits()
  from public, anon, authenticated;
grant execute on function
  public.claim_inbox(jsonb), public.queue_stats(jsonb), public.renew_claims(jsonb), public.release_claims(jsonb),
  public.redrive_inbox(jsonb), public.find_inbox(jsonb), public.inbox_waits()
  to service_role;

-- 22_sessions.sql

-- Sessions: take-over, reading, committing batches, giving up.

-- One row for each Signal key; values are sealed by the service.
create table if not exists public.whatsapp_session_keys (
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  key_type text not null,
  key_id text not null,
  value bytea not null,
  updated_at timestamptz not null default now(),
  primary key (instance_id, key_type, key_id)
) with (fillfactor = 60);

-- Last committed batch of each commit log: makes retries exact and stops statements that arrive late.
create table if not exists public.session_writers (
  id uuid primary key,
  last_seq bigint not null,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);
alter table public.whatsapp_session_keys enable row level security;
alter table public.session_writers enable row level security;
revoke all on public.whatsapp_session_keys, public.session_writers from public, anon, authenticated;
grant select, insert, update, delete on public.whatsapp_session_keys, public.session_writers to service_role;

-- Takes a session over, or tells who holds it: {"held_by": node}. The same node may always take it anew. `data_keys` brings new
-- data keys for where they are needed: the lock on the instance's row makes one of two nodes the maker, and the raised epoch
-- keeps the one before from sealing with another. Of the keys as many come along as an answer may hold, the last written
-- first; the others are read when they are needed.
create or replace function public.acquire_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_id constant uuid := (p ->> 'instance_id')::uuid;
  v_limit constant int := 500;
  v_max_bytes constant int := 262144;
  v_instance public.whatsapp_instances;
  v_purpose text;
  v_keys jsonb;
  v_is_complete boolean;
begin
  update public.whatsapp_instances i
    set lease_epoch = lease_epoch + 1, lease_owner = p ->> 'node_id',
      lease_expires_at = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    where i.id = v_id and i.deleted_at is null and (i.lease_owner = p ->> 'node_id' or not public.is_leased(i))
    returning i.* into v_instance;
  if not found then
    select * into v_instance from public.whatsapp_instances where id = v_id and deleted_at is null;
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
    'keys', v_keys,
    'keys_complete', v_is_complete,
    'data_keys', jsonb_build_object('session', public.data_keys_of(v_id, 'session'),
      'inbox', public.data_keys_of(v_id, 'inbox'))
  );
end
$$;

create or replace function public.read_session_keys(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(k.key_id, translate(encode(k.value, 'base64'), e'\n', ''))), '[]')
  from jsonb_array_elements_text(p -> 'ids') as wanted (key_id)
  join public.whatsapp_session_keys k
    on k.instance_id = (p ->> 'instance_id')::uuid and k.key_type = p ->> 'type' and k.key_id = wanted.key_id
$$;

-- Raises AZ001 unless every epoch is current; the shared locks keep them current until the transaction ends.
create or replace function public.check_epochs(p_epochs jsonb) returns void
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
create or replace function public.owner_addresses(p_organization_ids text[]) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(i.organization_id, i.phone_number, i.account_phone, i.account_lid)), '[]')
  from public.whatsapp_instances i
  where i.organization_id = any (p_organization_ids) and i.deleted_at is null
$$;

-- Where `wants_inbox` is set, the answer names the new inbox rows, and the addresses that it takes to classify them: a
-- worker in the same process needs no other call for them.
create or replace function public.commit_session_batch(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
  set jit = off
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
        return '{"result": "already"}'::jsonb;
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
  return '{"result": "committed"}'::jsonb;
end
$$;

-- Gives a session up. Its data key goes with what it sealed: copies of these rows open no more. A deleted instance's key for
-- received messages goes, too, once none of them waits.
create or replace function public.wipe_session(p jsonb) returns jsonb
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
  delete from public.data_keys where instance_id = v_id and purpose = 'session';
  update public.whatsapp_instances
    set session_data = null, account_phone = null, account_lid = null, status = 'disconnected',
      desired_state = 'stopped', lease_epoch = lease_epoch + 1, lease_owner = null, lease_expires_at = null,
      deleted_at = case when (p ->> 'deleted')::boolean then now() else deleted_at end
    where id = v_id;
  perform public.shred_drained_keys(jsonb_build_object('instance_id', v_id));
  return '{}'::jsonb;
end
$$;

create or replace function public.release_session(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.whatsapp_instances set lease_owner = null, lease_expires_at = null
    where id = (p ->> 'instance_id')::uuid and lease_epoch = (p ->> 'epoch')::bigint;
  return jsonb_build_object('released', found);
end
$$;

revoke execute on function
  public.acquire_session(jsonb), public.read_session_keys(jsonb), public.check_epochs(jsonb),
  public.owner_addresses(text[]), public.commit_session_batch(jsonb), public.wipe_session(jsonb),
  public.release_session(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.acquire_session(jsonb), public.read_session_keys(jsonb), public.check_epochs(jsonb),
  public.owner_addresses(text[]), public.commit_session_batch(jsonb), public.wipe_session(jsonb),
  public.release_session(jsonb)
  to service_role;

-- `commit_session_batch`, with its argument as base64: a firewall that takes what somebody wrote for an attack finds
-- nothing in it.
create or replace function public.commit_encoded_batch(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  return public.commit_session_batch(convert_from(decode(p ->> 'batch', 'base64'), 'UTF8')::jsonb);
end
$$;
revoke execute on function public.commit_encoded_batch(jsonb) from public, anon, authenticated;
grant execute on function public.commit_encoded_batch(jsonb) to service_role;

-- 23_nodes.sql

-- Which process runs which session. All times are the database's own.

create table if not exists public.nodes (
  id text primary key,
  kind text not null check (kind in ('api', 'worker')),
  -- Names the process: a restarted one has its predecessor's id, and another number.
  incarnation uuid not null,
  -- Gives its sessions up and takes no more.
  is_leaving boolean not null default false,
  heartbeat_at timestamptz not null default now(),
  expires_at timestamptz not null
) with (fillfactor = 50);
alter table public.nodes enable row level security;
revoke all on public.nodes from public, anon, authenticated;
grant select, insert, update, delete on public.nodes to service_role;

-- A node is alive, and runs these sessions: prolongs their leases. Tells which of them are not its own any more, and
-- whom else there is: nodes that are alive, and holders of leases. `rival`: another process beats under the same name.
create or replace function public.node_heartbeat(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_node constant text := p ->> 'node_id';
  v_until constant timestamptz := now() + make_interval(secs => (p ->> 'lease_seconds')::double precision);
  v_lost jsonb;
  v_others jsonb;
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
      returning i.id
  )
  select coalesce(jsonb_agg(r.id), '[]') into v_lost
    from running r where not exists (select from renewed w where w.id = r.id);

  select coalesce(jsonb_agg(o.id), '[]') into v_others
    from (
      select n.id from public.nodes n where n.expires_at > now()
      union
      select i.lease_owner from public.whatsapp_instances i
      where i.lease_owner is not null and i.lease_expires_at > now()
    ) o
    where o.id <> v_node;
  return jsonb_build_object('lost', v_lost, 'others', v_others, 'rival', v_rival);
end
$$;

-- These nodes are known to be gone: their leases end now. `all`: whoever it is, for a database with a single user.
create or replace function public.bury_nodes(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_all constant boolean := coalesce((p ->> 'all')::boolean, false);
  v_freed int;
begin
  delete from public.nodes n where v_all or n.id in (select jsonb_array_elements_text(p -> 'ids'));
  with held as (
    select i.id
    from public.whatsapp_instances i
    where i.lease_owner is not null and i.lease_expires_at > now()
      and (v_all or i.lease_owner in (select jsonb_array_elements_text(p -> 'ids')))
    order by i.id
    for no key update
  )
  -- The owner stays: it tells that the session was running. Long over: there is nothing to wait for, see `node_poll`.
  update public.whatsapp_instances i set lease_expires_at = now() - interval '1 hour' from held h where i.id = h.id;
  get diagnostics v_freed = row_count;
  return jsonb_build_object('freed', v_freed);
end
$$;

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
  v_nodes int;
  v_has_leaver boolean;
  v_share int;
  v_free jsonb;
  v_next_lease_ms bigint;
begin
  -- Nobody is linking it any more. Whoever was cut off for a moment, and may go on, does not say so again.
  with stale as (
    select i.id
    from public.whatsapp_instances i
    where i.status <> 'disconnected' and coalesce(i.lease_expires_at < now() - interval '1 minute', true)
      and not (i.deleted_at is null and i.desired_state = 'running' and i.has_session)
    order by i.id
    for no key update skip locked
  )
  update public.whatsapp_instances i set status = 'disconnected', last_disconnect_reason = 'service_restarted'
    from stale s where i.id = s.id;

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

-- Whether a node that is alive runs it.
create or replace function public.session_holder(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(i.lease_owner) from public.whatsapp_instances i
  where i.id = (p ->> 'instance_id')::uuid and public.is_leased(i)
$$;

revoke execute on function
  public.node_heartbeat(jsonb), public.bury_nodes(jsonb), public.node_poll(jsonb), public.session_holder(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.node_heartbeat(jsonb), public.bury_nodes(jsonb), public.node_poll(jsonb), public.session_holder(jsonb)
  to service_role;

-- 24_node_requests.sql

-- What one node asks of the node that runs a session, and the QR code that any of them may show.

create table if not exists public.node_requests (
  id uuid primary key,
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  kind text not null check (kind in ('connect', 'send', 'logout')),
  -- Both sealed by the service: they hold texts and pairing codes.
  payload bytea not null,
  answer bytea,
  -- Incarnation of the node that does it.
  taken_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
) with (fillfactor = 70);
create index if not exists idx_node_requests_waiting on public.node_requests (instance_id, created_at) where taken_by is null;
create index if not exists idx_node_requests_expiry on public.node_requests (expires_at);

create table if not exists public.pairing_qrs (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  -- Of the ownership that got it: another one's is worthless.
  epoch bigint not null,
  -- Sealed by the service.
  qr bytea not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null
);
alter table public.node_requests enable row level security;
alter table public.pairing_qrs enable row level security;
revoke all on public.node_requests, public.pairing_qrs from public, anon, authenticated;
grant select, insert, update, delete on public.node_requests, public.pairing_qrs to service_role;

-- Leaves a request for the node that runs the instance; none where that is the caller, or nobody.
create or replace function public.ask_node(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  delete from public.node_requests where expires_at <= now();
  insert into public.node_requests (id, instance_id, kind, payload, expires_at)
    select (p ->> 'id')::uuid, i.id, p ->> 'kind', decode(p ->> 'payload', 'base64'),
      now() + make_interval(secs => (p ->> 'seconds')::double precision)
    from public.whatsapp_instances i
    where i.id = (p ->> 'instance_id')::uuid and public.is_leased(i) and i.lease_owner <> p ->> 'node_id'
    on conflict (id) do nothing;
  return jsonb_build_object('asked', found);
end
$$;

-- How far a request is. `orphaned`: whoever was to do it is gone, so that nobody will.
create or replace function public.read_node_answer(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
    'answer', public.encode_base64(r.answer),
    'orphaned', case
      when r.taken_by is null then not public.is_leased(i)
      else not exists (select from public.nodes n where n.incarnation = r.taken_by and n.expires_at > now())
    end
  )
  from public.node_requests r
  join public.whatsapp_instances i on i.id = r.instance_id
  where r.id = (p ->> 'id')::uuid
$$;

-- How far several requests are: [id, is answered, is orphaned] of each that is not too old. `orphaned`: whoever was to do
-- it is gone, so that nobody will. `read_node_answer` stays for processes of the version before.
create or replace function public.read_node_answers(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(r.id, r.answer is not null, case
      when r.taken_by is null then not public.is_leased(i)
      else not exists (select from public.nodes n where n.incarnation = r.taken_by and n.expires_at > now())
    end)), '[]')
  from public.node_requests r
  join public.whatsapp_instances i on i.id = r.instance_id
  where r.id in (select jsonb_array_elements_text(p -> 'ids')::uuid)
$$;

-- The request is over for whoever asked: from now on no message is stored for it. Tells the answer, if there is one.
create or replace function public.withdraw_node_request(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_answer bytea;
begin
  delete from public.node_requests where id = (p ->> 'id')::uuid returning answer into v_answer;
  return jsonb_build_object('answer', public.encode_base64(v_answer));
end
$$;

create or replace function public.answer_node_request(p jsonb) returns jsonb
  language sql
  set search_path = ''
as $$
  update public.node_requests set answer = decode(p ->> 'answer', 'base64') where id = (p ->> 'id')::uuid;
  select '{}'::jsonb;
$$;

-- Requests for what the node runs, each given to one node at a time, and again when it was lost: `serving` names those that
-- the node is at. Of one instance it is at `instance_limit` at most: the others get their turn, whatever is asked of one.
-- Nobody has to run an instance for it to be logged out, so that one is anybody's.
create or replace function public.take_node_requests(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_node constant text := p ->> 'node_id';
  v_incarnation constant uuid := (p ->> 'incarnation')::uuid;
  v_serving constant uuid[] := array(select jsonb_array_elements_text(p -> 'serving')::uuid);
  v_taken jsonb;
begin
  -- Whoever took it gave it up, never heard that it has it, or is gone.
  with lost as (
    select r.id
    from public.node_requests r
    where r.taken_by is not null and r.answer is null and r.id <> all (v_serving)
      and (r.taken_by = v_incarnation
        or not exists (select from public.nodes n where n.incarnation = r.taken_by and n.expires_at > now()))
    order by r.id
    for update skip locked
  )
  update public.node_requests r set taken_by = null from lost l where r.id = l.id;

  with waiting as (
    select r.id, r.instance_id, row_number() over (partition by r.instance_id order by r.created_at, r.id) as place
    from public.node_requests r
    where r.taken_by is null and r.expires_at > now()
  ), due as (
    select r.id
    from waiting w
    join public.node_requests r on r.id = w.id
    join public.whatsapp_instances i on i.id = r.instance_id
    where r.taken_by is null
      and w.place <= (p ->> 'instance_limit')::int - (
        select count(*) from public.node_requests t
        where t.instance_id = w.instance_id and t.taken_by = v_incarnation and t.answer is null
      )
      and case when public.is_leased(i) then i.lease_owner = v_node else r.kind = 'logout' end
    order by r.created_at
    limit (p ->> 'request_limit')::int
    for update of r skip locked
  ), taken as (
    update public.node_requests r set taken_by = v_incarnation
      from due d where r.id = d.id
      returning r.*
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'instance_id', t.instance_id, 'kind', t.kind,
      'payload', translate(encode(t.payload, 'base64'), e'\n', '')) order by t.created_at), '[]')
    into v_taken
    from taken t;
  return v_taken;
end
$$;

create or replace function public.store_pairing_qr(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  delete from public.pairing_qrs where expires_at <= now();
  insert into public.pairing_qrs as q (instance_id, epoch, qr, issued_at, expires_at)
    select i.id, i.lease_epoch, decode(p ->> 'qr', 'base64'), (p ->> 'issued_at')::timestamptz,
      now() + make_interval(secs => (p ->> 'seconds')::double precision)
    from public.whatsapp_instances i
    where i.id = (p ->> 'instance_id')::uuid and i.lease_epoch = (p ->> 'epoch')::bigint
    on conflict (instance_id) do update
      set epoch = excluded.epoch, qr = excluded.qr, issued_at = excluded.issued_at, expires_at = excluded.expires_at;
  return '{}'::jsonb;
end
$$;

-- The code to scan now: not one of an earlier attempt, and none once it was scanned.
create or replace function public.find_pairing_qr(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('qr', public.encode_base64(q.qr), 'issued_at', q.issued_at)
  from public.pairing_qrs q
  join public.whatsapp_instances i on i.id = q.instance_id
  where i.id = (p ->> 'instance_id')::uuid and q.epoch = i.lease_epoch and q.expires_at > now()
    and i.status = 'qr_pending' and public.is_leased(i)
$$;

revoke execute on function
  public.ask_node(jsonb), public.read_node_answer(jsonb), public.read_node_answers(jsonb),
  public.withdraw_node_request(jsonb), public.answer_node_request(jsonb), public.take_node_requests(jsonb),
  public.store_pairing_qr(jsonb), public.find_pairing_qr(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.ask_node(jsonb), public.read_node_answer(jsonb), public.read_node_answers(jsonb),
  public.withdraw_node_request(jsonb), public.answer_node_request(jsonb), public.take_node_requests(jsonb),
  public.store_pairing_qr(jsonb), public.find_pairing_qr(jsonb)
  to service_role;

-- 25_data_keys.sql

-- Data keys: what an instance or an organization stores is sealed by a key of its own, and only that key is sealed by
-- SESSION_ENCRYPTION_KEY. Whoever deletes the row of a data key makes everything unreadable that it sealed.

create table if not exists public.data_keys (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  -- Null for the organization's own.
  instance_id uuid references public.whatsapp_instances (id) on delete cascade,
  -- `session`: credentials and Signal keys. `inbox`: bodies of received messages, which may outlive the session.
  purpose text not null check (purpose in ('session', 'inbox', 'organization')),
  -- Named by what it seals: byte 1 of a value is 2, bytes 2 to 5 are this.
  key_id bytea not null check (octet_length(key_id) = 4),
  -- The key itself, sealed by the service; bytes 2 to 5 name the key of SESSION_ENCRYPTION_KEY that did it.
  wrapped bytea not null,
  -- Null for the one that seals; others only open.
  retired_at timestamptz,
  created_at timestamptz not null default now(),
  check ((instance_id is null) = (purpose = 'organization'))
);
create unique index if not exists data_keys_current_of_instance on public.data_keys (instance_id, purpose)
  where retired_at is null and instance_id is not null;
create unique index if not exists data_keys_current_of_organization on public.data_keys (organization_id)
  where retired_at is null and instance_id is null;
create index if not exists idx_data_keys_instance on public.data_keys (instance_id, purpose);
create index if not exists idx_data_keys_organization on public.data_keys (organization_id);
create index if not exists idx_data_keys_master on public.data_keys (substr(wrapped, 2, 4), id);
alter table public.data_keys enable row level security;
revoke all on public.data_keys from public, anon, authenticated;
grant select, insert, update, delete on public.data_keys to service_role;
revoke all on sequence public.data_keys_id_seq from public, anon, authenticated;
grant usage, select on sequence public.data_keys_id_seq to service_role;

-- An owner's data keys for one purpose as [key id, wrapped, is current], those that only open included.
create or replace function public.data_keys_of(p_instance_id uuid, p_purpose text) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(translate(encode(k.key_id, 'base64'), e'\n', ''), translate(encode(k.wrapped, 'base64'), e'\n', ''),
    k.retired_at is null) order by k.id), '[]')
  from public.data_keys k
  where k.instance_id = p_instance_id and k.purpose = p_purpose
$$;

-- Makes this key the current one. The caller holds the lock on the instance's row and has raised its epoch, so that nobody
-- who seals with the one before can store anything any more.
create or replace function public.replace_data_key(p_instance public.whatsapp_instances, p_purpose text, p_new jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update public.data_keys set retired_at = clock_timestamp()
    where instance_id = p_instance.id and purpose = p_purpose and retired_at is null;
  insert into public.data_keys (organization_id, instance_id, purpose, key_id, wrapped)
    values (p_instance.organization_id, p_instance.id, p_purpose, decode(p_new ->> 0, 'base64'),
      decode(p_new ->> 1, 'base64'));
end
$$;

-- Whether an instance needs a new data key: it has none, or one that an older key of SESSION_ENCRYPTION_KEY sealed.
-- One that a key sealed which the caller does not know stays: its values could not be opened any more.
create or replace function public.needs_data_key(p_instance_id uuid, p_purpose text, p_master_ids jsonb) returns boolean
  language sql stable
  set search_path = ''
as $$
  select coalesce((
    select min(m.position) > 1
    from public.data_keys k
    left join jsonb_array_elements_text(p_master_ids) with ordinality as m (id, position)
      on decode(m.id, 'base64') = substr(k.wrapped, 2, 4)
    where k.instance_id = p_instance_id and k.purpose = p_purpose and k.retired_at is null
  ), not exists (
    select from public.data_keys k
    where k.instance_id = p_instance_id and k.purpose = p_purpose and k.retired_at is null
  ))
$$;

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
    where i.id = k.instance_id and i.deleted_at is not null and k.purpose = 'inbox'
      and (p ->> 'instance_id' is null or i.id = (p ->> 'instance_id')::uuid)
      and not exists (select from public.inbox r where r.instance_id = i.id and r.state = 0);
  get diagnostics v_shredded = row_count;
  return jsonb_build_object('shredded', v_shredded);
end
$$;

-- By instance, for one purpose.
create or replace function public.read_data_keys(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(w.id, public.data_keys_of(w.id::uuid, p ->> 'purpose'))), '[]')
  from jsonb_array_elements_text(p -> 'instance_ids') as w (id)
$$;

-- The organization's own keys. `new` becomes the current one, where it has none or an older key of SESSION_ENCRYPTION_KEY
-- wrapped it.
create or replace function public.organization_data_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_keys jsonb;
begin
  if p -> 'new' is not null then
    update public.data_keys k set retired_at = clock_timestamp()
      where k.organization_id = p ->> 'organization_id' and k.instance_id is null and k.retired_at is null
        and (
          select min(m.position) > 1
          from jsonb_array_elements_text(p -> 'master_ids') with ordinality as m (id, position)
          where decode(m.id, 'base64') = substr(k.wrapped, 2, 4)
        );
    insert into public.data_keys (organization_id, purpose, key_id, wrapped)
      select o.id, 'organization', decode(p -> 'new' ->> 0, 'base64'), decode(p -> 'new' ->> 1, 'base64')
      from public.organizations o
      where o.id = p ->> 'organization_id'
      on conflict (organization_id) where retired_at is null and instance_id is null do nothing;
  end if;
  select coalesce(jsonb_agg(jsonb_build_array(public.encode_base64(k.key_id), public.encode_base64(k.wrapped),
      k.retired_at is null) order by k.id), '[]')
    into v_keys
    from public.data_keys k
    where k.organization_id = p ->> 'organization_id' and k.instance_id is null;
  return v_keys;
end
$$;

-- How many linked instances could not be run with these keys of SESSION_ENCRYPTION_KEY.
create or replace function public.count_locked_sessions(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(count(*))
  from public.whatsapp_instances i
  join public.data_keys k on k.instance_id = i.id and k.purpose = 'session' and k.retired_at is null
  where i.desired_state = 'running' and i.deleted_at is null and i.has_session
    and substr(k.wrapped, 2, 4) not in (select decode(m, 'base64') from jsonb_array_elements_text(p -> 'master_ids') m)
$$;

revoke execute on function
  public.data_keys_of(uuid, text), public.replace_data_key(public.whatsapp_instances, text, jsonb),
  public.needs_data_key(uuid, text, jsonb), public.shred_drained_keys(jsonb), public.read_data_keys(jsonb),
  public.organization_data_keys(jsonb), public.count_locked_sessions(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.data_keys_of(uuid, text), public.replace_data_key(public.whatsapp_instances, text, jsonb),
  public.needs_data_key(uuid, text, jsonb), public.shred_drained_keys(jsonb), public.read_data_keys(jsonb),
  public.organization_data_keys(jsonb), public.count_locked_sessions(jsonb)
  to service_role;

-- 30_contacts.sql

-- Who a person is: one contact for a phone number and a LID, however they were learnt.

create table if not exists public.contacts (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id),
  phone_number text,
  lid text,
  name text not null default 'Unknown',
  name_source text not null default 'unknown' check (name_source in ('unknown', 'push', 'person')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_message_at timestamptz,
  -- A full constraint, because upserts name it as their conflict target; its index also serves the look-ups.
  constraint idx_contacts_phone unique (phone_number, organization_id),
  unique (organization_id, lid),
  unique (id, organization_id),
  check (phone_number is not null or lid is not null)
);
create index if not exists idx_contacts_organization on public.contacts (organization_id, created_at desc, id desc);
alter table public.contacts enable row level security;
revoke all on public.contacts from public, anon, authenticated;
grant select, insert, update, delete on public.contacts to service_role;
grant select on public.contacts to authenticated;
drop policy if exists members_read on public.contacts;
create policy members_read on public.contacts for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

create or replace trigger touch_updated_at before update on public.contacts
  for each row execute function public.touch_updated_at();

-- A name that is known is never lost to `Unknown`.
create or replace function public.keep_contact_name() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and btrim(new.name) in ('', 'Unknown') then
    new.name := old.name;
    new.name_source := old.name_source;
  end if;
  if new.name_source = 'unknown' and btrim(new.name) not in ('', 'Unknown') then
    new.name_source := 'push';
  end if;
  return new;
end
$$;

create or replace trigger keep_contact_name_on_insert before insert on public.contacts
  for each row execute function public.keep_contact_name();
create or replace trigger keep_contact_name_on_update before update of name on public.contacts
  for each row when (new.name is distinct from old.name) execute function public.keep_contact_name();

-- Numbers and LIDs that a person had before: rows about the person may name them, and are exported and erased as well.
create table if not exists public.former_addresses (
  contact_id uuid not null references public.contacts (id) on delete cascade,
  kind text not null check (kind in ('phone', 'lid')),
  digits text not null,
  primary key (contact_id, kind, digits)
);
alter table public.former_addresses enable row level security;
revoke all on public.former_addresses from public, anon, authenticated;
grant select, insert, update, delete on public.former_addresses to service_role;

create or replace function public.remember_addresses(p_contact_id uuid, p_phone text, p_lid text) returns void
  language sql
  set search_path = ''
as $$
  insert into public.former_addresses (contact_id, kind, digits)
    select p_contact_id, a.kind, a.digits
    from (values ('phone', p_phone), ('lid', p_lid)) as a (kind, digits)
    where a.digits is not null
    on conflict do nothing
$$;

create or replace function public.keep_former_addresses() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  perform public.remember_addresses(new.id,
    case when old.phone_number is distinct from new.phone_number then old.phone_number end,
    case when old.lid is distinct from new.lid then old.lid end);
  return null;
end
$$;

create or replace trigger keep_former_addresses after update of phone_number, lid on public.contacts
  for each row
  when (old.phone_number is distinct from new.phone_number or old.lid is distinct from new.lid)
  execute function public.keep_former_addresses();

-- Of a person's former addresses those that are nobody else's now: numbers are given to other people.
create or replace function public.former_addresses_of(p_contact public.contacts, p_kind text) returns text[]
  language sql stable
  set search_path = ''
as $$
  select coalesce(array_agg(f.digits order by f.digits), '{}')
  from public.former_addresses f
  where f.contact_id = p_contact.id and f.kind = p_kind
    and not exists (
      select from public.contacts k
      where k.organization_id = p_contact.organization_id and k.id <> p_contact.id
        and case p_kind when 'phone' then k.phone_number else k.lid end = f.digits
    )
$$;

-- Matches the JIDs of a person in a text, with or without device; null where no address is known.
create or replace function public.person_pattern(p_phones text[], p_lids text[]) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select '(^|[^0-9._:@])(' || nullif(concat_ws('|',
  '(' || nullif(array_to_string(p_phones, '|'), '') || ')([._][0-9]+)?(:[0-9]+)?@(s\.whatsapp\.net|c\.us|hosted)(?![a-z.])',
  '(' || nullif(array_to_string(p_lids, '|'), '') || ')([._][0-9]+)?(:[0-9]+)?@(lid|hosted\.lid)'
), '') || ')'
$$;

-- Moves everything of one contact to another and deletes it; the kept contact had the addresses of the other one, too. A message
-- or note keeps its old chat_key where the kept contact has the same id already: nothing that was received is ever deleted.
-- Callers hold the lock on the organization's row, so that nobody else makes or merges its contacts meanwhile.
create or replace function public.merge_contacts(p_kept uuid, p_lost uuid, p_booking_policy text) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_lost public.contacts;
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
  if p_booking_policy = 'one-open' then
    update public.bookings set status = 'cancelled'
      where contact_id = p_kept and status = 'pending' and id <> (
        select b.id from public.bookings b
        where b.contact_id = p_kept and b.status = 'pending'
        order by b.created_at, b.id
        limit 1
      );
  end if;
  insert into public.former_addresses (contact_id, kind, digits)
    select p_kept, f.kind, f.digits from public.former_addresses f where f.contact_id = p_lost
    on conflict do nothing;
  delete from public.contacts where id = p_lost returning * into v_lost;
  perform public.remember_addresses(p_kept, v_lost.phone_number, v_lost.lid);
  update public.contacts k
    set name = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name else k.name end,
      name_source = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name_source else k.name_source end,
      last_message_at = greatest(k.last_message_at, v_lost.last_message_at)
    where k.id = p_kept;
end
$$;

-- The contact with these addresses; created, completed or merged where necessary.
create or replace function public.resolve_person(p_organization_id text, p_phone text, p_lid text, p_booking_policy text)
  returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_by_phone public.contacts;
  v_by_lid public.contacts;
  v_kept uuid;
begin
  select * into v_by_phone from public.contacts
    where organization_id = p_organization_id and phone_number = p_phone;
  select * into v_by_lid from public.contacts where organization_id = p_organization_id and lid = p_lid;

  if v_by_phone.id is null and v_by_lid.id is null then
    insert into public.contacts (organization_id, phone_number, lid) values (p_organization_id, p_phone, p_lid)
      returning id into v_kept;
    return v_kept;
  end if;

  if v_by_phone.id is null then
    -- The number was unknown until now, or the person changed it.
    if p_phone is not null then
      update public.contacts set phone_number = p_phone where id = v_by_lid.id;
    end if;
    return v_by_lid.id;
  end if;

  if v_by_lid.id is null or v_by_lid.id = v_by_phone.id then
    if p_lid is not null and v_by_lid.id is null then
      update public.contacts set lid = p_lid where id = v_by_phone.id;
    end if;
    return v_by_phone.id;
  end if;

  if v_by_lid.phone_number is not null then
    -- Two people with numbers of their own: only the LID has moved.
    update public.contacts set lid = null where id = v_by_lid.id;
    update public.contacts set lid = p_lid where id = v_by_phone.id;
    return v_by_phone.id;
  end if;

  if (v_by_lid.created_at, v_by_lid.id) < (v_by_phone.created_at, v_by_phone.id) then
    v_kept := v_by_lid.id;
    perform public.merge_contacts(v_kept, v_by_phone.id, p_booking_policy);
  else
    v_kept := v_by_phone.id;
    perform public.merge_contacts(v_kept, v_by_lid.id, p_booking_policy);
  end if;
  update public.contacts set phone_number = p_phone, lid = p_lid where id = v_kept;
  return v_kept;
end
$$;

revoke execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.person_pattern(text[], text[]),
  public.merge_contacts(uuid, uuid, text), public.resolve_person(text, text, text, text)
  from public, anon, authenticated;
grant execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.person_pattern(text[], text[]),
  public.merge_contacts(uuid, uuid, text), public.resolve_person(text, text, text, text)
  to service_role;

-- Contacts of an organization, newest first: those that have one of `numbers`, and whose name is like `name` or whose number
-- is like one of `parts` (patterns of LIKE), as far as these are given; after the one that `before_time` and `before_id`
-- name.
create or replace function public.search_contacts(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_numbers constant text[] := case jsonb_typeof(p -> 'numbers') when 'array'
    then array(select jsonb_array_elements_text(p -> 'numbers')) end;
  v_name constant text := p ->> 'name';
  v_parts constant text[] := case jsonb_typeof(p -> 'parts') when 'array'
    then array(select jsonb_array_elements_text(p -> 'parts')) else '{}' end;
  v_time constant timestamptz := coalesce((p ->> 'before_time')::timestamptz, 'infinity');
  v_id constant uuid := coalesce((p ->> 'before_id')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  v_found public.contacts[];
begin
  -- Each branch has the index that serves it, whatever the plan: for a number that of numbers, otherwise that of the order.
  if v_numbers is not null then
    v_found := array(
      select c from public.contacts c
      where c.phone_number = any (v_numbers) and c.organization_id = v_organization_id
        and (v_name is null or c.name ilike v_name or c.phone_number like any (v_parts))
        and (c.created_at, c.id) < (v_time, v_id)
      order by c.created_at desc, c.id desc
      limit v_limit
    );
  elsif v_name is not null then
    v_found := array(
      select c from public.contacts c
      where c.organization_id = v_organization_id
        and (c.name ilike v_name or c.phone_number like any (v_parts))
        and (c.created_at, c.id) < (v_time, v_id)
      order by c.created_at desc, c.id desc
      limit v_limit
    );
  else
    v_found := array(
      select c from public.contacts c
      where c.organization_id = v_organization_id and (c.created_at, c.id) < (v_time, v_id)
      order by c.created_at desc, c.id desc
      limit v_limit
    );
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'organization_id', c.organization_id,
        'phone_number', c.phone_number, 'lid', c.lid, 'name', c.name, 'name_source', c.name_source,
        'created_at', c.created_at, 'updated_at', c.updated_at, 'last_message_at', c.last_message_at)
      order by c.created_at desc, c.id desc), '[]')
    from unnest(v_found) c
  );
end
$$;
revoke execute on function public.search_contacts(jsonb) from public, anon, authenticated;
grant execute on function public.search_contacts(jsonb) to service_role;

-- 31_messages.sql

-- Messages, bookings and notes.

create table if not exists public.messages (
  id uuid primary key default gen_random_uuid(),
  -- Order of storing; what lists are sorted by.
  ordinal bigint generated always as identity,
  organization_id text not null,
  contact_id uuid,
  instance_id uuid not null,
  direction text not null check (direction in ('inbound', 'outbound')),
  content text not null default '',
  content_type text not null default 'conversation',
  whatsapp_message_id text,
  chat_jid text,
  -- The contact, or the chat where there is none. Part of the identity: senders choose their message ids.
  chat_key text not null,
  status text not null
    check (status in ('received', 'pending', 'sent', 'delivered', 'read', 'failed', 'unknown')),
  error text,
  -- The row that it came from, which may have been purged since.
  inbox_id bigint,
  sent_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Chosen by the caller; names one message of the instance for as long as its row is kept.
  idempotency_key text check (char_length(idempotency_key) between 1 and 255),
  -- Of what the caller asked for under the key.
  request_hash text,
  -- The account that it was to leave from: it is never repeated from another one.
  sent_from text,
  -- How often it was written again under its id.
  repeats int not null default 0,
  unique (instance_id, direction, chat_key, whatsapp_message_id),
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_messages_contact on public.messages (contact_id, ordinal desc);
create index if not exists idx_messages_organization on public.messages (organization_id, ordinal desc);
create index if not exists idx_messages_instance_ordinal on public.messages (instance_id, ordinal desc);
create index if not exists idx_messages_outbound on public.messages (instance_id, whatsapp_message_id)
  where direction = 'outbound';
create unique index if not exists idx_messages_idempotency on public.messages (instance_id, idempotency_key)
  where idempotency_key is not null;
create index if not exists idx_messages_open on public.messages (instance_id, ordinal)
  where direction = 'outbound' and status in ('pending', 'unknown');
-- Messages in chats that have no contact are few: looking for a person's among them must not read all the others.
create index if not exists idx_messages_without_contact on public.messages (organization_id, ordinal) where contact_id is null;

create table if not exists public.bookings (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null,
  contact_id uuid not null,
  instance_id uuid,
  status text not null default 'pending' check (status in ('pending', 'confirmed', 'cancelled', 'completed')),
  source text not null default 'whatsapp',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_bookings_contact on public.bookings (contact_id, created_at desc);
create index if not exists idx_bookings_pending on public.bookings (contact_id, created_at, id) where status = 'pending';
create index if not exists idx_bookings_organization on public.bookings (organization_id, created_at desc, id desc);

create table if not exists public.notes (
  id uuid primary key default gen_random_uuid(),
  ordinal bigint generated always as identity,
  organization_id text not null,
  contact_id uuid,
  instance_id uuid not null,
  content text not null,
  content_type text not null default 'conversation',
  whatsapp_message_id text not null,
  chat_key text not null,
  inbox_id bigint,
  sent_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  unique (instance_id, chat_key, whatsapp_message_id),
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_notes_contact on public.notes (contact_id, ordinal desc);
create index if not exists idx_notes_organization on public.notes (organization_id, ordinal desc);
create index if not exists idx_notes_without_contact on public.notes (organization_id, ordinal) where contact_id is null;

alter table public.messages enable row level security;
alter table public.bookings enable row level security;
alter table public.notes enable row level security;
revoke all on public.messages, public.bookings, public.notes from public, anon, authenticated;
grant select, insert, update, delete on public.messages, public.bookings, public.notes to service_role;
revoke all on sequence public.messages_ordinal_seq from public, anon, authenticated;
grant usage, select on sequence public.messages_ordinal_seq to service_role;
revoke all on sequence public.notes_ordinal_seq from public, anon, authenticated;
grant usage, select on sequence public.notes_ordinal_seq to service_role;
grant select on public.messages, public.bookings, public.notes to authenticated;
drop policy if exists members_read on public.messages;
create policy members_read on public.messages for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));
drop policy if exists members_read on public.bookings;
create policy members_read on public.bookings for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));
drop policy if exists members_read on public.notes;
create policy members_read on public.notes for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

create or replace trigger touch_updated_at before update on public.messages
  for each row execute function public.touch_updated_at();
create or replace trigger touch_updated_at before update on public.bookings
  for each row execute function public.touch_updated_at();

-- A message inserted with contact, instance, direction and content alone gets the rest from them.
create or replace function public.complete_message() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if new.organization_id is null then
    select i.organization_id into new.organization_id
      from public.whatsapp_instances i where i.id = new.instance_id;
  end if;
  new.chat_key := coalesce(new.chat_key, new.contact_id::text, new.chat_jid, '');
  new.status := coalesce(new.status, case new.direction when 'inbound' then 'received' else 'pending' end);
  return new;
end
$$;

create or replace trigger complete_message before insert on public.messages
  for each row
  when (new.organization_id is null or new.chat_key is null or new.status is null)
  execute function public.complete_message();

revoke execute on function
  public.complete_message()
  from public, anon, authenticated;
grant execute on function
  public.complete_message()
  to service_role;

-- Messages of an organization, the last stored first, before the one with the ordinal `before`; of one contact, instance,
-- direction and status, where these are given. The text that makes it 4 MB together is the last one: `more` says
-- that the list was cut there.
create or replace function public.list_messages(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_answer jsonb;
begin
  -- Planned for what is asked for, so that each filter has its index.
  execute format(
    'with page as (
      select m.id, m.ordinal, m.organization_id, m.contact_id, m.instance_id, m.direction, m.content, m.content_type,
        m.whatsapp_message_id, m.chat_jid, m.status, m.error, m.sent_at, m.created_at, m.updated_at
      from public.messages m
      where m.organization_id = $1 and m.ordinal < $2 %s %s %s %s
      order by m.ordinal desc
      limit $3
    ), sized as (
      select p.*, sum(octet_length(p.content)) over (order by p.ordinal desc) - octet_length(p.content) as before
      from page p
    )
    select jsonb_build_object(
      ''rows'', coalesce(jsonb_agg(to_jsonb(s) - ''before'' order by s.ordinal desc) filter (where s.before < 4194304), ''[]''),
      ''more'', coalesce(bool_or(s.before >= 4194304), false))
    from sized s',
    case when p ->> 'contact_id' is not null then 'and m.contact_id = $4' end,
    case when p ->> 'instance_id' is not null then 'and m.instance_id = $5' end,
    case when p ->> 'direction' is not null then 'and m.direction = $6' end,
    case when p ->> 'status' is not null then 'and m.status = $7' end)
    using p ->> 'organization_id', coalesce((p ->> 'before')::bigint, 9223372036854775807),
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501), (p ->> 'contact_id')::uuid, (p ->> 'instance_id')::uuid,
      p ->> 'direction', p ->> 'status'
    into v_answer;
  return v_answer;
end
$$;
revoke execute on function public.list_messages(jsonb) from public, anon, authenticated;
grant execute on function public.list_messages(jsonb) to service_role;

-- Notes of an organization, as list_messages.
create or replace function public.list_notes(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_answer jsonb;
begin
  execute format(
    'with page as (
      select n.id, n.ordinal, n.organization_id, n.contact_id, n.instance_id, n.content, n.content_type,
        n.whatsapp_message_id, n.sent_at, n.created_at
      from public.notes n
      where n.organization_id = $1 and n.ordinal < $2 %s
      order by n.ordinal desc
      limit $3
    ), sized as (
      select p.*, sum(octet_length(p.content)) over (order by p.ordinal desc) - octet_length(p.content) as before
      from page p
    )
    select jsonb_build_object(
      ''rows'', coalesce(jsonb_agg(to_jsonb(s) - ''before'' order by s.ordinal desc) filter (where s.before < 4194304), ''[]''),
      ''more'', coalesce(bool_or(s.before >= 4194304), false))
    from sized s',
    case when p ->> 'contact_id' is not null then 'and n.contact_id = $4' end)
    using p ->> 'organization_id', coalesce((p ->> 'before')::bigint, 9223372036854775807),
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501), (p ->> 'contact_id')::uuid
    into v_answer;
  return v_answer;
end
$$;
revoke execute on function public.list_notes(jsonb) from public, anon, authenticated;
grant execute on function public.list_notes(jsonb) to service_role;

-- 32_undecrypted_messages.sql

-- The loss ledger: every message that WhatsApp delivered and that could not be read here, and what became of it.
-- A table of its own: it outlives the purging of the inbox, and its few rows are looked up by canonical addresses, which
-- those of the inbox do not have.
create table if not exists public.undecrypted_messages (
  -- Order of arrival; what lists are sorted by.
  id bigint generated always as identity primary key,
  organization_id text not null,
  instance_id uuid not null,
  -- The placeholder.
  inbox_id bigint not null unique,
  -- Chosen by the sender: names a message only together with chat and person.
  message_id text not null,
  chat text not null,
  chat_kind text not null,
  from_me boolean not null,
  -- The other side of a direct chat, the author elsewhere; digits.
  phone text,
  lid text,
  -- The sender's clock: shown, never decided by.
  sent_at timestamptz not null,
  received_at timestamptz not null,
  -- waiting: a new copy was asked for. recovered: a readable copy came. given_up: none came in time.
  state text not null default 'waiting' check (state in ('waiting', 'recovered', 'given_up')),
  -- The readable copy.
  recovered_inbox_id bigint,
  settled_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_undecrypted_message on public.undecrypted_messages (instance_id, message_id);
create index if not exists idx_undecrypted_instance on public.undecrypted_messages (instance_id, id desc);
create index if not exists idx_undecrypted_received on public.undecrypted_messages (instance_id, received_at);
create index if not exists idx_undecrypted_waiting on public.undecrypted_messages (created_at) where state = 'waiting';
alter table public.undecrypted_messages enable row level security;
revoke all on public.undecrypted_messages from public, anon, authenticated;
grant select, insert, update, delete on public.undecrypted_messages to service_role;
revoke all on sequence public.undecrypted_messages_id_seq from public, anon, authenticated;
grant usage, select on sequence public.undecrypted_messages_id_seq to service_role;
grant select on public.undecrypted_messages to authenticated;
drop policy if exists members_read on public.undecrypted_messages;
create policy members_read on public.undecrypted_messages for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- The ledger's rows about the same message. The id alone would let a stranger settle somebody else's: the chat and the
-- person must be the same too, by either address.
create or replace function public.find_undecrypted(p_instance_id uuid, p_message_id text, p_chat text, p_chat_kind text,
    p_from_me boolean, p_phone text, p_lid text, p_contact_id uuid)
  returns setof public.undecrypted_messages
  language sql stable
  set search_path = ''
as $$
  select u.*
  from public.undecrypted_messages u
  where u.instance_id = p_instance_id and u.message_id = p_message_id
    and u.chat_kind = p_chat_kind and u.from_me = p_from_me
    and (p_chat_kind = 'direct' or p_chat_kind = 'self' or u.chat = p_chat)
    and (p_chat_kind = 'self' or u.phone = p_phone or u.lid = p_lid or exists (
        select from public.contacts k
        where k.id = p_contact_id and (k.phone_number = u.phone or k.lid = u.lid)
      ))
$$;

-- Gives up on what waited `after_seconds` or longer, without a break in the connection, for a copy that did not come.
-- A connection that never lasts so long gets a day; whoever is off line, two weeks, as long as WhatsApp keeps messages.
-- Nothing can come any more for an instance that was deleted or unlinked. By our clock alone, never the sender's.
create or replace function public.give_up_undecrypted(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_overdue constant timestamptz := now() - make_interval(secs => (p ->> 'after_seconds')::double precision);
  v_given_up int;
begin
  with overdue as (
    select u.id
    from public.undecrypted_messages u
    join public.whatsapp_instances i on i.id = u.instance_id
    where u.state = 'waiting' and u.created_at <= v_overdue
      and (i.deleted_at is not null
        or not i.has_session
        or i.status = 'connected' and (i.last_connected_at <= v_overdue or u.created_at <= now() - interval '1 day')
        or u.created_at <= now() - interval '14 days')
    order by u.created_at
    limit least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 1000)
    for update of u skip locked
  )
  update public.undecrypted_messages u
    set state = 'given_up', settled_at = now()
    from overdue o
    where u.id = o.id;
  get diagnostics v_given_up = row_count;
  return jsonb_build_object('given_up', v_given_up);
end
$$;

-- What became of everything that arrived for an instance from `from` until before `to`. Every row of the inbox is counted
-- once: received = stored + notes + skipped + duplicates + pending + dead + waiting + recovered + given_up.
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
    'received', o.received, 'stored', o.stored, 'notes', o.notes, 'skipped', o.skipped, 'duplicates', o.duplicates,
    'pending', o.pending, 'dead', o.dead, 'by_reason', o.by_reason,
    'waiting', coalesce((select l.messages from ledger l where l.state = 'waiting'), 0),
    'recovered', coalesce((select l.messages from ledger l where l.state = 'recovered'), 0),
    'given_up', coalesce((select l.messages from ledger l where l.state = 'given_up'), 0),
    'lost', coalesce((select l.personal from ledger l where l.state = 'given_up'), 0)
  )
  from outcomes o
$$;

revoke execute on function
  public.find_undecrypted(uuid, text, text, text, boolean, text, text, uuid), public.give_up_undecrypted(jsonb),
  public.instance_integrity(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.find_undecrypted(uuid, text, text, text, boolean, text, text, uuid), public.give_up_undecrypted(jsonb),
  public.instance_integrity(jsonb)
  to service_role;

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
      booking_id uuid
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
      push_name text, message_id text, content text, content_type text, sent_at timestamptz))
      with ordinality as e (inbox_id, action, reason, phone, lid, push_name, message_id, content, content_type,
      sent_at, position)
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
      coalesce(w.sent_at, l.received_at), null, null
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
        w.instance_id, null, null, null, '', '', '', w.content_type, w.sent_at, null, null)::public.ingest_work
      else w end order by w.position)
    into v_work
    from unnest(p_work) w;
  return v_work;
end
$$;

-- Makes sure that every client has a contact, and fills in what the store says about each item.
create or replace function public.resolve_contacts(p_work public.ingest_work[], p_booking_policy text)
  returns public.ingest_work[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_person record;
  v_work public.ingest_work[];
  i int;
begin
  -- New people whose addresses occur in one combination only: the usual case, one statement for all of them.
  with people as (
    select w.organization_id, w.phone, w.lid, min(w.position) as position,
      max(least(w.sent_at, now())) as last_message_at,
      (array_agg(w.push_name order by w.position desc) filter (where w.push_name is not null))[1] as push_name
    from unnest(p_work) w
    where w.action = 'client'
    group by w.organization_id, w.phone, w.lid
  ), counted as (
    select n.*,
      case when n.phone is null then 1 else count(*) over (partition by n.organization_id, n.phone) end as with_phone,
      case when n.lid is null then 1 else count(*) over (partition by n.organization_id, n.lid) end as with_lid
    from people n
  )
  insert into public.contacts (organization_id, phone_number, lid, name, name_source, last_message_at)
    select n.organization_id, n.phone, n.lid, coalesce(n.push_name, 'Unknown'),
      case when n.push_name is null then 'unknown' else 'push' end, n.last_message_at
    from counted n
    where n.with_phone = 1 and n.with_lid = 1
      and not exists (
        select from public.contacts k where k.organization_id = n.organization_id and k.phone_number = n.phone
      )
      and not exists (select from public.contacts k where k.organization_id = n.organization_id and k.lid = n.lid)
    order by n.position
    on conflict do nothing;

  -- People of whom something new was learnt, in the order in which it was.
  for v_person in
    select w.organization_id, w.phone, w.lid
    from unnest(p_work) w
    left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
    left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid
    where w.action = 'client'
      and (w.phone is not null and a.id is null or w.lid is not null and b.id is null
        or w.phone is not null and w.lid is not null and a.id <> b.id)
    group by w.organization_id, w.phone, w.lid
    order by min(w.position)
  loop
    perform public.resolve_person(v_person.organization_id, v_person.phone, v_person.lid, p_booking_policy);
  end loop;

  select array_agg(row(w.position, w.inbox_id, w.action,
      -- The echo of a message that was sent through the API is no note.
      case when w.action = 'owner_note' and exists (
          select from public.messages m
          where m.instance_id = w.instance_id and m.direction = 'outbound' and m.whatsapp_message_id = w.message_id
        ) then 'own_send' else w.reason end,
      w.organization_id, w.instance_id, w.phone, w.lid,
      w.push_name, w.message_id, w.chat, w.content, w.content_type, w.sent_at, coalesce(a.id, b.id),
      case when p_booking_policy = 'every-message' and w.action = 'client' then gen_random_uuid() end
    )::public.ingest_work order by w.position)
    into v_work
    from unnest(p_work) w
    left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
    left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid;

  -- An address that a later item of the same call took away again.
  for i in
    select k.place from unnest(v_work) with ordinality as k (position, inbox_id, action, reason, organization_id,
      instance_id, phone, lid, push_name, message_id, chat, content, content_type, sent_at, contact_id, booking_id, place)
    where k.action = 'client' and k.contact_id is null
    order by k.place
  loop
    v_work[i].contact_id := public.resolve_person(v_work[i].organization_id, v_work[i].phone, v_work[i].lid,
      p_booking_policy);
  end loop;
  return coalesce(v_work, '{}');
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
        whatsapp_message_id, chat_jid, chat_key, status, inbox_id, sent_at)
      select w.organization_id, w.contact_id, w.instance_id, 'inbound', w.content, w.content_type,
        w.message_id, w.chat, w.contact_id::text, 'received', w.inbox_id, w.sent_at
      from unnest(p_work) w
      where w.action = 'client'
      order by w.position
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do nothing
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into v_stored from stored s;

  update public.contacts k
    set last_message_at = greatest(k.last_message_at, u.last_message_at),
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
        chat_key, inbox_id, sent_at)
      select w.organization_id, w.contact_id, w.instance_id, w.content, w.content_type, w.message_id,
        coalesce(w.contact_id::text, w.chat), w.inbox_id, w.sent_at
      from unnest(p_work) w
      where w.action = 'owner_note' and w.reason <> 'own_send'
      order by w.position
      on conflict (instance_id, chat_key, whatsapp_message_id) do nothing
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into v_stored from stored s;
  return v_stored;
end
$$;

-- Makes the bookings of newly stored messages.
create or replace function public.store_bookings(p_work public.ingest_work[], p_stored bigint[], p_booking_policy text)
  returns void
  language plpgsql
  set search_path = ''
as $$
begin
  if p_booking_policy = 'every-message' then
    insert into public.bookings (id, organization_id, contact_id, instance_id)
      select w.booking_id, w.organization_id, w.contact_id, w.instance_id
      from unnest(p_work) w
      where w.inbox_id = any (p_stored)
      order by w.position;
  elsif p_booking_policy = 'one-open' then
    insert into public.bookings (organization_id, contact_id, instance_id)
      select distinct on (w.contact_id) w.organization_id, w.contact_id, w.instance_id
      from unnest(p_work) w
      where w.inbox_id = any (p_stored)
        and not exists (
          select from public.bookings b where b.contact_id = w.contact_id and b.status = 'pending'
        )
      order by w.contact_id, w.position;
  elsif p_booking_policy <> 'off' then
    raise exception 'unknown booking policy %', p_booking_policy using errcode = '22023';
  end if;
end
$$;

-- Appends a `whatsapp:message` event for each newly stored message, in order; returns them.
create or replace function public.store_message_events(p_work public.ingest_work[], p_stored bigint[], p_booking_policy text)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_events jsonb;
begin
  with fresh as (
    select w.*, row_number() over (partition by w.organization_id order by w.position) as place
    from unnest(p_work) w
    where w.inbox_id = any (p_stored)
  ), counted as (
    select f.organization_id, count(*) as events from fresh f group by f.organization_id
  ), numbered as (
    update public.organizations o set event_seq = o.event_seq + c.events
      from counted c where o.id = c.organization_id
      returning o.id, o.event_seq - c.events as base
  ), made as materialized (
    select f.position, f.organization_id, n.base + f.place as sequence, f.instance_id,
      jsonb_strip_nulls(jsonb_build_object(
        'instanceId', f.instance_id,
        'messageId', f.message_id,
        'from', coalesce(f.phone, k.phone_number, f.lid || '@lid'),
        'text', f.content,
        'timestamp', to_char(f.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'contactId', f.contact_id,
        'bookingId', case when p_booking_policy = 'one-open' then (
            select b.id from public.bookings b
            where b.contact_id = f.contact_id and b.status = 'pending'
            order by b.created_at, b.id
            limit 1
          ) else f.booking_id end
      )) as payload
    from fresh f
    join numbered n on n.id = f.organization_id
    join public.contacts k on k.id = f.contact_id
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

-- What an item says about the message in its row; without `chat_kind` it says nothing.
create or replace function public.items_with_origin(p_work public.ingest_work[], p_items jsonb)
  returns table (inbox_id bigint, action text, reason text, organization_id text, instance_id uuid, message_id text,
    chat text, phone text, lid text, contact_id uuid, sent_at timestamptz, chat_kind text, from_me boolean)
  language sql stable
  set search_path = ''
as $$
  select w.inbox_id, w.action, w.reason, w.organization_id, w.instance_id, w.message_id, w.chat, w.phone, w.lid,
    w.contact_id, w.sent_at, o.chat_kind, coalesce(o.from_me, false)
  from unnest(p_work) w
  join jsonb_to_recordset(p_items) as o (inbox_id bigint, chat_kind text, from_me boolean) on o.inbox_id = w.inbox_id
  where o.chat_kind is not null
  order by w.position
$$;

-- Writes placeholders into the ledger; returns the inbox rows of those that were in it already, or whose message had
-- arrived readable before. To be called when the messages of the call are stored.
create or replace function public.record_undecrypted(p_work public.ingest_work[], p_items jsonb) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_item record;
  v_copy bigint;
  v_known bigint[] := '{}'::bigint[];
begin
  if not exists (select from unnest(p_work) w where w.action = 'undecrypted') then
    return v_known;
  end if;
  for v_item in
    select o.*, i.received_at
    from public.items_with_origin(p_work, p_items) o
    join public.inbox i on i.id = o.inbox_id
    where o.action = 'undecrypted'
  loop
    -- 0 for what came from elsewhere than the inbox.
    select c.inbox_id into v_copy
      from (
        select coalesce(m.inbox_id, 0) as inbox_id
        from public.messages m
        where m.instance_id = v_item.instance_id and m.whatsapp_message_id = v_item.message_id
          and m.chat_key = v_item.contact_id::text
          and m.direction = case when v_item.from_me then 'outbound' else 'inbound' end
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
create or replace function public.recover_undecrypted(p_work public.ingest_work[], p_items jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  -- Nearly always there is nothing: one probe of a small index for each message.
  if not exists (
    select from unnest(p_work) w
    join public.undecrypted_messages u on u.instance_id = w.instance_id and u.message_id = w.message_id
    where w.action <> 'undecrypted' and u.state <> 'recovered'
  ) then
    return;
  end if;
  update public.undecrypted_messages u
    set state = 'recovered', recovered_inbox_id = c.inbox_id, settled_at = now()
    from (
      select f.id, min(o.inbox_id) as inbox_id
      from public.items_with_origin(p_work, p_items) o
      cross join lateral public.find_undecrypted(o.instance_id, o.message_id, o.chat, o.chat_kind, o.from_me,
        o.phone, o.lid, o.contact_id) f
      where o.action not in ('undecrypted', 'dead')
      group by f.id
    ) c
    where u.id = c.id and u.state <> 'recovered';
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
  v_events jsonb;
begin
  v_work := public.begin_ingest(p -> 'items', p ->> 'worker');
  if cardinality(v_work) = 0 then
    return '{"events": [], "processed": 0}'::jsonb;
  end if;
  v_work := public.resolve_contacts(v_work, v_policy);
  v_messages := public.store_inbound(v_work);
  v_notes := public.store_notes(v_work);
  perform public.store_bookings(v_work, v_messages, v_policy);
  v_events := public.store_message_events(v_work, v_messages, v_policy);
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
  public.resolve_contacts(public.ingest_work[], text), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_bookings(public.ingest_work[], bigint[], text),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.items_with_origin(public.ingest_work[], jsonb), public.record_undecrypted(public.ingest_work[], jsonb),
  public.recover_undecrypted(public.ingest_work[], jsonb), public.ingest_inbox(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.resolve_contacts(public.ingest_work[], text), public.store_inbound(public.ingest_work[]),
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
  'content_type', m.content_type, 'status', m.status, 'error', m.error, 'request_hash', m.request_hash
)
$$;

-- The instance's message under this idempotency key, or else under this WhatsApp id.
create or replace function public.stored_outbound(p jsonb) returns setof public.messages
  language sql stable
  set search_path = ''
as $$
  select m.* from public.messages m
  where m.instance_id = (p ->> 'instance_id')::uuid
    and (m.idempotency_key = p ->> 'idempotency_key'
      or m.direction = 'outbound' and m.whatsapp_message_id = p ->> 'whatsapp_message_id')
  order by m.idempotency_key = p ->> 'idempotency_key' desc nulls last
  limit 1
$$;

create or replace function public.find_outbound(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select public.outbound_view(m) from public.stored_outbound(p) m
$$;

-- Stores a message before it is sent, with its contact, and with the entry of the audit log that `audit` holds. Whom it is
-- for is given as `chat_jid`, `phone` and `lid`, or as `numbers`, any of which may be the person's: then it goes where that
-- person wrote from, or else to `otherwise`; where that is not given either, nothing is stored and the answer says so.
create or replace function public.begin_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_audit constant jsonb := nullif(p -> 'audit', 'null');
  v_address jsonb := p;
  v_chat text;
  v_phone text;
  v_lid text;
  v_noted jsonb := '{}'::jsonb;
  v_account text;
  v_epoch bigint;
  v_contact_id uuid;
  v_message public.messages;
begin
  -- Before the locks: it may have much to read.
  if p ->> 'chat_jid' is null and jsonb_typeof(p -> 'numbers') = 'array' then
    v_address := coalesce(public.conversation_address(v_organization_id, v_instance_id, p -> 'numbers'),
      nullif(p -> 'otherwise', 'null'));
  end if;
  v_chat := v_address ->> 'chat_jid';
  v_phone := nullif(v_address ->> 'phone', '');
  v_lid := nullif(v_address ->> 'lid', '');
  perform 1 from public.organizations where id = v_organization_id for no key update;
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
    v_contact_id := public.resolve_person(v_organization_id, v_phone, v_lid, 'off');
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
  return public.outbound_view(v_message) || v_noted;
end
$$;

-- How far an outbound message has come; a status never goes back to one before it.
create or replace function public.outbound_rank(p_status text) returns int
  language sql immutable parallel safe
  set search_path = ''
as $$
  select array_position(array['pending', 'unknown', 'failed', 'sent', 'delivered', 'read'], p_status)
$$;

create or replace function public.finish_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_status constant text := p ->> 'status';
  v_message public.messages;
begin
  if v_status is null or v_status not in ('sent', 'failed', 'unknown') then
    raise exception 'no result of sending: %', v_status using errcode = '22023';
  end if;
  select * into v_message from public.messages
    where id = (p ->> 'message_id')::uuid and direction = 'outbound' for update;
  if not found then
    raise exception 'message not found' using errcode = 'AZ404';
  end if;
  if public.outbound_rank(v_status) > public.outbound_rank(v_message.status) then
    update public.messages set status = v_status, error = p ->> 'error' where id = v_message.id;
    if v_status = 'sent' then
      update public.whatsapp_instances set messages_sent_count = messages_sent_count + 1
        where id = v_message.instance_id;
    end if;
  end if;
  return '{}'::jsonb;
end
$$;

-- Messages whose sending is in doubt, in their order.
create or replace function public.list_open_outbound(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(public.outbound_view(m) order by m.ordinal), '[]')
  from public.messages m
  where m.id in (
    select o.id from public.messages o
    where o.instance_id = (p ->> 'instance_id')::uuid and o.direction = 'outbound'
      and o.status in ('pending', 'unknown')
    order by o.ordinal
    limit least((p ->> 'limit')::int, 5000)
  )
$$;

-- To be asked before a message is written again: it may be known by now, too old, or another account's. Not for a sender who
-- lost the session.
create or replace function public.repeat_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message public.messages;
  v_account public.whatsapp_instances;
  v_reason text;
begin
  select * into v_message from public.messages
    where id = (p ->> 'message_id')::uuid and direction = 'outbound' for update;
  if not found then
    return jsonb_build_object('status', 'failed', 'error', 'message_deleted');
  end if;
  if v_message.status in ('pending', 'unknown') then
    select * into v_account from public.whatsapp_instances where id = v_message.instance_id;
    if v_account.lease_epoch <> (p ->> 'epoch')::bigint then
      raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_account.id)::text;
    end if;
    v_reason := case
      when v_message.sent_from not in (v_account.account_phone, v_account.account_lid) then 'account_changed'
      when v_message.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float) then 'not_confirmed_in_time'
      when v_message.repeats >= (p ->> 'max_repeats')::int then 'not_confirmed'
    end;
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

-- Gives up what was in doubt for too long, also for instances that nobody runs; tells which instances have something
-- in doubt that nothing has happened to for a while.
create or replace function public.sweep_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_expired int;
  v_instances jsonb;
begin
  with expired as (
    select m.id from public.messages m
    where m.direction = 'outbound' and m.status in ('pending', 'unknown')
      and m.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float)
    limit 1000
    for update skip locked
  )
  update public.messages m set status = 'failed', error = 'not_confirmed_in_time'
    from expired e where m.id = e.id;
  get diagnostics v_expired = row_count;
  select coalesce(jsonb_agg(o.instance_id), '[]') into v_instances
    from (
      select distinct m.instance_id from public.messages m
      where m.direction = 'outbound' and m.status in ('pending', 'unknown')
        and m.updated_at < now() - make_interval(secs => (p ->> 'idle_seconds')::float)
      limit 5000
    ) o;
  return jsonb_build_object('expired', v_expired, 'instance_ids', v_instances);
end
$$;

-- A new owner does not know how far the one before it came; without a session nobody will ever know.
create or replace function public.doubt_outbound() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  with open as (
    select m.id from public.messages m
    where m.instance_id = new.id and m.direction = 'outbound'
      and (m.status = 'pending' or (m.status = 'unknown' and new.session_data is null))
    -- Whoever holds one of them is about to say how it went.
    for update skip locked
  )
  update public.messages m
    set status = case when new.session_data is null then 'failed' else 'unknown' end,
      error = case when new.session_data is null then 'session_ended' end
    from open o where m.id = o.id;
  return null;
end
$$;

create or replace trigger doubt_outbound after update of lease_epoch on public.whatsapp_instances
  for each row when (new.lease_epoch <> old.lease_epoch)
  execute function public.doubt_outbound();

-- Only the recipient of a message says that it arrived, and gets it again: anybody may have come to know its id.

-- Whether a message was sent to the person with this phone number or LID, however the chat was addressed.
create or replace function public.was_sent_to(m public.messages, p_phone text, p_lid text) returns boolean
  language sql stable
  set search_path = ''
as $$
  select coalesce(m.chat_jid in (p_phone || '@s.whatsapp.net', p_lid || '@lid'), false)
  or exists (
    select from public.contacts c where c.id = m.contact_id and (c.phone_number = p_phone or c.lid = p_lid)
  )
$$;

-- Whether an instance sent all of these messages, and to this person.
create or replace function public.were_sent_to(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('sent', coalesce(bool_and(exists (
    select from public.messages m
    where m.instance_id = (p ->> 'instance_id')::uuid and m.direction = 'outbound' and m.whatsapp_message_id = e.id
      and public.was_sent_to(m, p ->> 'phone', p ->> 'lid')
  )), false))
  from jsonb_array_elements_text(p -> 'whatsapp_message_ids') as e (id)
$$;

-- Receipts of the recipients alone. While an older version still runs beside this one, what its processes hear counts as it did:
-- they do not say from whom, and nobody would hear it again.
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

revoke execute on function
  public.outbound_view(public.messages), public.stored_outbound(jsonb), public.find_outbound(jsonb),
  public.begin_outbound(jsonb), public.outbound_rank(text), public.finish_outbound(jsonb),
  public.list_open_outbound(jsonb), public.repeat_outbound(jsonb), public.sweep_outbound(jsonb),
  public.doubt_outbound(), public.was_sent_to(public.messages, text, text), public.were_sent_to(jsonb),
  public.apply_receipts(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.outbound_view(public.messages), public.stored_outbound(jsonb), public.find_outbound(jsonb),
  public.begin_outbound(jsonb), public.outbound_rank(text), public.finish_outbound(jsonb),
  public.list_open_outbound(jsonb), public.repeat_outbound(jsonb), public.sweep_outbound(jsonb),
  public.doubt_outbound(), public.was_sent_to(public.messages, text, text), public.were_sent_to(jsonb),
  public.apply_receipts(jsonb)
  to service_role;

-- Where the owner of a number wrote from last: the contact of the first of the numbers that has one, and the chat of the last
-- message that came from it to this instance. Null where there is none, or where that chat is no person's.
create or replace function public.conversation_address(p_organization_id text, p_instance_id uuid, p_numbers jsonb)
  returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_contact public.contacts;
  v_chat text;
begin
  select c.* into v_contact
    from jsonb_array_elements_text(p_numbers) with ordinality n (number, place)
    join public.contacts c on c.phone_number = n.number and c.organization_id = p_organization_id
    order by n.place
    limit 1;
  if not found then
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
  return jsonb_build_object(
    'chat_jid', substring(v_chat from '^[^@:_]*') || replace(substring(v_chat from '@.*$'), '@c.us', '@s.whatsapp.net'),
    'phone', v_contact.phone_number, 'lid', v_contact.lid);
end
$$;
revoke execute on function public.conversation_address(text, uuid, jsonb) from public, anon, authenticated;
grant execute on function public.conversation_address(text, uuid, jsonb) to service_role;

-- What was sent under an id of WhatsApp's; null for one that this instance did not send.
create or replace function public.find_outbound_content(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('content', m.content, 'content_type', m.content_type)
  from public.messages m
  where m.instance_id = (p ->> 'instance_id')::uuid and m.direction = 'outbound'
    and m.whatsapp_message_id = p ->> 'whatsapp_message_id'
  limit 1
$$;
revoke execute on function public.find_outbound_content(jsonb) from public, anon, authenticated;
grant execute on function public.find_outbound_content(jsonb) to service_role;

-- 40_events.sql

-- What is told to sockets and webhooks: gapless for each organization.
-- No reference to the organization: its sequence comes from the organization's row, so it is there.
create table if not exists public.events (
  organization_id text not null,
  sequence bigint not null,
  name text not null,
  payload jsonb not null,
  instance_id uuid,
  created_at timestamptz not null default now(),
  primary key (organization_id, sequence)
);
alter table public.events enable row level security;
revoke all on public.events from public, anon, authenticated;
grant select, insert, update, delete on public.events to service_role;
grant select on public.events to authenticated;
drop policy if exists members_read on public.events;
create policy members_read on public.events for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- Appends one event. The update's lock on the organization is what makes the sequence gapless.
create or replace function public.append_event(p_organization_id text, p_instance_id uuid, p_event jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_sequence bigint;
begin
  update public.organizations set event_seq = event_seq + 1 where id = p_organization_id
    returning event_seq into v_sequence;
  insert into public.events (organization_id, sequence, name, payload, instance_id)
    values (p_organization_id, v_sequence, p_event ->> 'name', p_event -> 'payload', p_instance_id);
  return jsonb_build_object('organization_id', p_organization_id, 'sequence', v_sequence,
    'name', p_event -> 'name', 'payload', p_event -> 'payload');
end
$$;

-- How far the events of organizations have come: one call for all that somebody listens to.
create or replace function public.event_heads(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(o.id, o.event_seq)), '[]')
  from public.organizations o
  where o.id in (select jsonb_array_elements_text(p -> 'organization_ids'))
$$;

create table if not exists public.webhook_endpoints (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id) on delete cascade,
  url text not null,
  -- Signing secret, sealed by the service.
  secret bytea not null,
  event_names text[] not null default '{}',
  is_active boolean not null default true,
  -- Everything up to this sequence was delivered or given up.
  last_sequence bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index if not exists idx_webhook_endpoints_organization on public.webhook_endpoints (organization_id, created_at desc);

create table if not exists public.webhook_deliveries (
  id bigint generated always as identity primary key,
  endpoint_id uuid not null references public.webhook_endpoints (id) on delete cascade,
  organization_id text not null references public.organizations (id) on delete cascade,
  sequence bigint not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  attempts int not null default 0,
  next_attempt_at timestamptz not null default now(),
  response_status int,
  error text,
  delivered_at timestamptz,
  created_at timestamptz not null default now(),
  unique (endpoint_id, sequence)
);
create index if not exists idx_webhook_deliveries_due on public.webhook_deliveries (next_attempt_at) where status = 'pending';
create index if not exists idx_webhook_deliveries_organization on public.webhook_deliveries (organization_id, id desc);
alter table public.webhook_endpoints enable row level security;
alter table public.webhook_deliveries enable row level security;
revoke all on public.webhook_endpoints, public.webhook_deliveries from public, anon, authenticated;
grant select, insert, update, delete on public.webhook_endpoints, public.webhook_deliveries to service_role;
revoke all on sequence public.webhook_deliveries_id_seq from public, anon, authenticated;
grant usage, select on sequence public.webhook_deliveries_id_seq to service_role;

create or replace trigger touch_updated_at before update on public.webhook_endpoints
  for each row execute function public.touch_updated_at();

revoke execute on function
  public.append_event(text, uuid, jsonb), public.event_heads(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.append_event(text, uuid, jsonb), public.event_heads(jsonb)
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
    'heads', 'callers', 'inbox', 'closings', 'heartbeat', 'work', 'keys', 'undecrypted', 'drained'
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
revoke execute on function public.tick_part(text, jsonb), public.node_tick(jsonb) from public, anon, authenticated;
grant execute on function public.tick_part(text, jsonb), public.node_tick(jsonb) to service_role;

-- 50_retention.sql

-- How long an organization keeps what, and the sweep that holds it to that.

create table if not exists public.retention_settings (
  organization_id text primary key references public.organizations (id) on delete cascade,
  -- In days; null: for ever.
  messages_days int check (messages_days between 1 and 36500),
  notes_days int check (notes_days between 1 and 36500),
  bookings_days int check (bookings_days between 1 and 36500),
  -- What WhatsApp delivered, once it was processed.
  inbox_bodies_days int check (inbox_bodies_days between 1 and 36500),
  -- The rows without them. WhatsApp may deliver for a month what was not acknowledged: the rows know it again.
  inbox_days int check (inbox_days between 45 and 36500),
  events_days int check (events_days between 1 and 36500),
  audit_days int check (audit_days between 30 and 36500),
  updated_at timestamptz not null default now()
);

-- How far the bodies of an instance were taken out: what was received before needs no second look.
create table if not exists public.retention_progress (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  bodies_until timestamptz not null
);
alter table public.retention_settings enable row level security;
alter table public.retention_progress enable row level security;
revoke all on public.retention_settings, public.retention_progress from public, anon, authenticated;
grant select, insert, update, delete on public.retention_settings, public.retention_progress to service_role;

-- The settings of an organization that never made any.
create or replace function public.default_retention(p_organization_id text) returns public.retention_settings
  language sql stable
  set search_path = ''
as $$
  select row(p_organization_id, null, null, null, 30, 90, 90, 365, null)::public.retention_settings
$$;

create or replace function public.retention_of(p_organization_id text) returns public.retention_settings
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_settings public.retention_settings;
begin
  select * into v_settings from public.retention_settings where organization_id = p_organization_id;
  return case when found then v_settings else public.default_retention(p_organization_id) end;
end
$$;

create or replace function public.read_retention(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(public.retention_of(o.id)) from public.organizations o where o.id = p ->> 'organization_id'
$$;

-- Changes the settings that are named and keeps the others; null where there is no such organization.
create or replace function public.write_retention(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_settings public.retention_settings;
begin
  perform 1 from public.organizations where id = p ->> 'organization_id' for no key update;
  if not found then
    return null;
  end if;
  v_settings := jsonb_populate_record(public.retention_of(p ->> 'organization_id'), p -> 'changes');
  v_settings.organization_id := p ->> 'organization_id';
  v_settings.updated_at := now();
  delete from public.retention_settings where organization_id = v_settings.organization_id;
  insert into public.retention_settings select v_settings.*;
  return to_jsonb(v_settings);
end
$$;

-- Before this nothing of the kind is kept; null: everything is.
create or replace function public.retention_cutoff(p_days int) returns timestamptz
  language sql stable
  set search_path = ''
as $$
  select now() - make_interval(days => p_days)
$$;

-- The inbox of one instance. Rows that wait or that nobody could read are kept, however old: they are not done.
create or replace function public.apply_inbox_retention(p_instance_id uuid, p_settings public.retention_settings, p_limit int)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_bodies constant timestamptz := public.retention_cutoff(p_settings.inbox_bodies_days);
  v_from timestamptz;
  v_until timestamptz;
  v_ids bigint[];
  v_emptied int := 0;
  v_deleted int := 0;
  v_seen int := 0;
begin
  if v_bodies is not null then
    select r.bodies_until into v_from from public.retention_progress r where r.instance_id = p_instance_id;
    select array_agg(w.id) filter (where w.is_done), max(w.received_at), count(*)
      into v_ids, v_until, v_seen
      from (
        select i.id, i.received_at, i.state = 1 and i.body is not null as is_done
        from public.inbox i
        where i.instance_id = p_instance_id and i.received_at >= coalesce(v_from, '-infinity')
          and i.received_at < v_bodies
        order by i.received_at
        limit p_limit
      ) w;
    perform 1 from public.inbox i where i.id = any (v_ids) order by i.id for update;
    update public.inbox i set body = null where i.id = any (v_ids) and i.state = 1;
    get diagnostics v_emptied = row_count;
    -- More rows of one moment than are looked at in a step must not hold it up for ever.
    if v_seen = p_limit and v_until = v_from then
      update public.inbox i set body = null
        where i.instance_id = p_instance_id and i.received_at = v_until and i.state = 1 and i.body is not null;
      v_until := v_until + interval '1 microsecond';
    end if;
    if v_seen > 0 and v_until is distinct from v_from then
      insert into public.retention_progress (instance_id, bodies_until) values (p_instance_id, v_until)
        on conflict (instance_id) do update set bodies_until = excluded.bodies_until;
    end if;
  end if;

  with old as (
    select i.id
    from public.inbox i
    where i.instance_id = p_instance_id and i.received_at < public.retention_cutoff(p_settings.inbox_days)
      and i.state = 1
    order by i.received_at
    limit p_limit
  ), held as materialized (
    select i.id from public.inbox i where i.id in (select o.id from old o) order by i.id for update
  )
  delete from public.inbox i using held h where i.id = h.id;
  get diagnostics v_deleted = row_count;
  return jsonb_build_object('inbox_bodies', v_emptied, 'inbox', v_deleted,
    'more', v_seen = p_limit or v_deleted = p_limit);
end
$$;

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
  -- What nodes asked each other and nobody waits for any more: texts, sealed and without a name.
  delete from public.node_requests where expires_at <= now();
  return jsonb_build_object('counts', v_counts, 'more', v_more, 'busy', false);
end
$$;

revoke execute on function
  public.default_retention(text), public.retention_of(text), public.read_retention(jsonb),
  public.write_retention(jsonb), public.retention_cutoff(int),
  public.apply_inbox_retention(uuid, public.retention_settings, int), public.apply_retention(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.default_retention(text), public.retention_of(text), public.read_retention(jsonb),
  public.write_retention(jsonb), public.retention_cutoff(int),
  public.apply_inbox_retention(uuid, public.retention_settings, int), public.apply_retention(jsonb)
  to service_role;

-- 51_erasure.sql

-- A person's rights: everything that is kept about a contact can be removed.
-- Nothing here is called often: it scans what the many writes must not pay an index for.

-- Receipts of erasures. While one is under way it is also the note of how far it has come.
create table if not exists public.erasures (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id) on delete cascade,
  -- The contact that was; names nobody any more.
  contact_id uuid not null,
  requested_at timestamptz not null default now(),
  erased_at timestamptz,
  -- How many rows of each kind.
  counts jsonb not null default '{}',
  -- Until it is finished: a message that comes meanwhile may join the contact with another one.
  phone_number text,
  lid text,
  inbox_cursor bigint not null default 0,
  event_cursor bigint not null default 0,
  -- Both have come to the end once: what is left is little.
  is_near_end boolean not null default false,
  former_phones text[],
  former_lids text[],
  is_person_gone boolean not null default false,
  unique (organization_id, contact_id),
  check (erased_at is null or (phone_number is null and lid is null)),
  check (erased_at is null or former_phones is null and former_lids is null)
);
create index if not exists idx_erasures_organization on public.erasures (organization_id, requested_at desc, id desc);
create index if not exists idx_erasures_unfinished on public.erasures (requested_at) where erased_at is null;

-- Marks of messages that were erased: one that is delivered again, also in another ciphertext, does not bring the person
-- back. A mark is a hash over address and random id, and tells neither.
create table if not exists public.erased_messages (
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  mark bytea not null,
  erased_at timestamptz not null default now(),
  primary key (instance_id, mark)
);
create index if not exists idx_erased_messages_age on public.erased_messages (erased_at);
alter table public.erasures enable row level security;
alter table public.erased_messages enable row level security;
revoke all on public.erasures, public.erased_messages from public, anon, authenticated;
grant select, insert, update, delete on public.erasures, public.erased_messages to service_role;

-- Names a message without telling which it is.
create or replace function public.message_mark(p_instance_id uuid, p_address text, p_message_id text) returns bytea
  language sql immutable parallel safe
  set search_path = ''
as $$
  select sha256(convert_to(p_instance_id::text || '/' || p_address || '/' || p_message_id, 'UTF8'))
$$;

-- What a row of the inbox says about whose it is; the sender chooses its id and its name, which say nothing.
create or replace function public.inbox_addressing(p_chat text, p_sender text, p_attrs jsonb) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select p_chat || ' ' || p_sender || ' ' || (p_attrs - 'id' - 'notify')::text
$$;

create or replace function public.erased_phones(p_erasure public.erasures) returns text[]
  language sql immutable parallel safe
  set search_path = ''
as $$
  select array_remove(p_erasure.former_phones || p_erasure.phone_number, null)
$$;

create or replace function public.erased_lids(p_erasure public.erasures) returns text[]
  language sql immutable parallel safe
  set search_path = ''
as $$
  select array_remove(p_erasure.former_lids || p_erasure.lid, null)
$$;

create or replace function public.erased_pattern(p_erasure public.erasures) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select public.person_pattern(public.erased_phones(p_erasure), public.erased_lids(p_erasure))
$$;

create or replace function public.add_count(p_counts jsonb, p_kind text, p_rows bigint) returns jsonb
  language sql immutable parallel safe
  set search_path = ''
as $$
  select p_counts || jsonb_build_object(p_kind, coalesce((p_counts ->> p_kind)::bigint, 0) + coalesce(p_rows, 0))
$$;

-- Takes everything out of rows of the inbox but what keeps a redelivery from being taken for a new message. A row that is empty
-- already is not counted again.
create or replace function public.empty_inbox_rows(p_ids bigint[]) returns bigint
  language plpgsql
  set search_path = ''
as $$
declare
  v_emptied bigint;
begin
  with held as materialized (
    -- In the order of ids, as everybody who locks several rows.
    select i.id
    from public.inbox i
    where i.id = any (p_ids) and (i.attrs <> '{}' or i.chat <> '' or i.body is not null)
    order by i.id
    for update
  )
  update public.inbox i
    set body = null, message_id = '', chat = '', sender = '', attrs = '{}',
      state = 1,
      outcome = case when i.state = 1 then i.outcome else 'skipped' end,
      reason = case when i.state = 1 then i.reason else 'erased' end,
      error = null, claimed_by = null, claimed_until = null,
      processed_at = coalesce(i.processed_at, now())
    from held h
    where i.id = h.id;
  get diagnostics v_emptied = row_count;
  return v_emptied;
end
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
      and (e.payload ->> 'contactId' in (p_contact_id::text, p_erasure.contact_id::text)
        or e.payload ->> 'from' = any (v_from))
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

-- Remembers messages by their marks, so that they are known when they are delivered again.
create or replace function public.mark_erased(p_instances uuid[], p_message_ids text[], p_erasure public.erasures)
  returns void
  language sql
  set search_path = ''
as $$
  insert into public.erased_messages (instance_id, mark)
    select m.instance_id, public.message_mark(m.instance_id, a.address, m.message_id)
    from unnest(p_instances, p_message_ids) as m (instance_id, message_id)
    cross join unnest(public.erased_phones(p_erasure) || public.erased_lids(p_erasure)) as a (address)
    where m.message_id is not null
    on conflict do nothing
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

-- Deletes the person: the ledger, the keys, the contact itself. The erasure goes on after it. The caller holds the organization.
create or replace function public.erase_person(p_erasure public.erasures, p_contact_id uuid) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
  v_instances constant uuid[] := array(
    select i.id from public.whatsapp_instances i where i.organization_id = p_erasure.organization_id order by i.id
  );
  v_of uuid[];
  v_ids text[];
  v_rows int;
begin
  select array_agg(u.instance_id), array_agg(u.message_id) into v_of, v_ids
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.phone = any (v_phones) or u.lid = any (v_lids));
  perform public.mark_erased(v_of, v_ids, p_erasure);
  with held as materialized (
    select u.id
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.phone = any (v_phones) or u.lid = any (v_lids))
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
  v_erasure.phone_number := coalesce(p_contact.phone_number, p_erasure.phone_number);
  v_erasure.lid := coalesce(p_contact.lid, p_erasure.lid);
  v_erasure.former_phones := array(
    select unnest(v_phones || public.former_addresses_of(p_contact, 'phone')) except select v_erasure.phone_number
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

create or replace function public.conclude_erasure(p_erasure public.erasures) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
begin
  v_erasure.phone_number := null;
  v_erasure.lid := null;
  v_erasure.former_phones := null;
  v_erasure.former_lids := null;
  v_erasure.erased_at := now();
  return v_erasure;
end
$$;

create or replace function public.erasure_receipt(e public.erasures) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('id', e.id, 'organization_id', e.organization_id, 'contact_id', e.contact_id,
  'requested_at', e.requested_at, 'erased_at', e.erased_at, 'counts', e.counts)
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
    where e.organization_id = v_organization_id and e.contact_id = (p ->> 'contact_id')::uuid
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

  select * into v_contact from public.contacts k
    where k.organization_id = v_organization_id
      and (k.id = v_erasure.contact_id or k.phone_number = v_erasure.phone_number or k.lid = v_erasure.lid)
    order by k.id = v_erasure.contact_id desc, k.phone_number = v_erasure.phone_number desc nulls last
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
      former_phones = v_erasure.former_phones, former_lids = v_erasure.former_lids, erased_at = v_erasure.erased_at
    where e.id = v_erasure.id;
  return jsonb_build_object('receipt',
    case when v_erasure.erased_at is not null then public.erasure_receipt(v_erasure) end);
end
$$;

-- Erasures that somebody began and nobody works at any more.
create or replace function public.unfinished_erasures(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('organization_id', u.organization_id, 'contact_id', u.contact_id)), '[]')
  from (
    select e.organization_id, e.contact_id
    from public.erasures e
    where e.erased_at is null and e.requested_at < now() - make_interval(secs => (p ->> 'idle_seconds')::float)
    order by e.requested_at
    limit 100
  ) u
$$;

revoke execute on function
  public.message_mark(uuid, text, text), public.inbox_addressing(text, text, jsonb),
  public.erased_phones(public.erasures), public.erased_lids(public.erasures), public.erased_pattern(public.erasures),
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
  v_pattern := public.person_pattern(v_phones, v_lids);
  case p ->> 'kind'
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
            and (phone = any (v_phones) or lid = any (v_lids))
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
          and (e.payload ->> 'contactId' = v_contact.id::text or e.payload ->> 'from' = any (v_from))
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
  public.export_contact(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.export_contact(jsonb)
  to service_role;

-- 53_audit.sql

-- Who did what to which object when. A row is written before the deed, and completed once after it: whatever was changed
-- has its row, also where the process died before the answer.
create table if not exists public.audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  -- No reference: rows outlive what they tell of.
  organization_id text,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  action text not null,
  object_type text,
  object_id text,
  request_id text,
  address text,
  -- begun: how it ended was not noted, or is not known yet.
  outcome text not null default 'begun' check (outcome in ('begun', 'done', 'refused', 'failed')),
  -- HTTP status of the answer.
  status smallint,
  -- Names and numbers that say nothing about a person.
  details jsonb not null default '{}',
  -- Names the call that the entry is about, where it is stored together with the deed: it is there once, however often the deed
  -- is tried.
  call_id uuid
);
-- The log is read by time: what was done in a week of last year is found without reading everything since.
create index if not exists idx_audit_log_time on public.audit_log (at desc, id desc);
create index if not exists idx_audit_log_organization on public.audit_log (organization_id, at desc, id desc);
create index if not exists idx_audit_log_actor on public.audit_log (actor_id, at desc, id desc);
create index if not exists idx_audit_log_object on public.audit_log (object_id, at desc, id desc) where object_id is not null;
create unique index if not exists idx_audit_log_call on public.audit_log (call_id) where call_id is not null;
alter table public.audit_log enable row level security;
revoke all on public.audit_log from public, anon, authenticated, service_role;
grant select, insert on public.audit_log to service_role;
revoke all on sequence public.audit_log_id_seq from public, anon, authenticated;
grant usage, select on sequence public.audit_log_id_seq to service_role;

-- Also for whoever owns the table: a row is completed once, and goes only when its time is over.
create or replace function public.keep_audit_log() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' then
    if old.outcome = 'begun' and new.outcome <> 'begun'
      and (new.id, new.at, new.actor_kind, new.actor_id, new.actor_name, new.action, new.details)
        is not distinct from (old.id, old.at, old.actor_kind, old.actor_id, old.actor_name, old.action, old.details)
      and (new.object_type, new.request_id, new.address)
        is not distinct from (old.object_type, old.request_id, old.address)
      and (old.object_id is null or new.object_id = old.object_id)
      and (old.organization_id is null or new.organization_id = old.organization_id)
    then
      return new;
    end if;
  elsif tg_op = 'DELETE' then
    if old.at < public.retention_cutoff((public.retention_of(old.organization_id)).audit_days) then
      return old;
    end if;
  end if;
  raise exception 'the audit log is only added to' using errcode = '42501';
end
$$;

create or replace trigger keep_audit_log before update or delete on public.audit_log
  for each row execute function public.keep_audit_log();
create or replace trigger keep_audit_log_whole before truncate on public.audit_log
  for each statement execute function public.keep_audit_log();

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
    when p_type = 'messages' then (select m.organization_id from public.messages m where m.id = p_id::uuid)
  end
$$;

-- `organizations`: those that the actor may know of; null for all. An object of another one stays nobody's here.
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
  if v_organization_id is null and jsonb_array_length(v_known) = 1 then
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

-- Security definer, as `apply_audit_retention`: nobody else may change or delete a row.
create or replace function public.finish_audit(p jsonb) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_finished int;
begin
  update public.audit_log a
    set outcome = e.outcome, status = e.status,
      object_id = coalesce(a.object_id, e.object_id),
      organization_id = coalesce(a.organization_id, e.organization_id)
    from jsonb_to_recordset(p -> 'items')
      as e (id bigint, outcome text, status smallint, object_id text, organization_id text)
    where a.id = e.id and a.outcome = 'begun';
  get diagnostics v_finished = row_count;
  return jsonb_build_object('finished', v_finished);
end
$$;

-- Of an organization, or where `organization_id` is null of what belongs to none; entries of others and younger ones are not
-- looked at. Security definer, as `finish_audit`.
create or replace function public.apply_audit_retention(p jsonb) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 5000);
  v_cutoff constant timestamptz := public.retention_cutoff((public.retention_of(v_organization_id)).audit_days);
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

revoke execute on function
  public.keep_audit_log(), public.organization_of_object(text, text), public.begin_audit(jsonb),
  public.finish_audit(jsonb), public.apply_audit_retention(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.keep_audit_log(), public.organization_of_object(text, text), public.begin_audit(jsonb),
  public.finish_audit(jsonb), public.apply_audit_retention(jsonb)
  to service_role;

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
    v_deleted := (public.apply_audit_retention(jsonb_build_object('organization_id', v_id, 'limit', v_limit)) ->> 'deleted')::int;
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
revoke execute on function public.sweep_retention(jsonb) from public, anon, authenticated;
grant execute on function public.sweep_retention(jsonb) to service_role;

-- 54_key_rotation.sql

-- Rotation of SESSION_ENCRYPTION_KEY while sessions run. `master_ids` names the keys that are configured, the new one first. A
-- session's own write always wins: a value is replaced only while it is the one that was read, rows that are locked are left
-- for the next pass, and nobody is waited for.

-- Which keys of SESSION_ENCRYPTION_KEY each living process has, so that none seals with a key that another one lacks.
create table if not exists public.key_holders (
  -- Names this run of the process.
  process uuid primary key,
  -- For people; workers may share theirs.
  node_id text not null,
  -- Ids in base64, in the order of the configuration.
  key_ids jsonb not null,
  -- What the process seals with, one of them.
  sealing text not null,
  announced_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
) with (fillfactor = 50);
alter table public.key_holders enable row level security;
revoke all on public.key_holders from public, anon, authenticated;
grant select, insert, update, delete on public.key_holders to service_role;

-- A process says which keys it has, and is told which one to seal with (`sealing`): the first of them that all living
-- processes have. One that has wrapped a data key is in use already, and whoever lacks it does not hold the others back.
-- `lacking`: processes that seal with a key that the caller does not have. `alone`: nobody else can be alive. `leaving`: it ends.
create or replace function public.announce_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_process constant uuid := (p ->> 'process')::uuid;
  v_keys constant jsonb := p -> 'key_ids';
  v_sealing text;
begin
  delete from public.key_holders h
    where h.expires_at <= now() or ((p ->> 'alone')::boolean and h.process <> v_process)
      or ((p ->> 'leaving')::boolean and h.process = v_process);
  select k.id into v_sealing
    from jsonb_array_elements_text(v_keys) with ordinality as k (id, position)
    where not exists (select from public.key_holders h where h.process <> v_process and not h.key_ids ? k.id)
      or exists (select from public.data_keys d where substr(d.wrapped, 2, 4) = decode(k.id, 'base64'))
    order by k.position
    limit 1;
  v_sealing := coalesce(v_sealing, v_keys ->> 0);
  if not (p ->> 'leaving')::boolean then
    insert into public.key_holders as h (process, node_id, key_ids, sealing, expires_at)
      values (v_process, p ->> 'node_id', v_keys, v_sealing, now() + make_interval(secs => (p ->> 'seconds')::float))
      on conflict (process) do update set key_ids = excluded.key_ids, sealing = excluded.sealing,
        announced_at = clock_timestamp(), expires_at = excluded.expires_at;
  end if;
  return jsonb_build_object('sealing', v_sealing, 'lacking', (
    select coalesce(jsonb_agg(distinct h.node_id), '[]')
    from public.key_holders h
    where h.process <> v_process and not v_keys ? h.sealing
  ));
end
$$;

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
    where i.lease_owner is not null and i.lease_expires_at > now() and i.deleted_at is null and not exists (
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

-- What an instance that nobody runs lacks. One that is deleted needs no key but for what is still there.
create or replace function public.lacks_data_key(p_instance public.whatsapp_instances, p_purpose text, p_master_ids jsonb)
  returns boolean
  language sql stable
  set search_path = ''
as $$
  select not public.is_leased(p_instance)
    and case
      when p_instance.deleted_at is null then true
      when p_purpose = 'inbox' then exists (
        select from public.inbox r where r.instance_id = p_instance.id and r.state = 0
      )
      else p_instance.has_session or exists (
        select from public.whatsapp_session_keys v where v.instance_id = p_instance.id
      )
    end
    and public.needs_data_key(p_instance.id, p_purpose, p_master_ids)
$$;

create or replace function public.list_unkeyed_instances(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(u.id), '[]')
  from (
    select i.id
    from public.whatsapp_instances i
    where i.id > coalesce((p ->> 'after')::uuid, '00000000-0000-0000-0000-000000000000')
      and (public.lacks_data_key(i, 'session', p -> 'master_ids') or public.lacks_data_key(i, 'inbox', p -> 'master_ids'))
    order by i.id
    limit (p ->> 'limit')::int
  ) u
$$;

-- Gives instances that nobody runs new data keys: `keys` holds [instance, session, inbox]. The epoch is raised as if somebody
-- had taken the session over: whoever had it last can store nothing under the key before.
create or replace function public.renew_data_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_instance public.whatsapp_instances;
  v_new jsonb;
  v_session boolean;
  v_inbox boolean;
  v_renewed int := 0;
begin
  -- In the order of ids, as everybody else who locks several instances.
  for v_new in select e from jsonb_array_elements(p -> 'keys') e order by (e ->> 0)::uuid loop
    select * into v_instance from public.whatsapp_instances where id = (v_new ->> 0)::uuid for no key update;
    continue when not found;
    v_session := public.lacks_data_key(v_instance, 'session', p -> 'master_ids');
    v_inbox := public.lacks_data_key(v_instance, 'inbox', p -> 'master_ids');
    if v_session or v_inbox then
      update public.whatsapp_instances set lease_epoch = lease_epoch + 1 where id = v_instance.id;
      v_renewed := v_renewed + 1;
    end if;
    if v_session then
      perform public.replace_data_key(v_instance, 'session', v_new -> 1);
    end if;
    if v_inbox then
      perform public.replace_data_key(v_instance, 'inbox', v_new -> 2);
    end if;
  end loop;
  return jsonb_build_object('renewed', v_renewed);
end
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
      where id = (v_new ->> 0)::uuid and lease_epoch = (v_new ->> 1)::bigint and deleted_at is null
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

-- Data keys that another key than the new one wrapped, as [id, owner, purpose, wrapped].
create or replace function public.list_keys_to_rewrap(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(w.id, coalesce(w.instance_id::text, w.organization_id), w.purpose,
    translate(encode(w.wrapped, 'base64'), e'\n', '')) order by w.id), '[]')
  from (
    select k.*
    from public.data_keys k
    where substr(k.wrapped, 2, 4) <> decode(p -> 'master_ids' ->> 0, 'base64') and k.id > (p ->> 'after')::bigint
    order by k.id
    limit (p ->> 'limit')::int
  ) w
$$;

-- `rows` holds [id, wrapped before, wrapped now].
create or replace function public.rewrap_data_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed int;
begin
  update public.data_keys k set wrapped = decode(e ->> 2, 'base64')
    from jsonb_array_elements(p -> 'rows') e
    where k.id = (e ->> 0)::bigint and k.wrapped = decode(e ->> 1, 'base64');
  get diagnostics v_changed = row_count;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- Keys that seal nothing any more, after a pass that found no value which they sealed. For a day whoever read such a value
-- before can still open it.
create or replace function public.drop_retired_keys(p jsonb) returns jsonb
  language sql
  set search_path = ''
as $$
  with dropped as (
    delete from public.data_keys k where k.retired_at < now() - interval '1 day' returning k.id
  )
  select jsonb_build_object('dropped', count(*)) from dropped
$$;

revoke execute on function
  public.announce_keys(jsonb), public.rotation_blockers(jsonb),
  public.lacks_data_key(public.whatsapp_instances, text, jsonb), public.list_unkeyed_instances(jsonb),
  public.renew_data_keys(jsonb), public.renew_running_keys(jsonb), public.list_keys_to_rewrap(jsonb),
  public.rewrap_data_keys(jsonb), public.drop_retired_keys(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.announce_keys(jsonb), public.rotation_blockers(jsonb),
  public.lacks_data_key(public.whatsapp_instances, text, jsonb), public.list_unkeyed_instances(jsonb),
  public.renew_data_keys(jsonb), public.renew_running_keys(jsonb), public.list_keys_to_rewrap(jsonb),
  public.rewrap_data_keys(jsonb), public.drop_retired_keys(jsonb)
  to service_role;

-- 55_resealing.sql

-- Values that an older key sealed, and their replacement: see the rotation. The functions named `stale_…` look at the next
-- `window` rows after `after`, and give those whose value another key than the owner's current data key sealed, `limit` of them
-- at most. `next`: where to go on, null at the end. In `reseal_…`, `rows` holds what to find each by, `old` (the first 33 bytes,
-- which no other value has) and `new`.

create or replace function public.stale_credentials(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with win as materialized (
    select i.id, substr(i.session_data, 1, 5) as head
    from public.whatsapp_instances i
    where i.session_data is not null and i.id > coalesce((p ->> 'after')::uuid, '00000000-0000-0000-0000-000000000000')
    order by i.id
    limit (p ->> 'window')::int
  ), stale as (
    select w.id
    from win w
    left join public.data_keys k on k.instance_id = w.id and k.purpose = 'session' and k.retired_at is null
    where w.head is distinct from '\x02'::bytea || k.key_id
    order by w.id
    limit (p ->> 'limit')::int
  ), ending as (
    select case when (select count(*) from stale) = (p ->> 'limit')::int then (select s.id from stale s order by s.id desc limit 1)
      else (select w.id from win w order by w.id desc limit 1) end as id
  )
  select jsonb_build_object(
    'rows', (
      select coalesce(jsonb_agg(jsonb_build_object('instance_id', i.id, 'value', translate(encode(i.session_data, 'base64'), e'\n', ''))
        order by i.id), '[]')
      from stale s join public.whatsapp_instances i on i.id = s.id
    ),
    'scanned', (select count(*) from win w where w.id <= (select e.id from ending e)),
    'next', (select to_jsonb(e.id) from ending e)
  )
$$;

create or replace function public.reseal_credentials(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed int;
begin
  with given as (
    select (e ->> 'instance_id')::uuid as id, decode(e ->> 'old', 'base64') as old, decode(e ->> 'new', 'base64') as new
    from jsonb_array_elements(p -> 'rows') e
  ), free as (
    select i.id, g.new
    from given g join public.whatsapp_instances i on i.id = g.id and substr(i.session_data, 1, 33) = g.old
    order by i.id
    for no key update of i skip locked
  )
  update public.whatsapp_instances i set session_data = f.new from free f where i.id = f.id;
  get diagnostics v_changed = row_count;
  return jsonb_build_object('changed', v_changed);
end
$$;

create or replace function public.stale_session_keys(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with win as materialized (
    select v.instance_id, v.key_type, v.key_id, substr(v.value, 1, 5) as head
    from public.whatsapp_session_keys v
    where (v.instance_id, v.key_type, v.key_id) > (
      coalesce((p -> 'after' ->> 0)::uuid, '00000000-0000-0000-0000-000000000000'), coalesce(p -> 'after' ->> 1, ''), coalesce(p -> 'after' ->> 2, '')
    )
    order by v.instance_id, v.key_type, v.key_id
    limit (p ->> 'window')::int
  ), stale as (
    select w.instance_id, w.key_type, w.key_id
    from win w
    left join public.data_keys k
      on k.instance_id = w.instance_id and k.purpose = 'session' and k.retired_at is null
    where w.head is distinct from '\x02'::bytea || k.key_id
    order by w.instance_id, w.key_type, w.key_id
    limit (p ->> 'limit')::int
  ), ending as (
    select l.*
    from (
      (select s.*, 0 as rank from stale s where (select count(*) from stale) = (p ->> 'limit')::int
        order by s.instance_id desc, s.key_type desc, s.key_id desc limit 1)
      union all
      (select w.instance_id, w.key_type, w.key_id, 1 from win w
        order by w.instance_id desc, w.key_type desc, w.key_id desc limit 1)
    ) l
    order by l.rank
    limit 1
  )
  select jsonb_build_object(
    'rows', (
      select coalesce(jsonb_agg(jsonb_build_object('instance_id', v.instance_id, 'type', v.key_type, 'id', v.key_id,
        'value', translate(encode(v.value, 'base64'), e'\n', ''))), '[]')
      from stale s join public.whatsapp_session_keys v using (instance_id, key_type, key_id)
    ),
    'scanned', (
      select count(*) from win w
      where (w.instance_id, w.key_type, w.key_id) <= (select e.instance_id, e.key_type, e.key_id from ending e)
    ),
    'next', (select jsonb_build_array(e.instance_id, e.key_type, e.key_id) from ending e)
  )
$$;

create or replace function public.reseal_session_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed int;
begin
  with given as (
    select (e ->> 'instance_id')::uuid as instance_id, e ->> 'type' as key_type, e ->> 'id' as key_id,
      decode(e ->> 'old', 'base64') as old, decode(e ->> 'new', 'base64') as new
    from jsonb_array_elements(p -> 'rows') e
  ), free as (
    select v.instance_id, v.key_type, v.key_id, g.new
    from given g
    join public.whatsapp_session_keys v using (instance_id, key_type, key_id)
    where substr(v.value, 1, 33) = g.old
    for update of v skip locked
  )
  update public.whatsapp_session_keys v set value = f.new
    from free f
    where v.instance_id = f.instance_id and v.key_type = f.key_type and v.key_id = f.key_id;
  get diagnostics v_changed = row_count;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- Bodies that nobody can open any more, since their data key was shredded, are not stale. `is_gone`: the instance is deleted,
-- and has no key to seal with.
create or replace function public.stale_inbox_bodies(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with win as materialized (
    select r.id, r.instance_id, substr(r.body, 1, 5) as head
    from public.inbox r
    where r.id > coalesce((p ->> 'after')::bigint, 0)
    order by r.id
    limit (p ->> 'window')::int
  ), stale as (
    select w.id, k.key_id is null and not exists (
        select from public.whatsapp_instances i where i.id = w.instance_id and i.deleted_at is null
      ) as is_gone
    from win w
    left join public.data_keys k on k.instance_id = w.instance_id and k.purpose = 'inbox' and k.retired_at is null
    where w.head is not null and w.head is distinct from '\x02'::bytea || k.key_id
      and not (k.key_id is null and substr(w.head, 1, 1) = '\x02'::bytea)
    order by w.id
    limit (p ->> 'limit')::int
  ), ending as (
    select case when (select count(*) from stale) = (p ->> 'limit')::int then (select max(s.id) from stale s)
      else (select max(w.id) from win w) end as id
  )
  select jsonb_build_object(
    'rows', (
      select coalesce(jsonb_agg(jsonb_build_object('inbox_id', r.id, 'instance_id', r.instance_id, 'hash', r.hash,
        'is_gone', s.is_gone, 'value', translate(encode(r.body, 'base64'), e'\n', '')) order by r.id), '[]')
      from stale s join public.inbox r on r.id = s.id
    ),
    'scanned', (select count(*) from win w where w.id <= (select e.id from ending e)),
    'next', (select to_jsonb(e.id) from ending e)
  )
$$;

-- Without `new` the body is purged.
create or replace function public.reseal_inbox_bodies(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed int;
begin
  with given as (
    select (e ->> 'inbox_id')::bigint as id, decode(e ->> 'old', 'base64') as old, decode(e ->> 'new', 'base64') as new
    from jsonb_array_elements(p -> 'rows') e
  ), free as (
    select r.id, g.new
    from given g join public.inbox r on r.id = g.id and substr(r.body, 1, 33) = g.old
    order by r.id
    for update of r skip locked
  )
  update public.inbox r set body = f.new from free f where r.id = f.id;
  get diagnostics v_changed = row_count;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- Without secrets whose key was shredded when their organization was closed: nobody can open them any more.
create or replace function public.stale_webhook_secrets(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with stale as (
    select w.id, w.organization_id, w.secret
    from public.webhook_endpoints w
    join public.organizations o on o.id = w.organization_id
    left join public.data_keys k
      on k.organization_id = w.organization_id and k.instance_id is null and k.retired_at is null
    where w.id > coalesce((p ->> 'after')::uuid, '00000000-0000-0000-0000-000000000000')
      and substr(w.secret, 1, 5) is distinct from '\x02'::bytea || k.key_id
      and not (o.closed_at is not null and k.key_id is null and substr(w.secret, 1, 1) = '\x02'::bytea)
    order by w.id
    limit (p ->> 'limit')::int
  )
  select jsonb_build_object(
    'rows', (
      select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'organization_id', s.organization_id,
        'value', translate(encode(s.secret, 'base64'), e'\n', '')) order by s.id), '[]')
      from stale s
    ),
    'scanned', (select count(*) from stale),
    'next', (select to_jsonb(s.id) from stale s order by s.id desc limit 1)
  )
$$;

create or replace function public.reseal_webhook_secrets(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed int;
begin
  update public.webhook_endpoints w set secret = decode(e ->> 'new', 'base64')
    from jsonb_array_elements(p -> 'rows') e
    where w.id = (e ->> 'id')::uuid and substr(w.secret, 1, 33) = decode(e ->> 'old', 'base64');
  get diagnostics v_changed = row_count;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- What a key of SESSION_ENCRYPTION_KEY seals itself: requests between nodes, QR codes, secrets of the service. They are few, and
-- those that are over go.
create or replace function public.stale_direct_values(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_new constant bytea := decode(p -> 'master_ids' ->> 0, 'base64');
  v_rows jsonb;
begin
  delete from public.node_requests where expires_at <= now();
  delete from public.pairing_qrs where expires_at <= now();
  select coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'id', s.id, 'instance_id', s.instance_id,
      'value', translate(encode(s.value, 'base64'), e'\n', ''))), '[]')
    into v_rows
    from (
      select 'request' as kind, r.id, r.instance_id, r.payload as value from public.node_requests r
      union all
      select 'answer', r.id, r.instance_id, r.answer from public.node_requests r
      union all
      select 'qr', q.instance_id, q.instance_id, q.qr from public.pairing_qrs q
    ) s
    where substr(s.value, 2, 4) <> v_new;
  if to_regclass('public.service_secrets') is not null then
    select v_rows || coalesce(jsonb_agg(jsonb_build_object('kind', 'service secret', 'id', s.name,
        'value', translate(encode(s.value, 'base64'), e'\n', ''))), '[]')
      into v_rows
      from public.service_secrets s
      where substr(s.value, 2, 4) <> v_new;
  end if;
  return jsonb_build_object('rows', v_rows, 'scanned', jsonb_array_length(v_rows), 'next', null);
end
$$;

create or replace function public.reseal_direct_values(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_row jsonb;
  v_id text;
  v_old bytea;
  v_new bytea;
  v_changed int := 0;
begin
  for v_row in select e from jsonb_array_elements(p -> 'rows') e loop
    v_id := v_row ->> 'id';
    v_old := decode(v_row ->> 'old', 'base64');
    v_new := decode(v_row ->> 'new', 'base64');
    case v_row ->> 'kind'
      when 'request' then
        update public.node_requests set payload = v_new where id = v_id::uuid and substr(payload, 1, 33) = v_old;
      when 'answer' then
        update public.node_requests set answer = v_new where id = v_id::uuid and substr(answer, 1, 33) = v_old;
      when 'qr' then
        update public.pairing_qrs set qr = v_new where instance_id = v_id::uuid and substr(qr, 1, 33) = v_old;
      when 'service secret' then
        update public.service_secrets set value = v_new where name = v_id and substr(value, 1, 33) = v_old;
    end case;
    v_changed := v_changed + case when found then 1 else 0 end;
  end loop;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- How many rows a table has: counted while they are few, otherwise as the last analysis found.
create or replace function public.rows_about(p_table regclass) returns bigint
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_limit constant int := 100000;
  v_rows bigint;
begin
  execute format('select count(*) from (select from %s limit %s) r', p_table, v_limit) into v_rows;
  if v_rows < v_limit then
    return v_rows;
  end if;
  return greatest(v_rows, (select c.reltuples::bigint from pg_catalog.pg_class c where c.oid = p_table));
end
$$;
revoke execute on function public.rows_about(regclass) from public, anon, authenticated;
grant execute on function public.rows_about(regclass) to service_role;

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
    'webhook_secrets', public.rows_about('public.webhook_endpoints'::regclass)
  )
$$;

revoke execute on function
  public.stale_credentials(jsonb), public.reseal_credentials(jsonb), public.stale_session_keys(jsonb),
  public.reseal_session_keys(jsonb), public.stale_inbox_bodies(jsonb), public.reseal_inbox_bodies(jsonb),
  public.stale_webhook_secrets(jsonb), public.reseal_webhook_secrets(jsonb), public.stale_direct_values(jsonb),
  public.reseal_direct_values(jsonb), public.count_sealed(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.stale_credentials(jsonb), public.reseal_credentials(jsonb), public.stale_session_keys(jsonb),
  public.reseal_session_keys(jsonb), public.stale_inbox_bodies(jsonb), public.reseal_inbox_bodies(jsonb),
  public.stale_webhook_secrets(jsonb), public.reseal_webhook_secrets(jsonb), public.stale_direct_values(jsonb),
  public.reseal_direct_values(jsonb), public.count_sealed(jsonb)
  to service_role;

-- 60_data_moves.sql

-- Moves of all data to another database, for `npm run admin -- move-data`: what keeps a service from a database that was
-- moved away, or into which a move is not finished. The owner's alone.
create table if not exists public.data_moves (
  -- Names the move, in both databases.
  id uuid not null,
  -- away: from this database; here: into it.
  direction text not null check (direction in ('away', 'here')),
  -- The other database, without credentials.
  place text not null,
  -- Of each table how far it is, where the data come to.
  progress jsonb not null default '{}',
  begun_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (id, direction)
);
alter table public.data_moves enable row level security;
revoke all on public.data_moves from public, anon, authenticated, service_role;

-- 60_database_check.sql

-- For `npm run admin -- check-database`, and for what the start asks of a project.

-- What the service's role gets, and as much padding as is asked for (1 MiB at most), for whoever checks the database.
-- Changes nothing.
create or replace function public.describe_database(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'role', current_user,
    'server_version', current_setting('server_version'),
    'statement_timeout', current_setting('statement_timeout'),
    'lock_timeout', current_setting('lock_timeout'),
    'read_only', pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean,
    'now', now(),
    'received_characters', coalesce(length(p ->> 'text'), 0),
    'padding', repeat('x', least(greatest(coalesce((p ->> 'padding')::int, 0), 0), 1048576)));
end
$$;
revoke execute on function public.describe_database(jsonb) from public, anon, authenticated;
grant execute on function public.describe_database(jsonb) to service_role;

-- Rows for counting how many of them an answer may have.
create or replace function public.count_rows(p jsonb) returns setof int
  language sql immutable
  set search_path = ''
as $$
  select generate_series(1, least(greatest((p ->> 'rows')::int, 0), 2000))
$$;
revoke execute on function public.count_rows(jsonb) from public, anon, authenticated;
grant execute on function public.count_rows(jsonb) to service_role;
