-- A person's rights: everything that is kept about a contact can be read in pieces.

-- What was done to a message or to a note after it was written, by both sides: earlier texts, reactions that stand, and answers. Of a
-- vote the names of what was chosen, too, where they are among the options.
create or replace function public.changes_made(p_message_id uuid, p_note_id uuid, p_metadata jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'edits', (
      select coalesce(jsonb_agg(jsonb_build_object('content', e.content, 'edited_at', e.edited_at) order by e.ordinal), '[]')
      from (
        select * from public.message_edits where message_id = p_message_id
        union all
        select * from public.message_edits where note_id = p_note_id
      ) e
    ),
    'reactions', (
      select coalesce(jsonb_agg(jsonb_build_object('emoji', r.emoji, 'from_me', r.from_me, 'reacted_at', r.reacted_at)
        order by r.reacted_at, r.id), '[]')
      from (
        select * from public.message_reactions where message_id = p_message_id
        union all
        select * from public.message_reactions where note_id = p_note_id
      ) r
      where r.emoji <> ''
    ),
    'answers', (
      select coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'from_me', a.from_me, 'answer', a.answer,
          'answered_at', a.answered_at)
        || case when a.kind = 'poll_vote' and jsonb_typeof(p_metadata -> 'options') = 'array' then jsonb_build_object('options', (
            select coalesce(jsonb_agg(o.option ->> 'name' order by o.place), '[]')
            from jsonb_array_elements(p_metadata -> 'options') with ordinality as o (option, place)
            where a.answer ? encode(sha256(convert_to(o.option ->> 'name', 'UTF8')), 'hex')
          )) else '{}' end order by a.answered_at, a.id), '[]')
      from (
        select * from public.message_answers where message_id = p_message_id
        union all
        select * from public.message_answers where note_id = p_note_id
      ) a
    )
  );
end
$$;

-- About how many bytes the export shows of a message or a note.
create or replace function public.shown_bytes(p_message_id uuid, p_note_id uuid, p_content text, p_metadata jsonb,
    p_reply_to jsonb) returns bigint
  language plpgsql stable
  set search_path = ''
as $$
begin
  return octet_length(p_content) + coalesce(octet_length(p_metadata::text), 0) + coalesce(octet_length(p_reply_to::text), 0) + (
    select coalesce(sum(octet_length(e.content)), 0)
    from (
      select content from public.message_edits where message_id = p_message_id
      union all
      select content from public.message_edits where note_id = p_note_id
    ) e
  );
end
$$;

-- One page of what is kept about a contact, under all addresses of the person: rows of one kind after `after`, and where to go on;
-- `next` is null where nothing is left to look at. A page holds about so many bytes of texts and bodies, however long each of them
-- is. What is looked at for it is bounded, too: it may hold less than `limit` and have a next one.
create or replace function public.export_contact(p jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_after constant bigint := coalesce((p ->> 'after')::bigint, 0);
  -- History has its place before everything that was received: below 0.
  v_after_ordinal constant bigint := case when v_after = 0 then -9223372036854775808 else v_after end;
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 100), 1), 500);
  v_bytes constant int := 500000;
  v_window constant int := 5000;
  v_contact public.contacts;
  v_phones text[];
  v_lids text[];
  v_strangers text[];
  v_ids text[];
  v_from text[];
  v_pattern text;
  v_rows jsonb;
  v_next bigint;
  v_until bigint;
  v_found int;
  v_shown int;
