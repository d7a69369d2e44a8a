import { type AccountRestriction, inForce } from '../common/account-restriction.js';
import type { GroupPolicy } from '../common/groups.js';
import type { InstanceStatus, PairingMethod } from '../common/instance.js';
import type { RowWith } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull } from './column-values.js';

/** What the operator wants of an instance; survives restarts. */
export type DesiredState = 'running' | 'stopped';

/**
 * Whether a process brings it on line: `by_itself` one that has room for it, `when_asked` one that a person asks for it. The
 * database decides it, from what is stored of the instance.
 */
export type Resumes = 'never' | 'by_itself' | 'when_asked';

/** What becomes of messages of the time before the link: `contacts` makes contacts of their authors, too. */
export type HistoryPolicy = 'ignore' | 'store' | 'contacts';

/** A WhatsApp number of an organization. Never carries its credentials. */
export interface Instance {
  id: string;
  organizationId: string;
  instanceName: string;
  phoneNumber: string | null;
  status: InstanceStatus;
  pairingMethod: PairingMethod;
  /** Digits of the linked account, once known. */
  accountPhone: string | null;
  accountLid: string | null;
  /** ISO 8601 UTC, like all times here. */
  lastConnectedAt: string | null;
  messagesSentCount: number;
  messagesReceivedCount: number;
  desiredState: DesiredState;
  historyPolicy: HistoryPolicy;
  groupPolicy: GroupPolicy;
  /** What WhatsApp limits of the account now. */
  restriction: AccountRestriction | null;
  /** Credentials are stored. */
  hasSession: boolean;
  resumes: Resumes;
  lastDisconnectReason: string | null;
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
}

/** Credentials are never selected. */
export const INSTANCE_COLUMNS = `id, organization_id, instance_name, phone_number, status, pairing_method, account_phone,
  account_lid, last_connected_at, messages_sent_count, messages_received_count, desired_state, history_policy, restriction,
  group_policy, has_session, resumes, last_disconnect_reason, created_at, updated_at, deleted_at`;
export type InstanceRow = RowWith<'whatsapp_instances', typeof INSTANCE_COLUMNS>;

export function toInstance(row: InstanceRow): Instance {
  return {
    id: row.id,
    organizationId: row.organization_id,
    instanceName: row.instance_name,
    phoneNumber: row.phone_number,
    status: row.status,
    pairingMethod: row.pairing_method,
    accountPhone: row.account_phone,
    accountLid: row.account_lid,
    lastConnectedAt: isoTimeOrNull(row.last_connected_at),
    messagesSentCount: row.messages_sent_count,
    messagesReceivedCount: row.messages_received_count,
    desiredState: row.desired_state,
    historyPolicy: row.history_policy,
    groupPolicy: row.group_policy,
    restriction: inForce(row.restriction as AccountRestriction | null, Date.now()),
    // The catalog can't tell that a generated column is never null.
    hasSession: row.has_session === true,
    resumes: row.resumes as Resumes,
    lastDisconnectReason: row.last_disconnect_reason,
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
    deletedAt: isoTimeOrNull(row.deleted_at),
  };
}
