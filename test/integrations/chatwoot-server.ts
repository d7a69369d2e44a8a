import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { listenOn } from '../support/listen-on.js';

const ACCOUNT = 1;
const INBOX = 7;
const PAGE = 20;
/** As long as Chatwoot waits for a webhook (`lib/webhooks/trigger.rb`). */
const WEBHOOK_MS = 5000;
const NUMBER = /^\+[1-9]\d{1,14}$/;

interface Contact {
  id: number;
  name: string;
  phone_number: string | null;
  identifier: string | null;
  contact_inboxes: { source_id: string; inbox: { id: number } }[];
}

interface Conversation {
  id: number;
  inbox_id: number;
  contact_id: number;
  source_id: string;
  status: 'open' | 'resolved';
}

export interface StoredMessage {
  id: number;
  conversation_id: number;
  content: string;
  message_type: 'incoming' | 'outgoing';
  private: boolean;
  source_id: string | null;
  status: string;
  external_error: string | null;
  created_at: number;
  file?: { name: string; type: string; bytes: Buffer };
}

/** An answer that is no success. */
class Fault extends Error {
  constructor(
    readonly status: number,
    readonly body: object,
  ) {
    super(`${status}`);
  }
}

type Fields = Record<string, unknown>;
type Route = [method: string, path: RegExp, answer: (ids: number[], call: Call) => unknown];
interface Call {
  query: URLSearchParams;
  fields: Fields;
  file: StoredMessage['file'];
}

/**
 * Stands in for Chatwoot: one account with an API inbox. It takes what Chatwoot's own documents and controllers name, and nothing else;
 * what a call has beside that is kept in `violations`.
 *
 * - Contacts, conversations, messages: https://developers.chatwoot.com/api-reference/introduction and `swagger/` of chatwoot/chatwoot.
 * - `source_id` of messages, `before` of their list: `app/builders/messages/message_builder.rb`, `app/finders/message_finder.rb`.
 * - Status of messages, in API inboxes alone: `app/controllers/api/v1/accounts/conversations/messages_controller.rb`.
 * - Webhooks: `app/models/message.rb` (`webhook_data`), `app/listeners/webhook_listener.rb`, `lib/webhooks/trigger.rb`.
 */
export class ChatwootServer {
  readonly accessToken = 'an-access-token';
  readonly accountId = ACCOUNT;
  readonly inboxId = INBOX;
  readonly violations: string[] = [];
  readonly contacts: Contact[] = [];
  readonly conversations: Conversation[] = [];
  readonly messages: StoredMessage[] = [];
  /** Where the inbox tells what happens. */
  webhookUrl = '';
  /** Says what goes wrong with a call: `lost` does what was asked and breaks off. */
  disturb: (method: string, path: string) => 'lost' | number | undefined = () => undefined;
  private readonly uploads = new Map<string, NonNullable<StoredMessage['file']>>();
  private lastId = 100;
  private readonly server: Server;

  private readonly routes: Route[] = [
    ['GET', /^\/contacts\/search$/, (_ids, call) => this.searchContacts(call)],
    ['POST', /^\/contacts$/, (_ids, call) => this.createContact(call)],
    ['POST', /^\/contacts\/(\d+)\/contact_inboxes$/, ([id], call) => this.joinInbox(id!, call)],
    ['GET', /^\/contacts\/(\d+)\/conversations$/, ([id]) => this.conversationsOf(id!)],
    ['POST', /^\/conversations$/, (_ids, call) => this.createConversation(call)],
    ['GET', /^\/conversations\/(\d+)\/messages$/, ([id], call) => this.listMessages(id!, call)],
    ['POST', /^\/conversations\/(\d+)\/messages$/, ([id], call) => this.createMessage(id!, call)],
    [
      'PATCH',
      /^\/conversations\/(\d+)\/messages\/(\d+)$/,
      ([id, message], call) => this.setStatus(id!, message!, call),
    ],
  ];

  private constructor() {
    this.server = createServer((request, response) => void this.receive(request, response));
  }

