-- Contacts that people merged keep their addresses, and lead to another one.
alter table if exists public.contacts add column if not exists merged_into uuid;
do $$
begin
  if to_regclass('public.contacts') is not null and not exists (
    select from pg_catalog.pg_constraint c where c.conname = 'contacts_merged_into_fkey'
  ) then
    alter table public.contacts add constraint contacts_merged_into_fkey foreign key (merged_into, organization_id)
      references public.contacts (id, organization_id) on delete cascade;
  end if;
  if not exists (
    select from pg_catalog.pg_attribute a where a.attrelid = to_regclass('public.ingest_work') and a.attname = 'person_id'
  ) and to_regtype('public.ingest_work') is not null then
    alter type public.ingest_work add attribute person_id uuid;
  end if;
end
$$;
alter table if exists public.bookings add column if not exists person_id uuid;
-- What the service does by itself says why, and bookings name what they are for.
alter table if exists public.messages add column if not exists reason text;
alter table if exists public.bookings
  add column if not exists reason text,
  add column if not exists service_id uuid,
  add column if not exists service text;
-- Notes are written here, too.
alter table if exists public.notes
  add column if not exists created_by jsonb,
  alter column instance_id drop not null,
  alter column whatsapp_message_id drop not null;

-- It is made anew below, with the direction: what is unread is counted without reading a message.
drop index if exists public.idx_messages_contact;

-- What follows is written by `npm run schema` from supabase/schema: do not edit.

-- 00_preflight.sql

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

-- 02_common.sql

-- What an open cursor gives, each row as an object, until it ends or they take more than 1 MiB together; the first one
-- counts however large it is. `more` says that the rows were cut there. No row is read but those and the one that is too much. Functions that
-- read pages have no parallel workers: to start them takes longer than a page.
create or replace function public.read_page(p_rows refcursor) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_row jsonb;
  v_rows jsonb[] := array[]::jsonb[];
  v_bytes bigint := 0;
begin
  loop
    fetch p_rows into v_row;
    exit when not found;
    v_bytes := v_bytes + pg_column_size(v_row);
    if v_bytes > 1048576 and cardinality(v_rows) > 0 then
      close p_rows;
      return jsonb_build_object('rows', to_jsonb(v_rows), 'more', true);
    end if;
    v_rows := array_append(v_rows, v_row);
  end loop;
  close p_rows;
  return jsonb_build_object('rows', to_jsonb(v_rows), 'more', false);
end
$$;

-- 02_search_keys.sql

-- How texts are compared by searches: the same in every database, whatever its collation and extensions, so that an index of it stays
-- true across upgrades and dumps.

-- A text without case and accents, and with each kind of white space as a space. What is left out of texts that are not plain ASCII:
-- accents of Latin, Greek and Cyrillic, vowel signs of Hebrew and Arabic, and what shows nothing by itself.
create or replace function public.search_text(p_text text) returns text
  language plpgsql immutable strict parallel safe cost 100
  set search_path = ''
as $$
declare
  v_text text;
