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
    where i.id = k.instance_id and i.deleted_at is not null and i.logout_expires_at is null and k.purpose = 'inbox'
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
  where i.resumes <> 'never'
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
