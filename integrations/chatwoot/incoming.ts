import { CallError } from '../common/http-json.ts';
import type { ServiceClient } from '../common/service-client.ts';
import type { Contact } from '../common/service-types.ts';
import type { BridgeState } from './bridge-state.ts';
import type { ChatwootClient, HandedFile } from './chatwoot-client.ts';
import type { ChatwootContact, ChatwootConversation } from './chatwoot-types.ts';
import type { ContactConversations } from './contact-conversations.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { MessageFiles } from './message-files.ts';

/** Clocks of two servers may differ by so much. */
const SKEW_S = 300;
const CONVERSATIONS_SEARCHED = 3;
const PAGES_SEARCHED = 50;
const FILE_REFUSED = new Set([413, 415, 422]);

/** `data` of `whatsapp:message`. */
export interface MessageEvent {
  messageId: string;
  instanceId: string;
  contactId?: string;
  text: string;
  timestamp: string;
  media?: { state: string };
}

/** `data` of `whatsapp:media`. */
export interface MediaEvent {
  id: string;
  messageId: string;
  contactId?: string;
  state: string;
}

interface Post {
  sourceId: string;
  content: string;
  file?: HandedFile;
  /** When WhatsApp says that it was sent. */
  sentAt: string;
}

/**
 * Puts what customers write into Chatwoot. Each message is named there by its WhatsApp id (`source_id`): one that is there is not put
 * there again, whatever the bridge remembers.
 */
export class Incoming {
  private readonly queue = new KeyedQueue();
  private readonly service: ServiceClient;
  private readonly chatwoot: ChatwootClient;
  private readonly conversations: ContactConversations;
  private readonly files: MessageFiles;
  private readonly state: BridgeState;

  constructor(
    service: ServiceClient,
    chatwoot: ChatwootClient,
    conversations: ContactConversations,
    files: MessageFiles,
    state: BridgeState,
  ) {
    this.service = service;
    this.chatwoot = chatwoot;
    this.conversations = conversations;
    this.files = files;
    this.state = state;
  }

  /** A customer wrote. @returns once Chatwoot has it */
  async message({ messageId, instanceId, contactId, text, timestamp, media }: MessageEvent): Promise<void> {
    if (contactId === undefined) {
      return;
    }
    await this.queue.run(contactId, async () => {
      const sourceId = `auzap:${messageId}`;
      if (this.state.wasPosted(sourceId)) {
        return;
      }
      const stored = media && (await this.files.messageOf(contactId, instanceId, messageId));
      const file = stored?.media ? await this.files.fileOf(stored) : undefined;
      if (typeof file === 'object') {
        const post = { sourceId, content: captionOf(text), file, sentAt: timestamp };
        if (await this.post(contactId, post)) {
          this.state.notePosted(fileIdOf(messageId));
        }
      } else {
        const content = file === undefined ? text : `${text} (${file})`;
        await this.post(contactId, { sourceId, content, sentAt: timestamp });
      }
      this.state.notePosted(sourceId);
    });
  }

  /** A file came after its message was put into Chatwoot without it. */
  async media({ id, messageId, contactId, state }: MediaEvent): Promise<void> {
    if (contactId === undefined || state !== 'ready') {
      return;
    }
    await this.queue.run(contactId, async () => {
      const sourceId = fileIdOf(messageId);
      if (!this.state.wasPosted(`auzap:${messageId}`) || this.state.wasPosted(sourceId)) {
        return;
      }
      const message = await this.files.byId(id);
      const file = message?.direction === 'inbound' ? await this.files.fileOf(message) : undefined;
      if (message && typeof file === 'object') {
        await this.post(contactId, { sourceId, content: '', file, sentAt: message.sent_at });
      }
      this.state.notePosted(sourceId);
    });
  }

  /** @returns whether it is there with its file */
  private async post(contactId: string, post: Post): Promise<boolean> {
    const contact = await this.contactOf(contactId);
    if (!contact) {
      // Erased meanwhile: nothing of it is handed on.
      return false;
    }
    const known = await this.conversations.contactFor(contact);
    const there = await this.conversations.conversationsOf(known);
    if (await this.isThere(there, post)) {
      return true;
    }
    const conversation = there.find(({ status }) => status !== 'resolved') ?? (await this.open(known));
    return this.put(conversation.id, post);
  }

  private async put(conversationId: number, { sourceId, content, file }: Post): Promise<boolean> {
    try {
      await this.chatwoot.createMessage(conversationId, sourceId, content, file);
      return true;
    } catch (error) {
      if (file && error instanceof CallError && FILE_REFUSED.has(error.status)) {
        await this.chatwoot.createMessage(
          conversationId,
          sourceId,
          `${content} (Chatwoot does not take the file ${file.name})`.trim(),
        );
        return true;
      }
      throw error;
    }
  }

  private open(contact: ChatwootContact): Promise<ChatwootConversation> {
    return this.conversations.open(contact);
  }

  /** Looks for a message back to the time at which it was sent. */
  private async isThere(conversations: ChatwootConversation[], { sourceId, sentAt }: Post): Promise<boolean> {
    const since = Date.parse(sentAt) / 1000 - SKEW_S;
    for (const { id } of conversations.slice(0, CONVERSATIONS_SEARCHED)) {
      let before: number | undefined;
      for (let page = 0; page < PAGES_SEARCHED; page += 1) {
        const messages = await this.chatwoot.messagesOf(id, before);
        if (messages.some(({ source_id }) => source_id === sourceId)) {
          return true;
        }
        const [oldest] = messages;
        if (!oldest || oldest.created_at < since) {
          break;
        }
        before = oldest.id;
      }
    }
    return false;
  }

  private async contactOf(id: string): Promise<Contact | undefined> {
    try {
      return (await this.service.call<{ contact: Contact }>('GET', `/api/contacts/${id}`)).contact;
    } catch (error) {
      if (error instanceof CallError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }
}

function fileIdOf(messageId: string): string {
  return `auzap:${messageId}:file`;
}

/** Words that stand for a file without a caption are no caption. */
function captionOf(text: string): string {
  return /^\[(?:image|video|gif|audio|voice|document|sticker)\b[^\]]*\]$/.test(text) ? '' : text;
}