  static async start(): Promise<ChatwootServer> {
    const chatwoot = new ChatwootServer();
    await listenOn(chatwoot.server);
    return chatwoot;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** @returns what customers wrote, as agents see it */
  incoming(): StoredMessage[] {
    return this.messages.filter(({ message_type }) => message_type === 'incoming');
  }

  /** An agent makes a contact by hand. */
  addContact(name: string, phoneNumber: string): Contact {
    const contact = { id: this.id(), name, phone_number: phoneNumber, identifier: null, contact_inboxes: [] };
    this.contacts.push(contact);
    return contact;
  }

  /** An agent writes, and Chatwoot tells the inbox's webhook, once. */
  async agentWrites(
    conversationId: number,
    content: string,
    more: {
      private?: boolean;
      file?: { name: string; type: string; bytes: Buffer };
      messageType?: string;
    } = {},
  ): Promise<StoredMessage> {
    const message = this.store(conversationId, {
      content,
      message_type: 'outgoing',
      private: more.private ?? false,
      ...(more.file && { file: more.file }),
    });
    await this.tell(message, more.messageType);
    return message;
  }

  /** Calls the webhook about a message, as once more is called where a job runs twice. */
  async tell(message: StoredMessage, messageType: string = message.message_type): Promise<void> {
    const body = JSON.stringify({ ...this.webhookData(message), message_type: messageType });
    try {
      const answer = await fetch(this.webhookUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body,
        signal: AbortSignal.timeout(WEBHOOK_MS),
      });
      assert.ok(answer.ok, `webhook answered ${answer.status}`);
    } catch (error) {
      message.status = 'failed';
      message.external_error = String(error);
    }
  }

  private webhookData(message: StoredMessage): object {
    const conversation = this.conversations.find(({ id }) => id === message.conversation_id)!;
    const sender = this.contacts.find(({ id }) => id === conversation.contact_id)!;
    return {
      account: { id: ACCOUNT, name: 'Salon' },
      additional_attributes: {},
      content_attributes: {},
      content_type: 'text',
      content: message.content,
      conversation: {
        additional_attributes: {},
        can_reply: true,
        channel: 'Channel::Api',
        contact_inbox: { id: 1, contact_id: sender.id, inbox_id: INBOX, source_id: conversation.source_id },
        id: conversation.id,
        inbox_id: INBOX,
        messages: [],
        labels: [],
        meta: {
          sender: {
            id: sender.id,
            name: sender.name,
            identifier: sender.identifier,
            phone_number: sender.phone_number,
            type: 'contact',
          },
          assignee: null,
          team: null,
          hmac_verified: false,
        },
        status: conversation.status,
      },
      created_at: new Date(message.created_at * 1000).toISOString(),
      id: message.id,
      inbox: { id: INBOX, name: 'WhatsApp' },
      private: message.private,
      sender: { id: 1, name: 'Agent', email: 'agent@example.com', type: 'user' },
      source_id: message.source_id,
      event: 'message_created',
      ...(message.file && { attachments: [this.attachmentOf(message.id, message.file)] }),
    };
  }

  private attachmentOf(messageId: number, file: NonNullable<StoredMessage['file']>): object {
    const path = `/rails/active_storage/blobs/redirect/${messageId}/${encodeURIComponent(file.name)}`;
    this.uploads.set(path, file);
    const [kind = ''] = file.type.split('/');
    return {
      id: messageId,
      message_id: messageId,
      file_type: ['image', 'audio', 'video'].includes(kind) ? kind : 'file',
      account_id: ACCOUNT,
      extension: null,
      data_url: this.url + path,
      thumb_url: '',
      file_size: file.bytes.length,
    };
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, this.url);
    const upload = this.uploads.get(decodeURI(pathname)) ?? this.uploads.get(pathname);
    if (upload) {
      response.writeHead(200, { 'content-type': upload.type }).end(upload.bytes);
      return;
    }
    const trouble = this.disturb(request.method!, pathname);
    if (typeof trouble === 'number') {
      response.writeHead(trouble).end();
      return;
    }
    try {
      const answer = await this.answer(request, pathname, searchParams);
      if (trouble === 'lost') {
        request.socket.destroy();
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    } catch (error) {
      const fault = error instanceof Fault ? error : new Fault(500, { error: String(error) });
      if (!(error instanceof Fault)) {
        this.violations.push(`${request.method} ${pathname}: ${String(error)}`);
      }
      response
        .writeHead(fault.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(fault.body));
    }
  }

