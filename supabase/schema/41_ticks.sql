-- One part of a tick.
create or replace function public.tick_part(p_part text, p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  return case p_part
    when 'work' then public.node_poll(p)
    when 'keys' then public.announce_keys(p)
    when 'heads' then public.event_heads(p)
    when 'callers' then jsonb_build_object('keys', public.usable_api_keys(p), 'memberships', public.memberships_of(p))
    when 'inbox' then jsonb_build_object('waiting', public.inbox_waits())
    when 'search' then public.search_waits()
    when 'history' then jsonb_build_object('waiting', public.history_waits())
    when 'media' then public.media_waits()
    when 'webhooks' then public.webhook_waits()
    when 'undecrypted' then public.give_up_undecrypted(p)
    when 'drained' then public.shred_drained_keys(p)
    when 'closings' then public.unfinished_closings(p)
  end;
end
$$;

-- Everything that a process asks again and again: the parts that `p` names are answered under the same names. What only reads
-- comes first: from the heartbeat on locks are held that commits of sessions wait for. A node says that it lives before it is
-- told what nobody runs, and lives whatever becomes of the other parts: `failed` names those that came to nothing, with their
-- SQLSTATE.
create or replace function public.node_tick(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_answers jsonb := '{}'::jsonb;
  v_failed jsonb := '{}'::jsonb;
  v_part text;
begin
  foreach v_part in array array[
    'heads', 'callers', 'inbox', 'search', 'media', 'history', 'webhooks', 'closings', 'heartbeat', 'work', 'keys', 'undecrypted', 'drained'
  ] loop
    if v_part = 'heartbeat' and p ? 'heartbeat' then
      if p -> 'heartbeat' ? 'bury' then
        perform public.bury_nodes(p -> 'heartbeat' -> 'bury');
      end if;
      v_answers := v_answers || jsonb_build_object('heartbeat', public.node_heartbeat(p -> 'heartbeat'));
    elsif p ? v_part then
      begin
        v_answers := v_answers || jsonb_build_object(v_part, public.tick_part(v_part, p -> v_part));
      exception when others then
        v_failed := v_failed || jsonb_build_object(v_part, sqlstate);
      end;
    end if;
  end loop;
  return case when v_failed = '{}' then v_answers else v_answers || jsonb_build_object('failed', v_failed) end;
end
$$;
revoke execute on function public.tick_part(text, jsonb), public.node_tick(jsonb) from public, anon, authenticated;
grant execute on function public.tick_part(text, jsonb), public.node_tick(jsonb) to service_role;
