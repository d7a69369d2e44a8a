-- Groups in which numbers take part that keep what is written there: who is in them, and what was changed.

create table if not exists public.groups (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null,
  instance_id uuid not null,
  jid text not null,
  -- Null as long as WhatsApp has not told it.
  subject text,
  description text,
  owner_phone text,
  owner_lid text,
  -- When WhatsApp told who is in it; null: it is to be asked.
  learnt_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (instance_id, jid),
  foreign key (instance_id, organization_id) references public.whatsapp_instances (id, organization_id)
);
create index if not exists idx_groups_organization on public.groups (organization_id, created_at desc, id desc);

create table if not exists public.group_members (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  group_id uuid not null references public.groups (id) on delete cascade,
  -- One of them at least.
  phone text,
  lid text,
  role text not null default 'member' check (role in ('member', 'admin', 'owner')),
  changed_at timestamptz not null default now(),
  check (phone is not null or lid is not null)
);
create unique index if not exists idx_group_members_lid on public.group_members (group_id, lid);
create unique index if not exists idx_group_members_phone on public.group_members (group_id, phone);
create index if not exists idx_group_members_person on public.group_members (organization_id, lid, phone);

-- What somebody changed of a group, as WhatsApp told it.
create table if not exists public.group_changes (
  id bigint generated always as identity primary key,
  organization_id text not null references public.organizations (id) on delete cascade,
  group_id uuid not null references public.groups (id) on delete cascade,
  -- Names what WhatsApp told, which may come twice; the place within it.
  notice_id text not null,
  place int not null,
  kind text not null check (kind in ('create', 'subject', 'description', 'add', 'remove', 'leave', 'promote', 'demote')),
  -- Who did it, as far as that was told.
  phone text,
  lid text,
  -- What it is called since.
  subject text,
  -- Whom it was done to: [{ phone, lid }].
  people jsonb,
  changed_at timestamptz not null,
  created_at timestamptz not null default now(),
  unique (group_id, notice_id, place)
);
create index if not exists idx_group_changes_group on public.group_changes (group_id, id desc);
create index if not exists idx_group_changes_organization on public.group_changes (organization_id, id);

alter table public.groups enable row level security;
alter table public.group_members enable row level security;
alter table public.group_changes enable row level security;
revoke all on public.groups, public.group_members, public.group_changes from public, anon, authenticated;
grant select, insert, update, delete on public.groups, public.group_members, public.group_changes to service_role;
revoke all on sequence public.group_members_id_seq from public, anon, authenticated;
grant usage, select on sequence public.group_members_id_seq to service_role;
revoke all on sequence public.group_changes_id_seq from public, anon, authenticated;
grant usage, select on sequence public.group_changes_id_seq to service_role;
grant select on public.groups, public.group_members, public.group_changes to authenticated;
drop policy if exists members_read on public.groups;
create policy members_read on public.groups for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));
drop policy if exists members_read on public.group_members;
create policy members_read on public.group_members for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));
drop policy if exists members_read on public.group_changes;
create policy members_read on public.group_changes for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

create or replace trigger touch_updated_at before update on public.groups
  for each row execute function public.touch_updated_at();

-- What was missed while groups were ignored is to be asked.
create or replace function public.forget_what_groups_were() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update public.groups g set learnt_at = null where g.instance_id = new.id and g.learnt_at is not null;
  return null;
end
$$;
create or replace trigger forget_what_groups_were after update of group_policy on public.whatsapp_instances
  for each row when (old.group_policy is distinct from new.group_policy) execute function public.forget_what_groups_were();

-- The group of an instance with this address, which is made where it is not there.
create or replace function public.group_of(p_organization_id text, p_instance_id uuid, p_jid text) returns public.groups
  language plpgsql
  set search_path = ''
as $$
declare
  v_group public.groups;
begin
  select * into v_group from public.groups g where g.instance_id = p_instance_id and g.jid = p_jid;
  if not found then
    insert into public.groups (organization_id, instance_id, jid) values (p_organization_id, p_instance_id, p_jid)
      on conflict (instance_id, jid) do nothing;
    select * into v_group from public.groups g where g.instance_id = p_instance_id and g.jid = p_jid;
  end if;
  return v_group;
end
$$;

-- Whose a message of a group is: senders choose the ids, so it is part of what names it.
create or replace function public.group_chat_key(p_jid text, p_from_me boolean, p_lid text, p_phone text) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select case when p_from_me then p_jid else concat(p_jid, '/', coalesce(p_lid, p_phone)) end
$$;

-- How events and reactions name a person.
create or replace function public.person_name(p_phone text, p_lid text) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select coalesce(p_phone, p_lid || '@lid')
$$;

-- Locks an instance's organization and the group; null where the instance stores no groups (any more).
create or replace function public.hold_group(p_instance_id uuid, p_jid text) returns public.groups
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id text;
  v_group public.groups;
