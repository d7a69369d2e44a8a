/** What is read of Chatwoot's answers and webhooks: https://developers.chatwoot.com/api-reference/introduction */

export interface ChatwootContact {
  id: number;
  name: string | null;
  phone_number: string | null;
  identifier: string | null;
  contact_inboxes: { source_id: string; inbox: { id: number } }[];
}

export interface ChatwootConversation {
  /** The display id, by which the API knows it. */
  id: number;
  inbox_id: number;
  status: 'open' | 'resolved' | 'pending' | 'snoozed';
}

export interface ChatwootMessage {
  id: number;
  source_id: string | null;
  /** Seconds since 1970. */
  created_at: number;
}

export type ChatwootStatus = 'sent' | 'delivered' | 'read' | 'failed';

export interface ChatwootAttachment {
  file_type: string;
  data_url: string;
}

/** `message_created`: https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks */
export interface ChatwootWebhook {
  event: string;
  id: number;
  content: string | null;
  message_type: string;
  private: boolean;
  source_id: string | null;
  account: { id: number };
  inbox: { id: number };
  conversation: {
    id: number;
    meta: { sender: { identifier: string | null; phone_number: string | null } };
  };
  attachments?: ChatwootAttachment[];
}
