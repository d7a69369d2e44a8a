-- Refuses what would fail half-way or harm somebody else, before anything is changed. Each sentence says what to do.
--
-- The schema `public` may have another application's tables, too: those keep every right. What has a name of ours must be ours:
-- the type `auzap_whatsapp` is made here, in the statement that found all names free, and tells it from then on. So a push that
-- was interrupted can be repeated.
do $$
declare
  -- `npm run schema` writes the names.
  v_relations constant text[] := string_to_array(
    'api_keys audit_log audit_log_id_seq automatic_replies auzap_whatsapp bookings calendar_feeds '
    'changed_conversations contact_merges contacts conversations data_keys data_keys_current_of_instance '
    'data_keys_current_of_organization data_keys_id_seq data_moves erased_messages erasures events former_addresses '
    'group_changes group_changes_id_seq group_members group_members_id_seq groups history_syncs '
    'history_syncs_ordinal_seq idempotency_keys idx_api_keys_created_by idx_api_keys_organization '
    'idx_api_keys_replaced_by idx_audit_log_actor idx_audit_log_call idx_audit_log_object '
    'idx_audit_log_organization idx_audit_log_time idx_automatic_replies_age idx_bookings_contact '
    'idx_bookings_organization idx_bookings_pending idx_bookings_start idx_calendar_feeds_organization '
    'idx_changed_conversations_organization idx_contact_merges_into idx_contacts_merged_into idx_contacts_name '
    'idx_contacts_organization idx_contacts_search idx_conversations_organization idx_data_keys_instance '
    'idx_data_keys_master idx_data_keys_organization idx_erased_messages_age idx_erasures_organization '
    'idx_erasures_unfinished idx_group_changes_group idx_group_changes_organization idx_group_members_lid '
    'idx_group_members_person idx_group_members_phone idx_groups_organization idx_history_syncs_instance '
    'idx_history_syncs_pending idx_idempotency_keys_age idx_inbox_dead idx_inbox_organization idx_inbox_pending '
    'idx_inbox_received idx_media_files_content idx_media_files_expiry idx_merged_contacts_into '
    'idx_message_media_asked idx_message_media_due idx_message_media_file idx_message_media_of_message '
    'idx_message_media_of_note idx_message_media_sealed idx_message_media_waiting idx_message_search_instance '
    'idx_message_search_keys idx_message_search_organization idx_message_search_sent_by '
    'idx_message_search_sent_from idx_messages_change idx_messages_contact idx_messages_group idx_messages_group_id '
    'idx_messages_idempotency idx_messages_instance_ordinal idx_messages_open idx_messages_organization '
    'idx_messages_outbound idx_messages_quoting idx_messages_sender_lid idx_messages_sender_phone idx_messages_sent '
    'idx_messages_sent_by idx_messages_sent_from idx_messages_status idx_messages_stored idx_messages_type '
    'idx_messages_unsupported idx_messages_without_contact idx_node_requests_expiry idx_node_requests_waiting '
    'idx_notes_contact idx_notes_organization idx_notes_quoting idx_notes_unsupported idx_notes_without_contact '
    'idx_organization_invitations_by idx_organization_invitations_user idx_organization_members_user '
    'idx_pending_changes_instance idx_pending_changes_message idx_pending_changes_organization '
    'idx_undecrypted_instance idx_undecrypted_message idx_undecrypted_received idx_undecrypted_waiting '
    'idx_webhook_deliveries_chat idx_webhook_deliveries_claimed idx_webhook_deliveries_due '
    'idx_webhook_deliveries_event idx_webhook_deliveries_log idx_webhook_deliveries_next '
    'idx_webhook_deliveries_organization idx_webhook_deliveries_turn idx_webhook_endpoints_active '
    'idx_webhook_endpoints_instance idx_webhook_endpoints_organization idx_whatsapp_instances_alive '
    'idx_whatsapp_instances_leaving idx_whatsapp_instances_organization idx_whatsapp_instances_resumable inbox '
    'inbox_id_seq ingest_outcome ingest_row ingest_work key_holders media_files media_usage merged_contacts '
    'message_answers message_answers_id_seq message_edits message_edits_id_seq message_media message_reactions '
    'message_reactions_id_seq message_search messages messages_ordinal_seq node_requests nodes notes '
    'notes_ordinal_seq organization_invitations organization_members organization_settings organizations '
    'pairing_qrs pending_changes pending_changes_id_seq retention_progress retention_settings search_progress '
    'service_secrets session_writers undecrypted_messages undecrypted_messages_id_seq uq_bookings_idempotency_key '
    'webhook_deliveries webhook_deliveries_id_seq webhook_endpoints whatsapp_instances whatsapp_session_keys', ' ');
  v_functions constant text[] := string_to_array(
    'acquire_session add_count addressed_contact announce_keys answer_invitation answer_media answer_node_request '
    'api_key_grant api_key_view append_event append_events append_group_event append_media_event '
    'apply_audit_retention apply_change apply_changes apply_inbox_retention apply_receipts apply_retention '
    'apply_sent_change ask_node attach_media authenticate_api_key begin_audit begin_ingest begin_logout begin_once '
    'begin_outbound booking_event booking_policy_of booking_row branch_of bury_nodes change_booking change_note '
    'change_webhook changer_of changes_made chat_keys_of check_epochs claim_history claim_inbox claim_media '
    'claim_webhook_deliveries close_organization closed_hours commit_and_ingest commit_encoded_batch '
    'commit_session_batch complete_message conclude_erasure contact_conditions contacts_by_keys '
    'conversation_address count_locked_sessions count_received count_rows count_sealed counted_answers '
    'create_api_key create_booking create_calendar_feed create_instance create_note create_organization '
    'create_webhook current_contact data_keys_of default_retention delete_changed delete_note describe_database '
    'do_work do_work_under doom_media_files doubt_outbound drop_retired_keys empty_inbox_rows encode_base64 '
    'end_keys_made end_of_held end_of_new_key end_of_service end_once enqueue_webhook_events erase_contact '
    'erase_conversation erase_from_events erase_from_groups erase_from_inbox erase_person erased_lids '
    'erased_pattern erased_phones erased_strangers erasure_receipt event_heads event_time events_around '
    'events_since export_contact filled_template find_asked_media find_booking find_change_targets find_changed '
    'find_contact find_inbox find_media find_note find_outbound find_outbound_content find_pairing_qr '
    'find_undecrypted finish_audit finish_history finish_media_file finish_outbound first_unread forget_in_events '
    'forget_media_files forget_quote_in_events forget_quotes forget_webhook_answers forget_what_groups_were '
    'former_addresses_of former_owners give_up_undecrypted group_chat_key group_of group_view has_usable_api_key '
    'history_anchor history_of history_ordinal history_waits hold_group hold_media_file hold_note hold_webhook '
    'ids_of_contact inbox_addressing inbox_waits ingest_inbox ingest_received instance_integrity instance_pacing '
    'instance_view invitation_view invitations_of invite_member is_first_contact is_group_unknown is_in_group '
    'is_leased is_media_file_used is_usable join_conversations keep_audit_log keep_change keep_contact_name '
    'keep_former_addresses keep_one_booking keep_service_secret keys_at_an_end lacks_data_key language_for '
    'language_of_phone last_instance_of last_message_of last_message_time learn_addresses learn_group learn_people '
    'list_conversations list_events list_groups list_keys_to_rewrap list_merges list_messages list_nodes list_notes '
    'list_open_outbound list_unkeyed_instances list_webhook_deliveries local_time lock_to_count look_up_people '
    'make_work mark_erased may_change_in_group media_subject media_view media_waits memberships_of merge_contacts '
    'merge_people message_conditions message_extras message_history message_mark message_payload message_sent_event '
    'messages_by_keys move_conversation my_organizations name_keys name_keys_of named_by_placeholder needs_data_key '
    'node_heartbeat node_poll node_tick note_changed_conversation note_event note_extras note_group_changes '
    'note_history note_message_words note_read note_row note_shorter_conversations number_parts open_call '
    'open_hours organization_data_keys organization_of_object outbound_rank outbound_view owner_addresses '
    'owner_versions pause_webhook person_conditions person_name person_pattern plausible_number prepare_outbound '
    'promote_webhook_deliveries put_group_members put_member queue_stats read_again read_calendar read_contact '
    'read_data_keys read_event read_group read_message read_messages read_node_answer read_node_answers read_page '
    'read_retention read_session_keys read_settings record_undecrypted recover_undecrypted redrive_inbox '
    'redrive_webhook refuse_while_erased release_claims release_media_file release_session remember_addresses '
    'remove_member rename_contact renew_claims renew_data_keys renew_media_claims renew_running_keys '
    'repeat_outbound replace_data_key replace_placeholders replace_webhook_secret replay_view reply_about_booking '
    'reply_automatically reply_to_received require_open_organization require_other_owner require_place '
    'reseal_credentials reseal_direct_values reseal_inbox_bodies reseal_message_values reseal_session_keys '
    'reseal_webhook_secrets reserve_media_file resolve_people resolve_person restore_instance resume_webhook '
    'retention_cutoff retention_of retry_media revoke_api_key rewrap_data_keys rotate_api_key rotation_blockers '
    'rows_about scan_conversations scan_messages schema_versions scopes_of_role sealed_message_columns '
    'search_conditions search_contacts search_keys search_keys_of search_messages search_patterns search_text '
    'search_waits search_words service_named session_holder set_instance_status settings_of settings_row '
    'settle_media settle_webhook_delivery shown_bytes shred_drained_keys skip_erased stale_credentials '
    'stale_direct_values stale_inbox_bodies stale_message_values stale_session_keys stale_webhook_secrets '
    'status_event status_times stays_of_two store_answer store_bookings store_history store_in_groups store_inbound '
    'store_media store_message_events store_note_events store_notes store_pairing_qr store_placeholders '
    'store_reaction store_received stored_outbound sweep_outbound sweep_retention take_node_requests '
    'take_up_conversations take_up_messages take_up_webhook_events throughput tick_part touch_updated_at '
    'unfinished_closings unfinished_erasures unmerge_people usable_api_keys was_sent_to waveform_view '
    'webhook_chat_key webhook_view webhook_waits webhook_wants were_sent_to wipe_session withdraw_invitation '
    'withdraw_invitations_by withdraw_node_request words_of_message write_retention write_settings', ' ');
  v_missing_roles constant text[] := array(
    select r.name from unnest(array['anon', 'authenticated', 'service_role']) as r (name)
    where not exists (select from pg_catalog.pg_roles o where o.rolname = r.name)
  );
  v_me pg_catalog.pg_roles;
  v_found text;
