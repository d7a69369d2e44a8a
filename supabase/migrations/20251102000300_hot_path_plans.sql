-- Functions that are called for each batch of messages find their rows by index, however many there are: their plans are
-- made once for each connection, not for each call, and never from statistics of a time when a table was nearly empty.
-- Without sequential scans a plan may look costly where there is no way around one: then compiling it would cost more.
do $$
declare
  v_name text;
begin
  foreach v_name in array array['commit_session_batch(jsonb)', 'claim_inbox(jsonb)', 'ingest_inbox(jsonb)'] loop
    execute format('alter function public.%s set plan_cache_mode = force_generic_plan', v_name);
    execute format('alter function public.%s set enable_seqscan = off', v_name);
    execute format('alter function public.%s set jit = off', v_name);
  end loop;
end
$$;
