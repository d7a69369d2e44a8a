-- Everything that a process asks again and again: the parts that `p` names are answered under the same names. A node says
-- that it lives before it is told what nobody runs.
create or replace function public.node_tick(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_answers jsonb := '{}';
begin
  if p ? 'heartbeat' then
    if p -> 'heartbeat' ? 'bury' then
      perform public.bury_nodes(p -> 'heartbeat' -> 'bury');
    end if;
    v_answers := v_answers || jsonb_build_object('heartbeat', public.node_heartbeat(p -> 'heartbeat'));
  end if;
  if p ? 'work' then
    v_answers := v_answers || jsonb_build_object('work', public.node_poll(p -> 'work'));
  end if;
  if p ? 'keys' then
    v_answers := v_answers || jsonb_build_object('keys', public.announce_keys(p -> 'keys'));
  end if;
  if p ? 'heads' then
    v_answers := v_answers || jsonb_build_object('heads', public.event_heads(p -> 'heads'));
  end if;
  if p ? 'callers' then
    v_answers := v_answers || jsonb_build_object('callers', jsonb_build_object(
      'keys', public.usable_api_keys(p -> 'callers'), 'memberships', public.memberships_of(p -> 'callers')));
  end if;
  if p ? 'inbox' then
    v_answers := v_answers || jsonb_build_object('inbox', jsonb_build_object(
      'waiting', exists (select from public.inbox i where i.state = 0)));
  end if;
  if p ? 'undecrypted' then
    v_answers := v_answers || jsonb_build_object('undecrypted', public.give_up_undecrypted(p -> 'undecrypted'));
  end if;
  if p ? 'drained' then
    v_answers := v_answers || jsonb_build_object('drained', public.shred_drained_keys(p -> 'drained'));
  end if;
  if p ? 'closings' then
    v_answers := v_answers || jsonb_build_object('closings', public.unfinished_closings(p -> 'closings'));
  end if;
  return v_answers;
end
$$;
revoke execute on function public.node_tick(jsonb) from public, anon, authenticated;
grant execute on function public.node_tick(jsonb) to service_role;
