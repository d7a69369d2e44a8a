import { callJson } from '../common/http-json.ts';
import type {
  ChatwootContact,
  ChatwootConversation,
  ChatwootMessage,
  ChatwootStatus,
} from './chatwoot-types.ts';

/** A file that goes with a message. */
export interface HandedFile {
  name: string;
  blob: Blob;
}

/**
 * The calls of Chatwoot's Application API that the bridge makes, for one account and its API inbox:
 * https://developers.chatwoot.com/api-reference/introduction. `source_id` of a message is what `messages_controller.rb` and
 * `message_builder.rb` of Chatwoot take beside what that page names.
 */
export class ChatwootClient {
  private readonly url: string;
  private readonly accessToken: string;
  private readonly inboxId: number;
  private readonly timeoutMs: number;

  constructor(
    {
      url,
      accountId,
      inboxId,
      accessToken,
    }: { url: string; accountId: number; inboxId: number; accessToken: string },
    timeoutMs: number,
  ) {
    this.url = `${url}/api/v1/accounts/${accountId}`;
    this.accessToken = accessToken;
    this.inboxId = inboxId;
    this.timeoutMs = timeoutMs;
  }

  /** @returns contacts whose name, number or identifier has these words in it: the first fifteen */
  async searchContacts(words: string): Promise<ChatwootContact[]> {
    const path = `/contacts/search?${new URLSearchParams({ q: words }).toString()}`;
    return (await this.call<{ payload: ChatwootContact[] }>('GET', path)).payload;
  }

  /** Makes a contact that can be written to in the inbox. */
  async createContact(contact: {
    name: string;
    identifier: string;
    phone_number?: string;
  }): Promise<ChatwootContact> {
    const body = { inbox_id: this.inboxId, ...contact };
    const { payload } = await this.call<{ payload: { contact: ChatwootContact } }>('POST', '/contacts', body);
    return payload.contact;
  }

  /** Lets a contact be written to in the inbox. @returns under which id it is known there */
  async joinInbox(contactId: number): Promise<string> {
    const path = `/contacts/${contactId}/contact_inboxes`;
    return (await this.call<{ source_id: string }>('POST', path, { inbox_id: this.inboxId })).source_id;
  }

  /** @returns the latest conversations of a contact in the inbox, the newest first */
  async conversationsOf(contactId: number): Promise<ChatwootConversation[]> {
    const path = `/contacts/${contactId}/conversations`;
    const { payload } = await this.call<{ payload: ChatwootConversation[] }>('GET', path);
    return payload.filter(({ inbox_id }) => inbox_id === this.inboxId).toSorted((a, b) => b.id - a.id);
  }

  /** @param sourceId of the contact in the inbox */
  createConversation(contactId: number, sourceId: string): Promise<ChatwootConversation> {
    const body = { source_id: sourceId, inbox_id: this.inboxId, contact_id: contactId, status: 'open' };
    return this.call('POST', '/conversations', body);
  }

  /** @returns the twenty messages before one, or the latest ones, the oldest first */
  async messagesOf(conversationId: number, before?: number): Promise<ChatwootMessage[]> {
    const query = before === undefined ? '' : `?before=${before}`;
    const path = `/conversations/${conversationId}/messages${query}`;
    return (await this.call<{ payload: ChatwootMessage[] }>('GET', path)).payload;
  }

  /** Puts a message of the contact into a conversation. */
  createMessage(
    conversationId: number,
    sourceId: string,
    content: string,
    file?: HandedFile,
  ): Promise<ChatwootMessage> {
    const fields = { content, message_type: 'incoming', private: false, source_id: sourceId };
    const path = `/conversations/${conversationId}/messages`;
    if (!file) {
      return this.call('POST', path, fields);
    }
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      form.set(name, String(value));
    }
    form.append('attachments[]', file.blob, file.name);
    return this.call('POST', path, form);
  }

  /** Says what became of a message of an agent; possible in API inboxes alone. @param why for `failed` */
  async setStatus(
    conversationId: number,
    messageId: number,
    status: ChatwootStatus,
    why?: string,
  ): Promise<void> {
    const body = { status, ...(why !== undefined && { external_error: why }) };
    await this.call('PATCH', `/conversations/${conversationId}/messages/${messageId}`, body);
  }

  private call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    return callJson<Answer>({
      url: this.url + path,
      method,
      headers: { api_access_token: this.accessToken },
      timeoutMs: this.timeoutMs,
      ...(body !== undefined && { body }),
    });
  }
}