begin
  if octet_length(p_text) = char_length(p_text) then
    return translate(lower(p_text collate "C"), e'\t\n\v\f\r', '     ');
  end if;
  v_text := lower(regexp_replace(normalize(p_text, nfkd),
    '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufe0e\ufe0f]',
    '', 'g') collate "C");
  if octet_length(v_text) = char_length(v_text) then
    return translate(v_text, e'\t\n\v\f\r', '     ');
  end if;
  -- Small letters for the capitals that "C" does not know; a capital with an accent is none any more.
  return replace(replace(replace(replace(replace(translate(normalize(v_text, nfc),
    e'\t\n\v\f\rØøĐđÐðŁłĦħıΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣςΤΥΦΧΨΩЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯҐҒҖҚҢҮҰҲҶҺӀӘӨԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ',
    '     ooddddllhhiαβγδεζηθικλμνξοπρσστυφχψωђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяґғҗқңүұҳҷһӏәөաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ'),
    'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe');
end
$$;

-- What of a text of `search_text` is in an index: three characters in a row of one word, and one or two where at least one is not ASCII, for
-- a Chinese word has two and an emoji one. Hashed with the organization, so that what many write in one costs the searches of
-- another one nothing. A text has all keys of every part of it.
create or replace function public.search_keys(p_organization_id text, p_text text) returns bigint[]
  language plpgsql immutable strict parallel safe cost 10000
  set search_path = ''
as $$
declare
  v_seed constant bigint := hashtextextended(p_organization_id collate "C", 0);
  v_length constant int := char_length(p_text);
begin
  -- In slices: to find the n-th character the database counts from the first one.
  if octet_length(p_text) = v_length then
    return array(
      select hashtextextended(g.key collate "C", v_seed)
      from (
        select substr(s.slice, i, 3) as key
        from (select substr(p_text, n * 200 + 1, 202) as slice from generate_series(0, (v_length - 1) / 200) n offset 0) s,
          generate_series(1, char_length(s.slice) - 2) i
        offset 0
      ) g
      where strpos(g.key, ' ') = 0
    );
  end if;
  return array(
    select hashtextextended(g.key collate "C", v_seed)
    from (
      select substr(s.slice, i, l) as key, l
      from (select substr(p_text, n * 200 + 1, 202) as slice from generate_series(0, (v_length - 1) / 200) n offset 0) s,
        generate_series(1, least(char_length(s.slice), 200)) i, generate_series(1, 3) l
      offset 0
    ) g
    where strpos(g.key, ' ') = 0 and char_length(g.key) = g.l and (g.l = 3 or octet_length(g.key) > g.l)
  );
end
$$;

-- The words of what somebody looks for; all of them have to be in a text.
create or replace function public.search_words(p_search text) returns text[]
  language plpgsql immutable strict parallel safe
  set search_path = ''
as $$
begin
  return array(
    select distinct w.word from unnest(string_to_array(public.search_text(p_search), ' ')) w (word) where w.word <> ''
  );
end
$$;

-- Patterns for `like` that find the words, whatever characters these have.
create or replace function public.search_patterns(p_words text[]) returns text[]
  language plpgsql immutable strict parallel safe
  set search_path = ''
as $$
begin
  return array(select '%' || regexp_replace(w.word, '([\\%_])', '\\\1', 'g') || '%' from unnest(p_words) w (word));
end
$$;

-- The keys of the words; none where none is long enough to have one.
create or replace function public.search_keys_of(p_organization_id text, p_words text[]) returns bigint[]
  language plpgsql immutable strict parallel safe
  set search_path = ''
as $$
begin
  return array(
    select distinct k.key from unnest(p_words) w (word), unnest(public.search_keys(p_organization_id, w.word)) k (key)
  );
end
$$;

-- As search_keys, and one and two characters of any script: names are short, and people look for their beginnings.
create or replace function public.name_keys(p_organization_id text, p_text text) returns bigint[]
  language plpgsql immutable strict parallel safe cost 10000
  set search_path = ''
as $$
declare
  v_seed constant bigint := hashtextextended(p_organization_id collate "C", 0);
begin
  return public.search_keys(p_organization_id, p_text) || array(
    select distinct hashtextextended(g.key collate "C", v_seed)
    from (
      select substr(s.slice, i, l) as key, l
      from (select substr(p_text, n * 200 + 1, 201) as slice from generate_series(0, (char_length(p_text) - 1) / 200) n offset 0) s,
        generate_series(1, least(char_length(s.slice), 200)) i, generate_series(1, 2) l
      offset 0
    ) g
    where strpos(g.key, ' ') = 0 and octet_length(g.key) = g.l
  );
end
$$;

-- As search_keys_of, for name_keys: each word has some.
create or replace function public.name_keys_of(p_organization_id text, p_words text[]) returns bigint[]
  language plpgsql immutable strict parallel safe
  set search_path = ''
as $$
begin
  return array(
    select distinct k.key
    from unnest(p_words) w (word),
      unnest(case when char_length(w.word) < 3
        then array[hashtextextended(w.word collate "C", hashtextextended(p_organization_id collate "C", 0))]
        else public.search_keys(p_organization_id, w.word) end) k (key)
  );
end
$$;

revoke execute on function
  public.search_text(text), public.search_keys(text, text), public.search_words(text), public.search_patterns(text[]),
  public.search_keys_of(text, text[]), public.name_keys(text, text), public.name_keys_of(text, text[])
  from public, anon, authenticated;

grant execute on function
  public.search_text(text), public.search_keys(text, text), public.search_words(text), public.search_patterns(text[]),
  public.search_keys_of(text, text[]), public.name_keys(text, text), public.name_keys_of(text, text[])
  to service_role;

-- 03_idempotency_keys.sql

-- Calls that callers may repeat: what each made the first time, stored in the transaction that made it.

create table if not exists public.idempotency_keys (
  -- `*` for what belongs to the whole service.
  organization_id text not null,
  -- The route, for each has its own keys.
  action text not null,
  key text not null check (char_length(key) between 1 and 255),
  -- Of what was asked for.
  request_hash text not null,
  object_id text not null,
  -- What the secret follows from that was shown when it was made; it tells nothing without the service's own secret.
  nonce bytea,
  created_at timestamptz not null default now(),
  primary key (organization_id, action, key)
);

create index if not exists idx_idempotency_keys_age on public.idempotency_keys (organization_id, created_at);

alter table public.idempotency_keys enable row level security;

revoke all on public.idempotency_keys from public, anon, authenticated;

grant select, insert, update, delete on public.idempotency_keys to service_role;

-- Begins a call under the key of `p_once` (`action`, `key`, `request_hash`), after another one under it has ended: what that made, null
-- where this one is to make it. Under no key always null.
create or replace function public.begin_once(p_organization_id text, p_once jsonb) returns public.idempotency_keys
  language plpgsql
  set search_path = ''
as $$
declare
  v_known public.idempotency_keys;
begin
  if p_once is null then
    return null;
  end if;
  perform pg_catalog.pg_advisory_xact_lock(hashtextextended(
    concat_ws('/', 'auzap once', p_organization_id, p_once ->> 'action', p_once ->> 'key'), 0));
  select * into v_known from public.idempotency_keys i
    where i.organization_id = p_organization_id and i.action = p_once ->> 'action' and i.key = p_once ->> 'key';
  if v_known.request_hash <> p_once ->> 'request_hash' then
    raise exception using errcode = 'AZ410', message = 'idempotency_key_reused';
  end if;
  return v_known;
end
$$;

-- Keeps what the call under the key made. Where it made nothing, nothing is kept.
create or replace function public.end_once(p_organization_id text, p_once jsonb, p_object_id text) returns void
  language sql
  set search_path = ''
as $$
  insert into public.idempotency_keys (organization_id, action, key, request_hash, object_id, nonce)
    select p_organization_id, p_once ->> 'action', p_once ->> 'key', p_once ->> 'request_hash', p_object_id,
      decode(p_once ->> 'nonce', 'base64')
    where p_once is not null
$$;

-- What a call under a key that made something before is told beside it.
create or replace function public.replay_view(p_known public.idempotency_keys) returns jsonb
  language sql immutable
  set search_path = ''
as $$
  select jsonb_build_object('is_replay', true, 'nonce', translate(encode(p_known.nonce, 'base64'), e'\n', ''))
$$;

revoke execute on function public.begin_once(text, jsonb), public.end_once(text, jsonb, text),
  public.replay_view(public.idempotency_keys)
  from public, anon, authenticated;

grant execute on function public.begin_once(text, jsonb), public.end_once(text, jsonb, text),
  public.replay_view(public.idempotency_keys)
  to service_role;

-- 10_organizations.sql

create or replace function public.require_place() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_max constant int := tg_argv[0];
  v_others bigint;
begin
  perform public.lock_to_count(new.organization_id);
  -- Others: a member who gets another role, and an instance that is there already, take no further place.
  case tg_table_name
    when 'api_keys' then
      select count(*) into v_others from public.api_keys k
        where k.organization_id = new.organization_id and public.is_usable(k);
    when 'organization_members' then
      select count(*) into v_others from public.organization_members m
        where m.organization_id = new.organization_id and m.user_id <> new.user_id;
    when 'whatsapp_instances' then
      select count(*) into v_others from public.whatsapp_instances i
        where i.organization_id = new.organization_id and i.id <> new.id and i.deleted_at is null;
    when 'webhook_endpoints' then
      select count(*) into v_others from public.webhook_endpoints w where w.organization_id = new.organization_id;
    when 'calendar_feeds' then
      select count(*) into v_others from public.calendar_feeds f where f.organization_id = new.organization_id;
  end case;
  if v_others >= v_max then
    raise exception using errcode = 'AZ410', message = 'too_many_' || tg_argv[1];
  end if;
  return new;
end
$$;

-- Revokes its keys and takes nothing new from now on; its instances are for the service to log out, and their data keys go then.
-- What the organization's own data key sealed becomes unreadable.
create or replace function public.close_organization(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  update public.organizations set closed_at = coalesce(closed_at, now()) where id = p ->> 'id';
  if not found then
    raise exception 'organization not found' using errcode = 'AZ404';
  end if;
  update public.api_keys set revoked_at = now() where organization_id = p ->> 'id' and revoked_at is null;
  delete from public.organization_invitations where organization_id = p ->> 'id';
  perform public.pause_webhook(w.id, 'organization_closed') from public.webhook_endpoints w where w.organization_id = p ->> 'id';
  delete from public.calendar_feeds where organization_id = p ->> 'id';
  delete from public.data_keys where organization_id = p ->> 'id' and instance_id is null;
  return '{}'::jsonb;
end
$$;

-- Makes an organization, once under an idempotency key; null where there is one already.
create or replace function public.create_organization(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant public.idempotency_keys := public.begin_once('*', p -> 'once');
  v_organization public.organizations;
begin
  if v_known.object_id is not null then
    select * into v_organization from public.organizations o where o.id = v_known.object_id;
    return to_jsonb(v_organization) || public.replay_view(v_known);
  end if;
  insert into public.organizations (id, name) values (p ->> 'id', p ->> 'name')
    on conflict (id) do nothing
    returning * into v_organization;
  if not found then
    return null;
  end if;
  perform public.end_once('*', p -> 'once', v_organization.id);
  return to_jsonb(v_organization);
end
$$;

revoke execute on function public.create_organization(jsonb) from public, anon, authenticated;

grant execute on function public.create_organization(jsonb) to service_role;

-- 11_api_keys.sql

create or replace function public.create_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_scopes constant text[] := array(select jsonb_array_elements_text(p -> 'scopes'));
  v_place constant text := coalesce(p ->> 'organization_id', '*');
  v_key public.api_keys;
  v_held timestamptz;
  v_known public.idempotency_keys;
begin
  perform public.lock_to_count(p ->> 'organization_id');
  v_known := public.begin_once(v_place, p -> 'once');
  if v_known.object_id is not null then
    select * into v_key from public.api_keys k where k.id = v_known.object_id::uuid;
    return public.api_key_view(v_key) || public.replay_view(v_known);
  end if;
  v_held := public.end_of_held(p -> 'by', p ->> 'organization_id', v_scopes);
  insert into public.api_keys (organization_id, name, prefix, key_hash, scopes, expires_at, created_by)
    values (p ->> 'organization_id', p ->> 'name', p ->> 'prefix', decode(p ->> 'key_hash', 'base64'), v_scopes,
      public.end_of_new_key((p ->> 'expires_at')::timestamptz, null, v_held), nullif(p -> 'by', 'null'))
    returning * into v_key;
  perform public.end_once(v_place, p -> 'once', v_key.id::text);
  return public.api_key_view(v_key);
end
$$;

-- A new key takes the place of one, which lives on for a while; one that ends at once leaves its place to the new one. Null when
-- there is no such key; a key that is revoked, past its end or rotated already stays as it is. A key that rotates itself was made by
-- whoever made it before: the holder is the same.
create or replace function public.rotate_api_key(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_by constant jsonb := nullif(p -> 'by', 'null');
  v_id constant uuid := (p ->> 'id')::uuid;
  v_by_id constant uuid := case when v_by ->> 'kind' = 'api-key' then (v_by ->> 'id')::uuid end;
  v_old public.api_keys;
  v_new public.api_keys;
  v_held timestamptz;
  v_place constant text := coalesce(p ->> 'organization_id', '*');
  v_known public.idempotency_keys;
begin
  perform public.lock_to_count(p ->> 'organization_id');
  v_known := public.begin_once(v_place, p -> 'once');
  if v_known.object_id is not null then
    select * into v_new from public.api_keys k where k.id = v_known.object_id::uuid;
    return public.api_key_view(v_new) || public.replay_view(v_known);
  end if;
  -- In one order: of two keys that rotate each other neither waits for the other.
  perform 1 from public.api_keys k
    where k.id in (v_id, v_by_id)
    order by k.id for update;
  select k.* into v_old from public.api_keys k
    where k.id = v_id and k.organization_id is not distinct from p ->> 'organization_id';
  if not found then
    return null;
  end if;
  if v_old.replaced_by is not null or not public.is_usable(v_old) then
    return jsonb_build_object('id', null);
  end if;
  v_held := public.end_of_held(v_by, v_old.organization_id, v_old.scopes);
  update public.api_keys k
    set expires_at = least(k.expires_at, now() + make_interval(secs => (p ->> 'overlap_seconds')::double precision))
    where k.id = v_old.id;
  insert into public.api_keys (organization_id, name, prefix, key_hash, scopes, expires_at, created_by)
    values (v_old.organization_id, v_old.name, p ->> 'prefix', decode(p ->> 'key_hash', 'base64'), v_old.scopes,
      public.end_of_new_key((p ->> 'expires_at')::timestamptz, now() + (v_old.expires_at - v_old.created_at), v_held),
      case when v_by_id = v_old.id then v_old.created_by else v_by end)
    returning * into v_new;
  update public.api_keys k set replaced_by = v_new.id where k.id = v_old.id;
  perform public.end_once(v_place, p -> 'once', v_new.id::text);
  return public.api_key_view(v_new);
end
$$;

-- 13_organization_settings.sql

-- What an organization decides for itself.

create table if not exists public.organization_settings (
  organization_id text primary key references public.organizations (id) on delete cascade,
  -- What opens bookings; null: as the service is configured.
  booking_policy text check (booking_policy in ('one-open', 'every-message', 'off')),
  -- Name of the time zone database.
  time_zone text not null default 'UTC',
  -- The first is written to whoever speaks none of the others, as far as that is known.
  languages text[] not null default '{en}' check (cardinality(languages) between 1 and 10),
  -- { weekly: [{ day, opens, closes }], exceptions: [{ date, intervals: [{ opens, closes }] }] }; null: always open.
  office_hours jsonb,
  -- [{ id, name, duration_minutes, price }]
  services jsonb not null default '[]',
  -- By occasion: { enabled, texts: { <language>: <template> } }.
  automatic_replies jsonb not null default '{}',
  -- What new instances begin with.
  history_policy text not null default 'store' check (history_policy in ('ignore', 'store', 'contacts')),
  group_policy text not null default 'ignore' check (group_policy in ('ignore', 'store')),
  updated_at timestamptz not null default now()
);

alter table public.organization_settings enable row level security;

revoke all on public.organization_settings from public, anon, authenticated;

grant select, insert, update, delete on public.organization_settings to service_role;

grant select on public.organization_settings to authenticated;

drop policy if exists members_read on public.organization_settings;

create policy members_read on public.organization_settings for select to authenticated
  using (organization_id = any (array(select public.my_organizations())));

-- The settings of an organization, or those of one that never made any.
create or replace function public.settings_of(p_organization_id text) returns public.organization_settings
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_settings public.organization_settings;
begin
  select * into v_settings from public.organization_settings s where s.organization_id = p_organization_id;
  return case when found then v_settings
    else row(p_organization_id, null, 'UTC', '{en}', null, '[]', '{}', 'store', 'ignore', null)::public.organization_settings end;
end
$$;

-- What settings are to those who call.
create or replace function public.settings_row(p_settings public.organization_settings) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select to_jsonb(p_settings) || jsonb_build_object(
    'version', coalesce((extract(epoch from p_settings.updated_at) * 1000000)::bigint, 0)::text)
$$;

-- Null where there is no such organization.
create or replace function public.read_settings(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select public.settings_row(public.settings_of(o.id)) from public.organizations o where o.id = p ->> 'organization_id'
  );
end
$$;

-- Changes the settings that are named and keeps the others; null where there is no such organization. With `versions` only a state of
-- them that the caller has seen. `unknown_time_zone`: the database knows no such zone, and nothing is changed.
create or replace function public.write_settings(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_closed_at timestamptz;
  v_settings public.organization_settings;
begin
  select o.closed_at into v_closed_at from public.organizations o where o.id = p ->> 'organization_id' for no key update;
  if not found then
    return null;
  end if;
  if v_closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  v_settings := public.settings_of(p ->> 'organization_id');
  if p ? 'versions' and not p -> 'versions' ? (public.settings_row(v_settings) ->> 'version') then
    raise exception using errcode = 'AZ410', message = 'changed_meanwhile';
  end if;
  v_settings := jsonb_populate_record(v_settings, p -> 'changes');
  begin
    perform now() at time zone v_settings.time_zone;
  exception when invalid_parameter_value then
    return '{"unknown_time_zone": true}'::jsonb;
  end;
  v_settings.organization_id := p ->> 'organization_id';
  -- Never the version of another state, however fast changes follow one another.
  v_settings.updated_at := greatest(now(), v_settings.updated_at + interval '1 microsecond');
  delete from public.organization_settings s where s.organization_id = v_settings.organization_id;
  insert into public.organization_settings select v_settings.*;
  return public.settings_row(v_settings);
end
$$;

-- What opens bookings in an organization; `p_default`: where it said nothing.
create or replace function public.booking_policy_of(p_organization_id text, p_default text) returns text
  language plpgsql stable
  set search_path = ''
as $$
begin
  return coalesce((
    select s.booking_policy from public.organization_settings s where s.organization_id = p_organization_id
  ), p_default);
end
$$;

-- The hours at which an organization is open, around a time: those of a date that is an exception, and else those of its weekday.
-- Local times, so that they move with daylight saving.
create or replace function public.open_hours(p_settings public.organization_settings, p_at timestamptz, p_days int,
    out opens_at timestamptz, out closes_at timestamptz)
  returns setof record
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_zone constant text := p_settings.time_zone;
begin
  return query
    select (d.day + (i.hours ->> 'opens')::interval) at time zone v_zone,
      (d.day + (i.hours ->> 'closes')::interval) at time zone v_zone
    from (
      select date_trunc('day', p_at at time zone v_zone) + make_interval(days => n.number) as day
      from generate_series(-p_days, p_days) as n (number)
    ) d
    left join lateral (
      select e.exception -> 'intervals' as intervals
      from jsonb_array_elements(coalesce(p_settings.office_hours -> 'exceptions', '[]')) as e (exception)
      where (e.exception ->> 'date')::date = d.day::date
      limit 1
    ) x on true
    cross join lateral (
      select h.hours from jsonb_array_elements(x.intervals) as h (hours)
      union all
      select h.hours
      from jsonb_array_elements(coalesce(p_settings.office_hours -> 'weekly', '[]')) as h (hours)
      where x.intervals is null and h.hours ->> 'day' = trim(to_char(d.day, 'day'))
    ) i;
end
$$;

-- Whether an organization is closed at a time, since when, and when it opens again: null where that is further than a month away.
create or replace function public.closed_hours(p_settings public.organization_settings, p_at timestamptz, out is_closed boolean,
    out since timestamptz, out until timestamptz)
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_found record;
begin
  is_closed := p_settings.office_hours is not null and not exists (
    select from public.open_hours(p_settings, p_at, 1) h where h.opens_at <= p_at and p_at < h.closes_at
  );
  if is_closed then
    select max(h.closes_at) filter (where h.closes_at <= p_at) as since, min(h.opens_at) filter (where h.opens_at > p_at) as until
      into v_found
      from public.open_hours(p_settings, p_at, 31) h
      where h.opens_at < h.closes_at;
    since := v_found.since;
    until := v_found.until;
  end if;
end
$$;

revoke execute on function
  public.settings_of(text), public.settings_row(public.organization_settings), public.read_settings(jsonb),
  public.write_settings(jsonb), public.booking_policy_of(text, text),
  public.open_hours(public.organization_settings, timestamptz, int), public.closed_hours(public.organization_settings, timestamptz)
  from public, anon, authenticated;

grant execute on function
  public.settings_of(text), public.settings_row(public.organization_settings), public.read_settings(jsonb),
  public.write_settings(jsonb), public.booking_policy_of(text, text),
  public.open_hours(public.organization_settings, timestamptz, int), public.closed_hours(public.organization_settings, timestamptz)
  to service_role;

-- 20_instances.sql

-- Makes an instance, once under an idempotency key.
-- It begins with what the organization has chosen for new ones.
create or replace function public.create_instance(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant public.idempotency_keys := public.begin_once(p ->> 'organization_id', p -> 'once');
  v_instance public.whatsapp_instances;
  v_settings public.organization_settings;
begin
  if v_known.object_id is not null then
    select * into v_instance from public.whatsapp_instances i where i.id = v_known.object_id::uuid;
    return to_jsonb(v_instance) || public.replay_view(v_known);
  end if;
  select * into v_settings from public.organization_settings s where s.organization_id = p ->> 'organization_id';
  insert into public.whatsapp_instances (organization_id, instance_name, phone_number, history_policy, group_policy)
    values (p ->> 'organization_id', p ->> 'instance_name', p ->> 'phone_number',
      coalesce(v_settings.history_policy, 'store'), coalesce(v_settings.group_policy, 'ignore'))
    returning * into v_instance;
  perform public.end_once(v_instance.organization_id, p -> 'once', v_instance.id::text);
  return to_jsonb(v_instance);
end
$$;

revoke execute on function public.create_instance(jsonb) from public, anon, authenticated;

grant execute on function public.create_instance(jsonb) to service_role;

-- 30_contacts.sql

create index if not exists idx_contacts_merged_into on public.contacts (merged_into) where merged_into is not null;

-- A name that is known is never lost to `Unknown`, unless that is what is asked for.
create or replace function public.keep_contact_name() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and btrim(new.name) in ('', 'Unknown')
      and not (new.name_source = 'unknown' and old.name_source <> 'unknown') then
    new.name := old.name;
    new.name_source := old.name_source;
  end if;
  if new.name_source = 'unknown' and btrim(new.name) not in ('', 'Unknown') then
    new.name_source := 'push';
  end if;
  return new;
end
$$;

-- Of a person's other addresses, also those of contacts that were merged into this one, those that are nobody else's now: numbers are
-- given to other people.
create or replace function public.former_addresses_of(p_contact public.contacts, p_kind text) returns text[]
  language sql stable
  set search_path = ''
as $$
  select coalesce(array_agg(f.digits order by f.digits), '{}')
  from (
    select o.digits from public.former_addresses o where o.contact_id = p_contact.id and o.kind = p_kind
    union
    select o.digits
    from public.contacts k
    join public.former_addresses o on o.contact_id = k.id and o.kind = p_kind
    where k.merged_into = p_contact.id
    union
    select case p_kind when 'phone' then k.phone_number else k.lid end from public.contacts k where k.merged_into = p_contact.id
  ) f
  where f.digits is not null and not exists (
      select from public.contacts k
      where k.organization_id = p_contact.organization_id and k.id <> p_contact.id and k.merged_into is distinct from p_contact.id
        and case p_kind when 'phone' then k.phone_number else k.lid end = f.digits
    )
$$;

-- LIDs of those who had one of these numbers before: what names such a LID is theirs, and not whose the number is now.
create or replace function public.former_owners(p_organization_id text, p_phones text[], p_contact_id uuid) returns text[]
  language sql stable
  set search_path = ''
as $$
  select coalesce(array_agg(k.lid), '{}')
  from public.contacts k
  where k.organization_id = p_organization_id and k.lid is not null and k.id is distinct from p_contact_id
    and k.merged_into is distinct from p_contact_id
    and exists (
      select from public.former_addresses f
      where f.contact_id = k.id and f.kind = 'phone' and f.digits = any (p_phones)
    )
$$;

-- What people merged, until it is undone: what was moved can be told from the rest by the keys of its chats. `contact_id` is a branch
-- of `merged_into`, whatever that was merged into since: so each can be undone, in any order.
create table if not exists public.contact_merges (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null,
  contact_id uuid not null unique,
  merged_into uuid not null,
  merged_at timestamptz not null default now(),
  -- Of the contact that stayed, as it was before.
  name text not null,
  name_source text not null,
  read_until bigint not null,
  -- What that became: another one was read since.
  merged_read_until bigint not null,
  cancelled_bookings uuid[] not null default '{}',
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id) on delete cascade,
  foreign key (merged_into, organization_id) references public.contacts (id, organization_id) on delete cascade
);

create index if not exists idx_contact_merges_into on public.contact_merges (merged_into);

alter table public.contact_merges enable row level security;

revoke all on public.contact_merges from public, anon, authenticated;

grant select, insert, update, delete on public.contact_merges to service_role;

-- The id of the contact that this one became, or the same id.
create or replace function public.current_contact(p_organization_id text, p_contact_id uuid) returns uuid
  language sql stable
  set search_path = ''
as $$
  select coalesce((
    select coalesce(k.merged_into, k.id)
    from public.contacts k
    where k.organization_id = p_organization_id and k.id = coalesce((
      select m.merged_into from public.merged_contacts m
      where m.contact_id = p_contact_id and m.organization_id = p_organization_id
    ), p_contact_id)
  ), p_contact_id)
$$;

-- Every id under which this contact was told: its own, and those of all that became part of it.
create or replace function public.ids_of_contact(p_contact_id uuid) returns uuid[]
  language sql stable
  set search_path = ''
as $$
  with people as (
    select p_contact_id as id
    union all
    select k.id from public.contacts k where k.merged_into = p_contact_id
  )
  select array(
    select p.id from people p
    union
    select m.contact_id from people p join public.merged_contacts m on m.merged_into = p.id
  )
$$;

-- The contact whose address a message or a note went to or came from: one that was merged into its contact, or that itself.
create or replace function public.addressed_contact(p_contact_id uuid, p_chat_key text) returns setof public.contacts
  language sql stable
  set search_path = ''
as $$
  select k.*
  from public.contacts k
  where k.id = p_contact_id or k.merged_into = p_contact_id and k.id::text = p_chat_key
  order by k.id::text = p_chat_key desc
  limit 1
$$;

-- A contact with all that people merged into it, and into those.
create or replace function public.branch_of(p_contact_id uuid) returns uuid[]
  language sql stable
  set search_path = ''
as $$
  with recursive branch as (
    select p_contact_id as id
    union
    select m.contact_id from branch b join public.contact_merges m on m.merged_into = b.id
  )
  select array(select b.id from branch b)
$$;

-- The keys of the chats of these contacts; those by address, too, which chats had before somebody was a contact.
create or replace function public.chat_keys_of(p_contact_ids uuid[]) returns text[]
  language sql stable
  set search_path = ''
as $$
  select array(
    select unnest(p_contact_ids)::text
    union
    select m.contact_id::text from public.merged_contacts m where m.merged_into = any (p_contact_ids)
    union
    select a.digits || d.domain
    from (
      select 'phone' as kind, k.phone_number as digits from public.contacts k where k.id = any (p_contact_ids)
      union
      select 'lid', k.lid from public.contacts k where k.id = any (p_contact_ids)
      union
      select f.kind, f.digits from public.former_addresses f where f.contact_id = any (p_contact_ids)
    ) a
    join (values ('phone', '@s.whatsapp.net'), ('phone', '@hosted'), ('lid', '@lid'), ('lid', '@hosted.lid')) as d (kind, domain)
      on d.kind = a.kind
    where a.digits is not null
  )
$$;

-- What was written to these people before they were contacts becomes part of their conversations. A message or note keeps its old
-- chat_key where the contact has the same id already.
create or replace function public.join_conversations(p_contact_ids uuid[]) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_chats jsonb;
begin
  -- By instance, as the unique keys of both tables are: they look quickly into chats that hardly ever have something.
  select jsonb_agg(jsonb_build_object('contact_id', k.id, 'instance_id', i.id, 'chat', a.chat)) into v_chats
    from public.contacts k
    join public.whatsapp_instances i on i.organization_id = k.organization_id
    cross join lateral (values (k.phone_number || '@s.whatsapp.net'), (k.phone_number || '@hosted'), (k.lid || '@lid'),
      (k.lid || '@hosted.lid')) as a (chat)
    where k.id = any (p_contact_ids) and a.chat is not null;
  with theirs as materialized (
    select n.id, c.contact_id, not exists (
        select from public.notes o
        where o.instance_id = n.instance_id and o.chat_key = c.contact_id::text
          and o.whatsapp_message_id = n.whatsapp_message_id
      ) and row_number() over (partition by n.instance_id, c.contact_id, n.whatsapp_message_id order by n.ordinal) = 1
      as is_first
    from jsonb_to_recordset(v_chats) as c (contact_id uuid, instance_id uuid, chat text)
    join public.notes n on n.instance_id = c.instance_id and n.chat_key = c.chat
    where n.contact_id is null
  )
  update public.notes n
    set contact_id = coalesce(k.merged_into, k.id), chat_key = case when t.is_first then t.contact_id::text else n.chat_key end
    from theirs t
    join public.contacts k on k.id = t.contact_id
    where n.id = t.id;
  with theirs as materialized (
    select m.id, c.contact_id, not exists (
        select from public.messages o
        where o.instance_id = m.instance_id and o.direction = m.direction and o.chat_key = c.contact_id::text
          and o.whatsapp_message_id = m.whatsapp_message_id
      ) and row_number() over (
        partition by m.instance_id, m.direction, c.contact_id, m.whatsapp_message_id order by m.ordinal) = 1
      as is_first
    from jsonb_to_recordset(v_chats) as c (contact_id uuid, instance_id uuid, chat text)
    cross join (values ('outbound'), ('inbound')) as d (direction)
    join public.messages m on m.instance_id = c.instance_id and m.direction = d.direction and m.chat_key = c.chat
    where m.contact_id is null
  ), held as materialized (
    -- In the order of ids, as receipts lock them.
    select m.id from public.messages m where m.id in (select t.id from theirs t) order by m.id for update
  )
  update public.messages m
    set contact_id = coalesce(k.merged_into, k.id), chat_key = case when t.is_first then t.contact_id::text else m.chat_key end
    from theirs t
    join public.contacts k on k.id = t.contact_id
    join held h on h.id = t.id
    where m.id = t.id;
end
$$;

-- Moves the conversation of one contact to another: all of it or, where `p_branch` names contacts that were merged, what is theirs. Where
-- one of two turned out to be the other (`p_lost`, `p_kept`), its chats become that one's: a message or note keeps its old chat_key
-- where there is the same id already, for nothing that was received is ever deleted.
create or replace function public.move_conversation(p_from uuid, p_to uuid, p_branch uuid[], p_lost uuid, p_kept uuid)
  returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_keys constant text[] := case when p_branch is not null then public.chat_keys_of(p_branch) end;
begin
  -- In the order of ids, as receipts lock them.
  perform 1 from public.messages m
    where m.contact_id = p_from and (v_keys is null or m.chat_key = any (v_keys))
    order by m.id
    for update;
  update public.messages m
    set contact_id = p_to,
      chat_key = case when p_lost is null or m.chat_key <> p_lost::text or exists (
          select from public.messages o
          where o.instance_id = m.instance_id and o.direction = m.direction and o.chat_key = p_kept::text
            and o.whatsapp_message_id = m.whatsapp_message_id
        ) then m.chat_key else p_kept::text end
    where m.contact_id = p_from and (v_keys is null or m.chat_key = any (v_keys));
  update public.notes n
    set contact_id = p_to,
      chat_key = case when p_lost is null or n.chat_key <> p_lost::text or exists (
          select from public.notes o
          where o.instance_id = n.instance_id and o.chat_key = p_kept::text
            and o.whatsapp_message_id = n.whatsapp_message_id
        ) then n.chat_key else p_kept::text end
    where n.contact_id = p_from and (v_keys is null or n.chat_key = any (v_keys));
  update public.bookings b
    set contact_id = p_to,
      person_id = nullif(case when coalesce(b.person_id, b.contact_id) = p_lost then p_kept
        else coalesce(b.person_id, b.contact_id) end, p_to)
    where b.contact_id = p_from and (p_branch is null or coalesce(b.person_id, b.contact_id) = any (p_branch));
end
$$;

-- Of two contacts that are one person, whether the first one stays: the one that the other was merged into, or else the one that a person
-- merged, so that this can be undone, or the older one.
create or replace function public.stays_of_two(p_one public.contacts, p_other public.contacts) returns boolean
  language sql stable
  set search_path = ''
as $$
  select case
    when p_other.id = any (public.branch_of(p_one.id)) then true
    when p_one.id = any (public.branch_of(p_other.id)) then false
    when (p_one.merged_into is null) <> (p_other.merged_into is null) then p_one.merged_into is not null
    else (p_one.created_at, p_one.id) < (p_other.created_at, p_other.id)
  end
$$;

-- Makes one of two contacts that turned out to be the same person: moves everything of one to the other, deletes it and tells so; the
-- kept contact had the addresses of the other one, too. Where one open booking is the rule the oldest stays, and each of the others is
-- told of. What people had merged into either stays so.
-- Callers hold the lock on the organization's row, so that nobody else makes or merges its contacts meanwhile.
create or replace function public.merge_contacts(p_kept uuid, p_lost uuid, p_booking_policy text, p_instance_id uuid)
  returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_lost public.contacts;
  v_to uuid;
begin
  select * into v_lost from public.contacts where id = p_lost;
  select coalesce(k.merged_into, k.id) into v_to from public.contacts k where k.id = p_kept;
  perform public.move_conversation(coalesce(v_lost.merged_into, p_lost), v_to,
    case when v_lost.merged_into is not null then public.branch_of(p_lost) end, p_lost, p_kept);
  update public.contacts set merged_into = v_to
    where id = any (public.branch_of(p_lost)) and id <> p_lost and merged_into <> v_to;
  delete from public.contact_merges where contact_id = p_lost;
  update public.contact_merges set merged_into = p_kept where merged_into = p_lost;
  insert into public.former_addresses (contact_id, kind, digits)
    select p_kept, f.kind, f.digits from public.former_addresses f where f.contact_id = p_lost
    on conflict do nothing;
  update public.merged_contacts set merged_into = p_kept where merged_into = p_lost;
  insert into public.automatic_replies (contact_id, organization_id, occasion, subject, message_id, created_at)
    select p_kept, a.organization_id, a.occasion, a.subject, a.message_id, a.created_at
    from public.automatic_replies a where a.contact_id = p_lost
    on conflict do nothing;
  delete from public.contacts where id = p_lost;
  insert into public.merged_contacts (contact_id, organization_id, merged_into)
    values (p_lost, v_lost.organization_id, p_kept);
  perform public.remember_addresses(p_kept, v_lost.phone_number, v_lost.lid);
  update public.contacts k
    set name = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name else k.name end,
      name_source = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name_source else k.name_source end,
      last_message_at = greatest(k.last_message_at, v_lost.last_message_at),
      read_until = greatest(k.read_until, v_lost.read_until)
    where k.id in (p_kept, v_to);
  perform public.append_event(v_lost.organization_id, p_instance_id, jsonb_build_object(
    'name', 'whatsapp:contact', 'payload', jsonb_build_object('instanceId', p_instance_id, 'contactId', p_lost,
      'change', 'merged', 'mergedInto', v_to, 'timestamp', public.event_time(now()))));
  if public.booking_policy_of(v_lost.organization_id, p_booking_policy) = 'one-open' then
    perform public.keep_one_booking(v_lost.organization_id, v_to, p_instance_id);
  end if;
end
$$;

-- The contact of whoever has these addresses; completed or merged where necessary, and created unless only those that are known
-- are to learn from it (`p_may_create`: null, then, where nobody is). `p_other_phone` is the same number in another spelling.
-- A LID stays with its person, who may change the number; a number that shows another LID is another person's now, and its former
-- owner keeps everything but the number. Who was known by the number alone is the person of its first LID.
create or replace function public.resolve_person(p_organization_id text, p_instance_id uuid, p_phone text,
    p_other_phone text, p_lid text, p_booking_policy text, p_may_create boolean)
  returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_by_lid public.contacts;
  v_one public.contacts;
  v_kept public.contacts;
begin
  select * into v_by_lid from public.contacts where organization_id = p_organization_id and lid = p_lid;
  v_kept := v_by_lid;
  for v_one in
    select * from public.contacts k
    where k.organization_id = p_organization_id and k.phone_number in (p_phone, p_other_phone)
      and k.id is distinct from v_by_lid.id
    order by k.phone_number = p_phone desc
  loop
    if v_one.lid is not null and p_lid is not null then
      -- In another spelling it may be another number after all: nothing is taken from it.
      if v_one.phone_number = p_phone then
        update public.contacts set phone_number = null where id = v_one.id;
      end if;
    elsif v_one.lid is not null and v_kept.lid is not null then
      -- Two spellings, each with a LID of its own: the one that was asked for.
      continue;
    elsif v_kept.id is null then
      v_kept := v_one;
    elsif v_by_lid.phone_number is not null and v_by_lid.phone_number not in (p_phone, coalesce(p_other_phone, p_phone))
        and exists (
          select from public.messages m
          where m.contact_id = coalesce(v_one.merged_into, v_one.id) and m.direction = 'inbound'
            and (v_one.merged_into is null or m.chat_key = v_one.id::text)
        ) then
      -- The person of the LID had another number until now, and somebody wrote from this one: perhaps who had it before.
      update public.contacts set phone_number = null where id = v_one.id;
    elsif public.stays_of_two(v_kept, v_one) then
      perform public.merge_contacts(v_kept.id, v_one.id, p_booking_policy, p_instance_id);
      v_kept.lid := coalesce(v_kept.lid, v_one.lid);
    else
      perform public.merge_contacts(v_one.id, v_kept.id, p_booking_policy, p_instance_id);
      v_one.lid := coalesce(v_one.lid, v_kept.lid);
      v_kept := v_one;
    end if;
  end loop;

  if v_kept.id is null then
    if p_may_create then
      insert into public.contacts (organization_id, phone_number, lid) values (p_organization_id, p_phone, p_lid)
        returning * into v_kept;
      perform public.join_conversations(array[v_kept.id]);
    end if;
    return v_kept.id;
  end if;
  update public.contacts
    set phone_number = coalesce(p_phone, phone_number), lid = coalesce(p_lid, v_kept.lid, lid)
    where id = v_kept.id
      and (phone_number is distinct from coalesce(p_phone, phone_number)
        or lid is distinct from coalesce(p_lid, v_kept.lid, lid));
  if found then
    perform public.join_conversations(array[v_kept.id]);
  end if;
  return v_kept.id;
end
$$;

revoke execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.former_owners(text, text[], uuid),
  public.person_pattern(text[], text[]),
  public.current_contact(text, uuid), public.ids_of_contact(uuid), public.addressed_contact(uuid, text), public.branch_of(uuid),
  public.chat_keys_of(uuid[]), public.join_conversations(uuid[]),
  public.move_conversation(uuid, uuid, uuid[], uuid, uuid),
  public.stays_of_two(public.contacts, public.contacts), public.merge_contacts(uuid, uuid, text, uuid),
  public.resolve_person(text, uuid, text, text, text, text, boolean)
  from public, anon, authenticated;

grant execute on function
  public.keep_contact_name(), public.remember_addresses(uuid, text, text), public.keep_former_addresses(),
  public.former_addresses_of(public.contacts, text), public.former_owners(text, text[], uuid),
  public.person_pattern(text[], text[]),
  public.current_contact(text, uuid), public.ids_of_contact(uuid), public.addressed_contact(uuid, text), public.branch_of(uuid),
  public.chat_keys_of(uuid[]), public.join_conversations(uuid[]),
  public.move_conversation(uuid, uuid, uuid[], uuid, uuid),
  public.stays_of_two(public.contacts, public.contacts), public.merge_contacts(uuid, uuid, text, uuid),
  public.resolve_person(text, uuid, text, text, text, text, boolean)
  to service_role;

-- 30_contacts_search.sql

-- Finding contacts by name and number, without regard to case and accents.

-- Names have any length; so much of one tells people apart and fits into an index and a cursor.
create index if not exists idx_contacts_name on public.contacts (organization_id, left(name, 40), id);

create index if not exists idx_contacts_search on public.contacts
  using gin (public.name_keys(organization_id, public.search_text(name || ' ' || coalesce(phone_number, '')))) with (fastupdate = off);

-- Forms of a number of which one has to be part of a contact's number.
create or replace function public.number_parts(p_search jsonb) returns text[]
  language plpgsql immutable
  set search_path = ''
as $$
begin
  return array(select jsonb_array_elements_text(case jsonb_typeof(p_search -> 'parts') when 'array' then p_search -> 'parts' else '[]' end));
end
$$;

-- What a search asks of a contact, in SQL that calls it `p_name`: all words of `search` in its name or number, or one of `parts` in its number.
create or replace function public.contact_conditions(p jsonb, p_name text) returns text
  language plpgsql immutable
  set search_path = ''
as $$
begin
  return format(
    '(public.search_text(%1$I.name || '' '' || coalesce(%1$I.phone_number, '''')) like all (%2$L) or %1$I.phone_number like any (%3$L))',
    p_name, public.search_patterns(public.search_words(p ->> 'search')), public.search_patterns(public.number_parts(p)));
end
$$;

-- The same of a contact `c`, or of one that a person merged into it.
create or replace function public.person_conditions(p jsonb) returns text
  language plpgsql immutable
  set search_path = ''
as $$
begin
  -- Not `exists`: the planner would compare all names first.
  return format('(%s or (select true from public.contacts k where k.merged_into = c.id and %s limit 1))',
    public.contact_conditions(p, 'c'), public.contact_conditions(p, 'k'));
end
$$;

-- The contacts that a search finds, themselves or what was merged into them, by the index of keys. Null where they are more than `p_limit`.
create or replace function public.contacts_by_keys(p_search jsonb, p_limit int) returns uuid[]
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_organization_id constant text := p_search ->> 'organization_id';
  v_keys text[] := array[public.name_keys_of(v_organization_id, public.search_words(p_search ->> 'search'))::text];
  v_part text;
  v_ids uuid[];
begin
  foreach v_part in array public.number_parts(p_search) loop
    v_keys := v_keys || public.name_keys_of(v_organization_id, array[v_part])::text;
  end loop;
  if '{}' = any (v_keys) then
    return null;
  end if;
  execute (
    select format('select array(select coalesce(c.merged_into, c.id) from public.contacts c where (%s) and c.organization_id = %L and %s limit %s)',
      string_agg(format(
        'public.name_keys(c.organization_id, public.search_text(c.name || '' '' || coalesce(c.phone_number, ''''))) @> %L::bigint[]',
        k.keys), ' or '), v_organization_id, public.contact_conditions(p_search, 'c'), p_limit + 1)
    from unnest(v_keys) k (keys)
  ) into v_ids;
  return case when cardinality(v_ids) <= p_limit then v_ids end;
end
$$;

-- Contacts of an organization: those of `ids` that have one of `numbers`, and that `search` and `parts` find, as far as these are given. Newest first, or
-- by `sort`, which is `name` or `created_at`, descending with a `-` before it. `before` and `before_id`, or against the order `after`
-- and `after_id`, are the contact beside which the list begins.
create or replace function public.search_contacts(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
  set max_parallel_workers_per_gather = 0
as $$
declare
  v_sort constant text := coalesce(p ->> 'sort', '-created_at');
  v_column constant text := case ltrim(v_sort, '-') when 'name' then 'left(c.name, 40)' else 'c.created_at' end;
  v_ascending constant boolean := (v_sort like '-%') = (p ? 'after');
  -- Processes of the release before call the place so, and search by patterns.
  v_place constant text := coalesce(p ->> 'after', p ->> 'before', p ->> 'before_time');
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  v_conditions constant text := concat_ws(' and ',
    format('c.organization_id = %L and c.merged_into is null', p ->> 'organization_id'),
    case when jsonb_typeof(p -> 'numbers') = 'array'
      then format('c.id in (select coalesce(k.merged_into, k.id) from public.contacts k
          where k.phone_number = any (%L) and k.organization_id = %L)',
        array(select jsonb_array_elements_text(p -> 'numbers')), p ->> 'organization_id') end,
    case when jsonb_typeof(p -> 'ids') = 'array'
      then format('c.id in (select coalesce(k.merged_into, k.id) from public.contacts k where k.id = any (%L::uuid[]) and k.organization_id = %L)',
        array(select jsonb_array_elements_text(p -> 'ids')), p ->> 'organization_id') end,
    case when p ->> 'name' is not null
      then format('(c.name ilike %L or c.phone_number like any (%L))', p ->> 'name', public.number_parts(p)) end,
    case when v_place is not null then format('(%s, c.id) %s (%L, %L)', v_column,
      case when v_ascending then '>' else '<' end, v_place, coalesce(p ->> 'after_id', p ->> 'before_id')) end);
  v_order constant text := format('%1$s %2$s, c.id %2$s', v_column, case when v_ascending then 'asc' else 'desc' end);
  v_is_search constant boolean := p ->> 'search' is not null;
  v_ids uuid[] := case when v_is_search then public.contacts_by_keys(p, 30) end;
  -- What many are called is found among the first ones; otherwise by the index, unless it finds too many.
  v_is_among_first boolean := v_is_search and v_ids is null;
  v_found jsonb;
begin
  loop
    execute format(
      'select coalesce(jsonb_agg(f.shown), ''[]'') from (
        select jsonb_build_object(''id'', c.id, ''organization_id'', c.organization_id, ''phone_number'', c.phone_number, ''lid'', c.lid,
          ''name'', c.name, ''name_source'', c.name_source, ''created_at'', c.created_at, ''updated_at'', c.updated_at,
          ''last_message_at'', c.last_message_at) as shown
        from (select * from public.contacts c where %1$s %2$s) c
        where %3$s
        order by %4$s
        limit %5$s
      ) f',
      v_conditions,
      case when v_is_among_first then format('order by %s limit 300', v_order)
        when v_ids is not null then format('and c.id = any (%L)', v_ids) end,
      case when v_is_search and v_ids is null then public.person_conditions(p) else 'true' end,
      v_order, v_limit)
      into v_found;
    exit when not v_is_among_first or jsonb_array_length(v_found) >= v_limit;
    v_is_among_first := false;
    v_ids := public.contacts_by_keys(p, 2000);
  end loop;
  return v_found;
end
$$;

revoke execute on function
  public.number_parts(jsonb), public.contact_conditions(jsonb, text), public.person_conditions(jsonb),
  public.contacts_by_keys(jsonb, int), public.search_contacts(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.number_parts(jsonb), public.contact_conditions(jsonb, text), public.person_conditions(jsonb),
  public.contacts_by_keys(jsonb, int), public.search_contacts(jsonb)
  to service_role;

-- 30_groups.sql

-- Groups of an organization, the last seen for the first time first, after the one that `before` names; of one instance where it is given.
create or replace function public.list_groups(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
begin
  open v_page for execute format(
    'select public.group_view(r.g) from (
      select g
      from public.groups g
      where g.organization_id = $1 %1$s %2$s
      order by g.created_at %3$s, g.id %3$s
      limit $2
    ) r',
    case when p ->> 'after' is not null then 'and (g.created_at, g.id) > ($3, $4)'
      when p ->> 'before' is not null then 'and (g.created_at, g.id) < ($3, $4)' end,
    case when p ->> 'instance_id' is not null then 'and g.instance_id = $5' end,
    case when p ->> 'after' is not null then 'asc' else 'desc' end)
    using p ->> 'organization_id', least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501),
      coalesce(p ->> 'after', p ->> 'before')::timestamptz, coalesce(p ->> 'after_id', p ->> 'before_id')::uuid,
      (p ->> 'instance_id')::uuid;
  return public.read_page(v_page);
end
$$;

-- 31_messages.sql

-- With the direction what is unread is counted without reading a message.
create index if not exists idx_messages_contact on public.messages (contact_id, ordinal desc) include (direction);

create index if not exists idx_messages_sent on public.messages (organization_id, sent_at desc);

-- Of what most messages are not, so that receiving a text has none of these to keep.
create index if not exists idx_messages_sent_from on public.messages (instance_id, ordinal desc) where direction = 'outbound';

create index if not exists idx_messages_sent_by on public.messages (organization_id, ordinal desc) where direction = 'outbound';

create index if not exists idx_messages_status on public.messages (organization_id, status, ordinal desc)
  where status in ('pending', 'failed', 'unknown', 'played');

create index if not exists idx_messages_type on public.messages (organization_id, type, ordinal desc) where type <> 'text';

-- What is told of a message beside its own columns: what it answers with the id of that message where it is here, and the reactions
-- that stand.
create or replace function public.message_extras(p_message public.messages) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'reply_to', case when p_message.reply_to is not null then p_message.reply_to || jsonb_build_object('id', case
      when p_message.group_id is not null then (
        select o.id
        from public.messages o
        where o.group_id = p_message.group_id and o.whatsapp_message_id = p_message.reply_to ->> 'whatsapp_message_id'
          and (o.direction = 'outbound') = (p_message.reply_to ->> 'from_me')::boolean
        order by o.ordinal
        limit 1
      )
      else (
        select o.id
        from public.messages o
        where o.instance_id = p_message.instance_id and o.chat_key = p_message.chat_key
          and o.direction = case when (p_message.reply_to ->> 'from_me')::boolean then 'outbound' else 'inbound' end
          and o.whatsapp_message_id = p_message.reply_to ->> 'whatsapp_message_id'
      ) end) end,
    'reactions', (
      select coalesce(jsonb_agg(jsonb_build_object('emoji', r.emoji, 'from_me', r.from_me, 'reacted_at', r.reacted_at,
          'from', case
            when r.reactor <> '' then r.reactor
            when r.from_me then (
              select coalesce(i.account_phone, i.phone_number) from public.whatsapp_instances i where i.id = p_message.instance_id
            )
            else (select coalesce(k.phone_number, k.lid || '@lid') 
              from public.addressed_contact(p_message.contact_id, p_message.chat_key) k)
          end) order by r.reacted_at, r.id), '[]')
      from public.message_reactions r
      where r.message_id = p_message.id and r.emoji <> ''
    ),
    'media', public.media_view(p_message.id)
  );
end
$$;

-- The message with this id, of one of the organizations where some are named; null where there is none.
create or replace function public.read_message(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select to_jsonb(m) - array['secret', 'payload', 'request'] || public.message_extras(m)
    from public.messages m
    where m.id = (p ->> 'id')::uuid
      and (p -> 'organization_ids' is null or p -> 'organization_ids' ? m.organization_id)
  );
end
$$;

-- What the filters of a list of messages ask of a message `m`. Those of a group where one is named, and of none otherwise.
create or replace function public.message_conditions(p jsonb) returns text
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
begin
  -- What is in one chat or of one number has an index of its own. Beside it that of the organization would look as good to the planner,
  -- which expects some of them everywhere, and costs a walk through all messages where they are old: so whose the chat is, is asked here.
  return concat_ws(' and ',
    'm.change_of is null',
    case when p ->> 'group_id' is null and p ->> 'contact_id' is null and p ->> 'instance_id' is null
      then format('m.organization_id = %L', v_organization_id) end,
    case
      when p ->> 'group_id' is null then 'm.group_id is null'
      else format('m.group_id = %L', (
        select g.id from public.groups g where g.id = (p ->> 'group_id')::uuid and g.organization_id = v_organization_id)) end,
    case when p ->> 'contact_id' is not null
      then format('m.contact_id = %L', (
        select k.id from public.contacts k
        where k.id = public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid) and k.organization_id = v_organization_id)) end,
    case when p ->> 'instance_id' is not null then format('m.instance_id = %L', (
      select i.id from public.whatsapp_instances i
      where i.id = (p ->> 'instance_id')::uuid and i.organization_id = v_organization_id)) end,
    case when p ->> 'direction' is not null then format('m.direction = %L', p ->> 'direction') end,
    case when p ->> 'status' is not null then format('m.status = %L', p ->> 'status') end,
    case when p ->> 'status' <> 'received' then 'm.direction = ''outbound''' end,
    case when p ->> 'type' is not null then format('m.type = %L', p ->> 'type') end,
    case when p ->> 'sent_from' is not null then format('m.sent_at >= %L', (p ->> 'sent_from')::timestamptz) end,
    case when p ->> 'sent_before' is not null then format('m.sent_at < %L', (p ->> 'sent_before')::timestamptz) end);
end
$$;

revoke execute on function public.message_conditions(jsonb) from public, anon, authenticated;

grant execute on function public.message_conditions(jsonb) to service_role;

-- The messages of an organization with these ids, in their order. As read_page.
create or replace function public.read_messages(p_organization_id text, p_ids uuid[]) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
begin
  open v_page for
    select to_jsonb(m) - array['secret', 'payload', 'request'] || case
        -- Most messages have none of it, and to look for each costs more than the rest of the page.
        when m.reply_to is not null
          or exists (select from public.message_reactions r where r.message_id = m.id)
          or exists (select from public.message_media f where f.message_id = m.id)
        then public.message_extras(m)
        else '{"reply_to": null, "reactions": [], "media": null}'
      end
    from unnest(p_ids) with ordinality as i (id, place)
    join public.messages m on m.id = i.id and m.organization_id = p_organization_id
    order by i.place;
  return public.read_page(v_page);
end
$$;

revoke execute on function public.read_messages(text, uuid[]) from public, anon, authenticated;

grant execute on function public.read_messages(text, uuid[]) to service_role;

-- Messages of an organization, the last stored first, before the one with the ordinal `before`, or the other way round after the one
-- with the ordinal `after`; of those that the filters ask for. As read_page: `more` says that the list was cut because of its size.
create or replace function public.list_messages(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
  set max_parallel_workers_per_gather = 0
as $$
declare
  v_ids uuid[];
begin
  -- Planned for what is asked for, so that each filter has its index.
  execute format('select array(select m.id from public.messages m where m.ordinal %s $1 and %s order by m.ordinal %s limit $2)',
    case when p ? 'after' then '>' else '<' end, public.message_conditions(p), case when p ? 'after' then 'asc' else 'desc' end)
    into v_ids
    using coalesce(p ->> 'after', p ->> 'before', '9223372036854775807')::bigint,
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  return public.read_messages(p ->> 'organization_id', v_ids);
end
$$;

-- As message_extras: what a note answers is a message of its conversation, or another note.
create or replace function public.note_extras(p_note public.notes) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'reply_to', case when p_note.reply_to is not null then p_note.reply_to || jsonb_build_object('id', coalesce((
      select o.id
      from public.messages o
      where o.instance_id = p_note.instance_id and o.chat_key = p_note.chat_key
        and o.direction = case when (p_note.reply_to ->> 'from_me')::boolean then 'outbound' else 'inbound' end
        and o.whatsapp_message_id = p_note.reply_to ->> 'whatsapp_message_id'
    ), (
      select o.id
      from public.notes o
      where (p_note.reply_to ->> 'from_me')::boolean and o.instance_id = p_note.instance_id and o.chat_key = p_note.chat_key
        and o.whatsapp_message_id = p_note.reply_to ->> 'whatsapp_message_id'
    ))) end,
    'reactions', (
      select coalesce(jsonb_agg(jsonb_build_object('emoji', r.emoji, 'from_me', r.from_me, 'reacted_at', r.reacted_at,
          'from', case
            when r.reactor <> '' then r.reactor
            when r.from_me then (
              select coalesce(i.account_phone, i.phone_number) from public.whatsapp_instances i where i.id = p_note.instance_id
            )
            else (select coalesce(k.phone_number, k.lid || '@lid') 
              from public.addressed_contact(p_note.contact_id, p_note.chat_key) k)
          end) order by r.reacted_at, r.id), '[]')
      from public.message_reactions r
      where r.note_id = p_note.id and r.emoji <> ''
    ),
    'media', public.media_view(p_note.id)
  );
end
$$;

-- Notes of an organization, as list_messages.
create or replace function public.list_notes(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
  set max_parallel_workers_per_gather = 0
as $$
declare
  v_page refcursor;
begin
  open v_page for execute format(
    'select to_jsonb(r.n) - ''secret'' || case
        -- As in read_messages: most have none of it.
        when (r.n).reply_to is not null
          or exists (select from public.message_reactions x where x.note_id = (r.n).id)
          or exists (select from public.message_media f where f.message_id = (r.n).id)
        then public.note_extras(r.n)
        else ''{"reply_to": null, "reactions": [], "media": null}''
      end
    from (
      select n
      from public.notes n
      where n.organization_id = $1 and n.ordinal %s $2 %s
      order by n.ordinal %s
      limit $3
    ) r',
    case when p ? 'after' then '>' else '<' end,
    case when p ->> 'contact_id' is not null then 'and n.contact_id = $4' end,
    case when p ? 'after' then 'asc' else 'desc' end)
    using p ->> 'organization_id', coalesce(p ->> 'after', p ->> 'before', '9223372036854775807')::bigint,
      least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501),
      public.current_contact(p ->> 'organization_id', (p ->> 'contact_id')::uuid);
  return public.read_page(v_page);
end
$$;

-- 33_ingest.sql

-- Received messages become contacts, messages, notes, bookings, counters and events.

-- One decision of a worker, joined with the inbox row that it is about.
do $$
begin
  if to_regtype('public.ingest_work') is null then
    create type public.ingest_work as (
      position bigint,
      inbox_id bigint,
      action text,
      reason text,
      organization_id text,
      instance_id uuid,
      phone text,
      lid text,
      push_name text,
      message_id text,
      chat text,
      content text,
      content_type text,
      sent_at timestamptz,
      contact_id uuid,
      booking_id uuid,
      -- The same number in its other spelling.
      other_phone text,
      -- Null where the item says nothing about the message in its row.
      chat_kind text,
      from_me boolean,
      received_at timestamptz,
      -- What the message is beside its text, or what was done to one; null for a plain text.
      detail jsonb,
      -- The contact that has the address, which a person may have merged into `contact_id`: its conversation is found by it.
      person_id uuid
    );
  end if;
  -- A row of the inbox, stored or about to be, with what a worker decided about it; `item` is null where it decided nothing.
  if to_regtype('public.ingest_row') is null then
    create type public.ingest_row as (
      position bigint,
      id bigint,
      organization_id text,
      instance_id uuid,
      message_id text,
      chat text,
      received_at timestamptz,
      item jsonb
    );
  end if;
  -- What became of a row, as its columns say.
  if to_regtype('public.ingest_outcome') is null then
    create type public.ingest_outcome as (
      inbox_id bigint,
      instance_id uuid,
      state smallint,
      outcome text,
      reason text,
      error text
    );
  end if;
end
$$;

-- What is to be done with rows that somebody decided about, in their order.
create or replace function public.make_work(p_rows public.ingest_row[]) returns public.ingest_work[]
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_work public.ingest_work[];
begin
  select array_agg(row(
      r.position, r.id,
      case when w.is_lost then 'dead' else w.action end,
      case when w.is_lost then 'no_address' else r.item ->> 'reason' end,
      r.organization_id, r.instance_id, w.phone, w.lid,
      nullif(nullif(btrim(left(r.item ->> 'push_name', 200)), ''), 'Unknown'),
      coalesce(r.item ->> 'message_id', r.message_id), coalesce(r.item ->> 'chat', r.chat), coalesce(r.item ->> 'content', ''),
      coalesce(r.item ->> 'content_type', 'conversation'),
      coalesce((r.item ->> 'sent_at')::timestamptz, r.received_at), null, null, r.item ->> 'other_phone',
      r.item ->> 'chat_kind', coalesce((r.item ->> 'from_me')::boolean, false), r.received_at, r.item -> 'detail', null
    )::public.ingest_work)
    into v_work
    from unnest(p_rows) r
    cross join lateral (
      select a.*, a.action in ('client', 'placeholder') and a.phone is null and a.lid is null as is_lost
      from (
        select r.item ->> 'action' as action, coalesce(nullif(r.item ->> 'phone', ''), j.phone) as phone,
          coalesce(nullif(r.item ->> 'lid', ''), j.lid) as lid
        from (select) one
        left join lateral public.named_by_placeholder(r) j on r.item ? 'is_resent'
      ) a
    ) w;
  return coalesce(v_work, '{}');
end
$$;

-- Takes out what was erased: `skip`, and nothing of it stays in the inbox.
create or replace function public.skip_erased(p_work public.ingest_work[]) returns public.ingest_work[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_erased bigint[];
  v_work public.ingest_work[];
begin
  select array_agg(w.inbox_id) into v_erased
    from unnest(p_work) w
    where w.action in ('client', 'owner_note', 'change', 'undecrypted', 'placeholder', 'group')
      and exists (
        select from public.erased_messages e
        where e.instance_id = w.instance_id and e.mark in (
          public.message_mark(w.instance_id, w.phone, w.message_id),
          public.message_mark(w.instance_id, w.lid, w.message_id),
          public.message_mark(w.instance_id, w.phone, w.detail -> 'target' ->> 'message_id'),
          public.message_mark(w.instance_id, w.lid, w.detail -> 'target' ->> 'message_id')
        )
      );
  if v_erased is null then
    return p_work;
  end if;
  update public.inbox i set body = null, message_id = '', chat = '', sender = '', attrs = '{}'
    where i.id = any (v_erased);
  select array_agg(
      case when w.inbox_id = any (v_erased) then row(w.position, w.inbox_id, 'skip', 'erased', w.organization_id,
        w.instance_id, null, null, null, '', '', '', w.content_type, w.sent_at, null, null,
        null, null, false, w.received_at, null, null)::public.ingest_work
      else w end order by w.position)
    into v_work
    from unnest(p_work) w;
  return v_work;
end
$$;

-- Fills in what the store knows about each item. `actions`: those of the items. `news`: the positions of those that say something new
-- of a person: of a client; and, where both addresses are known, of anybody who is a contact. `phones`: the numbers in these.
-- `changes`: somebody who is a contact gets another address by it, or loses one, or turns out to be somebody else.
-- `is_awaited`: changes of one of the messages came before it.
create or replace function public.look_up_people(p_work public.ingest_work[], p_booking_policy text,
    out work public.ingest_work[], out actions text[], out news bigint[], out phones text[], out changes boolean,
    out is_awaited boolean)
  language plpgsql
  set search_path = ''
as $$
declare
  -- For parsers that take lists of types of ours for records, of which INTO has one alone.
  v_found record;
begin
  select array_agg(row(w.position, w.inbox_id, w.action,
      -- The echo of a message that was sent through the API is no note.
      case when w.action = 'owner_note' and exists (
          select from public.messages m
          where m.instance_id = w.instance_id and m.direction = 'outbound' and m.whatsapp_message_id = w.message_id
        ) then 'own_send' else w.reason end,
      w.organization_id, w.instance_id, w.phone, w.lid,
      w.push_name, w.message_id, w.chat, w.content, w.content_type, w.sent_at,
      (select coalesce(k.merged_into, k.id) from public.contacts k where k.id = w.known_id),
      case when p_booking_policy = 'every-message' and w.action = 'client' then gen_random_uuid() end,
      w.other_phone, w.chat_kind, w.from_me, w.received_at, w.detail, w.known_id
    )::public.ingest_work order by w.position) as work,
      array_agg(w.action) as actions, array_agg(w.position) filter (where w.is_new) as news,
      array_agg(w.phone) filter (where w.is_new) || array_agg(w.other_phone) filter (where w.is_new) as phones,
      bool_or(w.is_new and w.is_contact) as changes, bool_or(w.is_awaited) as is_awaited
    into v_found
    from (
      select w.*, coalesce(a.id, o.id, b.id) is not null as is_contact,
        exists (
          select from public.pending_changes c where c.instance_id = w.instance_id and c.message_id = w.message_id
        ) as is_awaited,
        -- What somebody writes in a group is no part of the conversation with him.
        case when w.action <> 'group' then
          coalesce(m.merged_into, w.person_id, b.id, case when w.lid is null then coalesce(a.id, o.id) end) end as known_id,
        w.action <> 'group' and (w.action in ('client', 'placeholder')
            or w.phone is not null and w.lid is not null and coalesce(a.id, o.id, b.id) is not null)
          and (w.phone is not null and a.id is null
            or w.lid is not null and b.id is null
            or a.id <> b.id
            or o.id <> a.id and (o.lid is null or coalesce(w.lid, a.lid) is null)) as is_new
      from unnest(p_work) w
      left join public.merged_contacts m on m.contact_id = w.person_id
      left join public.contacts a on a.organization_id = w.organization_id and a.phone_number = w.phone
      left join public.contacts o on o.organization_id = w.organization_id and o.phone_number = w.other_phone
      left join public.contacts b on b.organization_id = w.organization_id and b.lid = w.lid
    ) w;
  work := v_found.work;
  actions := v_found.actions;
  news := v_found.news;
  phones := v_found.phones;
  changes := v_found.changes;
  is_awaited := v_found.is_awaited;
end
$$;

-- Where there is news of people: makes sure that every client has a contact, and fills in what the store says about each item.
-- `told`: events of contacts that turned out to be one person.
create or replace function public.resolve_people(p_work public.ingest_work[], p_booking_policy text,
    out work public.ingest_work[], out told jsonb)
  language plpgsql
  set search_path = ''
as $$
declare
  v_work public.ingest_work[] := p_work;
  v_known record;
  v_new uuid[];
  v_heads jsonb;
  v_contact_id uuid;
begin
  told := '[]'::jsonb;
  -- New people whose addresses occur in one combination only: one statement for all of them.
  with people as (
    select w.organization_id, w.phone, w.lid, min(w.other_phone) as other_phone, min(w.position) as position,
      max(least(w.sent_at, now())) as last_message_at,
      (array_agg(w.push_name order by w.position desc) filter (where w.push_name is not null))[1] as push_name
    from unnest(p_work) w
    where w.action in ('client', 'placeholder')
    group by w.organization_id, w.phone, w.lid
  ), counted as (
    select n.*,
      case when n.phone is null then 1
        else count(*) over (partition by n.organization_id, least(n.phone, n.other_phone)) end as with_phone,
      case when n.lid is null then 1 else count(*) over (partition by n.organization_id, n.lid) end as with_lid
    from people n
  ), made as (
    insert into public.contacts (organization_id, phone_number, lid, name, name_source, last_message_at)
      select n.organization_id, n.phone, n.lid, coalesce(n.push_name, 'Unknown'),
        case when n.push_name is null then 'unknown' else 'push' end, n.last_message_at
      from counted n
      where n.with_phone = 1 and n.with_lid = 1
        and not exists (
          select from public.contacts k
          where k.organization_id = n.organization_id and k.phone_number in (n.phone, n.other_phone)
        )
        and not exists (select from public.contacts k where k.organization_id = n.organization_id and k.lid = n.lid)
      order by n.position
      on conflict do nothing
      returning id
  )
  select array_agg(m.id) into v_new from made m;
  if v_new is not null then
    perform public.join_conversations(v_new);
  end if;

  v_known := public.look_up_people(p_work, p_booking_policy);
  if v_known.news is not null then
    select jsonb_object_agg(o.id, o.event_seq) into v_heads
      from public.organizations o
      where o.id in (select w.organization_id from unnest(p_work) w);
    -- In their order, and with them whoever shows nothing but a number that changes hands meanwhile.
    for i in 1 .. cardinality(v_work) loop
      if v_work[i].position = any (v_known.news)
          or v_work[i].action in ('client', 'placeholder') and v_work[i].lid is null
            and v_work[i].phone = any (v_known.phones) then
        v_contact_id := public.resolve_person(v_work[i].organization_id, v_work[i].instance_id, v_work[i].phone,
          v_work[i].other_phone, v_work[i].lid, p_booking_policy, v_work[i].action in ('client', 'placeholder'));
        if v_work[i].action in ('client', 'placeholder') then
          v_work[i].person_id := v_contact_id;
        end if;
      end if;
    end loop;
    select coalesce(jsonb_agg(jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence,
        'name', e.name, 'payload', e.payload) order by e.organization_id, e.sequence), '[]')
      into told
      from jsonb_each_text(v_heads) as h (organization_id, sequence)
      join public.events e on e.organization_id = h.organization_id and e.sequence > h.sequence::bigint;
    v_known := public.look_up_people(v_work, p_booking_policy);
  end if;
  work := v_known.work;
end
$$;

-- Puts readable messages in the place of their placeholders, where these are; returns the inbox rows of those messages.
create or replace function public.replace_placeholders(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_replaced bigint[];
begin
  with replaced as (
    update public.messages m
      set content = w.content, content_type = w.content_type, chat_jid = w.chat, inbox_id = w.inbox_id, sent_at = w.sent_at,
        -- When it was told of what it says.
        created_at = now(), type = coalesce(w.detail ->> 'type', 'text'), metadata = w.detail -> 'metadata',
        reply_to = w.detail -> 'reply_to', mentions = w.detail -> 'mentions', is_forwarded = w.detail ? 'is_forwarded' is true,
        is_view_once = w.detail ? 'is_view_once' is true, secret = decode(w.detail ->> 'secret', 'base64')
      from (
        select c.*, row_number() over (partition by c.instance_id, c.person_id, c.message_id order by c.position) as delivery
        from unnest(p_work) c
        where c.action = 'client'
      ) w
      where w.delivery = 1 and m.instance_id = w.instance_id and m.direction = 'inbound' and m.chat_key = w.person_id::text
        and m.whatsapp_message_id = w.message_id and m.content_type = 'ciphertext' and m.deleted_at is null
      returning m.inbox_id
  )
  select coalesce(array_agg(r.inbox_id), '{}') into v_replaced from replaced r;
  return v_replaced;
end
$$;

-- Shows in their conversations that messages came which can't be read, until readable copies take their places; none of them makes a
-- booking, for nobody knows yet what they are. Returns the inbox rows of those that were not there before, and what tells of them.
create or replace function public.store_placeholders(p_work public.ingest_work[], p_known bigint[], out stored bigint[],
    out events jsonb)
  language plpgsql
  set search_path = ''
as $$
declare
  v_one record;
begin
  events := '[]'::jsonb;
  with shown as (
    insert into public.messages (organization_id, contact_id, instance_id, direction, content, content_type,
        whatsapp_message_id, chat_jid, chat_key, status, inbox_id, sent_at, type, metadata, is_view_once)
      select w.organization_id, w.contact_id, w.instance_id, 'inbound', w.content, 'ciphertext', w.message_id, w.chat,
        w.person_id::text, 'received', w.inbox_id, w.sent_at, coalesce(w.detail ->> 'type', 'unsupported'),
        w.detail -> 'metadata', w.detail ? 'is_view_once' is true
      from unnest(p_work) w
      where w.action = 'placeholder' and w.inbox_id <> all (p_known)
      order by w.position
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do nothing
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into stored from shown s;
  for v_one in
    select m.id, w.organization_id, w.instance_id, w.message_id, w.contact_id, w.sent_at, w.push_name, m.metadata,
      coalesce(w.phone, k.phone_number, w.lid || '@lid') as sender
    from unnest(p_work) w
    join public.messages m on m.instance_id = w.instance_id and m.direction = 'inbound' and m.chat_key = w.person_id::text
      and m.whatsapp_message_id = w.message_id
    join public.contacts k on k.id = w.person_id
    where w.inbox_id = any (stored)
    order by w.position
  loop
    update public.contacts k
      set updated_at = now(), last_message_at = greatest(k.last_message_at, least(v_one.sent_at, now())),
        name = case when v_one.push_name is not null and k.name_source <> 'person' then v_one.push_name else k.name end,
        name_source = case when v_one.push_name is not null and k.name_source <> 'person' then 'push' else k.name_source end
      where k.id = v_one.contact_id;
    events := events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:message-updated', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_one.instance_id,
        'id', v_one.id, 'messageId', v_one.message_id, 'contactId', v_one.contact_id,
        'timestamp', to_char(v_one.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'change', 'placeholder', 'metadata', v_one.metadata, 'fromMe', false, 'from', v_one.sender))));
  end loop;
end
$$;

-- Stores clients' messages; returns the inbox rows whose message was not there before.
create or replace function public.store_inbound(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_stored bigint[];
begin
  with stored as (
    insert into public.messages (organization_id, contact_id, instance_id, direction, content, content_type,
        whatsapp_message_id, chat_jid, chat_key, status, inbox_id, sent_at, type, metadata, reply_to, mentions,
        is_forwarded, is_view_once, secret)
      select w.organization_id, w.contact_id, w.instance_id, 'inbound', w.content, w.content_type,
        w.message_id, w.chat, w.person_id::text, 'received', w.inbox_id, w.sent_at,
        coalesce(w.detail ->> 'type', 'text'), w.detail -> 'metadata', w.detail -> 'reply_to', w.detail -> 'mentions',
        w.detail ? 'is_forwarded' is true, w.detail ? 'is_view_once' is true, decode(w.detail ->> 'secret', 'base64')
      from (
        select c.*, row_number() over (partition by c.instance_id, c.person_id, c.message_id order by c.position) as delivery
        from unnest(p_work) c
        where c.action = 'client'
      ) w
      -- No statement touches a row twice.
      where w.delivery = 1
      order by w.position
      -- One that the history brought first is received now: it is told of, and has its place among those that were.
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do update
        set ordinal = default, content = excluded.content, content_type = excluded.content_type, chat_jid = excluded.chat_jid,
          inbox_id = excluded.inbox_id, sent_at = excluded.sent_at, created_at = now(), type = excluded.type,
          metadata = excluded.metadata, reply_to = excluded.reply_to, mentions = excluded.mentions,
          is_forwarded = excluded.is_forwarded, is_view_once = excluded.is_view_once, secret = excluded.secret
        where messages.ordinal < 0
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into v_stored from stored s;
  if cardinality(v_stored) < (select count(*) from unnest(p_work) w where w.action = 'client') then
    v_stored := v_stored || public.replace_placeholders(p_work);
  end if;
  -- A text may bring a file, too: the picture above a menu.
  if exists (select 1 from unnest(p_work) w where w.detail ? 'media') then
    perform public.store_media(p_work, v_stored);
  end if;

  update public.contacts k
    set updated_at = now(),
      last_message_at = greatest(k.last_message_at, u.last_message_at),
      name = case when u.push_name is not null and k.name_source <> 'person' then u.push_name else k.name end,
      name_source = case when u.push_name is not null and k.name_source <> 'person' then 'push'
        else k.name_source end
    from (
      select w.contact_id, max(least(w.sent_at, now())) as last_message_at,
        (array_agg(w.push_name order by w.position desc) filter (where w.push_name is not null))[1] as push_name
      from unnest(p_work) w
      where w.inbox_id = any (v_stored)
      group by w.contact_id
    ) u
    where k.id = u.contact_id
      and (k.last_message_at is null or k.last_message_at < u.last_message_at
        or u.push_name <> k.name and k.name_source <> 'person');
  return v_stored;
end
$$;

-- Stores the owner's notes; returns the inbox rows whose note was not there before.
create or replace function public.store_notes(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_stored bigint[];
begin
  with stored as (
    insert into public.notes (organization_id, contact_id, instance_id, content, content_type, whatsapp_message_id,
        chat_key, inbox_id, sent_at, type, metadata, reply_to, mentions, is_forwarded, is_view_once, secret)
      select w.organization_id, w.contact_id, w.instance_id, w.content, w.content_type, w.message_id,
        coalesce(w.person_id::text, w.chat), w.inbox_id, w.sent_at,
        coalesce(w.detail ->> 'type', 'text'), w.detail -> 'metadata', w.detail -> 'reply_to', w.detail -> 'mentions',
        w.detail ? 'is_forwarded' is true, w.detail ? 'is_view_once' is true, decode(w.detail ->> 'secret', 'base64')
      from unnest(p_work) w
      where w.action = 'owner_note' and w.reason <> 'own_send'
      order by w.position
      on conflict (instance_id, chat_key, whatsapp_message_id) do nothing
      returning inbox_id
  )
  select coalesce(array_agg(s.inbox_id), '{}') into v_stored from stored s;
  if exists (select 1 from unnest(p_work) w where w.detail ? 'media') then
    perform public.store_media(p_work, v_stored);
  end if;
  return v_stored;
end
$$;

-- Appends a `whatsapp:note` event for each newly stored note, in order; returns them.
create or replace function public.store_note_events(p_work public.ingest_work[], p_stored bigint[]) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_one record;
  v_events jsonb := '[]'::jsonb;
begin
  for v_one in
    select w.organization_id, w.instance_id, w.sent_at, n.id, n.contact_id
    from unnest(p_work) w
    join public.notes n on n.instance_id = w.instance_id and n.chat_key = coalesce(w.person_id::text, w.chat)
      and n.whatsapp_message_id = w.message_id
    where w.inbox_id = any (p_stored)
    order by w.position
  loop
    v_events := v_events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:note', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_one.instance_id,
        'noteId', v_one.id, 'contactId', v_one.contact_id, 'change', 'created',
        'timestamp', to_char(v_one.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))));
  end loop;
  return v_events;
end
$$;

-- Whether a contact had written nothing before the messages of these rows of the inbox.
create or replace function public.is_first_contact(p_contact_id uuid, p_stored bigint[]) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return not exists (
    select from public.messages m
    where m.contact_id = p_contact_id and m.direction = 'inbound' and m.content_type <> 'ciphertext'
      and (m.inbox_id is null or m.inbox_id <> all (p_stored))
  );
end
$$;

-- Makes the bookings of newly stored messages.
create or replace function public.store_bookings(p_work public.ingest_work[], p_stored bigint[], p_booking_policy text)
  returns void
  language plpgsql
  set search_path = ''
as $$
begin
  if p_booking_policy = 'every-message' then
    insert into public.bookings (id, organization_id, contact_id, instance_id, person_id, reason)
      select w.booking_id, w.organization_id, w.contact_id, w.instance_id, nullif(w.person_id, w.contact_id),
        case when w.place = 1 and w.is_first then 'first_message' else 'policy' end
      from (
        select c.*, row_number() over (partition by c.contact_id order by c.position) as place,
          public.is_first_contact(c.contact_id, p_stored) as is_first
        from unnest(p_work) c
        where c.inbox_id = any (p_stored)
      ) w
      order by w.position;
  elsif p_booking_policy = 'one-open' then
    insert into public.bookings (organization_id, contact_id, instance_id, person_id, reason)
      select distinct on (w.contact_id) w.organization_id, w.contact_id, w.instance_id, nullif(w.person_id, w.contact_id),
        case when public.is_first_contact(w.contact_id, p_stored) then 'first_message' else 'policy' end
      from unnest(p_work) w
      where w.inbox_id = any (p_stored)
        and not exists (
          select from public.bookings b where b.contact_id = w.contact_id and b.status = 'pending'
        )
      order by w.contact_id, w.position;
  elsif p_booking_policy <> 'off' then
    raise exception 'unknown booking policy %', p_booking_policy using errcode = '22023';
  end if;
end
$$;

-- Appends a `whatsapp:message` event for each newly stored message, in order; returns them.
create or replace function public.store_message_events(p_work public.ingest_work[], p_stored bigint[], p_booking_policy text)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_one public.ingest_work;
  v_from text;
  v_events jsonb;
begin
  if cardinality(p_stored) = 1 then
    -- A message alone is what comes most often.
    foreach v_one in array p_work loop
      exit when v_one.inbox_id = p_stored[1];
    end loop;
    v_from := v_one.phone;
    if v_from is null then
      select coalesce(k.phone_number, v_one.lid || '@lid') into v_from from public.contacts k where k.id = v_one.person_id;
    end if;
    if p_booking_policy = 'one-open' then
      select b.id into v_one.booking_id
        from public.bookings b
        where b.contact_id = v_one.contact_id and b.status = 'pending'
        order by b.created_at, b.id
        limit 1;
    end if;
    return jsonb_build_array(public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:message', 'payload', public.message_payload(v_one.instance_id, v_one.message_id, v_from,
        v_one.content, v_one.sent_at, v_one.contact_id, v_one.booking_id, v_one.detail))));
  end if;
  with fresh as materialized (
    select w.position, w.organization_id, w.instance_id, w.message_id, w.phone, w.lid, w.content, w.sent_at, w.contact_id,
      w.person_id, w.booking_id, w.detail, row_number() over (partition by w.organization_id order by w.position) as place
    from unnest(p_work) w
    where w.inbox_id = any (p_stored)
  ), numbered as (
    update public.organizations o set event_seq = o.event_seq + c.events
      from (select f.organization_id, count(*) as events from fresh f group by f.organization_id) c
      where o.id = c.organization_id
      returning o.id, o.event_seq - c.events as base
  ), made as materialized (
    select f.position, f.organization_id, f.instance_id, n.base + f.place as sequence,
      public.message_payload(f.instance_id, f.message_id,
        coalesce(f.phone, (select k.phone_number from public.contacts k where k.id = f.person_id), f.lid || '@lid'),
        f.content, f.sent_at, f.contact_id,
        case when p_booking_policy = 'one-open' then (
            select b.id from public.bookings b
            where b.contact_id = f.contact_id and b.status = 'pending'
            order by b.created_at, b.id
            limit 1
          ) else f.booking_id end,
        f.detail
      ) as payload
    from fresh f
    join numbered n on n.id = f.organization_id
  ), stored as (
    insert into public.events (organization_id, sequence, name, payload, instance_id)
      select m.organization_id, m.sequence, 'whatsapp:message', m.payload, m.instance_id from made m
  )
  select jsonb_agg(jsonb_build_object('organization_id', m.organization_id, 'sequence', m.sequence,
      'name', 'whatsapp:message', 'payload', m.payload) order by m.position)
    into v_events
    from made m;
  return coalesce(v_events, '[]');