begin
  select i.organization_id into v_organization_id from public.whatsapp_instances i
    where i.id = p_instance_id and i.group_policy = 'store' and i.deleted_at is null;
  if not found then
    return null;
  end if;
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  v_group := public.group_of(v_organization_id, p_instance_id, p_jid);
  perform 1 from public.groups g where g.id = v_group.id for update;
  return v_group;
end
$$;

-- Says what somebody changed of a group.
create or replace function public.append_group_event(p_group public.groups, p_change text, p_from text, p_subject text, p_members jsonb,
    p_at timestamptz) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  return public.append_event(p_group.organization_id, p_group.instance_id, jsonb_build_object('name', 'whatsapp:group',
    'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_group.instance_id, 'groupId', p_group.id, 'change', p_change,
      'from', p_from, 'subject', p_subject, 'members', p_members,
      'timestamp', to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))));
end
$$;

-- Puts people into a group, or gives those that are there another role.
create or replace function public.put_group_members(p_group public.groups, p_people jsonb, p_role text) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_one record;
begin
  for v_one in
    select e.person ->> 'phone' as phone, e.person ->> 'lid' as lid, coalesce(p_role, e.person ->> 'role') as role
    from jsonb_array_elements(p_people) e (person)
    where e.person ->> 'phone' is not null or e.person ->> 'lid' is not null
  loop
    delete from public.group_members m
      where m.group_id = p_group.id and (m.lid = v_one.lid or m.phone = v_one.phone);
    insert into public.group_members (organization_id, group_id, phone, lid, role)
      values (p_group.organization_id, p_group.id, v_one.phone, v_one.lid, v_one.role);
  end loop;
end
$$;

