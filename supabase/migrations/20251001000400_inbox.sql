-- What WhatsApp delivered, in order of arrival; committed before it is acknowledged. Its only writer takes instance and
-- organization from the instance's row under a lock, so references would cost a third of the commit and check nothing.
create table public.inbox (
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
  unique (instance_id, hash)
) with (fillfactor = 80);
create index idx_inbox_pending on public.inbox (instance_id, id) where state = 0;
create index idx_inbox_dead on public.inbox (organization_id, id) where state = 2;
