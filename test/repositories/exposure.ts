/**
 * What users of an organization reach at the database with a token of their own: these columns of its rows, to be read.
 * A table, a column or a function that is named nowhere here fails the walk: decide about it, then name it.
 */
export const READABLE: Readonly<Record<string, string>> = {
  organizations: 'id name event_seq created_at closed_at',
  organization_settings:
    'organization_id booking_policy time_zone languages office_hours services automatic_replies history_policy group_policy updated_at',
  organization_members: 'organization_id user_id role created_at',
  whatsapp_instances:
    'id organization_id instance_name phone_number status pairing_method has_session account_phone account_lid ' +
    'last_connected_at last_disconnect_reason messages_sent_count messages_received_count desired_state history_policy restriction ' +
    'group_policy created_at updated_at deleted_at',
  contacts:
    'id organization_id phone_number lid name name_source created_at updated_at last_message_at read_until merged_into',
  messages:
    'id ordinal organization_id contact_id instance_id direction content content_type whatsapp_message_id chat_jid ' +
    'chat_key status error inbox_id sent_at created_at updated_at idempotency_key request_hash repeats sent_from ' +
    'type metadata reply_to mentions is_forwarded is_view_once edited_at deleted_at secret payload status_at request change_of ' +
    'group_id sender_phone sender_lid sender_name reason',
  groups:
    'id organization_id instance_id jid subject description owner_phone owner_lid learnt_at created_at updated_at',
  group_members: 'id organization_id group_id phone lid role changed_at',
  group_changes:
    'id organization_id group_id notice_id place kind phone lid subject people changed_at created_at',
  bookings:
    'id organization_id contact_id instance_id status source created_at updated_at title notes starts_at ends_at idempotency_key request_hash ' +
    'person_id reason service_id service',
  notes:
    'id ordinal organization_id contact_id instance_id content content_type whatsapp_message_id chat_key inbox_id ' +
    'sent_at created_at type metadata reply_to mentions is_forwarded is_view_once edited_at deleted_at secret created_by',
  message_reactions: 'id organization_id message_id note_id reactor from_me emoji reacted_at',
  message_edits: 'id organization_id message_id note_id ordinal content edited_at stored_at',
  message_answers: 'id organization_id message_id note_id kind answerer from_me answer answered_at',
  events: 'organization_id sequence name payload instance_id created_at',
  undecrypted_messages:
    'id organization_id instance_id inbox_id message_id chat chat_kind from_me phone lid sent_at received_at state ' +
    'recovered_inbox_id settled_at created_at',
};

/** Tables of which users see nothing, not even that there are rows. */
export const CLOSED: readonly string[] = [
  'organization_invitations',
  'api_keys',
  'service_secrets',
  'data_keys',
  'erasures',
  'erased_messages',
  'automatic_replies',
  'calendar_feeds',
  'former_addresses',
  'merged_contacts',
  'contact_merges',
  'idempotency_keys',
  'retention_settings',
  'retention_progress',
  'audit_log',
  'whatsapp_session_keys',
  'session_writers',
  'inbox',
  'pending_changes',
  'history_syncs',
  'media_files',
  'media_usage',
  'message_media',
  'webhook_endpoints',
  'webhook_deliveries',
  'nodes',
  'node_requests',
  'key_holders',
  'pairing_qrs',
  'data_moves',
  'message_search',
  'search_progress',
  'conversations',
  'changed_conversations',
];

/** Functions that users may call; all others are the service's. */
export const CALLABLE = {
  anon: ['auth.jwt()', 'auth.uid()'],
  authenticated: ['auth.jwt()', 'auth.uid()', 'my_organizations()'],
} as const;

/** Functions that run with the rights of their owner: the service itself may only add to the audit log, and not read what the CLI writes. */
export const DEFINERS: readonly string[] = [
  'apply_audit_retention(jsonb)',
  'finish_audit(jsonb)',
  'my_organizations()',
  'schema_versions(jsonb)',
];

/** Their columns are granted one by one, so that a new one stays closed; other tables as a whole, so that `select *` works. */
export const GRANTED_BY_COLUMN: readonly string[] = ['whatsapp_instances'];