-- Whether WhatsApp is to be asked who is in a group.
create or replace function public.is_group_unknown(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('unknown', not exists (
    select from public.groups g
    where g.instance_id = (p ->> 'instance_id')::uuid and g.jid = p ->> 'jid' and g.learnt_at is not null
  ))
$$;

-- Stores what WhatsApp says of a group: `subject`, `description`, `owner`, and all `members` with their roles. Returns the events.
create or replace function public.learn_group(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_group public.groups := public.hold_group((p ->> 'instance_id')::uuid, p ->> 'jid');
begin
  if v_group.id is null then
    return '[]'::jsonb;
  end if;
  update public.groups g
    set subject = p ->> 'subject', description = p ->> 'description', owner_phone = p -> 'owner' ->> 'phone',
      owner_lid = p -> 'owner' ->> 'lid', learnt_at = now()
    where g.id = v_group.id;
  delete from public.group_members m where m.group_id = v_group.id;
  perform public.put_group_members(v_group, p -> 'members', null);
  return jsonb_build_array(public.append_group_event(v_group, 'learnt', null, p ->> 'subject', null, now()));
end
$$;

-- Stores what WhatsApp told of a group under `notice_id`, once: `changes` with their `kind`, `subject` and `people`, made by `by` at `at`.
-- Returns the events.
create or replace function public.note_group_changes(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_group public.groups := public.hold_group((p ->> 'instance_id')::uuid, p ->> 'jid');
  v_at constant timestamptz := least((p ->> 'at')::timestamptz, now());
  v_one record;
  v_events jsonb := '[]'::jsonb;
begin
  if v_group.id is null then
    return v_events;
  end if;
  for v_one in
    select e.change ->> 'kind' as kind, e.change ->> 'subject' as subject, e.change -> 'people' as people, e.place
    from jsonb_array_elements(p -> 'changes') with ordinality as e (change, place)
    order by e.place
  loop
    insert into public.group_changes (organization_id, group_id, notice_id, place, kind, phone, lid, subject, people, changed_at)
      values (v_group.organization_id, v_group.id, p ->> 'notice_id', v_one.place, v_one.kind, p -> 'by' ->> 'phone',
        p -> 'by' ->> 'lid', v_one.subject, v_one.people, v_at)
      on conflict (group_id, notice_id, place) do nothing;
    continue when not found;
    case
      when v_one.kind in ('create', 'subject') and v_one.subject is not null then
        -- One that comes late does not undo what came since.
        update public.groups g set subject = v_one.subject
          where g.id = v_group.id and not exists (
            select from public.group_changes c
            where c.group_id = v_group.id and c.subject is not null and c.changed_at > v_at
          );
      when v_one.kind = 'description' then
        update public.groups g set learnt_at = null where g.id = v_group.id;
      when v_one.kind = 'add' then
        perform public.put_group_members(v_group, v_one.people, 'member');
      when v_one.kind = 'promote' then
        perform public.put_group_members(v_group, v_one.people, 'admin');
      when v_one.kind = 'demote' then
        perform public.put_group_members(v_group, v_one.people, 'member');
      when v_one.kind in ('remove', 'leave') then
        delete from public.group_members m
          using jsonb_array_elements(v_one.people) as e (person)
          where m.group_id = v_group.id and (m.lid = e.person ->> 'lid' or m.phone = e.person ->> 'phone');
      else null;
    end case;
    v_events := v_events || public.append_group_event(v_group, v_one.kind,
      public.person_name(p -> 'by' ->> 'phone', p -> 'by' ->> 'lid'), v_one.subject, (
        select jsonb_agg(public.person_name(e.person ->> 'phone', e.person ->> 'lid') order by e.place)
        from jsonb_array_elements(v_one.people) with ordinality as e (person, place)
      ), v_at);
  end loop;
  return v_events;
end
$$;

-- A group as it is shown.
create or replace function public.group_view(p_group public.groups) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object('id', p_group.id, 'organization_id', p_group.organization_id, 'instance_id', p_group.instance_id,
    'jid', p_group.jid, 'subject', p_group.subject, 'description', p_group.description,
    'owner', case when coalesce(p_group.owner_phone, p_group.owner_lid) is not null
      then jsonb_build_object('phone_number', p_group.owner_phone, 'lid', p_group.owner_lid) end,
    'member_count', (select count(*) from public.group_members m where m.group_id = p_group.id),
    'learnt_at', p_group.learnt_at, 'created_at', p_group.created_at, 'updated_at', p_group.updated_at);
end
$$;

-- Groups of an organization, the last seen for the first time first, after the one that `before` names; of one instance where it is given.
create or replace function public.list_groups(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
begin
  open v_page for execute format(
    'select public.group_view(r.g) from (
      select g
      from public.groups g
      where g.organization_id = $1 %1$s %2$s
      order by g.created_at %3$s, g.id %3$s
      limit $2
    ) r',
    case when p ->> 'after' is not null then 'and (g.created_at, g.id) > ($3, $4)'
      when p ->> 'before' is not null then 'and (g.created_at, g.id) < ($3, $4)' end,
    case when p ->> 'instance_id' is not null then 'and g.instance_id = $5' end,
    case when p ->> 'after' is not null then 'asc' else 'desc' end)
    using p ->> 'organization_id', least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501),
      coalesce(p ->> 'after', p ->> 'before')::timestamptz, coalesce(p ->> 'after_id', p ->> 'before_id')::uuid,
      (p ->> 'instance_id')::uuid;
  return public.read_page(v_page);
end
$$;

-- A group with its members and the last hundred changes, of one of the organizations where some are named; null where there is none.
create or replace function public.read_group(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select public.group_view(g) || jsonb_build_object(
      'members', (
        select coalesce(jsonb_agg(jsonb_build_object('phone_number', m.phone, 'lid', m.lid, 'role', m.role,
          'changed_at', m.changed_at) order by m.role = 'owner' desc, m.role = 'admin' desc, m.id), '[]')
        from public.group_members m where m.group_id = g.id
      ),
      'changes', (
        select coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'by', case when coalesce(c.phone, c.lid) is not null
            then jsonb_build_object('phone_number', c.phone, 'lid', c.lid) end, 'subject', c.subject,
            'members', (
              select coalesce(jsonb_agg(jsonb_build_object('phone_number', e.person -> 'phone', 'lid', e.person -> 'lid')), '[]')
              from jsonb_array_elements(c.people) e (person)
            ), 'changed_at', c.changed_at) order by c.id desc), '[]')
        from (select * from public.group_changes l where l.group_id = g.id order by l.id desc limit 100) c
      ))
    from public.groups g
    where g.id = (p ->> 'id')::uuid and (p -> 'organization_ids' is null or p -> 'organization_ids' ? g.organization_id)
  );
end
$$;

revoke execute on function
  public.forget_what_groups_were(), public.group_of(text, uuid, text), public.group_chat_key(text, boolean, text, text),
  public.person_name(text, text), public.hold_group(uuid, text),
  public.append_group_event(public.groups, text, text, text, jsonb, timestamptz),
  public.put_group_members(public.groups, jsonb, text), public.is_group_unknown(jsonb), public.learn_group(jsonb),
  public.note_group_changes(jsonb), public.group_view(public.groups), public.list_groups(jsonb), public.read_group(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.forget_what_groups_were(), public.group_of(text, uuid, text), public.group_chat_key(text, boolean, text, text),
  public.person_name(text, text), public.hold_group(uuid, text),
  public.append_group_event(public.groups, text, text, text, jsonb, timestamptz),
  public.put_group_members(public.groups, jsonb, text), public.is_group_unknown(jsonb), public.learn_group(jsonb),
  public.note_group_changes(jsonb), public.group_view(public.groups), public.list_groups(jsonb), public.read_group(jsonb)
  to service_role;
