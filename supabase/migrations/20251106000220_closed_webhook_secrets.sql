-- As before, without secrets whose key was shredded when their organization was closed: nobody can open them any more.
create or replace function public.stale_webhook_secrets(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
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
          'value', public.encode_base64(s.secret)) order by s.id), '[]')
        from stale s
      ),
      'scanned', (select count(*) from stale),
      'next', (select to_jsonb(s.id) from stale s order by s.id desc limit 1)
    );
  end;
