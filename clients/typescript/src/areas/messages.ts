import type { Calls } from '../calls.js';
import type { CallOptions, CreateOptions } from '../client-options.js';
import { Listing, type Page, pageOf } from '../pages.js';
import type { EarlierText, Message, NewMessage, QueryOf, SentMessage } from '../schemas.js';

/** The service reads a file from its address before it answers, for up to 5 minutes. */
const FETCH_LIMIT_MS = 330_000;

/** What was written and is written. */
export class Messages extends Listing<QueryOf<'/api/messages'>, Message> {
  constructor(private readonly calls: Calls) {
    super();
  }

  override async page(
    query: QueryOf<'/api/messages'> = {},
    options: CallOptions = {},
  ): Promise<Page<Message>> {
    const { data } = await this.calls.GET('/api/messages', { params: { query }, ...options });
    return pageOf(data.messages, data.next_cursor);
  }

  async get(id: string, options: CallOptions = {}): Promise<Message> {
    const { data } = await this.calls.GET('/api/messages/{id}', { params: { path: { id } }, ...options });
    return data.message;
  }

  /**
   * Sends a message once, however often it has to be tried.
   * @returns once WhatsApp has it, or with the status `pending` where that is not known yet: `whatsapp:message-status` tells
   * @throws AuzapError that says why it does not leave
   */
  async send(instanceId: string, message: NewMessage, options: CreateOptions = {}): Promise<SentMessage> {
    const { data } = await this.calls.POST('/api/whatsapp/instances/{id}/send', {
      params: { path: { id: instanceId } },
      body: message,
      ...(message.media?.url !== undefined && { timeoutMs: FETCH_LIMIT_MS }),
      ...options,
    });
    return data;
  }

  /** Changes the text of an own message, within 15 minutes. */
  async edit(id: string, text: string, options: CallOptions = {}): Promise<SentMessage> {
    const { data } = await this.calls.PATCH('/api/messages/{id}', {
      params: { path: { id } },
      body: { message: text },
      ...options,
    });
    return data;
  }

  /** Takes an own message back for everyone. */
  async remove(id: string, options: CallOptions = {}): Promise<SentMessage> {
    const { data } = await this.calls.DELETE('/api/messages/{id}', { params: { path: { id } }, ...options });
    return data;
  }

  /** @returns what a message said before it was edited */
  async history(id: string, options: CallOptions = {}): Promise<EarlierText[]> {
    const { data } = await this.calls.GET('/api/messages/{id}/history', {
      params: { path: { id } },
      ...options,
    });
    return data.history;
  }

  /**
   * @returns the file of a message, whose body is read as it comes: `.blob()`, `.body`
   * @throws AuzapError `media_not_ready` while it is fetched from WhatsApp
   */
  async file(id: string, options: CallOptions = {}): Promise<Response> {
    const { response } = await this.calls.GET('/api/messages/{id}/media', {
      params: { path: { id } },
      parseAs: 'stream',
      ...options,
    });
    return response;
  }

  /** As `file`, a small picture. */
  async thumbnail(id: string, options: CallOptions = {}): Promise<Response> {
    const { response } = await this.calls.GET('/api/messages/{id}/thumbnail', {
      params: { path: { id } },
      parseAs: 'stream',
      ...options,
    });
    return response;
  }
}
