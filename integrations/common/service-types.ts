/** What is read of the service's answers; `openapi.json` has all of it. */

export type Permission = 'read' | 'send' | 'manage';

export interface Me {
  kind: string;
  name: string;
  is_administrator: boolean;
  /** null: everywhere. */
  organizations: { id: string; permissions: Permission[] }[] | null;
}

export interface Instance {
  id: string;
  instance_name: string;
  phone_number: string | null;
  status: string;
}

export interface Contact {
  id: string;
  name: string;
  phone_number: string | null;
  lid: string | null;
}

export interface Media {
  state: 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';
  mime_type: string | null;
  file_name: string | null;
  size: number | null;
  error: string | null;
}

export interface Message {
  id: string;
  contact_id: string | null;
  instance_id: string;
  direction: 'inbound' | 'outbound';
  type: string;
  content: string;
  media: Media | null;
  reply_to: { id: string | null; content: string } | null;
  whatsapp_message_id: string | null;
  status: string;
  error: string | null;
  sent_at: string;
  deleted_at: string | null;
}

export interface Booking {
  id: string;
  contact_id: string;
  status: string;
  title: string | null;
  notes: string | null;
  starts_at: string | null;
  ends_at: string | null;
}

export interface Sent {
  message_id: string;
  whatsapp_message_id: string;
  status: 'sent' | 'unknown';
}