begin
  if current_setting('server_version_num')::int < 150000 then
    raise exception 'The server is Postgres %, and the service needs 15 or newer: upgrade it, or use another one. Nothing was changed.', current_setting('server_version')
      using errcode = 'AZ412';
  end if;
  if pg_is_in_recovery() or current_setting('transaction_read_only')::boolean then
    raise exception 'The database is read-only: connect to the primary, and without default_transaction_read_only. Nothing was changed.'
      using errcode = 'AZ412';
  end if;

  select * into v_me from pg_catalog.pg_roles where rolname = current_user;
  if not has_schema_privilege('public', 'usage') or not has_schema_privilege('public', 'create') then
    raise exception 'The database user % may not create tables in the schema public. Grant it: grant usage, create on schema public to %. Nothing was changed.',
      current_user, quote_ident(current_user) using errcode = 'AZ412';
  end if;
  if v_missing_roles <> '{}' and not v_me.rolsuper and (
    not v_me.rolcreaterole or 'service_role' = any (v_missing_roles)
      and (not v_me.rolbypassrls or current_setting('server_version_num')::int < 160000)
  ) then
    raise exception 'The database user % may not create the roles that are missing (%). Create them once as a superuser (nologin; service_role with bypassrls). Nothing was changed.',
      current_user, array_to_string(v_missing_roles, ', ') using errcode = 'AZ412';
  end if;
  if not has_database_privilege(current_database(), 'create') and (
    select count(*) from pg_catalog.pg_namespace where nspname in ('auth', 'supabase_migrations')
  ) < 2 then
    raise exception 'The database user % may not create schemas. Grant it: grant create on database % to %. Nothing was changed.',
      current_user, quote_ident(current_database()), quote_ident(current_user) using errcode = 'AZ412';
  end if;
  if exists (select from pg_catalog.pg_namespace where nspname = 'auth') and not exists (
    select from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace
    where n.nspname = 'auth' and f.proname = 'uid' and f.pronargs = 0
  ) then
    raise exception 'The schema auth is another one than Supabase''s: it has no function uid(). Take a database of its own for the service. Nothing was changed.'
      using errcode = 'AZ412';
  end if;

  if to_regtype('public.auzap_whatsapp') is null then
    select string_agg(t.name, ', ' order by t.name) into v_found
      from (
        select c.relname as name from pg_catalog.pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relname = any (v_relations)
        union
        select y.typname from pg_catalog.pg_type y
        where y.typnamespace = 'public'::regnamespace and y.typname = any (v_relations)
        union
        select f.proname || '()' from pg_catalog.pg_proc f
        where f.pronamespace = 'public'::regnamespace and f.proname = any (v_functions)
      ) t;
    if v_found is not null then
      raise exception 'The schema public has something of another application under names that the service needs (%). Take a database of its own for the service. Nothing was changed.', v_found
        using errcode = 'AZ412';
    end if;
    create type public.auzap_whatsapp as ();
    comment on type public.auzap_whatsapp is 'Says that what auzap-whatsapp needs in this schema is its own';
  end if;

  select string_agg(distinct r.rolname, ', ') into v_found
    from pg_catalog.pg_class c
    join pg_catalog.pg_roles r on r.oid = c.relowner
    where c.relnamespace = 'public'::regnamespace and c.relname = any (v_relations) and not pg_has_role(c.relowner, 'usage');
  if v_found is not null then
    raise exception 'The tables of the service belong to %, and the database user is %. Connect as the owner. Nothing was changed.',
      v_found, current_user using errcode = 'AZ412';
  end if;
end
$$;
