-- Contacts, messages, bookings and notes.
create table public.contacts (
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
create index idx_contacts_organization on public.contacts (organization_id, created_at desc, id desc);

create table public.messages (
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
  unique (instance_id, direction, chat_key, whatsapp_message_id),
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index idx_messages_contact on public.messages (contact_id, ordinal desc);
create index idx_messages_organization on public.messages (organization_id, ordinal desc);
create index idx_messages_instance_ordinal on public.messages (instance_id, ordinal desc);
create index idx_messages_outbound on public.messages (instance_id, whatsapp_message_id)
  where direction = 'outbound';

create table public.bookings (
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
create index idx_bookings_contact on public.bookings (contact_id, created_at desc);
create index idx_bookings_pending on public.bookings (contact_id, created_at, id) where status = 'pending';
create index idx_bookings_organization on public.bookings (organization_id, created_at desc, id desc);

create table public.notes (
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
create index idx_notes_contact on public.notes (contact_id, ordinal desc);
create index idx_notes_organization on public.notes (organization_id, ordinal desc);
