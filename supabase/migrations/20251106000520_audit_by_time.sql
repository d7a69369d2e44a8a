-- The audit log is read by time: what was done in a week of last year is found without reading everything since.

drop index public.idx_audit_log_organization;
drop index public.idx_audit_log_actor;
drop index public.idx_audit_log_object;
create index idx_audit_log_time on public.audit_log (at desc, id desc);
create index idx_audit_log_organization on public.audit_log (organization_id, at desc, id desc);
create index idx_audit_log_actor on public.audit_log (actor_id, at desc, id desc);
create index idx_audit_log_object on public.audit_log (object_id, at desc, id desc) where object_id is not null;

-- As before, without a look at entries of others or at younger ones.
create or replace function public.apply_audit_retention(p jsonb) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 5000);
  v_cutoff constant timestamptz := public.retention_cutoff((public.retention_of(v_organization_id)).audit_days);
  v_ids bigint[];
begin
  if v_organization_id is null then
    v_ids := array(
      select o.id from public.audit_log o where o.organization_id is null and o.at < v_cutoff order by o.at limit v_limit
    );
  else
    v_ids := array(
      select o.id from public.audit_log o
      where o.organization_id = v_organization_id and o.at < v_cutoff
      order by o.at
      limit v_limit
    );
  end if;
  delete from public.audit_log a where a.id = any (v_ids);
  return jsonb_build_object('deleted', cardinality(v_ids));
end
$$;
