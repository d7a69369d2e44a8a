-- Values that an older key sealed, and their replacement: see the rotation. The functions named `stale_…` look at the next
-- `window` rows after `after`, and give those whose value another key than the owner's current data key sealed, `limit` of them
-- at most. `next`: where to go on, null at the end. In `reseal_…`, `rows` holds what to find each by, `old` (the first 33 bytes,
-- which no other value has) and `new`.

create or replace function public.stale_credentials(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with win as materialized (
    select i.id, substr(i.session_data, 1, 5) as head
    from public.whatsapp_instances i
    where i.session_data is not null and i.id > coalesce((p ->> 'after')::uuid, '00000000-0000-0000-0000-000000000000')
    order by i.id
    limit (p ->> 'window')::int
  ), stale as (
    select w.id
    from win w
    left join public.data_keys k on k.instance_id = w.id and k.purpose = 'session' and k.retired_at is null
    where w.head is distinct from '\x02'::bytea || k.key_id
    order by w.id
    limit (p ->> 'limit')::int
  ), ending as (
    select case when (select count(*) from stale) = (p ->> 'limit')::int then (select s.id from stale s order by s.id desc limit 1)
      else (select w.id from win w order by w.id desc limit 1) end as id
  )
  select jsonb_build_object(
    'rows', (
      select coalesce(jsonb_agg(jsonb_build_object('instance_id', i.id, 'value', translate(encode(i.session_data, 'base64'), e'\n', ''))
        order by i.id), '[]')
      from stale s join public.whatsapp_instances i on i.id = s.id
    ),
    'scanned', (select count(*) from win w where w.id <= (select e.id from ending e)),
    'next', (select to_jsonb(e.id) from ending e)
  )
$$;

create or replace function public.reseal_credentials(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed int;
begin
  with given as (
    select (e ->> 'instance_id')::uuid as id, decode(e ->> 'old', 'base64') as old, decode(e ->> 'new', 'base64') as new
    from jsonb_array_elements(p -> 'rows') e
  ), free as (
    select i.id, g.new
    from given g join public.whatsapp_instances i on i.id = g.id and substr(i.session_data, 1, 33) = g.old
    order by i.id
    for no key update of i skip locked
  )
  update public.whatsapp_instances i set session_data = f.new from free f where i.id = f.id;
  get diagnostics v_changed = row_count;
  return jsonb_build_object('changed', v_changed);
end
$$;

create or replace function public.stale_session_keys(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with win as materialized (
    select v.instance_id, v.key_type, v.key_id, substr(v.value, 1, 5) as head
    from public.whatsapp_session_keys v
    where (v.instance_id, v.key_type, v.key_id) > (
      coalesce((p -> 'after' ->> 0)::uuid, '00000000-0000-0000-0000-000000000000'), coalesce(p -> 'after' ->> 1, ''), coalesce(p -> 'after' ->> 2, '')
    )
    order by v.instance_id, v.key_type, v.key_id
    limit (p ->> 'window')::int
  ), stale as (
    select w.instance_id, w.key_type, w.key_id
    from win w
    left join public.data_keys k
      on k.instance_id = w.instance_id and k.purpose = 'session' and k.retired_at is null
    where w.head is distinct from '\x02'::bytea || k.key_id
    order by w.instance_id, w.key_type, w.key_id
    limit (p ->> 'limit')::int
  ), ending as (
    select l.*
    from (
      (select s.*, 0 as rank from stale s where (select count(*) from stale) = (p ->> 'limit')::int
        order by s.instance_id desc, s.key_type desc, s.key_id desc limit 1)
      union all
      (select w.instance_id, w.key_type, w.key_id, 1 from win w
        order by w.instance_id desc, w.key_type desc, w.key_id desc limit 1)
    ) l
    order by l.rank
    limit 1
  )
  select jsonb_build_object(
    'rows', (
      select coalesce(jsonb_agg(jsonb_build_object('instance_id', v.instance_id, 'type', v.key_type, 'id', v.key_id,
        'value', translate(encode(v.value, 'base64'), e'\n', ''))), '[]')
      from stale s join public.whatsapp_session_keys v using (instance_id, key_type, key_id)
    ),
    'scanned', (
      select count(*) from win w
      where (w.instance_id, w.key_type, w.key_id) <= (select e.instance_id, e.key_type, e.key_id from ending e)
    ),
    'next', (select jsonb_build_array(e.instance_id, e.key_type, e.key_id) from ending e)
  )
$$;

create or replace function public.reseal_session_keys(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed int;
begin
  with given as (
    select (e ->> 'instance_id')::uuid as instance_id, e ->> 'type' as key_type, e ->> 'id' as key_id,
      decode(e ->> 'old', 'base64') as old, decode(e ->> 'new', 'base64') as new
    from jsonb_array_elements(p -> 'rows') e
  ), free as (
    select v.instance_id, v.key_type, v.key_id, g.new
    from given g
    join public.whatsapp_session_keys v using (instance_id, key_type, key_id)
    where substr(v.value, 1, 33) = g.old
    for update of v skip locked
  )
  update public.whatsapp_session_keys v set value = f.new
    from free f
    where v.instance_id = f.instance_id and v.key_type = f.key_type and v.key_id = f.key_id;
  get diagnostics v_changed = row_count;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- Bodies that nobody can open any more, since their data key was shredded, are not stale. `is_gone`: the instance is deleted,
-- and has no key to seal with.
create or replace function public.stale_inbox_bodies(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with win as materialized (
    select r.id, r.instance_id, substr(r.body, 1, 5) as head
    from public.inbox r
    where r.id > coalesce((p ->> 'after')::bigint, 0)
    order by r.id
    limit (p ->> 'window')::int
  ), stale as (
    select w.id, k.key_id is null and not exists (
        select from public.whatsapp_instances i where i.id = w.instance_id and i.deleted_at is null
      ) as is_gone
    from win w
    left join public.data_keys k on k.instance_id = w.instance_id and k.purpose = 'inbox' and k.retired_at is null
    where w.head is not null and w.head is distinct from '\x02'::bytea || k.key_id
      and not (k.key_id is null and substr(w.head, 1, 1) = '\x02'::bytea)
    order by w.id
    limit (p ->> 'limit')::int
  ), ending as (
    select case when (select count(*) from stale) = (p ->> 'limit')::int then (select max(s.id) from stale s)
      else (select max(w.id) from win w) end as id
  )
  select jsonb_build_object(
    'rows', (
      select coalesce(jsonb_agg(jsonb_build_object('inbox_id', r.id, 'instance_id', r.instance_id, 'hash', r.hash,
        'is_gone', s.is_gone, 'value', translate(encode(r.body, 'base64'), e'\n', '')) order by r.id), '[]')
      from stale s join public.inbox r on r.id = s.id
    ),
    'scanned', (select count(*) from win w where w.id <= (select e.id from ending e)),
    'next', (select to_jsonb(e.id) from ending e)
  )
$$;

-- Without `new` the body is purged.
create or replace function public.reseal_inbox_bodies(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed int;
begin
  with given as (
    select (e ->> 'inbox_id')::bigint as id, decode(e ->> 'old', 'base64') as old, decode(e ->> 'new', 'base64') as new
    from jsonb_array_elements(p -> 'rows') e
  ), free as (
    select r.id, g.new
    from given g join public.inbox r on r.id = g.id and substr(r.body, 1, 33) = g.old
    order by r.id
    for update of r skip locked
  )
  update public.inbox r set body = f.new from free f where r.id = f.id;
  get diagnostics v_changed = row_count;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- Columns of rows about messages that the instance's key for received messages seals, by table in the order of the walk. `kind` tells
-- what a value is bound to.
create or replace function public.sealed_message_columns()
  returns table (place int, kind text, table_name text, id_column text, column_name text)
  language sql immutable parallel safe
  set search_path = ''
as $$
  values
    (1, 'payload', 'messages', 'id', 'payload'),
    (1, 'secret', 'messages', 'id', 'secret'),
    (2, 'note secret', 'notes', 'id', 'secret'),
    (3, 'media source', 'message_media', 'message_id', 'sealed')
$$;

-- One table after the other: `after` is [place, id]. `window` and `scanned` are rows, also those in which nothing is sealed, so that a
-- call reads no more where such rows are many. All values of a row are on one page. What nobody can open any more, and `is_gone`: as
-- inbox bodies.
create or replace function public.stale_message_values(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_place constant int := coalesce((p -> 'after' ->> 0)::int, 1);
  v_table text;
  v_id text;
  v_heads text;
  v_values text;
  v_page jsonb;
begin
  select min(c.table_name), min(c.id_column), string_agg(format('(%L, substr(t.%I, 1, 5))', c.kind, c.column_name), ', '),
      string_agg(format('when %L then t.%I', c.kind, c.column_name), ' ')
    into v_table, v_id, v_heads, v_values
    from public.sealed_message_columns() c
    where c.place = v_place;
  execute format($sql$
    with win as materialized (
      select t.row_id as id, t.instance_id, v.kind, v.head
      from (select t.*, t.%2$I as row_id from public.%1$I t where t.%2$I > $1 order by t.%2$I limit $2) t
      cross join lateral (values %3$s) v (kind, head)
    ), stale as (
      select w.id, w.kind, k.key_id is null and not exists (
          select from public.whatsapp_instances i where i.id = w.instance_id and i.deleted_at is null
        ) as is_gone
      from win w
      left join public.data_keys k on k.instance_id = w.instance_id and k.purpose = 'inbox' and k.retired_at is null
      where w.head is not null and w.head is distinct from '\x02'::bytea || k.key_id
        and not (k.key_id is null and substr(w.head, 1, 1) = '\x02'::bytea)
      order by w.id
      fetch first ($3) rows with ties
    ), ending as (
      select case when (select count(*) from stale) >= $3 then (select s.id from stale s order by s.id desc limit 1)
        else (select w.id from win w order by w.id desc limit 1) end as id
    )
    select jsonb_build_object(
      'rows', (
        select coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'id', s.id, 'instance_id', t.instance_id,
          'whatsapp_message_id', coalesce(t.whatsapp_message_id, ''), 'is_gone', s.is_gone,
          'value', translate(encode(case s.kind %4$s end, 'base64'), e'\n', '')) order by s.id), '[]')
        from stale s join public.%1$I t on t.%2$I = s.id
      ),
      'scanned', (select count(distinct w.id) from win w where w.id <= (select e.id from ending e)),
      'next', (select jsonb_build_array($4, e.id) from ending e where e.id is not null)
    )
  $sql$, v_table, v_id, v_heads, v_values)
    into v_page
    using coalesce((p -> 'after' ->> 1)::uuid, '00000000-0000-0000-0000-000000000000'), (p ->> 'window')::int,
      (p ->> 'limit')::int, v_place;
  if v_page -> 'next' = 'null' and exists (select from public.sealed_message_columns() c where c.place > v_place) then
    v_page := v_page || jsonb_build_object('next', jsonb_build_array(v_place + 1, '00000000-0000-0000-0000-000000000000'));
  end if;
  return v_page;
end
$$;

create or replace function public.reseal_message_values(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_column record;
  v_some int;
  v_changed int := 0;
begin
  for v_column in
    select c.* from public.sealed_message_columns() c
    where c.kind in (select e ->> 'kind' from jsonb_array_elements(p -> 'rows') e)
    order by c.place, c.kind
  loop
    execute format($sql$
      with given as (
        select (e ->> 'id')::uuid as id, decode(e ->> 'old', 'base64') as old, decode(e ->> 'new', 'base64') as new
        from jsonb_array_elements($1) e
        where e ->> 'kind' = $2
      ), free as (
        select t.%2$I as id, g.new
        from given g join public.%1$I t on t.%2$I = g.id and substr(t.%3$I, 1, 33) = g.old
        order by t.%2$I
        for no key update of t skip locked
      )
      update public.%1$I t set %3$I = f.new from free f where t.%2$I = f.id
    $sql$, v_column.table_name, v_column.id_column, v_column.column_name)
      using p -> 'rows', v_column.kind;
    get diagnostics v_some = row_count;
    v_changed := v_changed + v_some;
  end loop;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- Without secrets whose key was shredded when their organization was closed: nobody can open them any more.
create or replace function public.stale_webhook_secrets(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with stale as (
    select w.id, w.organization_id, w.secret
    from public.webhook_endpoints w
    join public.organizations o on o.id = w.organization_id
    left join public.data_keys k
      on k.organization_id = w.organization_id and k.instance_id is null and k.retired_at is null
    where w.id > coalesce((p ->> 'after')::uuid, '00000000-0000-0000-0000-000000000000')
      and substr(w.secret, 1, 5) is distinct from '\x02'::bytea || k.key_id
      and not (o.closed_at is not null and k.key_id is null and substr(w.secret, 1, 1) = '\x02'::bytea)
    order by w.id
    limit (p ->> 'limit')::int
  )
  select jsonb_build_object(
    'rows', (
      select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'organization_id', s.organization_id,
        'value', translate(encode(s.secret, 'base64'), e'\n', '')) order by s.id), '[]')
      from stale s
    ),
    'scanned', (select count(*) from stale),
    'next', (select to_jsonb(s.id) from stale s order by s.id desc limit 1)
  )
$$;

create or replace function public.reseal_webhook_secrets(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed int;
begin
  update public.webhook_endpoints w set secret = decode(e ->> 'new', 'base64')
    from jsonb_array_elements(p -> 'rows') e
    where w.id = (e ->> 'id')::uuid and substr(w.secret, 1, 33) = decode(e ->> 'old', 'base64');
  get diagnostics v_changed = row_count;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- What a key of SESSION_ENCRYPTION_KEY seals itself: requests between nodes, QR codes, secrets of the service. They are few, and
-- those that are over go.
create or replace function public.stale_direct_values(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_new constant bytea := decode(p -> 'master_ids' ->> 0, 'base64');
  v_rows jsonb;
begin
  delete from public.node_requests where expires_at <= now();
  delete from public.pairing_qrs where expires_at <= now();
  select coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'id', s.id, 'instance_id', s.instance_id,
      'value', translate(encode(s.value, 'base64'), e'\n', ''))), '[]')
    into v_rows
    from (
      select 'request' as kind, r.id, r.instance_id, r.payload as value from public.node_requests r
      union all
      select 'answer', r.id, r.instance_id, r.answer from public.node_requests r
      union all
      select 'qr', q.instance_id, q.instance_id, q.qr from public.pairing_qrs q
    ) s
    where substr(s.value, 2, 4) <> v_new;
  if to_regclass('public.service_secrets') is not null then
    select v_rows || coalesce(jsonb_agg(jsonb_build_object('kind', 'service secret', 'id', s.name,
        'value', translate(encode(s.value, 'base64'), e'\n', ''))), '[]')
      into v_rows
      from public.service_secrets s
      where substr(s.value, 2, 4) <> v_new;
  end if;
  return jsonb_build_object('rows', v_rows, 'scanned', jsonb_array_length(v_rows), 'next', null);
end
$$;

create or replace function public.reseal_direct_values(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_row jsonb;
  v_id text;
  v_old bytea;
  v_new bytea;
  v_changed int := 0;
begin
  for v_row in select e from jsonb_array_elements(p -> 'rows') e loop
    v_id := v_row ->> 'id';
    v_old := decode(v_row ->> 'old', 'base64');
    v_new := decode(v_row ->> 'new', 'base64');
    case v_row ->> 'kind'
      when 'request' then
        update public.node_requests set payload = v_new where id = v_id::uuid and substr(payload, 1, 33) = v_old;
      when 'answer' then
        update public.node_requests set answer = v_new where id = v_id::uuid and substr(answer, 1, 33) = v_old;
      when 'qr' then
        update public.pairing_qrs set qr = v_new where instance_id = v_id::uuid and substr(qr, 1, 33) = v_old;
      when 'service secret' then
        update public.service_secrets set value = v_new where name = v_id and substr(value, 1, 33) = v_old;
    end case;
    v_changed := v_changed + case when found then 1 else 0 end;
  end loop;
  return jsonb_build_object('changed', v_changed);
end
$$;

-- How many rows a table has: counted while they are few, otherwise as the last analysis found.
create or replace function public.rows_about(p_table regclass) returns bigint
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_limit constant int := 100000;
  v_rows bigint;
begin
  execute format('select count(*) from (select from %s limit %s) r', p_table, v_limit) into v_rows;
  if v_rows < v_limit then
    return v_rows;
  end if;
  return greatest(v_rows, (select c.reltuples::bigint from pg_catalog.pg_class c where c.oid = p_table));
end
$$;
revoke execute on function public.rows_about(regclass) from public, anon, authenticated;
grant execute on function public.rows_about(regclass) to service_role;

-- Only to be shown: exact while tables are small.
create or replace function public.count_sealed(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
    'credentials', (
      select count(*) from (
        select from public.whatsapp_instances i where i.session_data is not null limit 100000
      ) r
    ),
    'session_keys', public.rows_about('public.whatsapp_session_keys'::regclass),
    'inbox_bodies', public.rows_about('public.inbox'::regclass),
    'message_values', public.rows_about('public.messages'::regclass) + public.rows_about('public.notes'::regclass)
      + public.rows_about('public.message_media'::regclass),
    'webhook_secrets', public.rows_about('public.webhook_endpoints'::regclass)
  )
$$;

revoke execute on function
  public.stale_credentials(jsonb), public.reseal_credentials(jsonb), public.stale_session_keys(jsonb),
  public.reseal_session_keys(jsonb), public.stale_inbox_bodies(jsonb), public.reseal_inbox_bodies(jsonb),
  public.sealed_message_columns(), public.stale_message_values(jsonb), public.reseal_message_values(jsonb),
  public.stale_webhook_secrets(jsonb), public.reseal_webhook_secrets(jsonb), public.stale_direct_values(jsonb),
  public.reseal_direct_values(jsonb), public.count_sealed(jsonb)
  from public, anon, authenticated;
grant execute on function
  public.stale_credentials(jsonb), public.reseal_credentials(jsonb), public.stale_session_keys(jsonb),
  public.reseal_session_keys(jsonb), public.stale_inbox_bodies(jsonb), public.reseal_inbox_bodies(jsonb),
  public.sealed_message_columns(), public.stale_message_values(jsonb), public.reseal_message_values(jsonb),
  public.stale_webhook_secrets(jsonb), public.reseal_webhook_secrets(jsonb), public.stale_direct_values(jsonb),
  public.reseal_direct_values(jsonb), public.count_sealed(jsonb)
  to service_role;
