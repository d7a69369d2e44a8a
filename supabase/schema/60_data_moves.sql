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