begin
  select * into v_contact from public.contacts
    where organization_id = v_organization_id and id = (p ->> 'contact_id')::uuid;
  if not found then
    raise exception 'contact not found' using errcode = 'AZ404';
  end if;
  v_phones := array_remove(public.former_addresses_of(v_contact, 'phone') || v_contact.phone_number, null);
  v_lids := array_remove(public.former_addresses_of(v_contact, 'lid') || v_contact.lid, null);
  v_strangers := public.former_owners(v_organization_id, v_phones, v_contact.id);
  v_pattern := public.person_pattern(v_phones, v_lids);
  case p ->> 'kind'
    when 'merged_contacts' then
      select jsonb_agg(to_jsonb(c) order by c.merged_at, c.contact_id), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select m.contact_id, m.merged_at from public.merged_contacts m
          where m.merged_into in (
            select v_contact.id union all select k.id from public.contacts k where k.merged_into = v_contact.id
          )
          order by m.merged_at, m.contact_id
          offset v_after limit v_limit
        ) c;
    when 'contact_merges' then
      select jsonb_agg(to_jsonb(c) order by c.merged_at, c.id), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select m.id, m.merged_at, m.merged_into, k.id as contact_id, k.phone_number, k.lid, k.name, k.name_source, k.created_at
          from public.contact_merges m
          join public.contacts k on k.id = m.contact_id
          where k.merged_into = v_contact.id
          order by m.merged_at, m.id
          offset v_after limit v_limit
        ) c;
    when 'former_addresses' then
      select jsonb_agg(to_jsonb(a) order by a.kind, a.digits), nullif(v_after + count(*), v_after) into v_rows, v_next
        from (
          select distinct f.kind, f.digits from public.former_addresses f
          where f.contact_id in (
            select v_contact.id union all select k.id from public.contacts k where k.merged_into = v_contact.id
          )
          order by f.kind, f.digits
          offset v_after limit v_limit
        ) a;
    when 'messages' then
      with found as (
        (
          select t as told, t.ordinal from public.messages t
          where t.contact_id = v_contact.id and t.ordinal > v_after_ordinal
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.messages t
          where t.contact_id is null and t.group_id is null and t.ordinal > v_after_ordinal
            and t.organization_id = v_organization_id and t.chat_jid ~ v_pattern
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.messages t
          where t.organization_id = v_organization_id and t.ordinal > v_after_ordinal and t.sender_lid = any (v_lids)
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.messages t
          where t.organization_id = v_organization_id and t.ordinal > v_after_ordinal and t.sender_phone = any (v_phones)
            and coalesce(t.sender_lid, '') <> all (v_strangers || v_lids)
          order by t.ordinal
          limit v_limit
        )
        order by ordinal
        limit v_limit
      ), page as (
        select f.told, f.ordinal, sum(b.bytes) over (order by f.ordinal) - b.bytes as bytes_before
        from found f
        cross join lateral (
          select public.shown_bytes((f.told).id, null, (f.told).content, (f.told).metadata, (f.told).reply_to) as bytes
        ) b
      )
      select jsonb_agg(to_jsonb(f.told) - 'secret' - 'payload' - 'request'
            || public.changes_made((f.told).id, null, (f.told).metadata) || public.message_extras(f.told) order by f.ordinal),
          max(f.ordinal)
        into v_rows, v_next
        from page f
        where f.bytes_before < v_bytes;
    when 'group_members' then
      select jsonb_agg(to_jsonb(m) order by m.id), max(m.id) into v_rows, v_next
        from (
          select m.*, g.jid, g.subject
          from public.group_members m
          join public.groups g on g.id = m.group_id
          where m.id > v_after and m.organization_id = v_organization_id
            and (m.phone = any (v_phones) and (m.lid is null or m.lid <> all (v_strangers)) or m.lid = any (v_lids))
          order by m.id
          limit v_limit
        ) m;
    when 'group_changes' then
      select jsonb_agg(to_jsonb(c) order by c.id), max(c.id) into v_rows, v_next
        from (
          -- Who else had a part in it is not the person's to know.
          select c.id, c.group_id, c.kind, c.subject, c.changed_at
          from public.group_changes c
          where c.id > v_after and c.organization_id = v_organization_id
            and (c.phone = any (v_phones) and (c.lid is null or c.lid <> all (v_strangers)) or c.lid = any (v_lids)
              or exists (
                select from jsonb_array_elements(c.people) e (person)
                where e.person ->> 'lid' = any (v_lids) or e.person ->> 'phone' = any (v_phones)
              ))
          order by c.id
          limit v_limit
        ) c;
    when 'notes' then
      with found as (
        (
          select t as told, t.ordinal from public.notes t
          where t.contact_id = v_contact.id and t.ordinal > v_after_ordinal
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.notes t
          where t.contact_id is null and t.ordinal > v_after_ordinal and t.organization_id = v_organization_id
            and t.chat_key ~ v_pattern
          order by t.ordinal
          limit v_limit
        )
        order by ordinal
        limit v_limit
      ), page as (
        select f.told, f.ordinal, sum(b.bytes) over (order by f.ordinal) - b.bytes as bytes_before
        from found f
        cross join lateral (
          select public.shown_bytes(null, (f.told).id, (f.told).content, (f.told).metadata, (f.told).reply_to) as bytes
        ) b
      )
      -- Which of the organization's people wrote a note is not the person's to know.
      select jsonb_agg(to_jsonb(f.told) - 'secret' - 'created_by'
            || public.changes_made(null, (f.told).id, (f.told).metadata) || public.note_extras(f.told) order by f.ordinal),
          max(f.ordinal)
        into v_rows, v_next
        from page f
        where f.bytes_before < v_bytes;
    when 'bookings' then
      -- They have no number: the place in their order is as good, while none is deleted.
      select jsonb_agg(to_jsonb(b) order by b.created_at, b.id), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select * from public.bookings where contact_id = v_contact.id
          order by created_at, id
          offset v_after limit v_limit
        ) b;
    when 'automatic_replies' then
      select jsonb_agg(to_jsonb(r) order by r.created_at, r.occasion, r.subject), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select a.occasion, a.subject, a.message_id, a.created_at from public.automatic_replies a
          where a.contact_id = v_contact.id
          order by a.created_at, a.occasion, a.subject
          offset v_after limit v_limit
        ) r;
    when 'undecrypted' then
      select jsonb_agg(to_jsonb(u) order by u.id), max(u.id) into v_rows, v_next
        from (
          select * from public.undecrypted_messages
          where id > v_after and organization_id = v_organization_id
            and (phone = any (v_phones) and (lid is null or lid <> all (v_strangers)) or lid = any (v_lids))
          order by id
          limit v_limit
        ) u;
    when 'pending_changes' then
      select jsonb_agg(to_jsonb(c) order by c.id), max(c.id) into v_rows, v_next
        from (
          select * from public.pending_changes
          where id > v_after and organization_id = v_organization_id
            and (phone = any (v_phones) and (lid is null or lid <> all (v_strangers)) or lid = any (v_lids))
          order by id
          limit v_limit
        ) c;
    when 'inbox' then
      -- What is looked at is bounded by the ids alone, so that no row is looked at twice for the next page.
      select max(w.id) into v_until
        from (select i.id from public.inbox i where i.id > v_after order by i.id limit v_window) w;
      with found as (
        select i.* from public.inbox i
        where i.id > v_after and i.id <= v_until and i.organization_id = v_organization_id
          and public.inbox_addressing(i.chat, i.sender, i.attrs) ~ v_pattern
          and (v_strangers = '{}'
            or public.inbox_addressing(i.chat, i.sender, i.attrs) !~ public.person_pattern('{}', v_strangers))
        order by i.id
        limit v_limit
      ), page as (
        select f.*, sum(b.bytes) over (order by f.id) - b.bytes as bytes_before
        from found f
        cross join lateral (select coalesce(octet_length(f.body), 0) as bytes) b
      )
      select jsonb_agg((to_jsonb(i) - 'body' - 'claimed_by' - 'claimed_until' - 'bytes_before')
            || jsonb_build_object('body', translate(encode(i.body, 'base64'), e'\n', '')) order by i.id)
            filter (where i.bytes_before < v_bytes),
          max(i.id) filter (where i.bytes_before < v_bytes), count(*), count(*) filter (where i.bytes_before < v_bytes)
        into v_rows, v_next, v_found, v_shown
        from page i;
      if v_found < v_limit and v_shown = v_found then
        v_next := v_until;
      end if;
    when 'events' then
      v_ids := public.ids_of_contact(v_contact.id)::text[];
      v_from := v_phones || array(select l.lid || '@lid' from unnest(v_lids) as l (lid));
      select max(w.sequence) into v_until
        from (
          select e.sequence from public.events e
          where e.organization_id = v_organization_id and e.sequence > v_after
          order by e.sequence
          limit v_window
        ) w;
      with found as (
        select e.* from public.events e
        where e.organization_id = v_organization_id and e.sequence > v_after and e.sequence <= v_until
          and (e.payload ->> 'contactId' = any (v_ids) or e.payload -> 'members' ?| v_from
            or coalesce(e.payload ->> 'from', e.payload ->> 'to') = any (v_from)
            and (v_strangers = '{}' or e.payload ->> 'contactId' is null or not exists (
              select from public.contacts k
              where k.id = (e.payload ->> 'contactId')::uuid and k.organization_id = v_organization_id
            )))
        order by e.sequence
        limit v_limit
      ), page as (
        select f.*, sum(b.bytes) over (order by f.sequence) - b.bytes as bytes_before
        from found f
        cross join lateral (select coalesce(octet_length(f.payload ->> 'text'), 0) as bytes) b
      )
      select jsonb_agg(to_jsonb(e) - 'bytes_before' order by e.sequence)
            filter (where e.bytes_before < v_bytes),
          max(e.sequence) filter (where e.bytes_before < v_bytes),
          count(*), count(*) filter (where e.bytes_before < v_bytes)
        into v_rows, v_next, v_found, v_shown
        from page e;
      if v_found < v_limit and v_shown = v_found then
        v_next := v_until;
      end if;
    else
      raise exception 'unknown kind %', p ->> 'kind' using errcode = '22023';
  end case;
  return jsonb_build_object('rows', coalesce(v_rows, '[]'), 'next', v_next);
end
$$;

revoke execute on function
  public.changes_made(uuid, uuid, jsonb), public.shown_bytes(uuid, uuid, text, jsonb, jsonb), public.export_contact(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.changes_made(uuid, uuid, jsonb), public.shown_bytes(uuid, uuid, text, jsonb, jsonb), public.export_contact(jsonb)
  to service_role;