  private async answer(request: IncomingMessage, pathname: string, query: URLSearchParams): Promise<unknown> {
    if (request.headers['api_access_token'] !== this.accessToken) {
      throw new Fault(401, { error: 'Invalid Access Token' });
    }
    const prefix = `/api/v1/accounts/${ACCOUNT}`;
    const path = pathname.slice(prefix.length);
    const route = this.routes.find(([method, pattern]) => method === request.method && pattern.test(path));
    assert.ok(pathname.startsWith(prefix) && route, 'there is no such route');
    const [, pattern, answer] = route;
    const ids = pattern.exec(path)!.slice(1).map(Number);
    return answer(ids, { query, ...(await bodyOf(request)) });
  }

  private searchContacts({ query, fields }: Call): object {
    only(query, ['q']);
    assert.deepEqual(fields, {});
    const words = query.get('q')?.trim().toLowerCase();
    if (!words) {
      throw new Fault(422, { error: 'Specify search string with parameter q' });
    }
    const found = this.contacts.filter((contact) =>
      [contact.name, contact.phone_number, contact.identifier].some((value) =>
        value?.toLowerCase().includes(words),
      ),
    );
    return { meta: { count: found.length, current_page: 1 }, payload: found.slice(0, 15) };
  }

  private createContact({ fields }: Call): object {
    onlyFields(fields, ['inbox_id', 'name', 'identifier', 'phone_number']);
    assert.equal(fields['inbox_id'], INBOX);
    const phone = (fields['phone_number'] ?? null) as string | null;
    const identifier = (fields['identifier'] ?? null) as string | null;
    if (phone !== null && !NUMBER.test(phone)) {
      throw new Fault(422, {
        message: 'Phone number should be in e164 format',
        attributes: ['phone_number'],
      });
    }
    for (const [name, value] of [
      ['phone_number', phone],
      ['identifier', identifier],
    ] as const) {
      if (value !== null && this.contacts.some((contact) => contact[name] === value)) {
        throw new Fault(422, { message: `${name} has already been taken`, attributes: [name] });
      }
    }
    const inbox = { source_id: crypto.randomUUID(), inbox: { id: INBOX } };
    const contact = {
      id: this.id(),
      name: String(fields['name']),
      phone_number: phone,
      identifier,
      contact_inboxes: [inbox],
    };
    this.contacts.push(contact);
    return { payload: { contact, contact_inbox: inbox } };
  }

  private joinInbox(id: number, { fields }: Call): object {
    onlyFields(fields, ['inbox_id', 'source_id']);
    assert.equal(fields['inbox_id'], INBOX);
    const inbox = {
      source_id: (fields['source_id'] as string | undefined) ?? crypto.randomUUID(),
      inbox: { id: INBOX },
    };
    this.contact(id).contact_inboxes.push(inbox);
    return inbox;
  }

  private conversationsOf(id: number): object {
    return {
      payload: this.conversations.filter(({ contact_id }) => contact_id === this.contact(id).id).slice(-20),
    };
  }

  private createConversation({ fields }: Call): object {
    onlyFields(fields, ['source_id', 'inbox_id', 'contact_id', 'status']);
    assert.equal(fields['inbox_id'], INBOX);
    const contact = this.contact(Number(fields['contact_id']));
    assert.ok(
      contact.contact_inboxes.some(({ source_id }) => source_id === fields['source_id']),
      'no such source_id in the inbox',
    );
    const conversation: Conversation = {
      id: this.id(),
      inbox_id: INBOX,
      contact_id: contact.id,
      source_id: String(fields['source_id']),
      status: 'open',
    };
    this.conversations.push(conversation);
    return conversation;
  }

