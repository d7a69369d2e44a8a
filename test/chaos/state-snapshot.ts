import type { ChaosDatabase } from './database.js';

/** A stored message or note. */
export interface StoredText {
  instance_id: string;
  content: string;
  whatsapp_message_id: string;
  /** Order of storing. */
  ordinal: number;
  /** Seconds since 1970. */
  sent_at: number;
  contact_id: string | null;
}

/** What the service stored, read at the end. */
export interface StateSnapshot {
  inbound: StoredText[];
  notes: StoredText[];
  outbound: { content: string; whatsapp_message_id: string; status: string; instance_id: string }[];
  /** What could not be decrypted at first has a row for that, and one for the copy that came later. */
  inbox: {
    instance_id: string;
    message_id: string;
    sender: string;
    state: number;
    reason: string | null;
    encryption: string;
  }[];
  events: {
    organization_id: string;
    sequence: number;
    name: string;
    instance_id: string;
    text: string | null;
  }[];
  contacts: { id: string; organization_id: string; phone_number: string | null; lid: string | null }[];
  bookings: { contact_id: string; status: string }[];
  instances: { id: string; received: number; sent: number; status: string }[];
  organizations: { id: string; event_seq: number }[];
}

const TEXT_COLUMNS = `instance_id::text, content, whatsapp_message_id, ordinal::float8, contact_id::text,
  floor(extract(epoch from sent_at))::float8 as sent_at`;

/** What is read of which table. */
const QUERIES: Record<keyof StateSnapshot, string> = {
  inbound: `select ${TEXT_COLUMNS} from messages where direction = 'inbound' order by ordinal`,
  notes: `select ${TEXT_COLUMNS} from notes order by ordinal`,
  outbound: `select content, whatsapp_message_id, status, instance_id::text from messages where direction = 'outbound'`,
  inbox: `select instance_id::text, message_id, sender, state::int, reason, encryption from inbox order by id`,
  events: `select organization_id, sequence::float8, name, instance_id::text, payload ->> 'text' as text
    from events order by organization_id, sequence`,
  contacts: `select id::text, organization_id, phone_number, lid from contacts`,
  bookings: `select contact_id::text, status from bookings`,
  instances: `select id::text, messages_received_count::float8 as received, messages_sent_count::float8 as sent, status
    from whatsapp_instances where deleted_at is null`,
  organizations: `select id, event_seq::float8 from organizations`,
};

/** Reads the service's tables as they were at one moment: one statement, since a late tick or event may come while it reads. */
export async function readStateSnapshot(database: ChaosDatabase): Promise<StateSnapshot> {
  const tables = Object.entries(QUERIES).map(
    ([name, query]) => `(select coalesce(json_agg(q), '[]') from (${query}) q) as ${name}`,
  );
  const [snapshot] = await database.query<StateSnapshot>(`select ${tables.join(', ')}`);
  return snapshot!;
}
