/** A table whose rows are moved. */
export interface MovedTable {
  name: string;
  /** Columns that mean a process of the old home, and are empty in the new one. */
  emptied?: readonly string[];
  /** Columns that refer to the table itself: set when all of its rows are there. */
  late?: readonly string[];
}

/** What is moved, each after what it refers to. */
export const MOVED_TABLES: readonly MovedTable[] = [
  { name: 'organizations' },
  { name: 'organization_settings' },
  { name: 'calendar_feeds' },
  { name: 'organization_members' },
  { name: 'organization_invitations' },
  { name: 'api_keys', late: ['replaced_by'] },
  { name: 'service_secrets' },
  { name: 'whatsapp_instances', emptied: ['lease_owner', 'lease_expires_at'] },
  { name: 'whatsapp_session_keys' },
  { name: 'data_keys' },
  { name: 'idempotency_keys' },
  { name: 'contacts', late: ['merged_into'] },
  { name: 'former_addresses' },
  { name: 'merged_contacts' },
  { name: 'contact_merges' },
  { name: 'automatic_replies' },
  { name: 'inbox', emptied: ['claimed_by', 'claimed_until'] },
  { name: 'groups' },
  { name: 'group_members' },
  { name: 'group_changes' },
  { name: 'messages' },
  { name: 'media_files' },
  { name: 'media_usage' },
  { name: 'bookings' },
  { name: 'notes' },
  { name: 'message_media', emptied: ['claimed_by'] },
  { name: 'message_reactions' },
  { name: 'message_edits' },
  { name: 'message_answers' },
  { name: 'pending_changes' },
  { name: 'undecrypted_messages' },
  { name: 'history_syncs', emptied: ['claimed_by', 'claimed_until'] },
  { name: 'events' },
  { name: 'webhook_endpoints' },
  { name: 'webhook_deliveries' },
  { name: 'erasures' },
  { name: 'erased_messages' },
  { name: 'retention_settings' },
  { name: 'retention_progress' },
  { name: 'audit_log' },
];

/** What speaks of running processes, or of a move, or is made anew of what is moved, and is not moved. */
export const LEFT_TABLES: readonly string[] = [
  'nodes',
  'node_requests',
  'pairing_qrs',
  'key_holders',
  'session_writers',
  'data_moves',
  'message_search',
  'search_progress',
  'conversations',
  'changed_conversations',
];
