-- Tenants, their members and the ways to call in.
create table public.organizations (
  id text primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  name text not null default '',
  -- Last sequence in `events`; the lock on this row is what makes sequences gapless.
  event_seq bigint not null default 0,
  created_at timestamptz not null default now()
);

create table public.organization_members (
  organization_id text not null references public.organizations (id) on delete cascade,
  user_id uuid not null,
  role text not null default 'agent' check (role in ('owner', 'agent', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (organization_id, user_id)
);
create index idx_organization_members_user on public.organization_members (user_id);

create table public.api_keys (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id) on delete cascade,
  name text not null,
  -- First characters of the key, to recognize it in a list.
  prefix text not null,
  -- SHA-256 of the key.
  key_hash bytea not null unique,
  scopes text[] not null default '{}',
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now()
);
create index idx_api_keys_organization on public.api_keys (organization_id, created_at desc);
