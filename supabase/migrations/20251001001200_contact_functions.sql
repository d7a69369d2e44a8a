-- Who a person is: one contact for a phone number and a LID, however they were learnt.
-- Callers hold the lock on the organization's row, so that nobody else makes or merges its contacts meanwhile.

-- Moves everything of one contact to another and deletes it. A message or note keeps its old chat_key where the kept
-- contact has the same id already: nothing that was received is ever deleted.
create function public.merge_contacts(p_kept uuid, p_lost uuid, p_booking_policy text) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_lost public.contacts;
begin
  -- In the order of ids, as receipts lock them.
  perform 1 from public.messages where contact_id = p_lost order by id for update;
  update public.messages m
    set contact_id = p_kept,
      chat_key = case when m.chat_key <> p_lost::text or exists (
          select from public.messages o
          where o.instance_id = m.instance_id and o.direction = m.direction and o.chat_key = p_kept::text
            and o.whatsapp_message_id = m.whatsapp_message_id
        ) then m.chat_key else p_kept::text end
    where m.contact_id = p_lost;
  update public.notes n
    set contact_id = p_kept,
      chat_key = case when n.chat_key <> p_lost::text or exists (
          select from public.notes o
          where o.instance_id = n.instance_id and o.chat_key = p_kept::text
            and o.whatsapp_message_id = n.whatsapp_message_id
        ) then n.chat_key else p_kept::text end
    where n.contact_id = p_lost;
  update public.bookings set contact_id = p_kept where contact_id = p_lost;
  if p_booking_policy = 'one-open' then
    update public.bookings set status = 'cancelled'
      where contact_id = p_kept and status = 'pending' and id <> (
        select b.id from public.bookings b
        where b.contact_id = p_kept and b.status = 'pending'
        order by b.created_at, b.id
        limit 1
      );
  end if;
  delete from public.contacts where id = p_lost returning * into v_lost;
  update public.contacts k
    set name = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name else k.name end,
      name_source = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name_source else k.name_source end,
      last_message_at = greatest(k.last_message_at, v_lost.last_message_at)
    where k.id = p_kept;
end
$$;

-- The contact with these addresses; created, completed or merged where necessary.
create function public.resolve_person(p_organization_id text, p_phone text, p_lid text, p_booking_policy text)
  returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_by_phone public.contacts;
  v_by_lid public.contacts;
  v_kept uuid;
begin
  select * into v_by_phone from public.contacts
    where organization_id = p_organization_id and phone_number = p_phone;
  select * into v_by_lid from public.contacts where organization_id = p_organization_id and lid = p_lid;

  if v_by_phone.id is null and v_by_lid.id is null then
    insert into public.contacts (organization_id, phone_number, lid) values (p_organization_id, p_phone, p_lid)
      returning id into v_kept;
    return v_kept;
  end if;

  if v_by_phone.id is null then
    -- The number was unknown until now, or the person changed it.
    if p_phone is not null then
      update public.contacts set phone_number = p_phone where id = v_by_lid.id;
    end if;
    return v_by_lid.id;
  end if;

  if v_by_lid.id is null or v_by_lid.id = v_by_phone.id then
    if p_lid is not null and v_by_lid.id is null then
      update public.contacts set lid = p_lid where id = v_by_phone.id;
    end if;
    return v_by_phone.id;
  end if;

  if v_by_lid.phone_number is not null then
    -- Two people with numbers of their own: only the LID has moved.
    update public.contacts set lid = null where id = v_by_lid.id;
    update public.contacts set lid = p_lid where id = v_by_phone.id;
    return v_by_phone.id;
  end if;

  if (v_by_lid.created_at, v_by_lid.id) < (v_by_phone.created_at, v_by_phone.id) then
    v_kept := v_by_lid.id;
    perform public.merge_contacts(v_kept, v_by_phone.id, p_booking_policy);
  else
    v_kept := v_by_phone.id;
    perform public.merge_contacts(v_kept, v_by_lid.id, p_booking_policy);
  end if;
  update public.contacts set phone_number = p_phone, lid = p_lid where id = v_kept;
  return v_kept;
end
$$;
