-- Members read their organization's rows and nothing else; everything is written by the service.
alter table public.organizations enable row level security;
alter table public.organization_members enable row level security;
alter table public.api_keys enable row level security;
alter table public.whatsapp_instances enable row level security;
alter table public.whatsapp_session_keys enable row level security;
alter table public.session_writers enable row level security;
alter table public.inbox enable row level security;
alter table public.contacts enable row level security;
alter table public.messages enable row level security;
alter table public.bookings enable row level security;
alter table public.notes enable row level security;
alter table public.events enable row level security;
alter table public.webhook_endpoints enable row level security;
alter table public.webhook_deliveries enable row level security;

revoke all on all tables in schema public from anon, authenticated;
revoke all on all sequences in schema public from anon, authenticated;
grant select, insert, update, delete on all tables in schema public to service_role;
grant usage, select on all sequences in schema public to service_role;

grant select on public.organizations, public.organization_members, public.contacts, public.messages,
  public.bookings, public.notes, public.events to authenticated;
-- No credentials and nothing about leases.
grant select (id, organization_id, instance_name, phone_number, status, pairing_method, has_session,
  account_phone, account_lid, last_connected_at, last_disconnect_reason, messages_sent_count,
  messages_received_count, desired_state, created_at, updated_at, deleted_at)
  on public.whatsapp_instances to authenticated;

-- Security definer: a policy on `organization_members` that reads that table itself would never end.
create function public.my_organizations() returns setof text
  language sql stable security definer
  set search_path = ''
as $$
  select m.organization_id from public.organization_members m where m.user_id = auth.uid()
$$;
revoke execute on function public.my_organizations() from public, anon;
grant execute on function public.my_organizations() to authenticated, service_role;

create policy members_read on public.organizations for select to authenticated
  using (id in (select public.my_organizations()));
create policy members_read on public.organization_members for select to authenticated
  using (organization_id in (select public.my_organizations()));
create policy members_read on public.whatsapp_instances for select to authenticated
  using (organization_id in (select public.my_organizations()));
create policy members_read on public.contacts for select to authenticated
  using (organization_id in (select public.my_organizations()));
create policy members_read on public.messages for select to authenticated
  using (organization_id in (select public.my_organizations()));
create policy members_read on public.bookings for select to authenticated
  using (organization_id in (select public.my_organizations()));
create policy members_read on public.notes for select to authenticated
  using (organization_id in (select public.my_organizations()));
create policy members_read on public.events for select to authenticated
  using (organization_id in (select public.my_organizations()));