  private listMessages(id: number, { query }: Call): object {
    only(query, ['before']);
    const before = Number(query.get('before') ?? Number.MAX_SAFE_INTEGER);
    const all = this.messages.filter(
      (one) => one.conversation_id === this.conversation(id).id && one.id < before,
    );
    return {
      meta: {},
      payload: all.slice(-PAGE).map(({ file, ...message }) => ({ ...message, attachments: file && [{}] })),
    };
  }

  private createMessage(id: number, { fields, file }: Call): object {
    onlyFields(fields, ['content', 'message_type', 'private', 'source_id']);
    assert.equal(typeof fields['content'], 'string');
    assert.equal(fields['message_type'], 'incoming');
    assert.ok(fields['private'] === false || fields['private'] === 'false');
    assert.match(String(fields['source_id']), /^auzap:./);
    assert.ok(fields['content'] !== '' || file, 'says nothing');
    const { file: stored, ...message } = this.store(id, {
      content: String(fields['content']),
      message_type: 'incoming',
      private: false,
      source_id: String(fields['source_id']),
      ...(file && { file }),
    });
    return { ...message, message_type: 0, attachments: stored && [{}] };
  }

  private setStatus(id: number, messageId: number, { fields }: Call): object {
    onlyFields(fields, ['status', 'external_error']);
    const message = this.messages.find(
      (one) => one.id === messageId && one.conversation_id === this.conversation(id).id,
    );
    if (!message) {
      throw new Fault(404, { error: 'Resource could not be found' });
    }
    assert.ok(['sent', 'delivered', 'read', 'failed'].includes(String(fields['status'])));
    if (!(message.status === 'read' && fields['status'] === 'delivered')) {
      message.status = String(fields['status']);
      message.external_error = message.status === 'failed' ? String(fields['external_error']) : null;
    }
    return message;
  }

  private store(
    conversationId: number,
    fields: Pick<StoredMessage, 'content' | 'message_type' | 'private'> & Partial<StoredMessage>,
  ): StoredMessage {
    const message: StoredMessage = {
      id: this.id(),
      conversation_id: this.conversation(conversationId).id,
      source_id: null,
      status: 'sent',
      external_error: null,
      created_at: Math.floor(Date.now() / 1000),
      ...fields,
    };
    this.messages.push(message);
    return message;
  }

  private contact(id: number): Contact {
    return found(this.contacts.find((contact) => contact.id === id));
  }

  private conversation(id: number): Conversation {
    return found(this.conversations.find((conversation) => conversation.id === id));
  }

  private id(): number {
    this.lastId += 1;
    return this.lastId;
  }
}

function found<Thing>(thing: Thing | undefined): Thing {
  if (!thing) {
    throw new Fault(404, { error: 'Resource could not be found' });
  }
  return thing;
}

function only(query: URLSearchParams, names: string[]): void {
  assert.deepEqual(
    [...query.keys()].filter((name) => !names.includes(name)),
    [],
  );
}

function onlyFields(fields: Fields, names: string[]): void {
  only(new URLSearchParams(Object.keys(fields).map((name) => [name, ''])), names);
}

async function bodyOf(request: IncomingMessage): Promise<{ fields: Fields; file: StoredMessage['file'] }> {
  const bytes = await buffer(request);
  const type = request.headers['content-type'] ?? '';
  if (bytes.length === 0) {
    return { fields: {}, file: undefined };
  }
  if (type.startsWith('application/json')) {
    return { fields: JSON.parse(bytes.toString()) as Fields, file: undefined };
  }
  assert.ok(type.startsWith('multipart/form-data'), `content type ${type}`);
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  const files = form.getAll('attachments[]');
  form.delete('attachments[]');
  const [file] = files;
  assert.ok(files.length === 1 && file instanceof File, 'attachments[] must be one file');
  const fields = Object.fromEntries(form.entries());
  return { fields, file: { name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()) } };
}
