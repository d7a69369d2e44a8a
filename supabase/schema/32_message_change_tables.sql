-- What was done to messages and notes after they were written.

-- A reaction that stands, of each person one.
create table if not exists public.message_reactions (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  message_id uuid references public.messages (id) on delete cascade,
  note_id uuid references public.notes (id) on delete cascade,
  -- Whose it is in a group; empty in a chat of two, where `from_me` says it.
  reactor text not null default '',
  from_me boolean not null,
  -- Empty where it was taken back: what is older must not put it there again.
  emoji text not null,
  reacted_at timestamptz not null,
  unique (message_id, from_me, reactor),
  unique (note_id, from_me, reactor),
  check (message_id is not null or note_id is not null)
);

-- What a message said before it was edited, the oldest first.
create table if not exists public.message_edits (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  message_id uuid references public.messages (id) on delete cascade,
  note_id uuid references public.notes (id) on delete cascade,
  ordinal int not null,
  content text not null,
  -- When it was edited away.
  edited_at timestamptz not null,
  stored_at timestamptz not null default now(),
  unique (message_id, ordinal),
  unique (note_id, ordinal),
  check (message_id is not null or note_id is not null)
);

-- Votes of polls, answers to events, what is pinned and kept: of each person and kind the last.
create table if not exists public.message_answers (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  message_id uuid references public.messages (id) on delete cascade,
  note_id uuid references public.notes (id) on delete cascade,
  kind text not null check (kind in ('poll_vote', 'event_answer', 'pin', 'keep')),
  -- As a reaction's.
  answerer text not null default '',
  from_me boolean not null,
  answer jsonb not null,
  answered_at timestamptz not null,
  unique (message_id, kind, from_me, answerer),
  unique (note_id, kind, from_me, answerer),
  check (message_id is not null or note_id is not null)
);

-- Changes that came before their message. They are done when it is stored, or expire.
create table if not exists public.pending_changes (
  id bigint generated always as identity primary key,
  organization_id text not null,
  instance_id uuid not null,
  inbox_id bigint not null unique,
  -- The message that it is about.
  message_id text not null,
  target_from_me boolean not null,
  -- The other side of the chat; digits.
  phone text,
  lid text,
  -- Who did it.
  from_me boolean not null,
  change jsonb not null,
  sent_at timestamptz not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_pending_changes_message on public.pending_changes (instance_id, message_id);
create index if not exists idx_pending_changes_instance on public.pending_changes (instance_id, id);
create index if not exists idx_pending_changes_organization on public.pending_changes (organization_id, expires_at);

create index if not exists idx_messages_quoting on public.messages (instance_id, (reply_to ->> 'whatsapp_message_id'))
  where reply_to is not null;
create index if not exists idx_notes_quoting on public.notes (instance_id, (reply_to ->> 'whatsapp_message_id'))
  where reply_to is not null;
alter table public.message_reactions enable row level security;
alter table public.message_edits enable row level security;
alter table public.message_answers enable row level security;
alter table public.pending_changes enable row level security;
revoke all on public.message_reactions, public.message_edits, public.message_answers, public.pending_changes
  from public, anon, authenticated;
grant select, insert, update, delete
  on public.message_reactions, public.message_edits, public.message_answers, public.pending_changes to service_role;
revoke all on sequence public.message_reactions_id_seq from public, anon, authenticated;
grant usage, select on sequence public.message_reactions_id_seq to service_role;
revoke all on sequence public.message_edits_id_seq from public, anon, authenticated;
grant usage, select on sequence public.message_edits_id_seq to service_role;
revoke all on sequence public.message_answers_id_seq from public, anon, authenticated;
grant usage, select on sequence public.message_answers_id_seq to service_role;
revoke all on sequence public.pending_changes_id_seq from public, anon, authenticated;
grant usage, select on sequence public.pending_changes_id_seq to service_role;
grant select on public.message_reactions, public.message_edits, public.message_answers to authenticated;
drop policy if exists members_read on public.message_reactions;
create policy members_read on public.message_reactions for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));
drop policy if exists members_read on public.message_edits;
create policy members_read on public.message_edits for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));
drop policy if exists members_read on public.message_answers;
create policy members_read on public.message_answers for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));
