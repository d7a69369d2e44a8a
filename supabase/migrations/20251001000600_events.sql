-- What is told to sockets and webhooks: gapless for each organization.
-- No reference to the organization: its sequence comes from the organization's row, so it is there.
create table public.events (
  organization_id text not null,
  sequence bigint not null,
  name text not null,
  payload jsonb not null,
  instance_id uuid,
  created_at timestamptz not null default now(),
  primary key (organization_id, sequence)
);

create table public.webhook_endpoints (
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
create index idx_webhook_endpoints_organization on public.webhook_endpoints (organization_id, created_at desc);

create table public.webhook_deliveries (
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
create index idx_webhook_deliveries_due on public.webhook_deliveries (next_attempt_at) where status = 'pending';
create index idx_webhook_deliveries_organization on public.webhook_deliveries (organization_id, id desc);