end
$$;

-- Writes placeholders into the ledger; returns the inbox rows of those that were in it already, or whose message had
-- arrived readable before. To be called when the messages of the call are stored.
create or replace function public.record_undecrypted(p_work public.ingest_work[]) returns bigint[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_item record;
  v_copy bigint;
  v_known bigint[] := '{}'::bigint[];
begin
  for v_item in
    select w.* from unnest(p_work) w
    where w.action in ('undecrypted', 'placeholder') and w.reason <> 'view_once' and w.chat_kind is not null
    order by w.position
  loop
    -- 0 for what came from elsewhere than the inbox.
    select c.inbox_id into v_copy
      from (
        select coalesce(m.inbox_id, 0) as inbox_id
        from public.messages m
        where m.instance_id = v_item.instance_id and m.whatsapp_message_id = v_item.message_id
          and m.chat_key = case v_item.chat_kind
            when 'group' then public.group_chat_key(v_item.chat, v_item.from_me, v_item.lid, v_item.phone)
            else v_item.person_id::text end
          and m.direction = case when v_item.from_me then 'outbound' else 'inbound' end
          and m.content_type <> 'ciphertext'
        union all
        select coalesce(n.inbox_id, 0)
        from public.notes n
        where v_item.from_me and n.instance_id = v_item.instance_id and n.whatsapp_message_id = v_item.message_id
          and n.chat_key = coalesce(v_item.person_id::text, v_item.chat)
      ) c
      limit 1;
    if v_copy < v_item.inbox_id or exists (
      select from public.find_undecrypted(v_item.instance_id, v_item.message_id, v_item.chat, v_item.chat_kind,
        v_item.from_me, v_item.phone, v_item.lid, v_item.person_id)
    ) then
      v_known := v_known || v_item.inbox_id;
    else
      insert into public.undecrypted_messages (organization_id, instance_id, inbox_id, message_id, chat, chat_kind,
          from_me, phone, lid, sent_at, received_at, state, recovered_inbox_id, settled_at)
        values (v_item.organization_id, v_item.instance_id, v_item.inbox_id, v_item.message_id, v_item.chat,
          v_item.chat_kind, v_item.from_me, v_item.phone, v_item.lid, v_item.sent_at, v_item.received_at,
          case when v_copy is null then 'waiting' else 'recovered' end, v_copy,
          case when v_copy is not null then now() end)
        on conflict (inbox_id) do nothing;
    end if;
  end loop;
  return v_known;
end
$$;

-- Settles what the readable messages among the items are copies of, whether it still waits or was given up.
create or replace function public.recover_undecrypted(p_work public.ingest_work[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  -- Nearly always there is nothing: one probe of a small index for each message.
  if not exists (
    select from unnest(p_work) w
    join public.undecrypted_messages u on u.instance_id = w.instance_id and u.message_id = w.message_id
    where w.action not in ('undecrypted', 'placeholder') and u.state <> 'recovered'
  ) then
    return;
  end if;
  update public.undecrypted_messages u
    set state = 'recovered', recovered_inbox_id = c.inbox_id, settled_at = now()
    from (
      select f.id, min(w.inbox_id) as inbox_id
      from unnest(p_work) w
      cross join lateral public.find_undecrypted(w.instance_id, w.message_id, w.chat, w.chat_kind, w.from_me,
        w.phone, w.lid, w.person_id) f
      where w.action not in ('undecrypted', 'placeholder', 'dead') and w.chat_kind is not null
      group by f.id
    ) c
    where u.id = c.id and u.state <> 'recovered';
end
$$;

-- Shows anew what was stored as `unsupported` and is understood now that its row is worked on once more. `again`: the rows of the inbox
-- that were worked on before, whatever came of it.
create or replace function public.read_again(p_work public.ingest_work[], p_stored bigint[], out again bigint[], out events jsonb)
  language plpgsql
  set search_path = ''
as $$
-- `events` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_shown bigint[] := '{}'::bigint[];
  v_one record;
begin
  again := '{}';
  events := '[]'::jsonb;
  for v_one in
    select w.inbox_id, w.action, w.organization_id, w.instance_id, w.message_id, w.contact_id, w.content, w.content_type,
      w.sent_at, w.phone, w.lid, w.from_me, w.detail, coalesce(w.detail ->> 'type', 'text') as type, m.group_id,
      coalesce(m.id, n.id) as id, coalesce(m.type, n.type) = 'unsupported' and coalesce(m.deleted_at, n.deleted_at) is null
        and coalesce(w.detail ->> 'type', 'text') <> 'unsupported' as is_news
    from unnest(p_work) w
    left join public.messages m on w.action in ('client', 'group') and m.instance_id = w.instance_id
      and m.direction = case when w.action = 'group' and w.from_me then 'outbound' else 'inbound' end
      and m.chat_key = case w.action when 'group' then public.group_chat_key(w.chat, w.from_me, w.lid, w.phone)
        else w.person_id::text end
      and m.whatsapp_message_id = w.message_id and m.inbox_id = w.inbox_id
    left join public.notes n on w.action = 'owner_note' and n.instance_id = w.instance_id
      and n.chat_key = coalesce(w.person_id::text, w.chat) and n.whatsapp_message_id = w.message_id and n.inbox_id = w.inbox_id
    where w.inbox_id <> all (p_stored) and (m.id is not null or n.id is not null)
    order by w.position
  loop
    again := again || v_one.inbox_id;
    continue when not v_one.is_news;
    execute format('update public.%I set content = case when edited_at is null then $2 else content end, content_type = $3,
        type = $4, metadata = $5 -> ''metadata'', reply_to = $5 -> ''reply_to'', mentions = $5 -> ''mentions'',
        is_forwarded = $5 ? ''is_forwarded'' is true, is_view_once = $5 ? ''is_view_once'' is true,
        secret = decode($5 ->> ''secret'', ''base64'') where id = $1',
        case v_one.action when 'owner_note' then 'notes' else 'messages' end)
      using v_one.id, v_one.content, v_one.content_type, v_one.type, v_one.detail;
    v_shown := v_shown || v_one.inbox_id;
    events := events || public.append_event(v_one.organization_id, v_one.instance_id, jsonb_build_object(
      'name', 'whatsapp:message-updated', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_one.instance_id,
        'id', v_one.id, 'messageId', v_one.message_id, 'contactId', v_one.contact_id, 'groupId', v_one.group_id,
        'timestamp', to_char(v_one.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'change', 'read_again', 'metadata', '{}'::jsonb, 'fromMe', v_one.from_me,
        'from', case when not v_one.from_me then coalesce(v_one.phone, v_one.lid || '@lid') end))));
  end loop;
  if v_shown <> '{}' then
    perform public.store_media(p_work, v_shown);
  end if;
end
$$;

-- Does what is to be done for organizations with the same booking policy: messages, notes, bookings, events and the loss ledger.
-- `outcomes`: what became of each row. Where it is early, somebody waits for it who must not wait long: nothing is done that may have
-- much to move. `p_is_answering`: some of them have messages answered.
create or replace function public.do_work_under(p_booking_policy text, p_is_answering boolean, p_work public.ingest_work[],
    p_is_early boolean, out events jsonb, out outcomes public.ingest_outcome[])
  language plpgsql
  set search_path = ''
as $$
declare
  v_people record;
  v_resolved record;
  v_work public.ingest_work[];
  v_messages bigint[] := '{}'::bigint[];
  v_notes bigint[] := '{}'::bigint[];
  v_known bigint[] := '{}'::bigint[];
  v_shown record;
  v_placed bigint[] := '{}'::bigint[];
  v_groups record;
  v_grouped bigint[] := '{}'::bigint[];
  v_ignored bigint[] := '{}'::bigint[];
  v_read record;
  v_again bigint[] := '{}'::bigint[];
  v_changed record;
  v_reasons jsonb;
begin
  v_people := public.look_up_people(p_work, p_booking_policy);
  v_work := v_people.work;
  events := '[]'::jsonb;
  if v_people.news is not null then
    if p_is_early and v_people.changes then
      raise exception 'conversations may move' using errcode = 'AZ414';
    end if;
    v_resolved := public.resolve_people(p_work, p_booking_policy);
    v_work := v_resolved.work;
    events := v_resolved.told;
  end if;
  if 'client' = any (v_people.actions) then
    v_messages := public.store_inbound(v_work);
  end if;
  if 'owner_note' = any (v_people.actions) then
    v_notes := public.store_notes(v_work);
  end if;
  if v_messages <> '{}' then
    perform public.store_bookings(v_work, v_messages, p_booking_policy);
    events := events || public.store_message_events(v_work, v_messages, p_booking_policy);
    if p_is_answering then
      events := events || public.reply_to_received(v_work, v_messages);
    end if;
  end if;
  if v_notes <> '{}' then
    events := events || public.store_note_events(v_work, v_notes);
  end if;
  if 'group' = any (v_people.actions) then
    v_groups := public.store_in_groups(v_work);
    v_grouped := v_groups.stored;
    v_ignored := v_groups.ignored;
    events := events || v_groups.events;
  end if;
  if cardinality(v_messages || v_notes || v_grouped) < cardinality(array_positions(v_people.actions, 'client'))
      + cardinality(array_positions(v_people.actions, 'owner_note')) + cardinality(array_positions(v_people.actions, 'group')) then
    v_read := public.read_again(v_work, v_messages || v_notes || v_grouped);
    v_again := v_read.again;
    events := events || v_read.events;
  end if;
  if 'history' = any (v_people.actions) then
    perform public.note_history(v_work);
  end if;
  if v_people.actions && array['undecrypted', 'placeholder'] then
    v_known := public.record_undecrypted(v_work);
    if 'placeholder' = any (v_people.actions) then
      v_shown := public.store_placeholders(v_work, v_known);
      v_placed := v_shown.stored;
      events := events || v_shown.events;
    end if;
  end if;
  perform public.recover_undecrypted(v_work);
  if v_people.is_awaited or 'change' = any (v_people.actions) then
    v_changed := public.apply_changes(v_work, v_messages || v_notes || v_grouped, v_people.is_awaited);
    events := events || v_changed.events;
    v_reasons := v_changed.reasons;
  end if;
  select array_agg(row(c.inbox_id, c.instance_id, case when c.outcome = 'dead' then 2 else 1 end, c.outcome,
      case when c.outcome = 'duplicate' then 'duplicate' when c.inbox_id = any (v_again) then 'read_again' else c.reason end,
      case when c.outcome = 'dead' then c.reason end)::public.ingest_outcome)
    into outcomes
    from (
      select w.inbox_id, w.instance_id, coalesce(v_reasons ->> w.inbox_id::text, w.reason) as reason,
        case
          when w.action = 'client' then case
            when w.inbox_id = any (v_messages || v_again) then 'stored' else 'duplicate' end
          when w.action = 'owner_note' then case
            when w.reason = 'own_send' then 'skipped'
            when w.inbox_id = any (v_notes || v_again) then 'note'
            else 'duplicate' end
          when w.action = 'group' then case
            when w.inbox_id = any (v_grouped || v_again) then 'group'
            when w.inbox_id = any (v_ignored) then 'skipped'
            else 'duplicate' end
          when w.action = 'placeholder' and w.reason = 'view_once' then case
            when w.inbox_id = any (v_placed) then 'stored' else 'duplicate' end
          when w.action in ('undecrypted', 'placeholder') then case
            when w.inbox_id = any (v_known) then 'duplicate' else 'undecrypted' end
          when w.action = 'dead' then 'dead'
          else 'skipped' end as outcome
      from unnest(v_work) w
    ) c;
end
$$;

-- Does what is to be done, as each organization has it; `p_booking_policy`: where one said nothing.
create or replace function public.do_work(p_work public.ingest_work[], p_booking_policy text, p_is_early boolean,
    out events jsonb, out outcomes public.ingest_outcome[])
  language plpgsql
  set search_path = ''
as $$
declare
  v_found record;
  v_one record;
  v_done record;
begin
  -- Once for each organization of the work, which nearly always is one.
  select array_agg(distinct coalesce(s.booking_policy, p_booking_policy)) as policies,
      coalesce(bool_or(s.automatic_replies <> '{}'), false) as is_answering
    into v_found
    from (select distinct w.organization_id from unnest(p_work) w) o
    left join public.organization_settings s on s.organization_id = o.organization_id;
  if cardinality(v_found.policies) = 1 then
    v_done := public.do_work_under(v_found.policies[1], v_found.is_answering, p_work, p_is_early);
    events := v_done.events;
    outcomes := v_done.outcomes;
    return;
  end if;
  events := '[]'::jsonb;
  outcomes := '{}';
  for v_one in
    select coalesce(s.booking_policy, p_booking_policy) as policy, array_agg(w order by w.position) as work
    from unnest(p_work) w
    left join public.organization_settings s on s.organization_id = w.organization_id
    group by 1
    order by 1
  loop
    v_done := public.do_work_under(v_one.policy, v_found.is_answering, v_one.work, p_is_early);
    events := events || v_done.events;
    outcomes := outcomes || v_done.outcomes;
  end loop;
end
$$;

revoke execute on function
  public.make_work(public.ingest_row[]), public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.look_up_people(public.ingest_work[], text), public.resolve_people(public.ingest_work[], text),
  public.named_by_placeholder(public.ingest_row), public.replace_placeholders(public.ingest_work[]),
  public.store_placeholders(public.ingest_work[], bigint[]), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_note_events(public.ingest_work[], bigint[]),
  public.store_bookings(public.ingest_work[], bigint[], text),
  public.message_payload(uuid, text, text, text, timestamptz, uuid, uuid, jsonb),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.record_undecrypted(public.ingest_work[]), public.recover_undecrypted(public.ingest_work[]),
  public.is_first_contact(uuid, bigint[]), public.do_work_under(text, boolean, public.ingest_work[], boolean),
  public.read_again(public.ingest_work[], bigint[]), public.do_work(public.ingest_work[], text, boolean),
  public.count_received(public.ingest_outcome[]), public.ingest_inbox(jsonb),
  public.owner_versions(text[]), public.ingest_received(public.ingest_row[], text[], text),
  public.store_received(public.ingest_row[], jsonb, public.ingest_outcome[]), public.commit_and_ingest(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.make_work(public.ingest_row[]), public.begin_ingest(jsonb, text), public.skip_erased(public.ingest_work[]),
  public.look_up_people(public.ingest_work[], text), public.resolve_people(public.ingest_work[], text),
  public.named_by_placeholder(public.ingest_row), public.replace_placeholders(public.ingest_work[]),
  public.store_placeholders(public.ingest_work[], bigint[]), public.store_inbound(public.ingest_work[]),
  public.store_notes(public.ingest_work[]), public.store_note_events(public.ingest_work[], bigint[]),
  public.store_bookings(public.ingest_work[], bigint[], text),
  public.message_payload(uuid, text, text, text, timestamptz, uuid, uuid, jsonb),
  public.store_message_events(public.ingest_work[], bigint[], text),
  public.record_undecrypted(public.ingest_work[]), public.recover_undecrypted(public.ingest_work[]),
  public.is_first_contact(uuid, bigint[]), public.do_work_under(text, boolean, public.ingest_work[], boolean),
  public.read_again(public.ingest_work[], bigint[]), public.do_work(public.ingest_work[], text, boolean),
  public.count_received(public.ingest_outcome[]), public.ingest_inbox(jsonb),
  public.owner_versions(text[]), public.ingest_received(public.ingest_row[], text[], text),
  public.store_received(public.ingest_row[], jsonb, public.ingest_outcome[]), public.commit_and_ingest(jsonb)
  to service_role;

-- 33_message_change_functions.sql

-- The message of a chat that a change is about, or the note. In the chat's own conversation alone: senders choose the ids.
create or replace function public.find_changed(p_change public.ingest_work, out id uuid, out is_note boolean)
  language plpgsql stable
  set search_path = ''
as $$
-- @plpgsql_check_options: extra_warnings = off
declare
  v_target constant jsonb := p_change.detail -> 'target';
  v_keys constant text[] := array_remove(array[p_change.person_id::text, p_change.chat,
    p_change.phone || '@s.whatsapp.net', p_change.lid || '@lid'], null);
begin
  is_note := false;
  if public.is_in_group(p_change) then
    -- Of the author that is named: in a group many choose ids.
    select m.id into id
      from public.groups g
      join public.messages m on m.group_id = g.id and m.whatsapp_message_id = v_target ->> 'message_id'
      where g.instance_id = p_change.instance_id and g.jid = p_change.chat and case
        when (v_target ->> 'from_me')::boolean then m.direction = 'outbound'
        else m.direction = 'inbound'
          and (m.sender_lid = v_target -> 'author' ->> 'lid' or m.sender_phone = v_target -> 'author' ->> 'phone') end
      order by m.ordinal
      limit 1;
    return;
  end if;
  select m.id into id
    from public.messages m
    where m.instance_id = p_change.instance_id and m.chat_key = any (v_keys)
      and m.direction = case when (v_target ->> 'from_me')::boolean then 'outbound' else 'inbound' end
      and m.whatsapp_message_id = v_target ->> 'message_id'
      -- What is done to a message waits until it can be read. One that is to be seen once never can.
      and (m.content_type <> 'ciphertext' or m.is_view_once)
    order by m.ordinal
    limit 1;
  if id is null then
    select n.id into id
      from public.notes n
      where n.instance_id = p_change.instance_id and n.chat_key = any (v_keys)
        and n.whatsapp_message_id = v_target ->> 'message_id'
      order by n.ordinal
      limit 1;
    is_note := id is not null;
  end if;
end
$$;

-- Does what somebody did to a message. `event`: what tells of it. `reason`: why nothing came of it.
create or replace function public.apply_change(p_change public.ingest_work, out event jsonb, out reason text)
  language plpgsql
  set search_path = ''
as $$
-- @plpgsql_check_options: extra_warnings = off
declare
  v_detail constant jsonb := p_change.detail;
  v_kind constant text := p_change.detail ->> 'kind';
  v_found record;
  v_row record;
  v_table text;
  v_name text := 'whatsapp:message-updated';
  v_payload jsonb;
begin
  if public.is_in_group(p_change) and not exists (
    select from public.whatsapp_instances i where i.id = p_change.instance_id and i.group_policy = 'store'
  ) then
    reason := 'group';
    return;
  end if;
  v_found := public.find_changed(p_change);
  if v_found.id is null then
    reason := public.keep_change(p_change);
    return;
  end if;
  v_table := case when v_found.is_note then 'notes' else 'messages' end;
  if v_found.is_note then
    select n.contact_id, n.content, n.metadata, n.edited_at, n.deleted_at, null::uuid as group_id into v_row
      from public.notes n where n.id = v_found.id for update;
  else
    select m.contact_id, m.content, m.metadata, m.edited_at, m.deleted_at, m.group_id into v_row
      from public.messages m where m.id = v_found.id for update;
  end if;
  if v_kind in ('edit', 'delete', 'live_location') and (case when v_row.group_id is null
      then p_change.from_me <> (v_detail -> 'target' ->> 'from_me')::boolean
      else not public.may_change_in_group(p_change, v_found.id) end) then
    reason := 'not_the_author';
  elsif v_row.deleted_at is not null then
    reason := 'message_deleted';
  elsif v_kind = 'sealed' then
    reason := 'sealed_change';
  end if;
  if reason is not null then
    return;
  end if;
  v_payload := jsonb_build_object('instanceId', p_change.instance_id, 'id', v_found.id,
    'messageId', v_detail -> 'target' -> 'message_id', 'contactId', v_row.contact_id, 'groupId', v_row.group_id,
    'timestamp', to_char(p_change.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));

  if v_kind = 'delete' then
    perform public.delete_changed(p_change, v_found.id, v_found.is_note);
    v_name := 'whatsapp:message-deleted';
  elsif v_kind = 'edit' then
    if v_row.edited_at >= p_change.sent_at or v_row.content = p_change.content then
      reason := 'superseded';
      return;
    end if;
    insert into public.message_edits (organization_id, message_id, note_id, ordinal, content, edited_at)
      select p_change.organization_id, case when not v_found.is_note then v_found.id end,
        case when v_found.is_note then v_found.id end, c.edits + 1, v_row.content, p_change.sent_at
      from (
        select count(*) as edits from public.message_edits e where e.message_id = v_found.id or e.note_id = v_found.id
      ) c
      where c.edits < 100;
    execute format('update public.%I set content = $2, edited_at = $3, mentions = $4,
        metadata = case when $5 is null then metadata else coalesce(metadata, ''{}'') || $5 end where id = $1', v_table)
      using v_found.id, p_change.content, p_change.sent_at, v_detail -> 'mentions', v_detail -> 'metadata';
    v_name := 'whatsapp:message-edited';
    v_payload := v_payload || jsonb_build_object('text', p_change.content);
  elsif v_kind = 'reaction' then
    if not public.store_reaction(p_change, v_found.id, v_found.is_note) then
      reason := 'superseded';
      return;
    end if;
    v_name := 'whatsapp:reaction';
    v_payload := v_payload || jsonb_build_object('emoji', coalesce(v_detail ->> 'emoji', ''));
  else
    if v_kind = 'live_location' then
      if (v_row.metadata ->> 'updated_at')::timestamptz >= p_change.sent_at then
        reason := 'superseded';
        return;
      end if;
      v_row.metadata := coalesce(v_row.metadata, '{}') || coalesce(v_detail -> 'metadata', '{}')
        || jsonb_build_object('updated_at', v_payload -> 'timestamp');
    elsif not public.store_answer(p_change, v_found.id, v_found.is_note,
        coalesce(v_detail -> 'options', v_detail -> 'answer', v_detail -> 'on')) then
      reason := 'superseded';
      return;
    elsif v_kind in ('pin', 'keep') then
      v_row.metadata := coalesce(v_row.metadata, '{}') || jsonb_build_object(
        case v_kind when 'pin' then 'is_pinned' else 'is_kept' end, v_detail -> 'on');
    else
      v_row.metadata := public.counted_answers(v_found.id, v_row.metadata);
    end if;
    execute format('update public.%I set metadata = $2 where id = $1', v_table) using v_found.id, v_row.metadata;
    v_payload := v_payload || jsonb_build_object('change', v_kind, 'metadata', v_row.metadata);
  end if;
  if v_name in ('whatsapp:reaction', 'whatsapp:message-updated') then
    v_payload := v_payload || jsonb_build_object('fromMe', p_change.from_me, 'from', case
      when p_change.from_me then (
        select coalesce(i.account_phone, i.phone_number) from public.whatsapp_instances i where i.id = p_change.instance_id
      )
      else coalesce(p_change.phone, (
          select k.phone_number from public.contacts k where k.id = coalesce(p_change.person_id, p_change.contact_id)),
        p_change.lid || '@lid') end);
  end if;
  event := public.append_event(p_change.organization_id, p_change.instance_id,
    jsonb_build_object('name', v_name, 'payload', jsonb_strip_nulls(v_payload)));
end
$$;

-- Does the changes among the items, and those that waited for one of the messages that were stored now; first the latter, each in the
-- order in which they were made. `reasons`: by row of the inbox, why nothing came of it.
create or replace function public.apply_changes(p_work public.ingest_work[], p_stored bigint[], p_is_awaited boolean,
    out events jsonb, out reasons jsonb)
  language plpgsql
  set search_path = ''
as $$
-- `events` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_one public.ingest_work;
  v_waiting record;
  v_done record;
begin
  events := '[]'::jsonb;
  reasons := '{}'::jsonb;
  if p_is_awaited then
    for v_waiting in
      select c.id as waiting_id, c.inbox_id as change_inbox_id, c.change, c.from_me as change_from_me, c.sent_at as changed_at,
        c.phone as change_phone, c.lid as change_lid, w as item
      from unnest(p_work) w
      join public.pending_changes c on c.instance_id = w.instance_id and c.message_id = w.message_id
      left join public.contacts k on k.id = w.person_id
      where w.inbox_id = any (p_stored) and c.target_from_me = w.from_me
        and case when c.change ? 'chat'
          then c.change ->> 'chat' = w.chat and (w.from_me or c.change -> 'target' -> 'author' ->> 'phone' = w.phone
            or c.change -> 'target' -> 'author' ->> 'lid' = w.lid)
          else not public.is_in_group(w) and (c.phone in (w.phone, w.other_phone, k.phone_number) or c.lid in (w.lid, k.lid)) end
      order by c.sent_at, c.id
    loop
      delete from public.pending_changes c where c.id = v_waiting.waiting_id;
      if v_waiting.change ->> 'kind' = 'sealed' then
        -- Its message is there: a worker can open it now.
        update public.inbox i
          set state = 0, outcome = null, reason = null, error = null, processed_at = null, claimed_by = null, claimed_until = null
          where i.id = v_waiting.change_inbox_id and i.state = 1 and i.body is not null;
        continue;
      end if;
      v_one := v_waiting.item;
      v_one.detail := v_waiting.change;
      v_one.content := coalesce(v_waiting.change ->> 'content', '');
      v_one.from_me := v_waiting.change_from_me;
      if public.is_in_group(v_one) then
        v_one.phone := v_waiting.change_phone;
        v_one.lid := v_waiting.change_lid;
      end if;
      v_one.sent_at := v_waiting.changed_at;
      v_one.inbox_id := v_waiting.change_inbox_id;
      v_done := public.apply_change(v_one);
      if v_done.event is not null then
        events := events || v_done.event;
      end if;
    end loop;
  end if;
  foreach v_one in array p_work loop
    if v_one.action = 'change' then
      v_done := public.apply_change(v_one);
      if v_done.event is not null then
        events := events || v_done.event;
      end if;
      if v_done.reason is not null then
        reasons := reasons || jsonb_build_object(v_one.inbox_id::text, v_done.reason);
      end if;
    end if;
  end loop;
end
$$;

-- Of each item the rows of the inbox that its target came in, sealed as they are, for whoever opens what is sealed to it; and the
-- secret of a poll or an event.
create or replace function public.find_change_targets(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
        'secret', translate(encode(coalesce(m.secret, n.secret), 'base64'), e'\n', ''),
        'inbox', case when i.body is not null then to_jsonb(i) - 'body'
          || jsonb_build_object('body', translate(encode(i.body, 'base64'), e'\n', '')) end
      ) order by e.place), '[]')
    from jsonb_array_elements(p -> 'items') with ordinality as e (item, place)
    left join public.inbox c on c.id = (e.item ->> 'inbox_id')::bigint
    left join public.contacts a on a.organization_id = c.organization_id and a.phone_number = e.item ->> 'phone'
    left join public.contacts b on b.organization_id = c.organization_id and b.lid = e.item ->> 'lid'
    left join lateral public.find_changed(row(e.place, c.id, 'change', null, c.organization_id, c.instance_id,
      e.item ->> 'phone', e.item ->> 'lid', null, null, coalesce(e.item ->> 'chat', c.chat), null, null, null, null, null, null, null, null,
      null, e.item, coalesce(b.id, a.id))::public.ingest_work) f on true
    left join public.messages m on m.id = f.id and not f.is_note
    left join public.notes n on n.id = f.id and f.is_note
    left join public.inbox i on i.id = coalesce(m.inbox_id, n.inbox_id)
  );
end
$$;

-- 34_outbound.sql

-- Tells that a message was stored, and is about to be sent; returns the event.
create or replace function public.message_sent_event(p_message public.messages, p_to text) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  return public.append_event(p_message.organization_id, p_message.instance_id, jsonb_build_object('name', 'whatsapp:message-sent',
    'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_message.instance_id, 'id', p_message.id,
      'messageId', p_message.whatsapp_message_id, 'to', p_to, 'text', p_message.content, 'type', p_message.type,
      'contactId', p_message.contact_id, 'reason', p_message.reason, 'timestamp', public.event_time(p_message.created_at)))));
