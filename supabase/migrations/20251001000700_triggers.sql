-- What plain inserts and updates may leave out.
create function public.touch_updated_at() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create trigger touch_updated_at before update on public.whatsapp_instances
  for each row execute function public.touch_updated_at();
create trigger touch_updated_at before update on public.contacts
  for each row execute function public.touch_updated_at();
create trigger touch_updated_at before update on public.messages
  for each row execute function public.touch_updated_at();
create trigger touch_updated_at before update on public.bookings
  for each row execute function public.touch_updated_at();
create trigger touch_updated_at before update on public.webhook_endpoints
  for each row execute function public.touch_updated_at();

-- A message inserted with contact, instance, direction and content alone gets the rest from them.
create function public.complete_message() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if new.organization_id is null then
    select i.organization_id into new.organization_id
      from public.whatsapp_instances i where i.id = new.instance_id;
  end if;
  new.chat_key := coalesce(new.chat_key, new.contact_id::text, new.chat_jid, '');
  new.status := coalesce(new.status, case new.direction when 'inbound' then 'received' else 'pending' end);
  return new;
end
$$;

create trigger complete_message before insert on public.messages
  for each row
  when (new.organization_id is null or new.chat_key is null or new.status is null)
  execute function public.complete_message();

-- A name that is known is never lost to `Unknown`.
create function public.keep_contact_name() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and btrim(new.name) in ('', 'Unknown') then
    new.name := old.name;
    new.name_source := old.name_source;
  end if;
  if new.name_source = 'unknown' and btrim(new.name) not in ('', 'Unknown') then
    new.name_source := 'push';
  end if;
  return new;
end
$$;

create trigger keep_contact_name_on_insert before insert on public.contacts
  for each row execute function public.keep_contact_name();
create trigger keep_contact_name_on_update before update of name on public.contacts
  for each row when (new.name is distinct from old.name) execute function public.keep_contact_name();
