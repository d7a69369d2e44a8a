import type { ChatKind, PersonAddress } from '../common/inbox.js';
import type { MessageChange } from '../common/message-change.js';
import { phoneVariants } from '../common/phone-number.js';
import { storableText, storableTime } from './column-values.js';
import { type MessageDetail, toChangeArgument, toDetailArgument } from './message-detail.js';

/** How bookings are made of clients' messages. */
export type BookingPolicy = 'one-open' | 'every-message' | 'off';

/**
 * Where a message belongs. Together with its id, the chat and the person it tells whether a readable message is the copy of
 * one that could not be read before.
 */
export interface MessageOrigin {
  chatKind: ChatKind;
  fromMe: boolean;
  /** The account's own phone sent it once more: it may name less of the person than its placeholder did. */
  isResent?: boolean | undefined;
}

interface ItemOfRow {
  /** `InboxRow.id`. */
  inboxId: string;
  /** Why it was classified so; kept on the row. A stable snake_case word. */
  reason: string;
  /** Of a message that was read; left out where nothing was. */
  origin?: MessageOrigin | undefined;
  /** The group in which it was written. */
  groupJid?: string | undefined;
}

interface WrittenMessage extends ItemOfRow {
  /** Stanza id. */
  messageId: string;
  /** What to show; never empty for a client's message. */
  content: string;
  contentType: string;
  /** WhatsApp's time. */
  sentAt: Date;
  /** What there is beside the text; absent for a plain text. */
  detail?: MessageDetail | undefined;
}

/** A client wrote: contact, message, booking, counters and event. */
export interface ClientItem extends WrittenMessage {
  action: 'client';
  /** The client; an item without any address becomes dead. */
  person: PersonAddress;
  pushName?: string | undefined;
}

/** A client wrote what can't be read: contact, event and a line in the conversation, which a readable copy replaces. No booking. */
export interface PlaceholderItem extends WrittenMessage {
  action: 'placeholder';
  person: PersonAddress;
  pushName?: string | undefined;
}

/** The owner wrote: an internal note in the conversation with `person`, where there is one. */
export interface OwnerNoteItem extends WrittenMessage {
  action: 'owner_note';
  person?: PersonAddress | undefined;
}

/** Somebody, the owner perhaps, wrote in a group: a message of the group, where the instance stores those. */
export interface GroupItem extends WrittenMessage {
  action: 'group';
  /** Who wrote it. */
  person: PersonAddress;
  pushName?: string | undefined;
}

/** Somebody did something to a message: an edit, a deletion, a reaction, a vote … */
export interface ChangeItem extends ItemOfRow {
  action: 'change';
  /** Stanza id of the change itself. */
  messageId: string;
  /** The other side of the chat. */
  person: PersonAddress;
  sentAt: Date;
  origin: MessageOrigin;
  change: MessageChange;
}

/** Only a placeholder came, of what is no client's message: an entry in the loss ledger, which waits for a readable copy. */
export interface UndecryptedItem extends ItemOfRow {
  action: 'undecrypted';
  messageId: string;
  /** The other side of a direct chat, the author elsewhere. */
  person: PersonAddress;
  /** The sender's clock. */
  sentAt: Date;
  origin: MessageOrigin;
}

/** The account's own phone hands over what was written before: to be fetched in the background. */
export interface HistoryItem extends ItemOfRow {
  action: 'history';
  messageId?: undefined;
  person?: undefined;
}

/** Nothing to store (`skip`), or nothing that can be understood (`dead`). */
export interface ClosingItem extends ItemOfRow {
  action: 'skip' | 'dead';
  /** With `origin`: which message it was. */
  messageId?: string | undefined;
  /** With `origin`: the other side of a direct chat, the author elsewhere. */
  person?: PersonAddress | undefined;
}

/** What a worker decided about one claimed row. */
export type IngestItem =
  | ClientItem
  | PlaceholderItem
  | OwnerNoteItem
  | GroupItem
  | ChangeItem
  | UndecryptedItem
  | HistoryItem
  | ClosingItem;

/** @returns the item as `ingest_inbox` takes it */
export function toItemArgument(item: IngestItem) {
  return { ...common(item), ...written(item) };
}

function common(item: IngestItem) {
  return {
    inbox_id: item.inboxId,
    action: item.action,
    reason: storableText(item.reason),
    chat_kind: item.origin?.chatKind,
    from_me: item.origin?.fromMe,
    is_resent: item.origin?.isResent,
    message_id: item.messageId === undefined ? undefined : storableText(item.messageId),
    phone: item.person?.phone,
    lid: item.person?.lid,
    chat: item.groupJid,
    other_phone: otherSpelling(item.person?.phone),
  };
}

/** @returns the same number as WhatsApp may know it as well */
function otherSpelling(phone: string | undefined): string | undefined {
  return phone === undefined ? undefined : phoneVariants(phone)[1];
}

function written(item: IngestItem) {
  switch (item.action) {
    case 'client':
    case 'placeholder':
    case 'group':
    case 'owner_note':
      return {
        push_name: item.action !== 'owner_note' && item.pushName ? storableText(item.pushName) : undefined,
        content: storableText(item.content),
        content_type: item.contentType,
        sent_at: storableTime(item.sentAt),
        detail: toDetailArgument(item.detail),
      };
    case 'change':
      return {
        content: item.change.kind === 'edit' ? storableText(item.change.content) : undefined,
        sent_at: storableTime(item.sentAt),
        detail: toChangeArgument(item.change),
      };
    case 'undecrypted':
      return { sent_at: storableTime(item.sentAt) };
    case 'history':
    case 'skip':
    case 'dead':
      return {};
  }
}
