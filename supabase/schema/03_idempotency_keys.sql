-- Calls that callers may repeat: what each made the first time, stored in the transaction that made it.

create table if not exists public.idempotency_keys (
  -- `*` for what belongs to the whole service.
  organization_id text not null,
  -- The route, for each has its own keys.
  action text not null,
  key text not null check (char_length(key) between 1 and 255),
  -- Of what was asked for.
  request_hash text not null,
  object_id text not null,
  -- What the secret follows from that was shown when it was made; it tells nothing without the service's own secret.
  nonce bytea,
  created_at timestamptz not null default now(),
  primary key (organization_id, action, key)
);
create index if not exists idx_idempotency_keys_age on public.idempotency_keys (organization_id, created_at);
alter table public.idempotency_keys enable row level security;
revoke all on public.idempotency_keys from public, anon, authenticated;
grant select, insert, update, delete on public.idempotency_keys to service_role;

-- Begins a call under the key of `p_once` (`action`, `key`, `request_hash`), after another one under it has ended: what that made, null
-- where this one is to make it. Under no key always null.
create or replace function public.begin_once(p_organization_id text, p_once jsonb) returns public.idempotency_keys
  language plpgsql
  set search_path = ''
as $$
declare
  v_known public.idempotency_keys;
begin
  if p_once is null then
    return null;
  end if;
  perform pg_catalog.pg_advisory_xact_lock(hashtextextended(
    concat_ws('/', 'auzap once', p_organization_id, p_once ->> 'action', p_once ->> 'key'), 0));
  select * into v_known from public.idempotency_keys i
    where i.organization_id = p_organization_id and i.action = p_once ->> 'action' and i.key = p_once ->> 'key';
  if v_known.request_hash <> p_once ->> 'request_hash' then
    raise exception using errcode = 'AZ410', message = 'idempotency_key_reused';
  end if;
  return v_known;
end
$$;

-- Keeps what the call under the key made. Where it made nothing, nothing is kept.
create or replace function public.end_once(p_organization_id text, p_once jsonb, p_object_id text) returns void
  language sql
  set search_path = ''
as $$
  insert into public.idempotency_keys (organization_id, action, key, request_hash, object_id, nonce)
    select p_organization_id, p_once ->> 'action', p_once ->> 'key', p_once ->> 'request_hash', p_object_id,
      decode(p_once ->> 'nonce', 'base64')
    where p_once is not null
$$;

-- What a call under a key that made something before is told beside it.
create or replace function public.replay_view(p_known public.idempotency_keys) returns jsonb
  language sql immutable
  set search_path = ''
as $$
  select jsonb_build_object('is_replay', true, 'nonce', translate(encode(p_known.nonce, 'base64'), e'\n', ''))
$$;

revoke execute on function public.begin_once(text, jsonb), public.end_once(text, jsonb, text),
  public.replay_view(public.idempotency_keys)
  from public, anon, authenticated;
grant execute on function public.begin_once(text, jsonb), public.end_once(text, jsonb, text),
  public.replay_view(public.idempotency_keys)
  to service_role;
