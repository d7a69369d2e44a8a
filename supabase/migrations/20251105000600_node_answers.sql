-- How far several requests are: [id, is answered, is orphaned] of each that is not too old. `orphaned`: whoever was to do
-- it is gone, so that nobody will. `read_node_answer` stays for processes of the version before.
create function public.read_node_answers(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  begin atomic
    select coalesce(jsonb_agg(jsonb_build_array(r.id, r.answer is not null, case
        when r.taken_by is null then not public.is_leased(i)
        else not exists (select from public.nodes n where n.incarnation = r.taken_by and n.expires_at > now())
      end)), '[]')
    from public.node_requests r
    join public.whatsapp_instances i on i.id = r.instance_id
    where r.id in (select jsonb_array_elements_text(p -> 'ids')::uuid);
  end;

revoke execute on function public.read_node_answers(jsonb) from public, anon, authenticated;
grant execute on function public.read_node_answers(jsonb) to service_role;
