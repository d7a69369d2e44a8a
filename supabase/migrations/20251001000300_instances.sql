-- WhatsApp numbers, their sessions, and the writers of sessions.
create table public.whatsapp_instances (
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
create index idx_whatsapp_instances_organization
  on public.whatsapp_instances (organization_id, created_at desc, id desc);
create index idx_whatsapp_instances_resumable
  on public.whatsapp_instances (id) where desired_state = 'running' and deleted_at is null;

-- One row for each Signal key; values are sealed by the service.
create table public.whatsapp_session_keys (
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  key_type text not null,
  key_id text not null,
  value bytea not null,
  updated_at timestamptz not null default now(),
  primary key (instance_id, key_type, key_id)
) with (fillfactor = 60);

-- Last committed batch of each commit log: makes retries exact and stops statements that arrive late.
create table public.session_writers (
  id uuid primary key,
  last_seq bigint not null,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);
