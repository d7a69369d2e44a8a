import type { DisconnectReason } from './disconnect-reasons.js';
import type { GroupChangeKind } from './groups.js';
import type { MessageType } from './message-types.js';

type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
/** As the database stores it. */
interface JsonObject {
  [key: string]: JsonValue | undefined;
}

/** A message, or a note, to which something was done. */
// No interface: it is stored as JSON.
type ChangedMessage = {
  instanceId: string;
  id: string;
  messageId: string;
  contactId?: string;
  groupId?: string;
  timestamp: string;
};

/** Payloads of the `whatsapp:*` events as Socket.IO subscribers receive them; times are ISO 8601 in UTC. */
export interface WhatsappEvents {
  /** A QR string to show; a new one follows when it expires unscanned. */
  'whatsapp:qr': { instanceId: string; qr: string; timestamp: string };
  /** A pairing code to type on the phone before `expiresAt`; it is also in the answer of the connect call. */
  'whatsapp:pairing-code': {
    instanceId: string;
    pairingCode: string;
    expiresAt: string;
    timestamp: string;
  };
  /** The instance is linked and on line. */
  'whatsapp:connected': {
    instanceId: string;
    organizationId: string;
    phoneNumber: string;
    timestamp: string;
  };
  /** The instance went off line, and may come back by itself; or linking a phone ended without a link. */
  'whatsapp:disconnected': { instanceId: string; reason?: DisconnectReason; timestamp: string };
  /** A client's message was stored. */
  'whatsapp:message': {
    instanceId: string;
    messageId: string;
    from: string;
    text: string;
    /** Events of earlier releases have none. */
    type?: MessageType;
    timestamp: string;
    contactId?: string;
    bookingId?: string;
    /** What is in it, by its type; as in REST. */
    metadata?: JsonObject;
    replyTo?: { messageId: string; fromMe: boolean; content: string };
    /** The file that it brings. */
    media?: { state: string; mimeType?: string; fileName?: string; size?: number };
  };
  /** Somebody, the owner of the account too, wrote in a group; only where the instance stores groups. */
  'whatsapp:group-message': {
    instanceId: string;
    /** Of the message's row. */
    id: string;
    messageId: string;
    groupId: string;
    /** What the group is called, once that is known. */
    subject?: string;
    from?: string;
    /** What the sender calls itself. */
    name?: string;
    fromMe: boolean;
    text: string;
    type: MessageType;
    timestamp: string;
    metadata?: JsonObject;
    replyTo?: { messageId: string; fromMe: boolean; content: string };
    media?: { state: string; mimeType?: string; fileName?: string; size?: number };
  };
  /** `learnt`: it is known now who is in a group and what it is called. Otherwise: somebody (`from`) changed that, of `members`. */
  'whatsapp:group': {
    instanceId: string;
    groupId: string;
    change: GroupChangeKind | 'learnt';
    from?: string;
    subject?: string;
    members?: string[];
    timestamp: string;
  };
  /** A message of the API was stored, and is about to be sent. What the owner types on the phone is none. */
  'whatsapp:message-sent': {
    instanceId: string;
    /** Of the message's row. */
    id: string;
    messageId: string;
    to: string;
    text: string;
    type: string;
    contactId?: string;
    timestamp: string;
  };
  /** A message that was sent through the API came to another status; `error` says why one failed. Those that the phone sends have none. */
  'whatsapp:message-status': {
    instanceId: string;
    /** Of the message's row. */
    id: string;
    messageId: string;
    contactId?: string;
    status: 'sent' | 'delivered' | 'read' | 'played' | 'failed';
    error?: string;
    timestamp: string;
  };
  /** The text of a message is another one now. */
  'whatsapp:message-edited': ChangedMessage & { text: string };
  /** A message was taken back for everyone. */
  'whatsapp:message-deleted': ChangedMessage;
  /** Somebody reacted to a message; an empty emoji took the reaction back. */
  'whatsapp:reaction': ChangedMessage & { from?: string; fromMe: boolean; emoji: string };
  /**
   * Something else about a message is another now: votes, answers, what is pinned or kept, where somebody is. `placeholder`: it
   * stands in the conversation and can't be read; `whatsapp:message` tells of it when it can. `read_again`: it was `unsupported`, and
   * is understood now.
   */
  'whatsapp:message-updated': ChangedMessage & {
    change: 'poll_vote' | 'event_answer' | 'pin' | 'keep' | 'live_location' | 'placeholder' | 'read_again';
    from?: string;
    fromMe: boolean;
    metadata: JsonObject;
  };
  /** WhatsApp limits the account, or (`none`) does so no more. */
  'whatsapp:restricted': {
    instanceId: string;
    kind: 'new_chats' | 'none';
    /** WhatsApp's name for why. */
    reason?: string;
    until?: string;
    timestamp: string;
  };
  /** What the owner wrote on the phone was stored as a note. */
  'whatsapp:note': { instanceId: string; noteId: string; contactId?: string; timestamp: string };
  /** Somebody who is watched came, went or types: for those who listen now, never stored. `from` as in `whatsapp:message`. */
  'whatsapp:presence': {
    instanceId: string;
    from: string;
    presence: 'available' | 'unavailable' | 'composing' | 'recording' | 'paused';
    lastSeen?: string;
    timestamp: string;
  };
  /** The file of a message came (`ready`), will not come, or is being fetched once more (`pending`). */
  'whatsapp:media': {
    instanceId: string;
    /** Of the message's row. */
    id: string;
    messageId: string;
    contactId?: string;
    groupId?: string;
    state: 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';
    mimeType?: string;
    size?: number;
    /** Why it is not there. */
    error?: string;
    timestamp: string;
  };
  /**
   * `merged`: two contacts turned out to be one person: `contactId` is part of `mergedInto` from now on, and leads there for ever.
   * `read`: what the contact wrote was read, here or on another device of the account. `renamed`: somebody gave it another name.
   */
  'whatsapp:contact': {
    /** Absent for a contact that has no messages. */
    instanceId?: string;
    contactId: string;
    change: 'merged' | 'read' | 'renamed';
    mergedInto?: string;
    timestamp: string;
  };
  /**
   * A booking was made or changed by somebody, or cancelled by itself: of two open ones of one person the older stays. That a client's
   * message opened one says `bookingId` of `whatsapp:message`.
   */
  'whatsapp:booking': {
    /** Absent for a contact that has no messages. */
    instanceId?: string;
    bookingId: string;
    contactId: string;
    status: 'pending' | 'confirmed' | 'cancelled' | 'completed';
    /** Where the status is new. */
    previousStatus?: 'pending' | 'confirmed';
    timestamp: string;
  };
}