end
$$;

revoke execute on function public.message_sent_event(public.messages, text) from public, anon, authenticated;

grant execute on function public.message_sent_event(public.messages, text) to service_role;

-- Stores a message before it is sent, with its contact, and with the entry of the audit log that `audit` holds. Whom it is
-- for is given as `chat_jid`, `phone`, `other_phone` and `lid`, or as `numbers`, any of which may be the person's, with the `lid` where
-- it was found out just now: then it goes where that person wrote from, or else to `otherwise`; where that is not given either,
-- nothing is stored and the answer says so.
-- `detail`: what there is to store of a message that is more than a plain text.
-- `events`: of the message, of contacts that turned out to be one person, and of what `booking_policy` leaves of their open bookings.
create or replace function public.begin_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
  v_audit constant jsonb := nullif(p -> 'audit', 'null');
  v_detail constant jsonb := nullif(p -> 'detail', 'null');
  v_address jsonb := p;
  v_conversation jsonb;
  v_chat text;
  v_phone text;
  v_lid text;
  v_noted jsonb := '{}'::jsonb;
  v_event_seq bigint;
  v_account text;
  v_epoch bigint;
  v_person_id uuid;
  v_contact_id uuid;
  v_message public.messages;
begin
  -- Before the locks: it may have much to read.
  if p ->> 'chat_jid' is null and jsonb_typeof(p -> 'numbers') = 'array' then
    v_address := nullif(p -> 'otherwise', 'null');
    v_conversation := public.conversation_address(v_organization_id, v_instance_id, p -> 'numbers', p ->> 'lid');
    if p ->> 'lid' is null then
      v_address := coalesce(v_conversation, v_address);
    elsif v_conversation is not null then
      -- What was found out of the person just now is newer than what the contact says.
      v_address := v_address || jsonb_build_object('chat_jid', v_conversation -> 'chat_jid');
    end if;
  end if;
  v_chat := v_address ->> 'chat_jid';
  v_phone := nullif(v_address ->> 'phone', '');
  v_lid := nullif(v_address ->> 'lid', '');
  select event_seq into v_event_seq from public.organizations where id = v_organization_id for no key update;
  perform 1 from public.whatsapp_instances where id = v_instance_id and organization_id = v_organization_id;
  if not found then
    raise exception 'instance not found' using errcode = 'AZ404';
  end if;
  -- The lock above makes calls with one key wait for each other.
  select * into v_message from public.stored_outbound(p);
  if found then
    if v_audit is not null then
      v_noted := jsonb_build_object('audit_id', public.begin_audit(v_audit));
    end if;
    return public.outbound_view(v_message) || v_noted || '{"was_there": true}';
  end if;
  if v_address is null then
    return jsonb_build_object('unresolved', true);
  end if;
  if (v_phone is not null or v_lid is not null) and not exists (
    select from public.whatsapp_instances i
    where i.organization_id = v_organization_id and i.deleted_at is null
      and (v_phone in (i.phone_number, i.account_phone) or v_lid = i.account_lid)
  ) then
    v_person_id := public.resolve_person(v_organization_id, v_instance_id, v_phone, v_address ->> 'other_phone', v_lid,
      coalesce(p ->> 'booking_policy', 'off'), true);
    v_contact_id := public.current_contact(v_organization_id, v_person_id);
    update public.contacts set last_message_at = greatest(last_message_at, now()) where id = v_contact_id;
  end if;
  -- After messages that are locked where contacts are merged, as receipts do: no deadlocks.
  select coalesce(account_phone, account_lid, ''), lease_epoch into v_account, v_epoch
    from public.whatsapp_instances where id = v_instance_id
    for share;
  if v_epoch <> (p ->> 'epoch')::bigint then
    raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_instance_id)::text;
  end if;
  if p ->> 'request_id' is not null then
    -- Held until the end, so that a withdrawal comes before or after all of this. Whoever can't withdraw it waits until it
    -- is over, and goes by the clock: this may have waited for the locks above.
    perform 1 from public.node_requests
      where id = (p ->> 'request_id')::uuid and expires_at > clock_timestamp()
      for share;
    if not found then
      raise exception 'request withdrawn' using errcode = 'AZ404';
    end if;
  end if;
  insert into public.messages as m (id, organization_id, contact_id, instance_id, direction, content, content_type,
      whatsapp_message_id, chat_jid, chat_key, status, idempotency_key, request_hash, sent_from, type, metadata, reply_to,
      mentions, is_view_once, request, change_of)
    values (coalesce((p ->> 'message_id')::uuid, gen_random_uuid()), v_organization_id, v_contact_id, v_instance_id,
      'outbound', p ->> 'content', coalesce(p ->> 'content_type', 'conversation'), p ->> 'whatsapp_message_id', v_chat,
      coalesce(v_person_id::text, v_chat, ''), 'pending',
      p ->> 'idempotency_key', p ->> 'request_hash', nullif(v_account, ''), coalesce(v_detail ->> 'type', 'text'),
      nullif(v_detail -> 'metadata', 'null'), nullif(v_detail -> 'reply_to', 'null'), nullif(v_detail -> 'mentions', 'null'),
      coalesce((v_detail ->> 'is_view_once')::boolean, false), v_detail -> 'request', (v_detail ->> 'change_of')::uuid)
    on conflict (instance_id, direction, chat_key, whatsapp_message_id) do update set updated_at = now()
    returning m.* into v_message;
  if v_detail #> '{request,file}' is not null then
    perform public.attach_media(v_message.id, (v_detail #>> '{request,file,id}')::uuid, jsonb_build_object(
      'kind', v_detail ->> 'type', 'file_name', v_detail #> '{request,file,fileName}',
      'waveform', v_detail #> '{request,file,waveform}', 'is_animated', v_detail #> '{request,file,isAnimated}'));
  end if;
  if p -> 'detail' ->> 'change_of' is null then
    perform public.message_sent_event(v_message, coalesce(v_phone, v_lid || '@lid', v_chat));
  end if;
  if v_audit is not null then
    v_noted := jsonb_build_object('audit_id', public.begin_audit(v_audit));
  end if;
  return public.outbound_view(v_message) || v_noted || coalesce((
    select jsonb_build_object('events', jsonb_agg(jsonb_build_object('organization_id', e.organization_id,
      'sequence', e.sequence, 'name', e.name, 'payload', e.payload) order by e.sequence))
    from public.events e
    where e.organization_id = v_organization_id and e.sequence > v_event_seq
    having count(*) > 0
  ), '{}');
end
$$;

-- To be asked before a message is written again: it may be known by now, too old, or another account's. Not for a sender who
-- lost the session. One that failed as `reopened` says is taken up again, unless something else is in the way: then it stays as it is.
create or replace function public.repeat_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_message public.messages;
  v_account public.whatsapp_instances;
  v_is_reopened boolean;
  v_reason text;
begin
  perform 1 from public.organizations o
    where o.id = (select m.organization_id from public.messages m where m.id = (p ->> 'message_id')::uuid)
    for no key update;
  select * into v_message from public.messages
    where id = (p ->> 'message_id')::uuid and direction = 'outbound' for update;
  if not found then
    return jsonb_build_object('status', 'failed', 'error', 'message_deleted');
  end if;
  v_is_reopened := v_message.status = 'failed' and coalesce(v_message.error = p ->> 'reopened', false);
  if v_message.status in ('pending', 'unknown') or v_is_reopened then
    select * into v_account from public.whatsapp_instances where id = v_message.instance_id;
    if v_account.lease_epoch <> (p ->> 'epoch')::bigint then
      raise exception 'fenced' using errcode = 'AZ001', detail = jsonb_build_array(v_account.id)::text;
    end if;
    v_reason := case
      when v_message.sent_from not in (v_account.account_phone, v_account.account_lid) then 'account_changed'
      when v_message.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float) then 'not_confirmed_in_time'
      -- By then it answers nothing any more.
      when v_message.reason in ('automatic: first_message', 'automatic: outside_hours')
        and v_message.created_at < now() - interval '1 hour' then 'not_confirmed_in_time'
      when v_message.repeats >= (p ->> 'max_repeats')::int then 'not_confirmed'
    end;
    if v_is_reopened and v_reason is not null then
      return jsonb_build_object('status', 'failed', 'error', v_message.error);
    end if;
    update public.messages
      set status = case when v_reason is null then 'unknown' else 'failed' end,
        error = v_reason,
        repeats = repeats + case when v_reason is null then 1 else 0 end
      where id = v_message.id
      returning * into v_message;
    if v_reason is not null then
      perform public.append_events(jsonb_build_array(public.status_event(v_message, 'failed', v_reason, null)));
    end if;
  end if;
  return jsonb_build_object('status', v_message.status, 'error', v_message.error);
end
$$;

-- Gives up what was in doubt for too long, also for instances that nobody runs; tells which instances have something
-- in doubt that nothing has happened to for a while.
create or replace function public.sweep_outbound(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_ids uuid[];
  v_told jsonb;
  v_instances jsonb;
begin
  v_ids := array(
    select m.id from public.messages m
    where m.direction = 'outbound' and m.status in ('pending', 'unknown')
      and m.created_at < now() - make_interval(secs => (p ->> 'max_age_seconds')::float)
    limit 1000
  );
  perform 1 from public.organizations o
    where o.id in (select m.organization_id from public.messages m where m.id = any (v_ids))
    order by o.id
    for no key update;
  with expired as (
    select m.id from public.messages m
    where m.id = any (v_ids) and m.status in ('pending', 'unknown')
    for update skip locked
  ), failed as (
    update public.messages m set status = 'failed', error = 'not_confirmed_in_time'
      from expired e where m.id = e.id
      returning m.ordinal, public.status_event(m, 'failed', m.error, null) as event
  )
  select coalesce(jsonb_agg(f.event order by f.ordinal), '[]') into v_told from failed f;
  perform public.append_events(v_told);
  select coalesce(jsonb_agg(o.instance_id), '[]') into v_instances
    from (
      select distinct m.instance_id from public.messages m
      where m.direction = 'outbound' and m.status in ('pending', 'unknown')
        and (m.updated_at < now() - make_interval(secs => (p ->> 'idle_seconds')::float)
          -- No call waits for it, so it may be that nobody was told of it.
          or m.reason is not null and m.status = 'pending')
      limit 5000
    ) o;
  return jsonb_build_object('expired', jsonb_array_length(v_told), 'instance_ids', v_instances);
end
$$;

-- Only the recipient of a message says that it arrived, and gets it again: anybody may have come to know its id.

-- Whether a message was sent to the person with this phone number or LID, however the chat was addressed.
create or replace function public.was_sent_to(m public.messages, p_phone text, p_lid text) returns boolean
  language sql stable
  set search_path = ''
as $$
  select coalesce(m.chat_jid in (p_phone || '@s.whatsapp.net', p_lid || '@lid'), false)
  or exists (
    select from public.addressed_contact(m.contact_id, m.chat_key) c where c.phone_number = p_phone or c.lid = p_lid
  )
$$;

-- Where the owner of a number wrote from last: the contact with this LID, where it is known whose the number is, or else that of the
-- first of the numbers that has one; and the chat of the last message that came from it to this instance. Null where there
-- is none, or where that chat is no person's.
create or replace function public.conversation_address(p_organization_id text, p_instance_id uuid, p_numbers jsonb,
    p_lid text)
  returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_contact public.contacts;
  v_others text[];
  v_chat text;
begin
  select c.* into v_contact from public.contacts c where c.organization_id = p_organization_id and c.lid = p_lid;
  if not found then
    select c.* into v_contact
      from jsonb_array_elements_text(p_numbers) with ordinality n (number, place)
      join public.contacts c on c.phone_number = n.number and c.organization_id = p_organization_id
      -- With another LID it was whose number it is no more.
      where p_lid is null or c.lid is null
      order by n.place
      limit 1;
  end if;
  if v_contact.id is null then
    return null;
  end if;
  -- Of contacts that were merged each has an address of its own.
  v_others := array(
    select o.id::text from public.contacts o
    where (o.id = v_contact.merged_into or o.merged_into = coalesce(v_contact.merged_into, v_contact.id)) and o.id <> v_contact.id
  );
  select m.chat_jid into v_chat from public.messages m
    where m.contact_id = coalesce(v_contact.merged_into, v_contact.id) and m.organization_id = p_organization_id
      and m.instance_id = p_instance_id and m.direction = 'inbound'
      and m.chat_key <> all (v_others)
    order by m.ordinal desc
    limit 1;
  if v_chat is null or v_chat !~ '^[^@]*@(s\.whatsapp\.net|c\.us|lid)$' then
    return null;
  end if;
  -- Without the device; c.us is an old name of s.whatsapp.net.
  v_chat := substring(v_chat from '^[^@:_]*') || replace(substring(v_chat from '@.*$'), '@c.us', '@s.whatsapp.net');
  if v_chat like '%@s.whatsapp.net' and v_chat <> concat(v_contact.phone_number, '@s.whatsapp.net') then
    -- From a number that may be somebody else's by now.
    v_chat := coalesce(v_contact.lid || '@lid', v_contact.phone_number || '@s.whatsapp.net');
  end if;
  return jsonb_build_object('chat_jid', v_chat, 'phone', v_contact.phone_number, 'lid', v_contact.lid);
end
$$;

-- 35_media.sql

-- The message or the note that a file is of; nothing where there is none.
create or replace function public.media_subject(p_id uuid, out organization_id text, out contact_id uuid, out chat_jid text,
    out from_me boolean)
  language plpgsql stable
  set search_path = ''
as $$
-- @plpgsql_check_options: extra_warnings = off
begin
  select m.organization_id, m.contact_id, m.chat_jid, m.direction = 'outbound' into organization_id, contact_id, chat_jid, from_me
    from public.messages m where m.id = p_id;
  if not found then
    select n.organization_id, n.contact_id, coalesce(k.lid || '@lid', k.phone_number || '@s.whatsapp.net', n.chat_key), true
      into organization_id, contact_id, chat_jid, from_me
      from public.notes n
      left join lateral public.addressed_contact(n.contact_id, n.chat_key) k on true
      where n.id = p_id;
  end if;
end
$$;

-- Files of messages and notes that were stored just now; `p_stored` names their inbox rows.
create or replace function public.store_media(p_work public.ingest_work[], p_stored bigint[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.message_media (message_id, of_message, of_note, organization_id, instance_id, whatsapp_message_id, kind,
      mime_type, file_name, size, seconds, width, height, waveform, is_animated, sha256, thumbnail, sealed)
    select s.id, s.of_message, s.of_note, w.organization_id, w.instance_id, w.message_id, d.media ->> 'kind', d.media ->> 'mime_type',
      d.media ->> 'file_name', public.plausible_number(d.media -> 'size')::bigint,
      public.plausible_number(d.media -> 'seconds')::double precision, public.plausible_number(d.media -> 'width')::int,
      public.plausible_number(d.media -> 'height')::int, decode(d.media ->> 'waveform', 'base64'),
      coalesce((d.media ->> 'is_animated')::boolean, false), decode(d.media ->> 'sha256', 'hex'),
      decode(d.media ->> 'thumbnail', 'base64'), decode(d.media ->> 'sealed', 'base64')
    from unnest(p_work) w
    cross join lateral (select w.detail -> 'media' as media) d
    cross join lateral (
      select m.id, m.id as of_message, null::uuid as of_note
      from public.messages m
      where w.action = 'client' and m.instance_id = w.instance_id and m.direction = 'inbound'
        and m.chat_key = w.person_id::text and m.whatsapp_message_id = w.message_id
      union all
      select m.id, m.id, null
      from public.messages m
      where w.action = 'group' and m.instance_id = w.instance_id
        and m.direction = case when w.from_me then 'outbound' else 'inbound' end
        and m.chat_key = public.group_chat_key(w.chat, w.from_me, w.lid, w.phone) and m.whatsapp_message_id = w.message_id
      union all
      select n.id, null, n.id
      from public.notes n
      where w.action = 'owner_note' and n.instance_id = w.instance_id and n.chat_key = coalesce(w.person_id::text, w.chat)
        and n.whatsapp_message_id = w.message_id
    ) s
    where w.inbox_id = any (p_stored) and d.media is not null
    order by s.id
    on conflict (message_id) do nothing;
end
$$;

-- 36_uploads.sql

-- Files that callers bring to be sent: they are files as any others, kept for a while before anything refers to them.

-- Keeps a stored file for `keep_seconds` at least, and notes what is known of it now; null where it is not there.
create or replace function public.hold_media_file(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant public.idempotency_keys := public.begin_once(p ->> 'organization_id', p -> 'once');
  v_file record;
begin
  update public.media_files f
    set expires_at = greatest(f.expires_at, now() + make_interval(secs => (p ->> 'keep_seconds')::double precision)),
      seconds = coalesce(f.seconds, (p ->> 'seconds')::double precision)
    where f.id = (p ->> 'id')::uuid and f.organization_id = p ->> 'organization_id' and f.state = 'stored'
    returning f.* into v_file;
  if not found then
    return null;
  end if;
  if v_known.object_id is null then
    perform public.end_once(p ->> 'organization_id', p -> 'once', v_file.id::text);
  end if;
  return jsonb_build_object('is_replay', v_known.object_id is not null,
    'id', v_file.id, 'organization_id', v_file.organization_id,
    'sha256', encode(v_file.sha256, 'hex'), 'size', v_file.size, 'mime_type', v_file.mime_type, 'width', v_file.width,
    'height', v_file.height, 'seconds', v_file.seconds, 'has_thumbnail', v_file.has_thumbnail, 'backend', v_file.backend,
    'expires_at', v_file.expires_at);
end
$$;

-- 37_history.sql

-- Stores messages of a claimed notification as history: no contact (unless the instance wants some made of it), no booking, no
-- event. `messages`: clients' with the address of the chat; the owner's become notes, as those that are received live. What
-- is there already, was erased, or is older than what the organization keeps is left out. Answers null where the claim is lost.
create or replace function public.store_history(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_sync public.history_syncs;
  v_policy text;
  -- A record: the table of settings is made after this.
  v_settings record;
  v_rows jsonb;
  v_person record;
  v_stored int;
  v_notes int;
  v_all constant int := jsonb_array_length(p -> 'messages');
begin
  select s.* into v_sync
    from public.history_syncs s
    where s.id = (p ->> 'id')::uuid and s.state = 'pending' and s.claimed_by = p ->> 'worker';
  if not found then
    return 'null'::jsonb;
  end if;
  -- First the organization, as everybody: nobody makes or merges its contacts meanwhile.
  perform 1 from public.organizations o where o.id = v_sync.organization_id for no key update;
  select i.history_policy into v_policy
    from public.whatsapp_instances i where i.id = v_sync.instance_id and i.deleted_at is null;
  update public.history_syncs s
    set claimed_until = now() + make_interval(secs => (p ->> 'lease_seconds')::double precision), updated_at = clock_timestamp()
    where s.id = v_sync.id and s.state = 'pending' and s.claimed_by = p ->> 'worker';
  if not found or v_policy is null or v_policy = 'ignore' then
    return 'null'::jsonb;
  end if;
  v_settings := public.retention_of(v_sync.organization_id);
  if v_policy = 'contacts' then
    for v_person in
      select distinct m.phone, m.other_phone, m.lid
      from jsonb_to_recordset(p -> 'messages') as m (phone text, other_phone text, lid text, from_me boolean, chat text)
      where not m.from_me and not exists (
        select from public.whatsapp_instances i
        where i.organization_id = v_sync.organization_id
          and (i.phone_number in (m.phone, m.other_phone) or i.account_phone in (m.phone, m.other_phone) or i.account_lid = m.lid)
      )
    loop
      perform public.resolve_person(v_sync.organization_id, v_sync.instance_id, v_person.phone, v_person.other_phone,
        v_person.lid, p ->> 'booking_policy', true);
    end loop;
  end if;

  select jsonb_agg(to_jsonb(r)) into v_rows
    from (
      select distinct on (n.from_me, n.chat_key, n.message_id) n.*
      from (
        select m.from_me, m.message_id, m.content, m.content_type, m.type, m.metadata, m.sent_at, m.chat,
          coalesce(k.merged_into, k.id) as contact_id,
          coalesce(k.id::text, m.chat) as chat_key,
          array_remove(array[k.id::text, m.chat, m.phone || '@s.whatsapp.net', m.lid || '@lid'], null) as chat_keys
        from jsonb_to_recordset(p -> 'messages') as m (phone text, other_phone text, lid text, from_me boolean, chat text,
          message_id text, content text, content_type text, type text, metadata jsonb, sent_at timestamptz)
        left join lateral (
          select k.id, k.merged_into
          from public.contacts k
          where k.organization_id = v_sync.organization_id and (k.lid = m.lid or k.phone_number in (m.phone, m.other_phone))
          order by coalesce(k.lid = m.lid, false) desc, coalesce(k.phone_number = m.phone, false) desc, k.id
          limit 1
        ) k on true
        where m.sent_at >= coalesce(public.retention_cutoff(
            case when m.from_me then v_settings.notes_days else v_settings.messages_days end), '-infinity')
          and not exists (
            select from public.erased_messages e
            where e.instance_id = v_sync.instance_id and e.mark in (
              public.message_mark(v_sync.instance_id, m.phone, m.message_id),
              public.message_mark(v_sync.instance_id, m.lid, m.message_id)
            )
          )
      ) n
      order by n.from_me, n.chat_key, n.message_id, n.sent_at
    ) r;

  with made as (
    insert into public.messages (ordinal, organization_id, contact_id, instance_id, direction, content, content_type, type,
        metadata, whatsapp_message_id, chat_jid, chat_key, status, sent_at, created_at)
      overriding system value
      select public.history_ordinal(m.sent_at, m.message_id), v_sync.organization_id, m.contact_id, v_sync.instance_id, 'inbound',
        m.content, m.content_type, m.type, m.metadata, m.message_id, m.chat, m.chat_key, 'received', m.sent_at, m.sent_at
      from jsonb_to_recordset(v_rows) as m (from_me boolean, message_id text, content text, content_type text, type text,
        metadata jsonb, sent_at timestamptz, chat text, contact_id uuid, chat_key text, chat_keys text[])
      where not m.from_me and not exists (
        select from public.messages o
        where o.instance_id = v_sync.instance_id and o.direction = 'inbound' and o.chat_key = any (m.chat_keys)
          and o.whatsapp_message_id = m.message_id
      )
      on conflict (instance_id, direction, chat_key, whatsapp_message_id) do nothing
      returning id
  )
  select count(*) into v_stored from made;

  with made as (
    insert into public.notes (ordinal, organization_id, contact_id, instance_id, content, content_type, type, metadata,
        whatsapp_message_id, chat_key, sent_at, created_at)
      overriding system value
      select public.history_ordinal(m.sent_at, m.message_id), v_sync.organization_id, m.contact_id, v_sync.instance_id,
        m.content, m.content_type, m.type, m.metadata, m.message_id, m.chat_key, m.sent_at, m.sent_at
      from jsonb_to_recordset(v_rows) as m (from_me boolean, message_id text, content text, content_type text, type text,
        metadata jsonb, sent_at timestamptz, chat text, contact_id uuid, chat_key text, chat_keys text[])
      where m.from_me and not exists (
        select from public.notes o
        where o.instance_id = v_sync.instance_id and o.chat_key = any (m.chat_keys) and o.whatsapp_message_id = m.message_id
      ) and not exists (
        -- What was sent through the API is no note.
        select from public.messages o
        where o.instance_id = v_sync.instance_id and o.direction = 'outbound' and o.whatsapp_message_id = m.message_id
      )
      on conflict (instance_id, chat_key, whatsapp_message_id) do nothing
      returning id
  )
  select count(*) into v_notes from made;

  update public.history_syncs s
    set stored = s.stored + v_stored + v_notes, known = s.known + v_all - v_stored - v_notes
    where s.id = v_sync.id;
  return jsonb_build_object('stored', v_stored + v_notes);
end
$$;

-- The oldest message of a chat that is known, from which WhatsApp counts backwards. Null where there is none.
create or replace function public.history_anchor(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_contact_id constant uuid := public.current_contact(p ->> 'organization_id', (p ->> 'contact_id')::uuid);
  v_instance_id constant uuid := (p ->> 'instance_id')::uuid;
begin
  return (
    select jsonb_build_object('message_id', a.whatsapp_message_id, 'from_me', a.from_me, 'sent_at', a.sent_at,
      'phone', k.phone_number, 'lid', k.lid)
    from (
      (
        select m.whatsapp_message_id, m.direction = 'outbound' as from_me, m.sent_at, m.chat_key
        from public.messages m
        where m.contact_id = v_contact_id and m.instance_id = v_instance_id and m.whatsapp_message_id is not null
          and m.status <> 'failed'
        order by m.ordinal
        limit 1
      )
      union all
      (
        select n.whatsapp_message_id, true, n.sent_at, n.chat_key
        from public.notes n
        where n.contact_id = v_contact_id and n.instance_id = v_instance_id
        order by n.ordinal
        limit 1
      )
    ) a
    cross join lateral public.addressed_contact(v_contact_id, a.chat_key) k
    order by a.sent_at
    limit 1
  );
end
$$;

-- 38_conversations.sql

-- Conversations: contacts by their last message, and up to where somebody has read what they wrote.

-- The last message of each contact, as far as messages were taken up (take_up_messages): receiving and sending write nothing here. No foreign
-- key: whoever takes messages up waits for nobody.
create table if not exists public.conversations (
  contact_id uuid primary key,
  organization_id text not null,
  ordinal bigint not null
);

create index if not exists idx_conversations_organization on public.conversations (organization_id, ordinal desc);

-- Contacts whose last message may be another one than `conversations` says: messages were deleted or moved, or came with the history.
create table if not exists public.changed_conversations (
  contact_id uuid primary key,
  organization_id text not null
);

create index if not exists idx_changed_conversations_organization on public.changed_conversations (organization_id);

alter table public.conversations enable row level security;

alter table public.changed_conversations enable row level security;

revoke all on public.conversations, public.changed_conversations from public, anon, authenticated;

grant select, insert, update, delete on public.conversations, public.changed_conversations to service_role;

-- The conflict locks the row: nobody takes it away before what it tells of is committed.
create or replace function public.note_changed_conversation() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.changed_conversations (contact_id, organization_id)
    select k.id, new.organization_id
    from (select old.contact_id union select new.contact_id) k (id)
    where k.id is not null
    order by k.id
    on conflict (contact_id) do update set organization_id = excluded.organization_id;
  return null;
end
$$;

create or replace function public.note_shorter_conversations() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.changed_conversations (contact_id, organization_id)
    select distinct g.contact_id, g.organization_id
    from gone g
    where g.contact_id is not null
    order by g.contact_id
    on conflict (contact_id) do update set organization_id = excluded.organization_id;
  return null;
end
$$;

create or replace trigger note_history_in_conversation after insert on public.messages
  for each row when (new.ordinal < 0) execute function public.note_changed_conversation();

create or replace trigger note_moved_message after update of contact_id, ordinal on public.messages
  for each row
  when (new.contact_id is distinct from old.contact_id or new.ordinal is distinct from old.ordinal)
  execute function public.note_changed_conversation();

create or replace trigger note_deleted_messages after delete on public.messages
  referencing old table as gone
  for each statement execute function public.note_shorter_conversations();

-- Takes up the last messages of those that were stored after one ordinal and up to another one, and what has changed. Whether there is more
-- of that. Called by one transaction at a time.
create or replace function public.take_up_conversations(p_after bigint, p_until bigint) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_limit constant int := 500;
  v_changed uuid[];
begin
  with held as materialized (
    select c.contact_id from public.changed_conversations c order by c.contact_id limit v_limit for update skip locked
  ), taken as (
    delete from public.changed_conversations c using held h where c.contact_id = h.contact_id returning c.contact_id
  )
  select coalesce(array_agg(t.contact_id), '{}') into v_changed from taken t;
  insert into public.conversations as v (contact_id, organization_id, ordinal)
    select m.contact_id, m.organization_id, max(m.ordinal)
    from public.messages m
    where m.ordinal + 0 > p_after and m.ordinal + 0 <= p_until and m.contact_id is not null and m.change_of is null
    group by m.contact_id, m.organization_id
    on conflict (contact_id) do update set ordinal = excluded.ordinal where v.ordinal < excluded.ordinal;
  -- What was committed until here is seen from here on.
  delete from public.conversations v
    where v.contact_id = any (v_changed) and public.last_message_of(v.contact_id) is null;
  insert into public.conversations as v (contact_id, organization_id, ordinal)
    select m.contact_id, m.organization_id, m.ordinal
    from unnest(v_changed) k (id)
    cross join lateral public.last_message_of(k.id) l (ordinal)
    join public.messages m on m.contact_id = k.id and m.ordinal = l.ordinal and m.change_of is null
    on conflict (contact_id) do update set ordinal = excluded.ordinal where v.ordinal <> excluded.ordinal;
  return cardinality(v_changed) = v_limit;
end
$$;

-- The ordinal of the last message of a contact; null where there is none.
create or replace function public.last_message_of(p_contact_id uuid) returns bigint
  language sql stable
  set search_path = ''
as $$
  select m.ordinal from public.messages m
  where m.contact_id = p_contact_id and m.change_of is null
  order by m.ordinal desc
  limit 1
$$;

-- Notes that messages were read on another device of the account: of each contact everything up to there. `unknown`: the places of
-- those that are not stored, maybe not yet.
create or replace function public.note_read(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_found jsonb;
  v_told jsonb;
begin
  select coalesce(jsonb_agg(jsonb_build_object('place', e.place - 1, 'contact_id', f.contact_id, 'ordinal', f.ordinal,
      'instance_id', f.instance_id, 'organization_id', f.organization_id)), '[]')
    into v_found
    from jsonb_array_elements(p -> 'items') with ordinality as e (item, place)
    left join lateral (
      select m.contact_id, m.ordinal, m.instance_id, k.organization_id
      from public.whatsapp_instances i
      join public.contacts k on k.organization_id = i.organization_id
        and (k.lid = e.item ->> 'lid' or k.phone_number = e.item ->> 'phone')
      join public.messages m on m.instance_id = i.id and m.direction = 'inbound' and m.chat_key = k.id::text
        and m.whatsapp_message_id = e.item ->> 'whatsapp_message_id'
      where i.id = (e.item ->> 'instance_id')::uuid
      limit 1
    ) f on true;
  perform 1 from public.organizations o
    where o.id in (select f ->> 'organization_id' from jsonb_array_elements(v_found) f)
    order by o.id
    for no key update;
  with last as (
    select (f ->> 'contact_id')::uuid as contact_id, max((f ->> 'ordinal')::bigint) as ordinal,
      min(f ->> 'instance_id')::uuid as instance_id
    from jsonb_array_elements(v_found) f
    where f ->> 'contact_id' is not null
    group by f ->> 'contact_id'
  ), marked as (
    update public.contacts k set read_until = l.ordinal
      from last l
      where k.id = l.contact_id and k.read_until < l.ordinal
      returning k.organization_id, k.id, l.instance_id
  )
  select jsonb_agg(public.read_event(m.organization_id, m.instance_id, m.id) order by m.id) into v_told from marked m;
  return jsonb_build_object('events', public.append_events(coalesce(v_told, '[]')), 'unknown', (
    select coalesce(jsonb_agg(f -> 'place'), '[]') from jsonb_array_elements(v_found) f where f ->> 'contact_id' is null
  ));
end
$$;

-- Goes through conversations as list_conversations, `p_scan` at most, beyond the ordinal `p_place`: `count`, the ordinal of the `last` one, and
-- contacts and ordinals of those that `search` and `parts` find, where they are given; of the contacts `p_ids` alone, where these are. What
-- was taken up stands in `conversations`; what was not, and what has changed, is looked up.
create or replace function public.scan_conversations(
  p jsonb, p_place bigint, p_scan int, p_ids uuid[],
  out count int, out last bigint, out contact_ids uuid[], out ordinals bigint[]
)
  language plpgsql stable
  set search_path = ''
as $$
begin
  execute format(
    'select count(*), (array_agg(l.ordinal))[count(*)], coalesce(array_agg(l.contact_id) filter (where l.is_hit), ''{}''),
        coalesce(array_agg(l.ordinal) filter (where l.is_hit), ''{}'')
      from (
        select l.contact_id, l.ordinal, c.id is not null and %3$s as is_hit
        from (
          select u.contact_id, u.ordinal
          from (
              (select m.contact_id, m.ordinal from public.messages m
                where m.organization_id = $1 and m.ordinal %1$s $2 and m.ordinal > $5 and m.contact_id is not null and m.change_of is null
                  %2$s
                  and not exists (
                    select from public.messages n where n.contact_id = m.contact_id and n.ordinal > m.ordinal and n.change_of is null)
                order by m.ordinal %4$s
                limit $3)
            union all
              (select m.contact_id, m.ordinal from %5$s
                where m.organization_id = $1 and m.ordinal %1$s $2 and m.ordinal <= $5
                  and not exists (
                    select from public.messages n where n.contact_id = m.contact_id and n.ordinal > m.ordinal and n.change_of is null)
                  and not exists (select from public.changed_conversations d where d.contact_id = m.contact_id)
                order by m.ordinal %4$s
                limit $3)
            union all
              (select m.contact_id, e.ordinal
                from public.changed_conversations m cross join lateral public.last_message_of(m.contact_id) e (ordinal)
                where m.organization_id = $1 and e.ordinal %1$s $2 and e.ordinal <= $5 %2$s
                order by e.ordinal %4$s
                limit $3)
          ) u
          order by u.ordinal %4$s
          limit $3
        ) l
        left join lateral (
          select * from public.contacts c where c.id = l.contact_id and c.organization_id = $1 offset 0
        ) c on true
        order by l.ordinal %4$s
      ) l',
    case when p ? 'after' then '>' else '<' end,
    case when p_ids is not null then 'and m.contact_id = any ($4)' end,
    case when p_ids is null and p ->> 'search' is not null then public.person_conditions(p) else 'true' end,
    case when p ? 'after' then 'asc' else 'desc' end,
    -- One after the other: for as many the planner would read the table.
    case when p_ids is not null
      then 'unnest($4) k (id) cross join lateral (select * from public.conversations v where v.contact_id = k.id offset 0) m'
      else 'public.conversations m' end)
    into count, last, contact_ids, ordinals
    using p ->> 'organization_id', p_place, p_scan, p_ids,
      coalesce((select s.taken_until from public.search_progress s where s.subject = 'messages'), -9223372036854775808);
end
$$;

-- Contacts of an organization by their last message, the newest first, before the one with the ordinal `before`, or the other way round
-- after the one with the ordinal `after`; those that `search` and `parts` find, where they are given. As read_page.
create or replace function public.list_conversations(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
  set max_parallel_workers_per_gather = 0
  -- Most of a list's table is other organizations' rows, or later pages.
  set enable_seqscan = off
as $$
declare
  v_page refcursor;
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  v_is_search constant boolean := p ->> 'search' is not null;
  v_place bigint := coalesce(p ->> 'after', p ->> 'before', '9223372036854775807')::bigint;
  v_ids uuid[] := case when v_is_search then public.contacts_by_keys(p, 30) end;
  v_scan int := case when v_is_search and v_ids is null then 300 else v_limit end;
  v_scanned int := 0;
  v_part record;
  v_contact_ids uuid[] := '{}'::uuid[];
  v_ordinals bigint[] := '{}'::bigint[];
begin
  loop
    select * into v_part from public.scan_conversations(p, v_place, v_scan, v_ids);
    v_contact_ids := v_contact_ids || v_part.contact_ids;
    v_ordinals := v_ordinals || v_part.ordinals;
    exit when v_part.count < v_scan or cardinality(v_ordinals) >= v_limit;
    -- What many are called is found among the first ones; otherwise by the index, unless it finds too many.
    if v_scanned = 0 then
      v_ids := public.contacts_by_keys(p, 1000);
    end if;
    v_scanned := v_scanned + v_part.count;
    v_scan := case when v_ids is null then 2000 else v_limit end;
    v_place := v_part.last;
  end loop;
  open v_page for
    select jsonb_build_object(
        'ordinal', l.ordinal,
        'contact', jsonb_build_object('id', c.id, 'organization_id', c.organization_id, 'phone_number', c.phone_number,
          'lid', c.lid, 'name', c.name, 'name_source', c.name_source, 'created_at', c.created_at,
          'updated_at', c.updated_at, 'last_message_at', c.last_message_at),
        'last_message', to_jsonb(m) - array['secret', 'payload', 'request', 'request_hash', 'idempotency_key'],
        'unread_count', (
          select count(*) from (
            select from public.messages u
            where u.contact_id = c.id and u.ordinal > c.read_until and u.direction = 'inbound'
            limit 1000
          ) u
        ),
        'open_booking', (
          select to_jsonb(b) from public.bookings b
          where b.contact_id = c.id and b.status = 'pending'
          order by b.created_at, b.id
          limit 1
        ))
    from unnest(v_contact_ids, v_ordinals) with ordinality as l (contact_id, ordinal, place)
    join public.contacts c on c.id = l.contact_id
    join public.messages m on m.ordinal = l.ordinal and m.contact_id = l.contact_id and m.change_of is null
    where l.place <= v_limit
    order by l.place;
  return public.read_page(v_page);
end
$$;

-- Names a contact, or lets its own name come back with its next message, where `name` is null: `{ id, events }`, null for one that is
-- not there. With `versions` only while its name is one that the caller has seen (contacts/contact-version.ts).
create or replace function public.rename_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_id uuid;
  v_instance_id uuid;
  v_name constant text := p ->> 'name';
  v_version text;
begin
  -- Before that it may become part of another one.
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  v_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  select left(encode(sha256(convert_to(k.name_source || ':' || k.name, 'UTF8')), 'hex'), 16) into v_version
    from public.contacts k where k.id = v_id and k.organization_id = v_organization_id;
  if not found then
    return null;
  end if;
  if p ? 'versions' and not p -> 'versions' ? v_version then
    raise exception using errcode = 'AZ410', message = 'changed_meanwhile';
  end if;
  update public.contacts k
    set name = coalesce(v_name, k.name),
      name_source = case when v_name is not null then 'person' when k.name_source = 'person' then 'push' else k.name_source end
    where k.id = v_id and (k.name, k.name_source) is distinct from
      (coalesce(v_name, k.name), case when v_name is not null then 'person' when k.name_source = 'person' then 'push'
        else k.name_source end);
  if not found then
    return jsonb_build_object('id', v_id, 'events', '[]'::jsonb);
  end if;
  v_instance_id := public.last_instance_of(v_id);
  return jsonb_build_object('id', v_id, 'events', public.append_events(jsonb_build_array(jsonb_build_object(
    'organization_id', v_organization_id, 'instance_id', v_instance_id, 'name', 'whatsapp:contact',
    'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_instance_id, 'contactId', v_id, 'change', 'renamed',
      'timestamp', public.event_time(now())))))));
end
$$;

revoke execute on function
  public.note_changed_conversation(), public.note_shorter_conversations(), public.take_up_conversations(bigint, bigint),
  public.last_message_of(uuid), public.read_contact(jsonb), public.read_event(text, uuid, uuid), public.note_read(jsonb),
  public.scan_conversations(jsonb, bigint, int, uuid[]), public.list_conversations(jsonb),
  public.last_instance_of(uuid), public.rename_contact(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.note_changed_conversation(), public.note_shorter_conversations(), public.take_up_conversations(bigint, bigint),
  public.last_message_of(uuid), public.read_contact(jsonb), public.read_event(text, uuid, uuid), public.note_read(jsonb),
  public.scan_conversations(jsonb, bigint, int, uuid[]), public.list_conversations(jsonb),
  public.last_instance_of(uuid), public.rename_contact(jsonb)
  to service_role;

-- 39_automatic_replies.sql

-- Messages that the service writes by itself, as the organization has it.

-- What was answered, so that it is answered once, and seldom.
create table if not exists public.automatic_replies (
  contact_id uuid not null,
  organization_id text not null,
  occasion text not null check (occasion in ('first_message', 'outside_hours', 'booking_confirmed', 'booking_cancelled')),
  -- Which closing, or which booking; empty: there is one of the kind.
  subject text not null default '',
  -- The message may have been deleted since.
  message_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (contact_id, occasion, subject),
  foreign key (contact_id, organization_id) references public.contacts (id, organization_id) on delete cascade
);

create index if not exists idx_automatic_replies_age on public.automatic_replies (organization_id, created_at)
  where occasion <> 'first_message';

alter table public.automatic_replies enable row level security;

revoke all on public.automatic_replies from public, anon, authenticated;

grant select, insert, update, delete on public.automatic_replies to service_role;

-- The language that most people speak whose numbers begin so; null where that says nothing.
create or replace function public.language_of_phone(p_phone text) returns text
  language sql immutable parallel safe
  set search_path = ''
as $$
  select case
    when p_phone ~ '^(55|351|244|258|238)' then 'pt'
    when p_phone ~ '^(34|5[12346-8]|59[1358]|50[2-7]|53)' then 'es'
    when p_phone ~ '^(1|44|61|64|353)' then 'en'
    when p_phone ~ '^(49|43)' then 'de'
    when p_phone ~ '^(33|225|221|237)' then 'fr'
    when p_phone ~ '^39' then 'it'
    when p_phone ~ '^31' then 'nl'
    when p_phone ~ '^48' then 'pl'
    when p_phone ~ '^90' then 'tr'
    when p_phone ~ '^62' then 'id'
    when p_phone ~ '^(7)' then 'ru'
    when p_phone ~ '^380' then 'uk'
    when p_phone ~ '^81' then 'ja'
    when p_phone ~ '^82' then 'ko'
    when p_phone ~ '^(20|966|971|212|213|216|962|965|968|973|974)' then 'ar'
    when p_phone ~ '^972' then 'he'
  end
$$;

-- In which of the organization's languages a person is written to.
create or replace function public.language_for(p_languages text[], p_phone text) returns text
  language sql stable
  set search_path = ''
as $$
  select coalesce((
    select l.language
    from unnest(p_languages) with ordinality as l (language, place)
    where split_part(l.language, '-', 1) = public.language_of_phone(p_phone)
    order by l.place
    limit 1
  ), p_languages[1])
$$;

-- A time as people who speak a language read it.
create or replace function public.local_time(p_at timestamptz, p_time_zone text, p_language text) returns text
  language sql stable
  set search_path = ''
as $$
  select coalesce(to_char(p_at at time zone p_time_zone, case split_part(p_language, '-', 1)
    when 'de' then 'DD.MM.YYYY HH24:MI' when 'pl' then 'DD.MM.YYYY HH24:MI' when 'ru' then 'DD.MM.YYYY HH24:MI'
    when 'uk' then 'DD.MM.YYYY HH24:MI' when 'tr' then 'DD.MM.YYYY HH24:MI'
    when 'pt' then 'DD/MM/YYYY HH24:MI' when 'es' then 'DD/MM/YYYY HH24:MI' when 'fr' then 'DD/MM/YYYY HH24:MI'
    when 'it' then 'DD/MM/YYYY HH24:MI' when 'id' then 'DD/MM/YYYY HH24:MI'
    else 'YYYY-MM-DD HH24:MI' end), '')
$$;

-- A template with what its placeholders stand for. What a client chose comes last: it is no template.
create or replace function public.filled_template(p_template text, p_values jsonb) returns text
  language plpgsql immutable
  set search_path = ''
as $$
declare
  v_text text := p_template;
  v_name text;
begin
  foreach v_name in array array['opens_at', 'booking_starts_at', 'organization_name', 'booking_service', 'booking_title', 'contact_name'] loop
    v_text := replace(v_text, '{{' || v_name || '}}', coalesce(p_values ->> v_name, ''));
  end loop;
  -- What stands for nothing leaves no gap.
  return btrim(regexp_replace(regexp_replace(v_text, ' {2,}', ' ', 'g'), ' ([,.!?])', '\1', 'g'), e' \n');
end
$$;

-- Writes to a person who wrote before, once for what it is about, where the organization has it so and nothing speaks against it; it
-- leaves as any message of the API does. The caller holds the organization. `p_values`: what placeholders stand for. Returns the event.
create or replace function public.reply_automatically(p_organization_id text, p_instance_id uuid, p_contact_id uuid, p_occasion text,
    p_subject text, p_values jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_reply constant jsonb := (public.settings_of(p_organization_id)).automatic_replies -> p_occasion;
  v_settings public.organization_settings;
  v_contact public.contacts;
  v_instance record;
  v_sent record;
  v_address jsonb;
  v_language text;
  v_text text;
  v_message public.messages;
begin
  if not coalesce((v_reply ->> 'enabled')::boolean, false) then
    return '[]'::jsonb;
  end if;
  -- Whoever answers faster than people do is a robot, and two of them would never end.
  select count(*) filter (where a.created_at > now() - interval '1 hour') as of_hour, count(*) as of_day,
      coalesce(max(a.created_at) > now() - interval '3 seconds', false) and not p_occasion like 'booking%' as is_echo
    into v_sent
    from public.automatic_replies a
    where a.contact_id = p_contact_id and a.created_at > now() - interval '1 day';
  if v_sent.of_hour >= 5 or v_sent.of_day >= 10 or v_sent.is_echo then
    return '[]'::jsonb;
  end if;
  select coalesce(i.account_phone, i.account_lid) as account into v_instance
    from public.whatsapp_instances i
    where i.id = p_instance_id and i.deleted_at is null and i.has_session
      and (i.restriction is null or (i.restriction ->> 'until')::timestamptz <= now());
  if not found then
    return '[]'::jsonb;
  end if;
  select * into v_contact from public.contacts k where k.id = p_contact_id and k.organization_id = p_organization_id;
  v_address := public.conversation_address(p_organization_id, p_instance_id,
    case when v_contact.phone_number is null then '[]' else jsonb_build_array(v_contact.phone_number) end, v_contact.lid);
  if v_address is null then
    return '[]'::jsonb;
  end if;
  v_settings := public.settings_of(p_organization_id);
  v_language := public.language_for(v_settings.languages, v_contact.phone_number);
  v_text := public.filled_template(coalesce(v_reply -> 'texts' ->> v_language, v_reply -> 'texts' ->> v_settings.languages[1]),
    jsonb_build_object(
      'contact_name', nullif(v_contact.name, 'Unknown'),
      'organization_name', (select o.name from public.organizations o where o.id = p_organization_id),
      'booking_title', p_values -> 'title', 'booking_service', p_values -> 'service',
      'booking_starts_at', public.local_time((p_values ->> 'starts_at')::timestamptz, v_settings.time_zone, v_language),
      'opens_at', public.local_time((p_values ->> 'opens_at')::timestamptz, v_settings.time_zone, v_language)));
  if coalesce(v_text, '') = '' then
    return '[]'::jsonb;
  end if;
  v_message.id := gen_random_uuid();
  insert into public.automatic_replies (contact_id, organization_id, occasion, subject, message_id)
    values (p_contact_id, p_organization_id, p_occasion, p_subject, v_message.id)
    on conflict do nothing;
  if not found then
    return '[]'::jsonb;
  end if;
  insert into public.messages as m (id, organization_id, contact_id, instance_id, direction, content, content_type,
      whatsapp_message_id, chat_jid, chat_key, status, sent_from, reason)
    values (v_message.id, p_organization_id, p_contact_id, p_instance_id, 'outbound', v_text, 'text',
      -- As the library makes them.
      '3EB0' || upper(encode(substr(sha256(uuid_send(gen_random_uuid())), 1, 9), 'hex')), v_address ->> 'chat_jid',
      p_contact_id::text, 'pending', v_instance.account, 'automatic: ' || p_occasion)
    returning m.* into v_message;
  update public.contacts k set last_message_at = greatest(k.last_message_at, now()) where k.id = p_contact_id;
  return jsonb_build_array(public.message_sent_event(v_message,
    coalesce(v_address ->> 'phone', v_address ->> 'lid' || '@lid')));
end
$$;

-- Answers messages that clients just wrote: at most one answer to each. Not those that come late, which somebody may have answered
-- elsewhere by now, nor what comes at once after a message of ours, as robots answer.
create or replace function public.reply_to_received(p_work public.ingest_work[], p_stored bigint[]) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_one record;
  v_settings public.organization_settings;
  v_closed record;
  v_last record;
  v_events jsonb := '[]'::jsonb;
  v_told jsonb;
begin
  for v_one in
    select w.organization_id, w.instance_id, w.contact_id
    from unnest(p_work) w
    where w.inbox_id = any (p_stored) and w.action = 'client' and w.contact_id is not null
      and least(w.sent_at, w.received_at) > now() - interval '10 minutes'
    order by w.position
  loop
    v_settings := public.settings_of(v_one.organization_id);
    continue when not (v_settings.automatic_replies @? '$.*.enabled ? (@ == true)');
    select m.direction, m.created_at into v_last
      from public.messages m
      where m.contact_id = v_one.contact_id and m.content_type <> 'ciphertext'
        and (m.inbox_id is null or m.inbox_id <> all (p_stored))
      order by m.ordinal desc
      limit 1;
    continue when v_last.direction = 'outbound' and v_last.created_at > now() - interval '3 seconds';
    v_told := '[]'::jsonb;
    v_closed := public.closed_hours(v_settings, now());
    if v_closed.is_closed then
      v_told := public.reply_automatically(v_one.organization_id, v_one.instance_id, v_one.contact_id, 'outside_hours',
        coalesce(public.event_time(v_closed.since), 'always'), jsonb_build_object('opens_at', v_closed.until));
    end if;
    if v_told = '[]' and v_last.direction is null
        and not exists (select from public.notes n where n.contact_id = v_one.contact_id) then
      v_told := public.reply_automatically(v_one.organization_id, v_one.instance_id, v_one.contact_id, 'first_message', '',
        jsonb_build_object('opens_at', v_closed.until));
    end if;
    v_events := v_events || v_told;
  end loop;
  return v_events;
end
$$;

-- Tells a client what became of a booking.
create or replace function public.reply_about_booking(p_booking public.bookings) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  if p_booking.status not in ('confirmed', 'cancelled') then
    return '[]'::jsonb;
  end if;
  return public.reply_automatically(p_booking.organization_id,
    coalesce(public.last_instance_of(p_booking.contact_id), p_booking.instance_id), p_booking.contact_id,
    'booking_' || p_booking.status, p_booking.id::text,
    jsonb_build_object('title', coalesce(p_booking.title, p_booking.service), 'service', p_booking.service,
      'starts_at', p_booking.starts_at));
end
$$;

revoke execute on function
  public.language_of_phone(text), public.language_for(text[], text), public.local_time(timestamptz, text, text),
  public.filled_template(text, jsonb), public.reply_automatically(text, uuid, uuid, text, text, jsonb),
  public.reply_to_received(public.ingest_work[], bigint[]), public.reply_about_booking(public.bookings)
  from public, anon, authenticated;

grant execute on function
  public.language_of_phone(text), public.language_for(text[], text), public.local_time(timestamptz, text, text),
  public.filled_template(text, jsonb), public.reply_automatically(text, uuid, uuid, text, text, jsonb),
  public.reply_to_received(public.ingest_work[], bigint[]), public.reply_about_booking(public.bookings)
  to service_role;

-- 39_search.sql

-- Finding messages by what they say. The path of a message that is received or sent does nothing for it: a worker takes up afterwards
-- what was stored, for searches and for the list of conversations, and what it has not taken up yet is looked through as it is.

-- What messages say, as searches compare it. Those of the history, and changed ones, are here in the same transaction.
create table if not exists public.message_search (
  message_id uuid primary key references public.messages (id) on delete cascade,
  organization_id text not null,
  ordinal bigint not null,
  group_id uuid,
  instance_id uuid not null,
  is_outbound boolean not null,
  -- Empty once the message was taken back.
  words text not null
);

create index if not exists idx_message_search_keys on public.message_search
  using gin (public.search_keys(organization_id, words)) with (fastupdate = off);

create index if not exists idx_message_search_organization on public.message_search (organization_id, ordinal) where group_id is null;

create index if not exists idx_message_search_instance on public.message_search (instance_id, ordinal) where group_id is null;

create index if not exists idx_message_search_sent_from on public.message_search (instance_id, ordinal) where group_id is null and is_outbound;

create index if not exists idx_message_search_sent_by on public.message_search (organization_id, ordinal) where group_id is null and is_outbound;

-- Of an expression, so that no list of an organization walks through everybody's messages.
create index if not exists idx_messages_stored on public.messages ((ordinal + 0));

-- How far messages were taken up: one row, of `messages`.
create table if not exists public.search_progress (
  subject text primary key,
  -- The ordinal up to which all are in `message_search`.
  taken_until bigint not null default -9223372036854775808,
  -- Up to where no message can come any more, and the same of later: from `noted_before` on transactions began when that was noted.
  settled_until bigint not null default -9223372036854775808,
  noted_until bigint,
  noted_before xid8
);

alter table public.message_search enable row level security;

alter table public.search_progress enable row level security;

revoke all on public.message_search, public.search_progress from public, anon, authenticated;

grant select, insert, update, delete on public.message_search, public.search_progress to service_role;

-- What searches compare of a message: its beginning. Its keys take time in proportion, which what is received would wait for.
create or replace function public.words_of_message(p_content text) returns text
  language plpgsql immutable strict parallel safe cost 100
  set search_path = ''
as $$
begin
  return public.search_text(left(p_content, 10000));
end
$$;

create or replace function public.note_message_words() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.message_search (message_id, organization_id, ordinal, group_id, instance_id, is_outbound, words)
    values (new.id, new.organization_id, new.ordinal, new.group_id, new.instance_id, new.direction = 'outbound',
      public.words_of_message(new.content))
    on conflict (message_id) do update set ordinal = excluded.ordinal, words = excluded.words;
  return null;
end
$$;

create or replace trigger note_history_words after insert on public.messages
  for each row when (new.ordinal < 0 and new.change_of is null) execute function public.note_message_words();

create or replace trigger note_changed_words after update of content, ordinal on public.messages
  for each row
  when (new.change_of is null and (new.content is distinct from old.content or new.ordinal is distinct from old.ordinal))
  execute function public.note_message_words();

-- Whether messages wait to be taken up, or conversations that have changed.
create or replace function public.search_waits() returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  -- By the last one, which the index knows at once; whether there is any, the planner would look for in the table.
  return jsonb_build_object('waiting', exists (select from public.changed_conversations) or coalesce(
    (select m.ordinal from public.messages m order by m.ordinal + 0 desc limit 1)
      > coalesce((select s.taken_until from public.search_progress s where s.subject = 'messages'), -9223372036854775808), false));
end
$$;

-- Takes messages up, `limit` at most, fewer where they are long, and in their order, unless somebody does so already: `taken`, and whether
-- there are `more`.
-- A message is committed after it got its ordinal. So an ordinal counts as settled when all transactions are over that had begun when
-- it was the last one.
create or replace function public.take_up_messages(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  -- Before this transaction has an id of its own.
  v_over constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 10000);
  v_progress public.search_progress;
  -- In bytes: what is received waits for so much at most.
  v_amount constant int := 30000;
  v_count int := 0;
  v_last bigint;
  v_is_more boolean := false;
  v_taken_before bigint;
begin
  insert into public.search_progress (subject) values ('messages') on conflict do nothing;
  select * into v_progress from public.search_progress where subject = 'messages' for update skip locked;
  if not found then
    return '{"taken": 0, "more": false}'::jsonb;
  end if;
  if v_over >= v_progress.noted_before then
    v_progress.settled_until := v_progress.noted_until;
    v_progress.noted_before := null;
  end if;
  if v_progress.noted_before is null then
    select s.last_value into v_progress.noted_until from public.messages_ordinal_seq s;
    v_progress.noted_before := pg_snapshot_xmax(pg_current_snapshot());
  end if;
  v_taken_before := v_progress.taken_until;
  if v_progress.taken_until < v_progress.settled_until then
    with walked as materialized (
      select m.id, m.organization_id, m.ordinal, m.group_id, m.instance_id, m.direction, m.content, m.change_of,
        sum(least(octet_length(m.content), 10000)) over (order by m.ordinal + 0) - least(octet_length(m.content), 10000) as amount_before
      from public.messages m
      where m.ordinal + 0 > v_progress.taken_until and m.ordinal + 0 <= v_progress.settled_until
      order by m.ordinal + 0
      limit v_limit
    ), batch as materialized (
      select * from walked w where w.amount_before < v_amount
    ), stored as (
      insert into public.message_search (message_id, organization_id, ordinal, group_id, instance_id, is_outbound, words)
        select b.id, b.organization_id, b.ordinal, b.group_id, b.instance_id, b.direction = 'outbound', public.words_of_message(b.content)
        from batch b
        where b.change_of is null and b.content <> ''
        on conflict (message_id) do nothing
    )
    select count(*), max(b.ordinal), (select count(*) from walked) >= least(count(*) + 1, v_limit) into v_count, v_last, v_is_more
      from batch b;
    v_progress.taken_until := case when v_is_more then v_last else v_progress.settled_until end;
  end if;
  v_is_more := public.take_up_conversations(v_taken_before, v_progress.taken_until) or v_is_more;
  update public.search_progress set taken_until = v_progress.taken_until, settled_until = v_progress.settled_until,
    noted_until = v_progress.noted_until, noted_before = v_progress.noted_before
    where subject = 'messages';
  return jsonb_build_object('taken', v_count, 'more', v_is_more);
end
$$;

-- As message_conditions, of what searches compare, for the filters that they know: by number and direction.
create or replace function public.search_conditions(p jsonb) returns text
  language plpgsql stable
  set search_path = ''
as $$
begin
  return concat_ws(' and ',
    's.group_id is null',
    -- A number has an index of its own: as in message_conditions.
    case when p ->> 'instance_id' is null then format('s.organization_id = %L', p ->> 'organization_id')
      else format('s.instance_id = %L', (
        select i.id from public.whatsapp_instances i
        where i.id = (p ->> 'instance_id')::uuid and i.organization_id = p ->> 'organization_id')) end,
    case p ->> 'direction' when 'outbound' then 's.is_outbound' when 'inbound' then 'not s.is_outbound' end);
end
$$;

-- Goes through messages in their order, `p_scan` at most, beyond the ordinal `p_place` and up to `p_bound`: `count`, the ordinal of the `last`
-- one, and the `ordinals` of those that have the words. `p_is_stored`: those that were taken up, by what searches compare, as far as it knows the
-- filters; otherwise messages themselves are gone through, those that the filters ask for.
create or replace function public.scan_messages(
  p jsonb, p_patterns text[], p_is_stored boolean, p_place bigint, p_bound bigint, p_scan int,
  out count int, out last bigint, out ordinals bigint[]
)
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_direction constant text := case when p ? 'after' then 'asc' else 'desc' end;
  v_range constant text := case when p ? 'after' then '%1$s.ordinal > $2 and %1$s.ordinal <= $3' else '%1$s.ordinal < $2 and %1$s.ordinal > $3' end;
begin
  execute format(
    'select count(*), (array_agg(w.ordinal))[count(*)], coalesce(array_agg(w.ordinal) filter (where w.is_hit), ''{}'') from (%s) w',
    case when p_is_stored then format(
      'select s.ordinal, s.words like all ($1) as is_hit
        from public.message_search s
        where %s and %s
        order by s.ordinal %s
        limit $4', public.search_conditions(p), format(v_range, 's'), v_direction)
    else format(
      'select m.ordinal, coalesce(
          (select s.words from public.message_search s where s.message_id = m.id), public.words_of_message(m.content)) like all ($1) as is_hit
        from public.messages m
        where %s and %s
        order by m.ordinal %s
        limit $4', format(v_range, 'm'), public.message_conditions(p), v_direction)
    end)
    into count, last, ordinals
    using p_patterns, p_place, p_bound, p_scan;
end
$$;

-- The ordinals of those messages that were taken up, of an organization, and have all the keys and words: `p_limit` at most, beyond the ordinal
-- `p_place` and up to `p_bound`.
create or replace function public.messages_by_keys(
  p_search jsonb, p_keys bigint[], p_patterns text[], p_place bigint, p_bound bigint, p_limit int
) returns bigint[]
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_conditions constant text := public.message_conditions(p_search);
  v_direction constant text := case when p_search ? 'after' then 'asc' else 'desc' end;
  v_found bigint[];
begin
  execute format(
    'select array(
      select f.ordinal
      from (
        select s.message_id, s.ordinal
        from public.message_search s
        where public.search_keys(s.organization_id, s.words) @> $1 and s.words like all ($2) and %s and s.group_id is null
        order by s.ordinal %s
      ) f %s
      order by f.ordinal %s
      limit $5
    )',
    case when p_search ? 'after' then 's.ordinal > $3 and s.ordinal <= $4' else 's.ordinal < $3 and s.ordinal > $4' end, v_direction,
    -- One after the other, until there are enough.
    case when v_conditions <> public.message_conditions(jsonb_build_object('organization_id', p_search ->> 'organization_id'))
      then 'cross join lateral (select from public.messages m where m.id = f.message_id and ' || v_conditions || ' offset 0) m' end,
    v_direction)
    into v_found
    using p_keys, p_patterns, p_place, p_bound, p_limit;
  return v_found;
end
$$;

-- As list_messages, of those that have all words of `search` in them. A call looks through a bounded number of messages; `until` is the
-- ordinal up to which it looked where that is neither the end of the list nor the end of the page.
create or replace function public.search_messages(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
  set max_parallel_workers_per_gather = 0
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_words constant text[] := public.search_words(p ->> 'search');
  v_patterns constant text[] := public.search_patterns(v_words);
  v_keys constant bigint[] := public.search_keys_of(v_organization_id, v_words);
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1), 1), 501);
  v_is_newer constant boolean := p ? 'after';
  -- Of one chat there are few: to go through them needs no index of words.
  v_is_chat constant boolean := p ? 'contact_id' or p ? 'group_id';
  -- By what messages alone know.
  v_is_filtered constant boolean := public.message_conditions(p) <> public.message_conditions(jsonb_build_object(
    'organization_id', v_organization_id, 'instance_id', p -> 'instance_id', 'direction', p -> 'direction'));
  v_is_part constant boolean := p ->> 'instance_id' is not null or p ->> 'direction' is not null;
  v_end constant bigint := case when v_is_newer then 9223372036854775807 else -9223372036854775808 end;
  v_place bigint := coalesce(p ->> 'after', p ->> 'before', '9223372036854775807')::bigint;
  v_taken_until bigint;
  v_is_stored boolean;
  v_bound bigint;
  v_scanned int;
  v_scan int;
  v_budget int;
  v_sample int;
  v_part record;
  v_found bigint[] := '{}'::bigint[];
  v_found_before int;
  v_begin bigint;
  v_hits int;
  v_gap numeric;
  v_left numeric;
  v_until bigint;
  v_ids uuid[];
begin
  if cardinality(v_words) = 0 then
    return '{"rows": [], "more": false}'::jsonb;
  end if;
  select coalesce((select s.taken_until from public.search_progress s where s.subject = 'messages'), -9223372036854775808) into v_taken_until;
  -- What was taken up is looked for in one table, and the rest in the other one: newer messages first, or last.
  foreach v_is_stored in array case when v_is_chat then '{f}' when v_is_newer then '{t,f}' else '{f,t}' end::boolean[] loop
    v_bound := v_end;
    if not v_is_chat and v_is_stored = v_is_newer then
      v_bound := v_taken_until;
    elsif not v_is_chat then
      v_place := case when v_is_newer then greatest(v_place, v_taken_until)
        when v_taken_until < 9223372036854775807 then least(v_place, v_taken_until + 1) else v_place end;
    end if;
    v_budget := case when v_is_chat then 1000 when v_is_stored and not v_is_filtered then 5000 else 2500 end;
    v_sample := case when not v_is_stored then v_budget when v_is_filtered then 300 else 1000 end;
    v_scan := least(v_sample, case when v_is_stored then 200 else 1000 end);
    v_begin := v_place;
    v_scanned := 0;
    v_found_before := cardinality(v_found);
    loop
      select * into v_part
        from public.scan_messages(p, v_patterns, v_is_stored and not v_is_filtered, v_place, v_bound, v_scan);
      v_found := v_found || v_part.ordinals;
      v_scanned := v_scanned + v_part.count;
      exit when v_part.count < v_scan or cardinality(v_found) >= v_limit;
      v_place := v_part.last;
      v_hits := cardinality(v_found) - v_found_before;
      -- So many more are gone through for the rest of the page, as it looks by those until here.
      v_scan := least((v_limit - cardinality(v_found))::bigint * v_scanned / greatest(v_hits, 1) + 1, 1000000);
      if v_scanned < v_sample then
        v_scan := least(v_scan, v_sample - v_scanned);
      elsif v_is_stored and cardinality(v_keys) > 0 then
        -- A row in its order takes a quarter of one that the index gives, and more where many messages of others lie between.
        v_gap := least(greatest(abs(v_place - v_begin)::numeric / v_scanned, 1), 50);
        v_left := case when v_is_newer then v_taken_until - v_place else greatest(v_place, 0) end / v_gap;
        if (case when v_is_filtered then v_scan > v_budget
            -- The index of words gives the others, too.
            when v_is_part then v_scan > 10000
            else v_scan > 25000 or v_scan * (1 + v_gap / 5) > 4 * v_hits * v_left / v_scanned end) then
          v_found := v_found
            || public.messages_by_keys(p, v_keys, v_patterns, v_place, v_bound, v_limit - cardinality(v_found));
          exit;
        end if;
      else
        v_scan := least(v_scan, v_budget - v_scanned);
        if v_scan <= 0 then
          v_until := v_place;
          exit;
        end if;
      end if;
    end loop;
    exit when v_until is not null or cardinality(v_found) >= v_limit;
  end loop;
  execute format(
    'select array(
      select m.id from public.messages m
      where m.organization_id = $1 and m.ordinal = any ($2) and m.change_of is null
      order by m.ordinal %s
      limit $3)', case when v_is_newer then 'asc' else 'desc' end)
    into v_ids
    using v_organization_id, v_found, v_limit;
  return public.read_messages(v_organization_id, v_ids) || jsonb_strip_nulls(jsonb_build_object('until', v_until));
end
$$;

revoke execute on function
  public.words_of_message(text), public.note_message_words(), public.search_waits(), public.take_up_messages(jsonb),
  public.search_conditions(jsonb), public.scan_messages(jsonb, text[], boolean, bigint, bigint, int),
  public.messages_by_keys(jsonb, bigint[], text[], bigint, bigint, int),
  public.search_messages(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.words_of_message(text), public.note_message_words(), public.search_waits(), public.take_up_messages(jsonb),
  public.search_conditions(jsonb), public.scan_messages(jsonb, text[], boolean, bigint, bigint, int),
  public.messages_by_keys(jsonb, bigint[], text[], bigint, bigint, int),
  public.search_messages(jsonb)
  to service_role;

-- 41_ticks.sql

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

-- 42_bookings.sql

-- Tells of a booking that is new, or is not what it was.
create or replace function public.booking_event(p_booking public.bookings, p_previous_status text) returns jsonb
  language sql
  set search_path = ''
as $$
  select public.append_event(p_booking.organization_id, p_booking.instance_id, jsonb_build_object(
    'name', 'whatsapp:booking', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_booking.instance_id,
      'bookingId', p_booking.id, 'contactId', p_booking.contact_id, 'status', p_booking.status,
      'previousStatus', p_previous_status, 'reason', p_booking.reason, 'timestamp', public.event_time(now())))))
$$;

-- The service of an organization that a booking names.
create or replace function public.service_named(p_organization_id text, p_service_id text) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_service jsonb;
begin
  select e.service into v_service
    from jsonb_array_elements((public.settings_of(p_organization_id)).services) as e (service)
    where e.service ->> 'id' = lower(p_service_id);
  if not found then
    raise exception using errcode = 'AZ410', message = 'unknown_service';
  end if;
  return v_service;
end
$$;

-- When a service ends that begins then.
create or replace function public.end_of_service(p_service jsonb, p_starts_at timestamptz) returns timestamptz
  language sql immutable
  set search_path = ''
as $$
  select p_starts_at + make_interval(mins => (p_service ->> 'duration_minutes')::int)
$$;

-- Makes a booking of a contact, once under an idempotency key: `{ booking, events, is_replay }`, null where there is no such contact.
create or replace function public.create_booking(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_contact_id uuid;
  v_closed_at timestamptz;
  v_service jsonb;
  v_booking public.bookings;
begin
  select o.closed_at into v_closed_at from public.organizations o where o.id = v_organization_id for no key update;
  if p ? 'idempotency_key' then
    select * into v_booking
      from public.bookings b
      where b.organization_id = v_organization_id and b.idempotency_key = p ->> 'idempotency_key';
    if found then
      if v_booking.request_hash is distinct from p ->> 'request_hash' then
        raise exception using errcode = 'AZ410', message = 'idempotency_key_reused';
      end if;
      return jsonb_build_object('booking', public.booking_row(v_booking), 'events', '[]'::jsonb, 'is_replay', true);
    end if;
  end if;
  if v_closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  -- Before the organization is held it may become part of another one.
  v_contact_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  perform 1 from public.contacts k
    where k.id = v_contact_id and k.organization_id = v_organization_id
    for key share;
  if not found then
    return null;
  end if;
  if p ->> 'service_id' is not null then
    v_service := public.service_named(v_organization_id, p ->> 'service_id');
  end if;
  insert into public.bookings (organization_id, contact_id, instance_id, status, source, title, notes, starts_at, ends_at,
      idempotency_key, request_hash, service_id, service)
    values (v_organization_id, v_contact_id, public.last_instance_of(v_contact_id), coalesce(p ->> 'status', 'pending'), 'api', p ->> 'title', p ->> 'notes', (p ->> 'starts_at')::timestamptz,
      coalesce((p ->> 'ends_at')::timestamptz, public.end_of_service(v_service, (p ->> 'starts_at')::timestamptz)),
      p ->> 'idempotency_key', p ->> 'request_hash', (v_service ->> 'id')::uuid, v_service ->> 'name')
    returning * into v_booking;
  return jsonb_build_object('booking', public.booking_row(v_booking),
    'events', jsonb_build_array(public.booking_event(v_booking, null)) || public.reply_about_booking(v_booking), 'is_replay', false);
end
$$;

-- Changes a booking: `{ booking, events }`, null where there is none. What `changes` does not name stays as it is. With `versions` only
-- a state of it that the caller has seen.
create or replace function public.change_booking(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_changes constant jsonb := p -> 'changes';
  v_before public.bookings;
  v_after public.bookings;
  v_service jsonb;
  v_events jsonb;
begin
  perform 1 from public.organizations o where o.id = v_organization_id for no key update;
  select * into v_before
    from public.bookings b
    where b.id = (p ->> 'id')::uuid and b.organization_id = v_organization_id
    for no key update;
  if not found then
    return null;
  end if;
  if p ? 'versions' and not p -> 'versions' ? (public.booking_row(v_before) ->> 'version') then
    raise exception using errcode = 'AZ410', message = 'changed_meanwhile';
  end if;
  v_after := jsonb_populate_record(v_before, v_changes);
  if v_changes ->> 'service_id' is not null then
    v_service := public.service_named(v_organization_id, v_changes ->> 'service_id');
    v_after.service := v_service ->> 'name';
  elsif v_changes ? 'service_id' then
    v_after.service := null;
  end if;
  if v_service is not null and v_after.starts_at is not null and not v_changes ? 'ends_at' then
    v_after.ends_at := public.end_of_service(v_service, v_after.starts_at);
  elsif v_after.service_id is not null and v_changes ? 'starts_at' and not v_changes ? 'ends_at' then
    -- It is moved, and takes as long as before.
    v_after.ends_at := v_after.starts_at + coalesce(v_before.ends_at - v_before.starts_at, (
      select make_interval(mins => (e.service ->> 'duration_minutes')::int)
      from jsonb_array_elements((public.settings_of(v_organization_id)).services) as e (service)
      where (e.service ->> 'id')::uuid = v_after.service_id
    ));
  end if;
  if v_after.status <> v_before.status and not (
    v_before.status = 'pending' and v_after.status in ('confirmed', 'cancelled')
    or v_before.status = 'confirmed' and v_after.status in ('completed', 'cancelled')
  ) then
    raise exception using errcode = 'AZ410', message = 'invalid_transition';
  end if;
  if v_after.ends_at is not null and (v_after.starts_at is null or v_after.ends_at <= v_after.starts_at) then
    raise exception using errcode = 'AZ410', message = 'booking_ends_too_early';
  end if;
  if v_after is not distinct from v_before then
    return jsonb_build_object('booking', public.booking_row(v_before), 'events', '[]'::jsonb);
  end if;
  update public.bookings b
    set status = v_after.status, title = v_after.title, notes = v_after.notes, starts_at = v_after.starts_at,
      ends_at = v_after.ends_at, service_id = v_after.service_id, service = v_after.service
    where b.id = v_before.id
    returning * into v_after;
  v_events := jsonb_build_array(public.booking_event(v_after,
    case when v_after.status <> v_before.status then v_before.status end));
  if v_after.status <> v_before.status then
    v_events := v_events || public.reply_about_booking(v_after);
  end if;
  return jsonb_build_object('booking', public.booking_row(v_after), 'events', v_events);
end
$$;

revoke execute on function
  public.booking_row(public.bookings), public.booking_event(public.bookings, text), public.find_booking(jsonb),
  public.service_named(text, text), public.end_of_service(jsonb, timestamptz),
  public.create_booking(jsonb), public.change_booking(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.booking_row(public.bookings), public.booking_event(public.bookings, text), public.find_booking(jsonb),
  public.service_named(text, text), public.end_of_service(jsonb, timestamptz),
  public.create_booking(jsonb), public.change_booking(jsonb)
  to service_role;

-- 42_webhooks.sql

-- It begins with what happens from now on.
create or replace function public.create_webhook(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant public.idempotency_keys := public.begin_once(p ->> 'organization_id', p -> 'once');
  v_webhook public.webhook_endpoints;
begin
  if v_known.object_id is not null then
    select * into v_webhook from public.webhook_endpoints w where w.id = v_known.object_id::uuid;
    return case when found then public.webhook_view(v_webhook) || public.replay_view(v_known) end;
  end if;
  insert into public.webhook_endpoints (id, organization_id, url, secret, event_names, description, instance_id, last_sequence)
    select (p ->> 'id')::uuid, o.id, p ->> 'url', decode(p ->> 'secret', 'base64'),
      array(select jsonb_array_elements_text(p -> 'event_names')), p ->> 'description', (p ->> 'instance_id')::uuid, o.event_seq
    from public.organizations o
    where o.id = p ->> 'organization_id'
    returning * into v_webhook;
  if not found then
    raise exception 'organization not found' using errcode = 'AZ404';
  end if;
  perform public.end_once(v_webhook.organization_id, p -> 'once', v_webhook.id::text);
  return public.webhook_view(v_webhook);
end
$$;

-- The log of a webhook, the newest first. `events`: what is to be told, as far as it is still kept. As read_page.
create or replace function public.list_webhook_deliveries(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_page refcursor;
  v_endpoint_id constant uuid := (p ->> 'endpoint_id')::uuid;
  v_status constant text := p ->> 'status';
  v_is_newer constant boolean := p ? 'after';
  v_place constant bigint := coalesce(p ->> 'after', p ->> 'before', '9223372036854775807')::bigint;
  v_limit constant int := least(greatest((p ->> 'limit')::int, 1), 1001);
begin
  open v_page for execute format(
    'select to_jsonb(d) - ''claimed_by'' || jsonb_build_object(
        ''is_being_tried'', d.claimed_by is not null and d.next_attempt_at > now(),
        ''event'', jsonb_build_object(''name'', e.name, ''payload'', e.payload, ''created_at'', e.created_at))
      from public.webhook_deliveries d
      left join public.events e on e.organization_id = d.organization_id and e.sequence = d.sequence
      where d.endpoint_id = $1 and d.id %s $2 and ($3 is null or d.status = $3)
      order by d.id %s
      limit $4', case when v_is_newer then '>' else '<' end, case when v_is_newer then 'asc' else 'desc' end)
    using v_endpoint_id, v_place, v_status, v_limit;
  return public.read_page(v_page);
end
$$;

-- 43_calendar_feeds.sql

-- Addresses under which calendars read the bookings of an organization.

create table if not exists public.calendar_feeds (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references public.organizations (id) on delete cascade,
  name text not null default '',
  -- Whoever knows the secret part of the address may read; only its hash is kept.
  token_hash bytea not null unique,
  created_at timestamptz not null default now(),
  rotated_at timestamptz
);

create index if not exists idx_calendar_feeds_organization on public.calendar_feeds (organization_id, created_at desc, id desc);

alter table public.calendar_feeds enable row level security;

revoke all on public.calendar_feeds from public, anon, authenticated;

grant select, insert, update, delete on public.calendar_feeds to service_role;

create or replace trigger require_open_organization before insert on public.calendar_feeds
  for each row execute function public.require_open_organization();

create or replace trigger require_place before insert on public.calendar_feeds
  for each row execute function public.require_place('20', 'calendar_feeds');

-- Makes a feed, once under an idempotency key; null where what an earlier call under the key made was deleted.
create or replace function public.create_calendar_feed(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant public.idempotency_keys := public.begin_once(p ->> 'organization_id', p -> 'once');
  v_feed public.calendar_feeds;
begin
  if v_known.object_id is not null then
    select * into v_feed from public.calendar_feeds f where f.id = v_known.object_id::uuid;
    return case when found then to_jsonb(v_feed) - 'token_hash' || public.replay_view(v_known) end;
  end if;
  insert into public.calendar_feeds (organization_id, name, token_hash)
    values (p ->> 'organization_id', p ->> 'name', decode(p ->> 'token_hash', 'hex'))
    returning * into v_feed;
  perform public.end_once(v_feed.organization_id, p -> 'once', v_feed.id::text);
  return to_jsonb(v_feed) - 'token_hash';
end
$$;

-- What the calendar of a feed shows: bookings with a start, from 90 days ago to a year from now, at most 5000 of them, those
-- nearest to now. Null where nobody has this address, or its organization is closed.
create or replace function public.read_calendar(p jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_found record;
begin
  select o.id, o.name into v_found
    from public.calendar_feeds f
    join public.organizations o on o.id = f.organization_id
    where f.token_hash = decode(p ->> 'token_hash', 'hex') and o.closed_at is null;
  if not found then
    return null;
  end if;
  return jsonb_build_object('name', v_found.name, 'organization_id', v_found.id,
    'time_zone', (public.settings_of(v_found.id)).time_zone,
    'bookings', (
      select coalesce(jsonb_agg(jsonb_build_object('id', b.id, 'status', b.status, 'title', b.title, 'service', b.service,
          'notes', left(b.notes, 1000), 'starts_at', b.starts_at, 'ends_at', b.ends_at, 'created_at', b.created_at, 'updated_at', b.updated_at,
          'contact_name', k.name) order by b.starts_at, b.id), '[]')
      from (
        select * from public.bookings b
        where b.organization_id = v_found.id and b.starts_at >= now() - interval '90 days'
          and b.starts_at < now() + interval '1 year'
        order by abs(extract(epoch from b.starts_at - now())), b.id
        limit 5000
      ) b
      join public.contacts k on k.id = b.contact_id
    ));
end
$$;

revoke execute on function public.create_calendar_feed(jsonb), public.read_calendar(jsonb) from public, anon, authenticated;

grant execute on function public.create_calendar_feed(jsonb), public.read_calendar(jsonb) to service_role;

-- 43_contact_merges.sql

-- Contacts that people merge, and what they take back of it.

-- A contact under any id that it ever had; null where there is none.
create or replace function public.find_contact(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object('id', c.id, 'organization_id', c.organization_id, 'phone_number', c.phone_number, 'lid', c.lid,
    'name', c.name, 'name_source', c.name_source, 'created_at', c.created_at, 'updated_at', c.updated_at,
    'last_message_at', c.last_message_at)
  from public.contacts c
  where c.organization_id = p ->> 'organization_id'
    and c.id = public.current_contact(p ->> 'organization_id', (p ->> 'contact_id')::uuid)
$$;

-- What became part of a contact, the last first and 200 at most: merged by a person (`merge_id` undoes it), or because WhatsApp told
-- that they are one person.
create or replace function public.list_merges(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(m) order by m.merged_at desc, m.contact_id), '[]')
  from (
    select * from (
      select c.id as merge_id, c.contact_id, c.merged_into, c.merged_at, 'person' as merged_by, k.phone_number, k.lid, k.name
      from public.contacts k
      join public.contact_merges c on c.contact_id = k.id
      where k.merged_into = (p ->> 'contact_id')::uuid and k.organization_id = p ->> 'organization_id'
      union all
      select null, c.contact_id, c.merged_into, c.merged_at, 'whatsapp', null, null, null
      from public.merged_contacts c
      where c.organization_id = p ->> 'organization_id' and c.merged_into in (
        select (p ->> 'contact_id')::uuid
        union all
        select k.id from public.contacts k where k.merged_into = (p ->> 'contact_id')::uuid
      )
    ) a
    order by a.merged_at desc, a.contact_id
    limit 200
  ) m
$$;

-- Refuses what would change whose things are while everything of somebody is being erased.
create or replace function public.refuse_while_erased(p_contact_ids uuid[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  if exists (
    select from public.erasures e where e.erased_at is null and e.contact_id = any (p_contact_ids)
  ) then
    raise exception using errcode = 'AZ410', message = 'contact_being_erased';
  end if;
end
$$;

-- The ordinal of the first message of a contact that nobody has read; null where all are read.
create or replace function public.first_unread(p_contact public.contacts) returns bigint
  language sql stable
  set search_path = ''
as $$
  select m.ordinal from public.messages m
  where m.contact_id = p_contact.id and m.ordinal > p_contact.read_until and m.direction = 'inbound'
  order by m.ordinal
  limit 1
$$;

-- When a contact last wrote or was written to.
create or replace function public.last_message_time(p_contact_id uuid) returns timestamptz
  language sql stable
  set search_path = ''
as $$
  select max(least(m.sent_at, m.created_at)) from public.messages m where m.contact_id = p_contact_id
$$;

-- Cancels all open bookings of a contact but the oldest, and tells of each; an appointment that a person made is nobody's to cancel but a person's.
create or replace function public.keep_one_booking(p_organization_id text, p_contact_id uuid, p_instance_id uuid) returns uuid[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_booking public.bookings;
  v_cancelled uuid[] := '{}'::uuid[];
begin
  for v_booking in
    update public.bookings set status = 'cancelled'
      where contact_id = p_contact_id and status = 'pending' and source = 'whatsapp' and starts_at is null and id <> (
        select b.id from public.bookings b
        where b.contact_id = p_contact_id and b.status = 'pending'
        order by b.created_at, b.id
        limit 1
      )
      returning *
  loop
    v_cancelled := v_cancelled || v_booking.id;
    perform public.append_event(p_organization_id, p_instance_id, jsonb_build_object(
      'name', 'whatsapp:booking', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_instance_id,
        'bookingId', v_booking.id, 'contactId', p_contact_id, 'status', 'cancelled', 'previousStatus', 'pending',
        'timestamp', public.event_time(now())))));
  end loop;
  return v_cancelled;
end
$$;

-- Makes one contact of two, because a person says so, once under an idempotency key: `{ merge_id, contact_id, events, is_replay }`, null
-- where one of them is not there. Nothing that was unread counts as read by it.
create or replace function public.merge_people(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_organization public.organizations;
  v_kept public.contacts;
  v_lost public.contacts;
  v_instance_id uuid;
  v_read_until bigint;
  v_merge_id uuid;
  v_known public.idempotency_keys;
begin
  select * into v_organization from public.organizations o where o.id = v_organization_id for no key update;
  v_known := public.begin_once(v_organization_id, p -> 'once');
  if v_known.object_id is not null then
    return jsonb_build_object('merge_id', v_known.object_id, 'events', '[]'::jsonb, 'is_replay', true,
      'contact_id', public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid));
  end if;
  if v_organization.closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  select * into v_kept from public.contacts k
    where k.organization_id = v_organization_id and k.id = public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  select * into v_lost from public.contacts k
    where k.organization_id = v_organization_id
      and k.id = public.current_contact(v_organization_id, (p ->> 'merged_contact_id')::uuid);
  if v_kept.id is null or v_lost.id is null then
    return null;
  end if;
  if v_kept.id = v_lost.id then
    raise exception using errcode = 'AZ410', message = 'already_one_contact';
  end if;
  perform public.refuse_while_erased(public.ids_of_contact(v_kept.id) || public.ids_of_contact(v_lost.id));

  -- As if what was read of one had been read of both, but for what is unread.
  v_read_until := least(greatest(v_kept.read_until, v_lost.read_until), public.first_unread(v_kept) - 1,
    public.first_unread(v_lost) - 1);
  insert into public.contact_merges (organization_id, contact_id, merged_into, name, name_source, read_until, merged_read_until)
    values (v_organization_id, v_lost.id, v_kept.id, v_kept.name, v_kept.name_source, v_kept.read_until, v_read_until)
    returning id into v_merge_id;
  perform public.move_conversation(v_lost.id, v_kept.id, null, null, null);
  update public.contacts set merged_into = v_kept.id where id = v_lost.id or merged_into = v_lost.id;
  update public.contacts k
    set name = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name else k.name end,
      name_source = case when v_lost.name_source = 'person' and k.name_source <> 'person'
          or v_lost.name_source = 'push' and k.name_source = 'unknown' then v_lost.name_source else k.name_source end,
      last_message_at = greatest(k.last_message_at, v_lost.last_message_at), read_until = v_read_until
    where k.id = v_kept.id;
  v_instance_id := public.last_instance_of(v_kept.id);
  perform public.append_event(v_organization_id, v_instance_id, jsonb_build_object(
    'name', 'whatsapp:contact', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_instance_id,
      'contactId', v_lost.id, 'change', 'merged', 'mergedInto', v_kept.id, 'timestamp', public.event_time(now())))));
  if public.booking_policy_of(v_organization_id, p ->> 'booking_policy') = 'one-open' then
    update public.contact_merges
      set cancelled_bookings = public.keep_one_booking(v_organization_id, v_kept.id, v_instance_id)
      where id = v_merge_id;
  end if;
  perform public.end_once(v_organization_id, p -> 'once', v_merge_id::text);
  return jsonb_build_object('merge_id', v_merge_id, 'contact_id', v_kept.id, 'is_replay', false,
    'events', public.events_since(v_organization_id, v_organization.event_seq));
end
$$;

-- Events of an organization after a sequence, as append_events returns them.
create or replace function public.events_since(p_organization_id text, p_sequence bigint) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('organization_id', e.organization_id, 'sequence', e.sequence, 'name', e.name,
    'payload', e.payload) order by e.sequence), '[]')
  from public.events e
  where e.organization_id = p_organization_id and e.sequence > p_sequence
$$;

-- Takes a merge back: `{ contact_id, events }`, of the contact that is one of its own again; null where there is no such contact,
-- and without `contact_id` where it has no such merge. What came since goes with the address that it came from or went to.
create or replace function public.unmerge_people(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_organization public.organizations;
  v_from public.contacts;
  v_stayed public.contacts;
  v_merge public.contact_merges;
  v_branch uuid[];
  v_instance_id uuid;
  v_booking public.bookings;
begin
  select * into v_organization from public.organizations o where o.id = v_organization_id for no key update;
  select * into v_from from public.contacts k
    where k.organization_id = v_organization_id and k.id = public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  if not found then
    return null;
  end if;
  select m.* into v_merge
    from public.contact_merges m
    join public.contacts k on k.id = m.contact_id and k.merged_into = v_from.id
    where m.id = (p ->> 'merge_id')::uuid;
  if not found then
    if (p ->> 'merge_id')::uuid = any (public.ids_of_contact(v_from.id)) and exists (
      select from public.merged_contacts m where m.contact_id = (p ->> 'merge_id')::uuid
    ) then
      raise exception using errcode = 'AZ410', message = 'merged_by_whatsapp';
    end if;
    return '{"contact_id": null}'::jsonb;
  end if;
  if v_organization.closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  perform public.refuse_while_erased(public.ids_of_contact(v_from.id));

  v_branch := public.branch_of(v_merge.contact_id);
  perform public.move_conversation(v_from.id, v_merge.contact_id, v_branch, null, null);
  update public.contacts set merged_into = nullif(v_merge.contact_id, id) where id = any (v_branch);
  delete from public.contact_merges where id = v_merge.id;

  -- It has its name again, unless a person named it since.
  select * into v_stayed from public.contacts k where k.id = v_merge.merged_into;
  update public.contacts k
    set name = v_merge.name, name_source = v_merge.name_source
    from public.contacts o
    where k.id = v_stayed.id and o.id = v_merge.contact_id and (k.name, k.name_source) <> (v_merge.name, v_merge.name_source)
      and (k.name_source <> 'person' or (k.name, k.name_source) = (o.name, o.name_source));
  -- What is read of both was read of each.
  update public.contacts k
    set read_until = case
        when v_from.id = v_merge.merged_into and v_from.read_until = v_merge.merged_read_until
          then case k.id when v_from.id then v_merge.read_until else k.read_until end
        else greatest(k.read_until, v_from.read_until) end,
      last_message_at = public.last_message_time(k.id)
    where k.id in (v_from.id, v_merge.contact_id);
  v_instance_id := coalesce(public.last_instance_of(v_merge.contact_id), public.last_instance_of(v_from.id));
  perform public.append_event(v_organization_id, v_instance_id, jsonb_build_object(
    'name', 'whatsapp:contact', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', v_instance_id,
      'contactId', v_merge.contact_id, 'change', 'unmerged', 'unmergedFrom', v_from.id,
      'timestamp', public.event_time(now())))));
  for v_booking in
    update public.bookings b set status = 'pending'
      where b.id = any (v_merge.cancelled_bookings) and b.status = 'cancelled' and not exists (
        select from public.bookings o where o.contact_id = b.contact_id and o.status = 'pending'
      )
      returning b.*
  loop
    perform public.booking_event(v_booking, 'cancelled');
  end loop;
  -- What is still in the way of the others is what another merge brought there.
  update public.contact_merges m
    set cancelled_bookings = m.cancelled_bookings || array(
        select b.id from public.bookings b
        where b.id = any (v_merge.cancelled_bookings) and b.status = 'cancelled' and b.contact_id = k.merged_into
          and b.id <> all (m.cancelled_bookings)
      )
    from public.contacts k
    where k.id = m.contact_id and k.merged_into in (v_from.id, v_merge.contact_id);
  return jsonb_build_object('contact_id', v_merge.contact_id,
    'events', public.events_since(v_organization_id, v_organization.event_seq));
end
$$;

revoke execute on function
  public.find_contact(jsonb), public.list_merges(jsonb), public.refuse_while_erased(uuid[]), public.first_unread(public.contacts),
  public.last_message_time(uuid), public.keep_one_booking(text, uuid, uuid), public.merge_people(jsonb), public.events_since(text, bigint), public.unmerge_people(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.find_contact(jsonb), public.list_merges(jsonb), public.refuse_while_erased(uuid[]), public.first_unread(public.contacts),
  public.last_message_time(uuid), public.keep_one_booking(text, uuid, uuid), public.merge_people(jsonb), public.events_since(text, bigint), public.unmerge_people(jsonb)
  to service_role;

-- 43_notes.sql

-- Notes that people write here, beside those that the owner writes on the phone.

-- What a note is to those who call.
create or replace function public.note_row(p_note public.notes) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return to_jsonb(p_note) - 'secret' || public.note_extras(p_note) || jsonb_build_object(
    'version', (extract(epoch from coalesce(p_note.edited_at, p_note.created_at)) * 1000000)::bigint::text);
end
$$;

-- Tells what somebody did to a note.
create or replace function public.note_event(p_note public.notes, p_change text) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  return public.append_event(p_note.organization_id, p_note.instance_id, jsonb_build_object(
    'name', 'whatsapp:note', 'payload', jsonb_strip_nulls(jsonb_build_object('instanceId', p_note.instance_id, 'noteId', p_note.id,
      'contactId', p_note.contact_id, 'change', p_change, 'timestamp', public.event_time(now())))));
end
$$;

-- One note; null where there is none.
create or replace function public.find_note(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select public.note_row(n) from public.notes n
  where n.id = (p ->> 'id')::uuid and n.organization_id = p ->> 'organization_id'
$$;

-- Writes a note on a contact, once under an idempotency key: `{ note, events, is_replay }`, null where there is no such contact.
create or replace function public.create_note(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_closed_at timestamptz;
  v_known public.idempotency_keys;
  v_contact_id uuid;
  v_note public.notes;
begin
  select o.closed_at into v_closed_at from public.organizations o where o.id = v_organization_id for no key update;
  v_known := public.begin_once(v_organization_id, p -> 'once');
  if v_known.object_id is not null then
    return jsonb_build_object('note', public.find_note(jsonb_build_object('organization_id', v_organization_id,
      'id', v_known.object_id)), 'events', '[]'::jsonb, 'is_replay', true);
  end if;
  if v_closed_at is not null then
    raise exception 'organization is closed' using errcode = 'AZ409';
  end if;
  -- Before the organization is held it may become part of another one.
  v_contact_id := public.current_contact(v_organization_id, (p ->> 'contact_id')::uuid);
  if not exists (select from public.contacts k where k.id = v_contact_id and k.organization_id = v_organization_id) then
    return null;
  end if;
  perform public.refuse_while_erased(public.ids_of_contact(v_contact_id));
  insert into public.notes (organization_id, contact_id, content, content_type, chat_key, created_by)
    values (v_organization_id, v_contact_id, p ->> 'text', 'note', v_contact_id::text, p -> 'by')
    returning * into v_note;
  perform public.end_once(v_organization_id, p -> 'once', v_note.id::text);
  return jsonb_build_object('note', public.note_row(v_note),
    'events', jsonb_build_array(public.note_event(v_note, 'created')), 'is_replay', false);
end
$$;

-- Holds a note that `by` may change; not found where there is none. With `versions` only a state of it that the caller has seen.
create or replace function public.hold_note(p jsonb) returns public.notes
  language plpgsql
  set search_path = ''
as $$
declare
  v_note public.notes;
begin
  perform 1 from public.organizations o where o.id = p ->> 'organization_id' for no key update;
  select * into v_note from public.notes n
    where n.id = (p ->> 'id')::uuid and n.organization_id = p ->> 'organization_id'
    for no key update;
  if not found then
    return null;
  end if;
  if v_note.created_by is null then
    raise exception using errcode = 'AZ410', message = 'note_of_phone';
  end if;
  if not (p ->> 'is_manager')::boolean
      and (v_note.created_by ->> 'kind', v_note.created_by ->> 'id') is distinct from (p -> 'by' ->> 'kind', p -> 'by' ->> 'id') then
    raise exception using errcode = 'AZ403', message = 'note_of_another';
  end if;
  if p ? 'versions' and not p -> 'versions' ? (public.note_row(v_note) ->> 'version') then
    raise exception using errcode = 'AZ410', message = 'changed_meanwhile';
  end if;
  return v_note;
end
$$;

-- Writes a note anew: `{ note, events }`, null where there is none.
create or replace function public.change_note(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_note public.notes := public.hold_note(p);
begin
  if v_note.id is null then
    return null;
  end if;
  if v_note.content = p ->> 'text' then
    return jsonb_build_object('note', public.note_row(v_note), 'events', '[]'::jsonb);
  end if;
  update public.notes n set content = p ->> 'text', edited_at = clock_timestamp()
    where n.id = v_note.id
    returning * into v_note;
  return jsonb_build_object('note', public.note_row(v_note),
    'events', jsonb_build_array(public.note_event(v_note, 'edited')));
end
$$;

-- Deletes a note: `{ events }`, null where there is none.
create or replace function public.delete_note(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_note public.notes := public.hold_note(p);
begin
  if v_note.id is null then
    return null;
  end if;
  delete from public.notes n where n.id = v_note.id;
  return jsonb_build_object('events', jsonb_build_array(public.note_event(v_note, 'deleted')));
end
$$;

revoke execute on function
  public.note_row(public.notes), public.note_event(public.notes, text), public.find_note(jsonb), public.create_note(jsonb),
  public.hold_note(jsonb), public.change_note(jsonb), public.delete_note(jsonb)
  from public, anon, authenticated;

grant execute on function
  public.note_row(public.notes), public.note_event(public.notes, text), public.find_note(jsonb), public.create_note(jsonb),
  public.hold_note(jsonb), public.change_note(jsonb), public.delete_note(jsonb)
  to service_role;

-- 50_retention.sql

-- One step for one organization: of each kind at most `limit` rows, the oldest first. `more`: another step finds more.
-- `busy`: another process is at it. Sends in doubt do not hold up what is younger, and expired requests go, too.
create or replace function public.apply_retention(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 5000);
  v_settings constant public.retention_settings := public.retention_of(v_organization_id);
  v_instance_id uuid;
  v_counts jsonb := '{}'::jsonb;
  v_step jsonb;
  v_rows int;
  v_more boolean := false;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('auzap retention', 0)) then
    return '{"busy": true}'::jsonb;
  end if;

  -- Sends in doubt are not over, and do not count.
  with old as (
    select w.id from (
      -- History and what was received since: each is in the order of its age, and young history hides nothing old.
      (
        select m.id, m.created_at from public.messages m
        where m.organization_id = v_organization_id and v_settings.messages_days is not null and m.ordinal < 0
        order by m.ordinal
        limit v_limit
      )
      union all
      (
        select m.id, m.created_at from public.messages m
        where m.organization_id = v_organization_id and v_settings.messages_days is not null and m.ordinal > 0
          and m.status not in ('pending', 'unknown')
        order by m.ordinal
        limit v_limit
      )
    ) w
    where w.created_at < public.retention_cutoff(v_settings.messages_days)
  ), held as materialized (
    select m.id from public.messages m where m.id in (select o.id from old o) order by m.id for update
  )
  delete from public.messages m using held h where m.id = h.id;
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'messages', v_rows);
  v_more := v_more or v_rows >= v_limit;

  delete from public.group_changes c
    where c.id in (
      select o.id from (
        select l.id, l.created_at from public.group_changes l
        where l.organization_id = v_organization_id and v_settings.messages_days is not null
        order by l.id
        limit v_limit
      ) o
      where o.created_at < public.retention_cutoff(v_settings.messages_days)
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'group_changes', v_rows);
  v_more := v_more or v_rows = v_limit;

  delete from public.notes n
    where n.id in (
      select w.id from (
        (
          select t.id, t.created_at from public.notes t
          where t.organization_id = v_organization_id and v_settings.notes_days is not null and t.ordinal < 0
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t.id, t.created_at from public.notes t
          where t.organization_id = v_organization_id and v_settings.notes_days is not null and t.ordinal > 0
          order by t.ordinal
          limit v_limit
        )
      ) w
      where w.created_at < public.retention_cutoff(v_settings.notes_days)
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'notes', v_rows);
  v_more := v_more or v_rows >= v_limit;

  delete from public.bookings b
    where b.id in (
      select t.id from public.bookings t
      where t.organization_id = v_organization_id
        and t.created_at < public.retention_cutoff(v_settings.bookings_days)
        and t.updated_at < public.retention_cutoff(v_settings.bookings_days)
        and (t.starts_at is null or coalesce(t.ends_at, t.starts_at) < public.retention_cutoff(v_settings.bookings_days))
      order by t.created_at
      limit v_limit
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'bookings', v_rows);
  v_more := v_more or v_rows = v_limit;

  -- Nothing asks for these again; who was greeted stays known.
  delete from public.automatic_replies a
    where (a.contact_id, a.occasion, a.subject) in (
      select t.contact_id, t.occasion, t.subject from public.automatic_replies t
      where t.organization_id = v_organization_id and t.occasion <> 'first_message'
        and t.created_at < public.retention_cutoff(90)
      order by t.created_at
      limit v_limit
    );
  get diagnostics v_rows = row_count;
  v_more := v_more or v_rows = v_limit;

  -- Always from the beginning, up to the first that is kept: what is left is gapless.
  with oldest as (
    select e.sequence, e.created_at from public.events e
    where e.organization_id = v_organization_id and v_settings.events_days is not null
    order by e.sequence
    limit v_limit
  )
  delete from public.events e
    using oldest o
    where e.organization_id = v_organization_id and e.sequence = o.sequence
      and o.sequence < coalesce((
        select min(k.sequence) from oldest k
        where k.created_at >= public.retention_cutoff(v_settings.events_days)
      ), 9223372036854775807);
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'events', v_rows);
  v_more := v_more or v_rows = v_limit;

  -- The log of deliveries that are over: for 30 days, and no longer than the events that they are of.
  delete from public.webhook_deliveries d
    where d.id in (
      select w.id from (
        select t.id, t.created_at from public.webhook_deliveries t
        where t.organization_id = v_organization_id and t.status <> 'pending'
        order by t.id
        limit v_limit
      ) w
      where w.created_at < public.retention_cutoff(least(v_settings.events_days, 30))
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'webhook_deliveries', v_rows);
  v_more := v_more or v_rows = v_limit;

  for v_instance_id in
    select i.id from public.whatsapp_instances i where i.organization_id = v_organization_id order by i.id
  loop
    v_step := public.apply_inbox_retention(v_instance_id, v_settings, v_limit);
    v_counts := public.add_count(v_counts, 'inbox_bodies', (v_step ->> 'inbox_bodies')::int);
    v_counts := public.add_count(v_counts, 'inbox', (v_step ->> 'inbox')::int);
    v_more := v_more or (v_step ->> 'more')::boolean;
    exit when (v_step ->> 'more')::boolean;
  end loop;

  -- Changes whose message did not come in time.
  delete from public.pending_changes c
    where c.id in (
      select o.id from public.pending_changes o
      where o.organization_id = v_organization_id and o.expires_at <= now()
      order by o.expires_at
      limit v_limit
    );
  get diagnostics v_rows = row_count;
  v_counts := public.add_count(v_counts, 'pending_changes', v_rows);
  v_more := v_more or v_rows = v_limit;

  -- Longer than WhatsApp delivers anything again.
  delete from public.erased_messages e
    where (e.instance_id, e.mark) in (
      select o.instance_id, o.mark from public.erased_messages o
      where o.erased_at < now() - interval '120 days'
      order by o.erased_at
      limit v_limit
    );
  delete from public.organization_invitations where organization_id = v_organization_id and expires_at <= now();
  -- Nobody repeats a call after that.
  delete from public.idempotency_keys i
    where i.organization_id in (v_organization_id, '*') and i.created_at < now() - interval '7 days';
  -- What nodes asked each other and nobody waits for any more: texts, sealed and without a name.
  delete from public.node_requests where expires_at <= now();
  return jsonb_build_object('counts', v_counts, 'more', v_more, 'busy', false);
end
$$;

-- 51_erasure.sql

-- As `erase_from_inbox`. Events are committed in their sequence, which only who holds the organization can prolong.
create or replace function public.erase_from_events(p_erasure public.erasures, p_contact_id uuid, p_window int, p_limit int,
    out erasure public.erasures, out is_at_end boolean)
  language plpgsql
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
-- `erasure` is a value among others. @plpgsql_check_options: extra_warnings = off
declare
  v_from constant text[] := public.erased_phones(p_erasure)
    || array(select l.lid || '@lid' from unnest(public.erased_lids(p_erasure)) as l (lid));
  v_ids constant text[] := array_append(public.ids_of_contact(p_contact_id)::text[], p_erasure.contact_id::text);
  v_has_strangers constant boolean := public.erased_strangers(p_erasure) <> '{}';
  v_sequences bigint[];
  v_seen int;
  v_last bigint;
begin
  select max(w.sequence), count(*) into v_last, v_seen
    from (
      select e.sequence from public.events e
      where e.organization_id = p_erasure.organization_id and e.sequence > p_erasure.event_cursor
      order by e.sequence
      limit p_window
    ) w;
  v_sequences := array(
    select e.sequence from public.events e
    where e.organization_id = p_erasure.organization_id
      and e.sequence > p_erasure.event_cursor and e.sequence <= v_last
      and (e.payload ->> 'contactId' = any (v_ids) or e.payload -> 'members' ?| v_from
        or coalesce(e.payload ->> 'from', e.payload ->> 'to') = any (v_from)
        and (not v_has_strangers or e.payload ->> 'contactId' is null or not exists (
          select from public.contacts k
          where k.id = (e.payload ->> 'contactId')::uuid and k.organization_id = p_erasure.organization_id
        )))
    order by e.sequence
    limit p_limit
  );
  update public.events e set payload = '{"erased": true}'
    where e.organization_id = p_erasure.organization_id and e.sequence = any (v_sequences);
  is_at_end := v_seen < p_window and cardinality(v_sequences) < p_limit;
  erasure := p_erasure;
  erasure.counts := public.add_count(erasure.counts, 'events', cardinality(v_sequences));
  erasure.event_cursor := greatest(erasure.event_cursor, coalesce(v_sequences[p_limit], v_last));
end
$$;

-- Deletes the person: the ledger, changes that wait, the keys, the contact itself. The erasure goes on after it. The caller holds the organization.
create or replace function public.erase_person(p_erasure public.erasures, p_contact_id uuid) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
  v_strangers constant text[] := public.erased_strangers(p_erasure);
  v_instances constant uuid[] := array(
    select i.id from public.whatsapp_instances i where i.organization_id = p_erasure.organization_id order by i.id
  );
  v_of uuid[];
  v_ids text[];
  v_rows int;
begin
  select array_agg(u.instance_id), array_agg(u.message_id) into v_of, v_ids
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.lid = any (v_lids)
        or u.phone = any (v_phones) and (u.lid is null or u.lid <> all (v_strangers)));
  perform public.mark_erased(v_of, v_ids, p_erasure);
  with held as materialized (
    select u.id
    from public.undecrypted_messages u
    where u.instance_id = any (v_instances) and (u.lid = any (v_lids)
        or u.phone = any (v_phones) and (u.lid is null or u.lid <> all (v_strangers)))
    order by u.id
    for update
  )
  update public.undecrypted_messages u
    set phone = null, lid = null, chat = '', message_id = '',
      state = case when u.state = 'waiting' then 'given_up' else u.state end,
      settled_at = coalesce(u.settled_at, now())
    from held h
    where u.id = h.id;
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'undecrypted', v_rows);

  -- What was done to messages that did not come: those are known when they come after all.
  with gone as (
    delete from public.pending_changes c
      where c.instance_id = any (v_instances) and (c.lid = any (v_lids)
        or c.phone = any (v_phones) and (c.lid is null or c.lid <> all (v_strangers)))
      returning c.instance_id, c.message_id
  )
  select array_agg(g.instance_id), array_agg(g.message_id), count(*) into v_of, v_ids, v_rows from gone g;
  perform public.mark_erased(v_of, v_ids, p_erasure);
  v_erasure.counts := public.add_count(v_erasure.counts, 'pending_changes', v_rows);

  v_erasure := public.erase_from_groups(v_erasure);

  -- What nodes asked each other and nobody waits for any more: texts, sealed and without a name.
  delete from public.node_requests where expires_at <= now();

  -- Last and in order: commits of sessions wait for these locks. A session that runs keeps what it has in memory; where a
  -- key is missing later, WhatsApp's clients agree on new ones by themselves.
  perform 1 from public.whatsapp_instances i where i.id = any (v_instances) order by i.id for no key update;
  delete from public.whatsapp_session_keys k
    where k.instance_id = any (v_instances)
      and k.key_type in ('session', 'identity-key', 'device-list', 'lid-mapping', 'tctoken', 'sender-key', 'sender-key-memory')
      and k.key_id ~ ('(^|[^0-9])(' || nullif(array_to_string(v_phones || v_lids, '|'), '') || ')([^0-9]|$)');
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'session_keys', v_rows);

  v_erasure.merged_ids := v_erasure.merged_ids
    || array_remove(array_remove(public.ids_of_contact(p_contact_id), v_erasure.contact_id), null);
  delete from public.contacts k where k.id = p_contact_id or k.merged_into = p_contact_id;
  get diagnostics v_rows = row_count;
  v_erasure.counts := public.add_count(v_erasure.counts, 'contacts', v_rows);
  return v_erasure;
end
$$;

-- Takes over what is known of the person by now, who may have been joined with another contact: where that is more than
-- before, what was gone through counts again.
create or replace function public.learn_addresses(p_erasure public.erasures, p_contact public.contacts) returns public.erasures
  language plpgsql
  set search_path = ''
as $$
declare
  v_erasure public.erasures := p_erasure;
  v_phones constant text[] := public.erased_phones(p_erasure);
  v_lids constant text[] := public.erased_lids(p_erasure);
begin
  -- A number that became somebody else's meanwhile names the person no more.
  v_erasure.phone_number := p_contact.phone_number;
  v_erasure.lid := coalesce(p_contact.lid, p_erasure.lid);
  v_erasure.former_phones := array(
    select p.phone from unnest(v_phones || public.former_addresses_of(p_contact, 'phone')) as p (phone)
    where not exists (
      select from public.contacts k
      where k.organization_id = p_contact.organization_id and k.id <> p_contact.id
        and k.merged_into is distinct from p_contact.id and k.phone_number = p.phone
    )
    except select v_erasure.phone_number
  );
  v_erasure.former_lids := array(
    select unnest(v_lids || public.former_addresses_of(p_contact, 'lid')) except select v_erasure.lid
  );
  if not (public.erased_phones(v_erasure) <@ v_phones and public.erased_lids(v_erasure) <@ v_lids) then
    v_erasure.inbox_cursor := 0;
    v_erasure.event_cursor := 0;
  end if;
  return v_erasure;
end
$$;

-- Erases a contact with everything about it, in steps of bounded size: to be called until `receipt` comes (`begin_only`: no step
-- is done, but it is noted and will be gone on with). First inbox and
-- events are gone through without holding anybody up, for about a second in each call. Then each step holds the organization,
-- as whoever processes its messages does, so that nothing which is processed meanwhile can leave remains; the last one alone
-- looks at everything again.
-- The person is deleted twice, in two transactions: a commit of a running session that waited for the locks of the first one puts
-- the person's Signal keys back, and is over when the second one has the locks. Whatever is received afterwards is a new
-- contact's.
create or replace function public.erase_contact(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 1000), 1), 5000);
  v_window constant int := 5000;
  v_erasure public.erasures;
  v_contact_id uuid;
  v_contact public.contacts;
  v_step record;
  v_is_at_end boolean := true;
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
begin
  insert into public.erasures (organization_id, contact_id, phone_number, lid)
    select k.organization_id, k.id, k.phone_number, k.lid
    from public.contacts k
    where k.organization_id = v_organization_id and k.id = (p ->> 'contact_id')::uuid
    on conflict (organization_id, contact_id) do nothing;
  select * into v_erasure from public.erasures e
    where e.organization_id = v_organization_id
      and (e.contact_id = (p ->> 'contact_id')::uuid or (p ->> 'contact_id')::uuid = any (e.merged_ids))
    order by e.contact_id = (p ->> 'contact_id')::uuid desc
    limit 1
    for update;
  if not found then
    raise exception 'contact not found' using errcode = 'AZ404';
  end if;
  if v_erasure.erased_at is not null then
    return jsonb_build_object('receipt', public.erasure_receipt(v_erasure));
  end if;
  if (p ->> 'begin_only')::boolean then
    return '{"receipt": null}'::jsonb;
  end if;
  if v_erasure.is_near_end then
    -- Before rows of the inbox: the order of everybody who locks both.
    perform 1 from public.organizations where id = v_organization_id for no key update;
  end if;

  -- It may have been joined with another one since.
  v_contact_id := public.current_contact(v_organization_id, v_erasure.contact_id);
  select * into v_contact from public.contacts k
    where k.organization_id = v_organization_id
      and (k.id = v_contact_id or k.lid = v_erasure.lid
        or k.phone_number = v_erasure.phone_number and (k.lid is null or v_erasure.lid is null))
    order by k.id = v_contact_id desc, k.phone_number = v_erasure.phone_number desc nulls last
    limit 1;
  if found then
    if v_contact.merged_into is not null then
      -- Merged into another one by a person: they are one.
      select * into v_contact from public.contacts k where k.id = v_contact.merged_into;
    end if;
    v_erasure := public.learn_addresses(v_erasure, v_contact);
  end if;

  if v_erasure.is_near_end then
    v_step := public.erase_conversation(v_erasure, v_contact.id, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
  end if;
  while v_is_at_end loop
    v_step := public.erase_from_inbox(v_erasure, v_window, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
    exit when v_is_at_end or v_erasure.is_near_end or clock_timestamp() > v_until;
    v_is_at_end := true;
  end loop;
  while v_is_at_end loop
    v_step := public.erase_from_events(v_erasure, v_contact.id, v_window, v_limit);
    v_erasure := v_step.erasure;
    v_is_at_end := v_step.is_at_end;
    exit when v_is_at_end or v_erasure.is_near_end or clock_timestamp() > v_until;
    v_is_at_end := true;
  end loop;
  if v_is_at_end and v_erasure.is_near_end then
    v_erasure := public.erase_person(v_erasure, v_contact.id);
    if v_erasure.is_person_gone then
      v_erasure := public.conclude_erasure(v_erasure);
    end if;
    v_erasure.is_person_gone := true;
  end if;
  v_erasure.is_near_end := v_erasure.is_near_end or v_is_at_end;

  update public.erasures e
    set counts = v_erasure.counts, inbox_cursor = v_erasure.inbox_cursor, event_cursor = v_erasure.event_cursor,
      is_near_end = v_erasure.is_near_end, is_person_gone = v_erasure.is_person_gone,
      phone_number = v_erasure.phone_number, lid = v_erasure.lid,
      former_phones = v_erasure.former_phones, former_lids = v_erasure.former_lids, erased_at = v_erasure.erased_at,
      merged_ids = v_erasure.merged_ids
    where e.id = v_erasure.id;
  return jsonb_build_object('receipt',
    case when v_erasure.erased_at is not null then public.erasure_receipt(v_erasure) end);
end
$$;

-- 52_export.sql

-- One page of what is kept about a contact, under all addresses of the person: rows of one kind after `after`, and where to go on;
-- `next` is null where nothing is left to look at. A page holds about so many bytes of texts and bodies, however long each of them
-- is. What is looked at for it is bounded, too: it may hold less than `limit` and have a next one.
create or replace function public.export_contact(p jsonb) returns jsonb
  language plpgsql
  stable
  set search_path = ''
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
declare
  v_organization_id constant text := p ->> 'organization_id';
  v_after constant bigint := coalesce((p ->> 'after')::bigint, 0);
  -- History has its place before everything that was received: below 0.
  v_after_ordinal constant bigint := case when v_after = 0 then -9223372036854775808 else v_after end;
  v_limit constant int := least(greatest(coalesce((p ->> 'limit')::int, 100), 1), 500);
  v_bytes constant int := 500000;
  v_window constant int := 5000;
  v_contact public.contacts;
  v_phones text[];
  v_lids text[];
  v_strangers text[];
  v_ids text[];
  v_from text[];
  v_pattern text;
  v_rows jsonb;
  v_next bigint;
  v_until bigint;
  v_found int;
  v_shown int;
begin
  select * into v_contact from public.contacts
    where organization_id = v_organization_id and id = (p ->> 'contact_id')::uuid;
  if not found then
    raise exception 'contact not found' using errcode = 'AZ404';
  end if;
  v_phones := array_remove(public.former_addresses_of(v_contact, 'phone') || v_contact.phone_number, null);
  v_lids := array_remove(public.former_addresses_of(v_contact, 'lid') || v_contact.lid, null);
  v_strangers := public.former_owners(v_organization_id, v_phones, v_contact.id);
  v_pattern := public.person_pattern(v_phones, v_lids);
  case p ->> 'kind'
    when 'merged_contacts' then
      select jsonb_agg(to_jsonb(c) order by c.merged_at, c.contact_id), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select m.contact_id, m.merged_at from public.merged_contacts m
          where m.merged_into in (
            select v_contact.id union all select k.id from public.contacts k where k.merged_into = v_contact.id
          )
          order by m.merged_at, m.contact_id
          offset v_after limit v_limit
        ) c;
    when 'contact_merges' then
      select jsonb_agg(to_jsonb(c) order by c.merged_at, c.id), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select m.id, m.merged_at, m.merged_into, k.id as contact_id, k.phone_number, k.lid, k.name, k.name_source, k.created_at
          from public.contact_merges m
          join public.contacts k on k.id = m.contact_id
          where k.merged_into = v_contact.id
          order by m.merged_at, m.id
          offset v_after limit v_limit
        ) c;
    when 'former_addresses' then
      select jsonb_agg(to_jsonb(a) order by a.kind, a.digits), nullif(v_after + count(*), v_after) into v_rows, v_next
        from (
          select distinct f.kind, f.digits from public.former_addresses f
          where f.contact_id in (
            select v_contact.id union all select k.id from public.contacts k where k.merged_into = v_contact.id
          )
          order by f.kind, f.digits
          offset v_after limit v_limit
        ) a;
    when 'messages' then
      with found as (
        (
          select t as told, t.ordinal from public.messages t
          where t.contact_id = v_contact.id and t.ordinal > v_after_ordinal
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.messages t
          where t.contact_id is null and t.group_id is null and t.ordinal > v_after_ordinal
            and t.organization_id = v_organization_id and t.chat_jid ~ v_pattern
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.messages t
          where t.organization_id = v_organization_id and t.ordinal > v_after_ordinal and t.sender_lid = any (v_lids)
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.messages t
          where t.organization_id = v_organization_id and t.ordinal > v_after_ordinal and t.sender_phone = any (v_phones)
            and coalesce(t.sender_lid, '') <> all (v_strangers || v_lids)
          order by t.ordinal
          limit v_limit
        )
        order by ordinal
        limit v_limit
      ), page as (
        select f.told, f.ordinal, sum(b.bytes) over (order by f.ordinal) - b.bytes as bytes_before
        from found f
        cross join lateral (
          select public.shown_bytes((f.told).id, null, (f.told).content, (f.told).metadata, (f.told).reply_to) as bytes
        ) b
      )
      select jsonb_agg(to_jsonb(f.told) - 'secret' - 'payload' - 'request'
            || public.changes_made((f.told).id, null, (f.told).metadata) || public.message_extras(f.told) order by f.ordinal),
          max(f.ordinal)
        into v_rows, v_next
        from page f
        where f.bytes_before < v_bytes;
    when 'group_members' then
      select jsonb_agg(to_jsonb(m) order by m.id), max(m.id) into v_rows, v_next
        from (
          select m.*, g.jid, g.subject
          from public.group_members m
          join public.groups g on g.id = m.group_id
          where m.id > v_after and m.organization_id = v_organization_id
            and (m.phone = any (v_phones) and (m.lid is null or m.lid <> all (v_strangers)) or m.lid = any (v_lids))
          order by m.id
          limit v_limit
        ) m;
    when 'group_changes' then
      select jsonb_agg(to_jsonb(c) order by c.id), max(c.id) into v_rows, v_next
        from (
          -- Who else had a part in it is not the person's to know.
          select c.id, c.group_id, c.kind, c.subject, c.changed_at
          from public.group_changes c
          where c.id > v_after and c.organization_id = v_organization_id
            and (c.phone = any (v_phones) and (c.lid is null or c.lid <> all (v_strangers)) or c.lid = any (v_lids)
              or exists (
                select from jsonb_array_elements(c.people) e (person)
                where e.person ->> 'lid' = any (v_lids) or e.person ->> 'phone' = any (v_phones)
              ))
          order by c.id
          limit v_limit
        ) c;
    when 'notes' then
      with found as (
        (
          select t as told, t.ordinal from public.notes t
          where t.contact_id = v_contact.id and t.ordinal > v_after_ordinal
          order by t.ordinal
          limit v_limit
        )
        union all
        (
          select t as told, t.ordinal from public.notes t
          where t.contact_id is null and t.ordinal > v_after_ordinal and t.organization_id = v_organization_id
            and t.chat_key ~ v_pattern
          order by t.ordinal
          limit v_limit
        )
        order by ordinal
        limit v_limit
      ), page as (
        select f.told, f.ordinal, sum(b.bytes) over (order by f.ordinal) - b.bytes as bytes_before
        from found f
        cross join lateral (
          select public.shown_bytes(null, (f.told).id, (f.told).content, (f.told).metadata, (f.told).reply_to) as bytes
        ) b
      )
      -- Which of the organization's people wrote a note is not the person's to know.
      select jsonb_agg(to_jsonb(f.told) - 'secret' - 'created_by'
            || public.changes_made(null, (f.told).id, (f.told).metadata) || public.note_extras(f.told) order by f.ordinal),
          max(f.ordinal)
        into v_rows, v_next
        from page f
        where f.bytes_before < v_bytes;
    when 'bookings' then
      -- They have no number: the place in their order is as good, while none is deleted.
      select jsonb_agg(to_jsonb(b) order by b.created_at, b.id), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select * from public.bookings where contact_id = v_contact.id
          order by created_at, id
          offset v_after limit v_limit
        ) b;
    when 'automatic_replies' then
      select jsonb_agg(to_jsonb(r) order by r.created_at, r.occasion, r.subject), nullif(v_after + count(*), v_after)
        into v_rows, v_next
        from (
          select a.occasion, a.subject, a.message_id, a.created_at from public.automatic_replies a
          where a.contact_id = v_contact.id
          order by a.created_at, a.occasion, a.subject
          offset v_after limit v_limit
        ) r;
    when 'undecrypted' then
      select jsonb_agg(to_jsonb(u) order by u.id), max(u.id) into v_rows, v_next
        from (
          select * from public.undecrypted_messages
          where id > v_after and organization_id = v_organization_id
            and (phone = any (v_phones) and (lid is null or lid <> all (v_strangers)) or lid = any (v_lids))
          order by id
          limit v_limit
        ) u;
    when 'pending_changes' then
      select jsonb_agg(to_jsonb(c) order by c.id), max(c.id) into v_rows, v_next
        from (
          select * from public.pending_changes
          where id > v_after and organization_id = v_organization_id
            and (phone = any (v_phones) and (lid is null or lid <> all (v_strangers)) or lid = any (v_lids))
          order by id
          limit v_limit
        ) c;
    when 'inbox' then
      -- What is looked at is bounded by the ids alone, so that no row is looked at twice for the next page.
      select max(w.id) into v_until
        from (select i.id from public.inbox i where i.id > v_after order by i.id limit v_window) w;
      with found as (
        select i.* from public.inbox i
        where i.id > v_after and i.id <= v_until and i.organization_id = v_organization_id
          and public.inbox_addressing(i.chat, i.sender, i.attrs) ~ v_pattern
          and (v_strangers = '{}'
            or public.inbox_addressing(i.chat, i.sender, i.attrs) !~ public.person_pattern('{}', v_strangers))
        order by i.id
        limit v_limit
      ), page as (
        select f.*, sum(b.bytes) over (order by f.id) - b.bytes as bytes_before
        from found f
        cross join lateral (select coalesce(octet_length(f.body), 0) as bytes) b
      )
      select jsonb_agg((to_jsonb(i) - 'body' - 'claimed_by' - 'claimed_until' - 'bytes_before')
            || jsonb_build_object('body', translate(encode(i.body, 'base64'), e'\n', '')) order by i.id)
            filter (where i.bytes_before < v_bytes),
          max(i.id) filter (where i.bytes_before < v_bytes), count(*), count(*) filter (where i.bytes_before < v_bytes)
        into v_rows, v_next, v_found, v_shown
        from page i;
      if v_found < v_limit and v_shown = v_found then
        v_next := v_until;
      end if;
    when 'events' then
      v_ids := public.ids_of_contact(v_contact.id)::text[];
      v_from := v_phones || array(select l.lid || '@lid' from unnest(v_lids) as l (lid));
      select max(w.sequence) into v_until
        from (
          select e.sequence from public.events e
          where e.organization_id = v_organization_id and e.sequence > v_after
          order by e.sequence
          limit v_window
        ) w;
      with found as (
        select e.* from public.events e
        where e.organization_id = v_organization_id and e.sequence > v_after and e.sequence <= v_until
          and (e.payload ->> 'contactId' = any (v_ids) or e.payload -> 'members' ?| v_from
            or coalesce(e.payload ->> 'from', e.payload ->> 'to') = any (v_from)
            and (v_strangers = '{}' or e.payload ->> 'contactId' is null or not exists (
              select from public.contacts k
              where k.id = (e.payload ->> 'contactId')::uuid and k.organization_id = v_organization_id
            )))
        order by e.sequence
        limit v_limit
      ), page as (
        select f.*, sum(b.bytes) over (order by f.sequence) - b.bytes as bytes_before
        from found f
        cross join lateral (select coalesce(octet_length(f.payload ->> 'text'), 0) as bytes) b
      )
      select jsonb_agg(to_jsonb(e) - 'bytes_before' order by e.sequence)
            filter (where e.bytes_before < v_bytes),
          max(e.sequence) filter (where e.bytes_before < v_bytes),
          count(*), count(*) filter (where e.bytes_before < v_bytes)
        into v_rows, v_next, v_found, v_shown
        from page e;
      if v_found < v_limit and v_shown = v_found then
        v_next := v_until;
      end if;
    else
      raise exception 'unknown kind %', p ->> 'kind' using errcode = '22023';
  end case;
  return jsonb_build_object('rows', coalesce(v_rows, '[]'), 'next', v_next);
end
$$;

-- 53_audit.sql

-- Whose an object is, as far as the audit log has to know it.
create or replace function public.organization_of_object(p_type text, p_id text) returns text
  language sql stable
  set search_path = ''
as $$
  select case
    when p_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then null
    when p_type = 'instances' then (select i.organization_id from public.whatsapp_instances i where i.id = p_id::uuid)
    when p_type = 'contacts' then (select k.organization_id from public.contacts k where k.id = p_id::uuid)
    when p_type = 'notes' then (select n.organization_id from public.notes n where n.id = p_id::uuid)
    when p_type = 'erasures' then (select e.organization_id from public.erasures e where e.id = p_id::uuid)
    when p_type = 'invitations' then (select i.organization_id from public.organization_invitations i where i.id = p_id::uuid)
    when p_type = 'groups' then (select g.organization_id from public.groups g where g.id = p_id::uuid)
    when p_type = 'messages' then (select m.organization_id from public.messages m where m.id = p_id::uuid)
    when p_type = 'webhooks' then (select w.organization_id from public.webhook_endpoints w where w.id = p_id::uuid)
  end
$$;

-- 56_operations.sql

-- What those who run the service look at.

-- Processes that gave a sign of life in the last hour, and how many numbers each of them runs.
create or replace function public.list_nodes(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'id', n.id, 'kind', n.kind, 'is_leaving', n.is_leaving, 'is_alive', n.expires_at > now(),
      'heartbeat_at', n.heartbeat_at, 'expires_at', n.expires_at, 'sessions', coalesce(h.sessions, 0)
    ) order by n.id), '[]')
  from public.nodes n
  left join (
    select i.lease_owner, count(*) as sessions
    from public.whatsapp_instances i
    where i.lease_owner is not null and i.lease_expires_at > now()
    group by i.lease_owner
  ) h on h.lease_owner = n.id
$$;

-- What was received and sent in each of the last `minutes`, and how long it took, in ms: from the inbox to the contact, and from the call
-- to WhatsApp's word that it has it. `is_capped`: of a number or an organization there was more than is looked at; the newest counts.
create or replace function public.throughput(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
  set jit = off
as $$
  with asked as (
    select date_trunc('minute', now()) - make_interval(mins => least(greatest((p ->> 'minutes')::int, 1), 180) - 1) as since,
      20000 as rows
  ), taken as (
    select r.received_at as at, extract(epoch from r.processed_at - r.received_at) * 1000 as ms, r.number = a.rows as is_last
    from asked a
    cross join public.whatsapp_instances n
    cross join lateral (
      select i.received_at, i.processed_at, row_number() over (order by i.received_at desc) as number
      from public.inbox i
      where i.instance_id = n.id and i.received_at >= a.since
      order by i.received_at desc
      limit a.rows
    ) r
  ), given as (
    select m.sent_at as at, extract(epoch from (m.status_at ->> 'sent')::timestamptz - m.created_at) * 1000 as ms,
      m.number = a.rows as is_last
    from asked a
    cross join public.organizations o
    cross join lateral (
      select s.sent_at, s.created_at, s.status_at, row_number() over (order by s.sent_at desc) as number
      from public.messages s
      where s.organization_id = o.id and s.sent_at >= a.since and s.direction = 'outbound' and s.status_at ->> 'sent' is not null
      order by s.sent_at desc
      limit a.rows
    ) m
  ), received as (
    select date_trunc('minute', t.at) as minute, count(*) as number,
      percentile_cont(array[0.5, 0.95]) within group (order by t.ms) as ms
    from taken t group by 1
  ), sent as (
    select date_trunc('minute', g.at) as minute, count(*) as number,
      percentile_cont(array[0.5, 0.95]) within group (order by g.ms) as ms
    from given g group by 1
  )
  select jsonb_build_object(
    'is_capped', exists (select from taken t where t.is_last) or exists (select from given g where g.is_last),
    'minutes', (
      select jsonb_agg(jsonb_build_object(
          'at', d.minute, 'received', coalesce(r.number, 0), 'received_ms', to_jsonb(r.ms),
          'sent', coalesce(s.number, 0), 'sent_ms', to_jsonb(s.ms)
        ) order by d.minute)
      from asked a
      cross join lateral generate_series(a.since, now(), interval '1 minute') as d (minute)
      left join received r on r.minute = d.minute
      left join sent s on s.minute = d.minute
    )
  )
$$;

-- How quickly a number writes, which is what WhatsApp limits numbers for: messages in the last minute, hour and day, those that are not sent
-- yet, and people it wrote to in that day who never wrote. Of its latest 20,000 messages.
create or replace function public.instance_pacing(p jsonb) returns jsonb
  language sql stable
  set search_path = ''
as $$
  with latest as (
    select m.direction, m.contact_id, m.status, m.created_at, m.change_of
    from public.messages m
    where m.instance_id = (p ->> 'instance_id')::uuid
    order by m.ordinal desc
    limit 20000
  ), own as (
    select l.contact_id, l.status, l.created_at
    from latest l
    where l.direction = 'outbound' and l.change_of is null and l.created_at > now() - interval '1 day'
  ), written_to as (
    select distinct o.contact_id from own o where o.contact_id is not null
  )
  select jsonb_build_object(
    'minute', (select count(*) from own o where o.created_at > now() - interval '1 minute'),
    'hour', (select count(*) from own o where o.created_at > now() - interval '1 hour'),
    'day', (select count(*) from own o),
    'waiting', (select count(*) from own o where o.status = 'pending'),
    'people', (select count(*) from written_to),
    'strangers', (
      select count(*) from written_to w
      where not exists (
        select from public.messages r where r.contact_id = w.contact_id and r.direction = 'inbound'
      )
    )
  )
$$;

revoke execute on function public.list_nodes(jsonb), public.throughput(jsonb), public.instance_pacing(jsonb)
  from public, anon, authenticated;

grant execute on function public.list_nodes(jsonb), public.throughput(jsonb), public.instance_pacing(jsonb) to service_role;
