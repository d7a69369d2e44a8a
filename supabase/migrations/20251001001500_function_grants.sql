-- The service alone may call the functions; Supabase grants new functions to everybody.
do $$
declare
  v_name text;
begin
  foreach v_name in array array[
    'touch_updated_at()', 'complete_message()', 'keep_contact_name()', 'encode_base64(bytea)',
    'acquire_session(jsonb)', 'read_session_keys(jsonb)', 'check_epochs(jsonb)', 'commit_session_batch(jsonb)',
    'find_inbox(jsonb)', 'wipe_session(jsonb)', 'release_session(jsonb)', 'append_event(text, uuid, jsonb)',
    'set_instance_status(jsonb)', 'claim_inbox(jsonb)', 'queue_stats(jsonb)', 'merge_contacts(uuid, uuid, text)',
    'resolve_person(text, text, text, text)', 'begin_ingest(jsonb, text)',
    'resolve_contacts(public.ingest_work[], text)', 'store_inbound(public.ingest_work[])',
    'store_notes(public.ingest_work[])', 'store_bookings(public.ingest_work[], bigint[], text)',
    'store_message_events(public.ingest_work[], bigint[], text)', 'ingest_inbox(jsonb)', 'begin_outbound(jsonb)',
    'outbound_rank(text)', 'finish_outbound(jsonb)', 'apply_receipts(jsonb)', 'owner_addresses(text[])'
  ] loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', v_name);
    execute format('grant execute on function public.%s to service_role', v_name);
  end loop;
end
$$;