export type WhatsappEventName = keyof WhatsappEvents;

/** The kinds that are rows of the `events` table: QR strings and pairing codes are secrets and are never stored. */
export const STORED_EVENTS = [
  'whatsapp:connected',
  'whatsapp:disconnected',
  'whatsapp:restricted',
  'whatsapp:message',
  'whatsapp:group-message',
  'whatsapp:group',
  'whatsapp:message-sent',
  'whatsapp:message-status',
  'whatsapp:message-edited',
  'whatsapp:message-deleted',
  'whatsapp:message-updated',
  'whatsapp:reaction',
  'whatsapp:note',
  'whatsapp:media',
  'whatsapp:contact',
  'whatsapp:booking',
] as const satisfies WhatsappEventName[];

export type StoredEventName = (typeof STORED_EVENTS)[number];

/** What is left of an event whose person was erased: its place in the sequence. */
export interface ErasedPayload {
  erased: true;
}

/** A committed row of the `events` table. */
export type OutgoingEvent = {
  [Name in StoredEventName]: {
    organizationId: string;
    /** Gapless for each organization, from 1. */
    sequence: number;
    name: Name;
    payload: WhatsappEvents[Name];
  };
}[StoredEventName];

/** A row of the `events` table, which may have been emptied since. */
export type StoredEvent = OutgoingEvent | (Omit<OutgoingEvent, 'payload'> & { payload: ErasedPayload });

/** What subscribers receive under a name: of a stored event with its place, from which they go on when they were away. */
export type ToldPayload<Name extends WhatsappEventName> = Name extends StoredEventName
  ? WhatsappEvents[Name] & { sequence: number }
  : WhatsappEvents[Name];

/** @returns the payload of a stored event as subscribers receive it, on whichever way */
export function toldPayload({ payload, sequence }: OutgoingEvent): ToldPayload<StoredEventName> {
  return { ...payload, sequence };
}

/** @returns whether the event still says what happened */
export function isIntact(event: StoredEvent): event is OutgoingEvent {
  return !('erased' in event.payload);
}
