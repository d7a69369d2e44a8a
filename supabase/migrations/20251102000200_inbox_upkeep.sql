-- Claims that outlive a batch or its worker, and dead rows that get another chance.

-- Keeps a living worker's claims. Rows that are being closed at this moment are locked and need no claim any more.
create function public.renew_claims(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_renewed int;
begin
  with held as (
    select i.id
    from public.inbox i
    where i.id in (select e::bigint from jsonb_array_elements_text(p -> 'ids') e)
      and i.state <= 0 and i.claimed_by = p ->> 'worker'
    order by i.id
    for update skip locked
  )
  update public.inbox i
    set claimed_until = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision)
    from held h
    where i.id = h.id;
  get diagnostics v_renewed = row_count;
  return jsonb_build_object('renewed', v_renewed);
end
$$;

-- Ends all claims. Only for a database that one process has for itself, before that process claims anything.
create function public.release_claims(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_released int;
begin
  update public.inbox i set claimed_by = null, claimed_until = null where i.state = 0 and i.claimed_by is not null;
  get diagnostics v_released = row_count;
  return jsonb_build_object('released', v_released);
end
$$;

-- Gives dead rows another chance, those first whose last one was longest ago: one that dies again goes to the end.
create function public.redrive_inbox(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_instances jsonb;
  v_redriven int;
begin
  with chosen as (
    select i.id
    from public.inbox i
    where i.state = 2
      and (p ->> 'organization_id' is null or i.organization_id = p ->> 'organization_id')
      and (p ->> 'instance_id' is null or i.instance_id = (p ->> 'instance_id')::uuid)
    order by i.processed_at nulls first, i.id
    limit least(greatest((p ->> 'limit')::int, 1), 1000)
    for update skip locked
  ), redriven as (
    update public.inbox i
      set state = 0, outcome = null, reason = null, error = null, attempts = 0, processed_at = null
      from chosen c
      where i.id = c.id
      returning i.instance_id
  )
  select count(*), coalesce(jsonb_agg(distinct r.instance_id), '[]') into v_redriven, v_instances from redriven r;
  return jsonb_build_object('redriven', v_redriven, 'instance_ids', v_instances);
end
$$;

do $$
declare
  v_name text;
begin
  foreach v_name in array array['renew_claims(jsonb)', 'release_claims(jsonb)', 'redrive_inbox(jsonb)'] loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', v_name);
    execute format('grant execute on function public.%s to service_role', v_name);
  end loop;
end
$$;
