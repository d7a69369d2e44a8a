import type { DisconnectReason } from './disconnect-reasons.js';
import type { GroupChangeKind } from './groups.js';
import type { MessageType } from './message-types.js';

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
/** Any JSON, as the database stores it. */
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

// The tags of these types, and every comment of a payload, become part of `asyncapi.json`.
/** @format uuid */
type Id = string;
/** @format date-time */
type IsoTime = string;
/**
 * @asType integer
 * @minimum 0
 */
type Count = number;

/** A phone number as digits, with its country code; `…@lid` where WhatsApp keeps it to itself. */
type Person = string;
/** WhatsApp's own name for the message, unique within its chat. */
type WhatsappId = string;

/** A message, or a note, to which something was done. */
// No interface: it is stored as JSON.
type ChangedMessage = {
  instanceId: Id;
  /** Of the message's row. */
  id: Id;
  messageId: WhatsappId;
  contactId?: Id;
  groupId?: Id;
  timestamp: IsoTime;
};

/** The message that another one answers. */
type Quoted = {
  messageId: WhatsappId;
  fromMe: boolean;
  content: string;
};

/** The file that a message brings. */
type ReceivedFile = {
  state: 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';
  mimeType?: string;
  fileName?: string;
  /** In bytes, as the sender says. */
  size?: Count;
};

/** Payloads of the `whatsapp:*` events as Socket.IO subscribers receive them; times are ISO 8601 in UTC. */
export interface WhatsappEvents {
  /** A QR string to show; a new one follows when it expires unscanned. */
  'whatsapp:qr': { instanceId: Id; qr: string; timestamp: IsoTime };
  /** A pairing code to type on the phone before `expiresAt`; it is also in the answer of the connect call. */
  'whatsapp:pairing-code': {
    instanceId: Id;
    pairingCode: string;
    expiresAt: IsoTime;
    timestamp: IsoTime;
  };
  /** The instance is linked and on line. */
  'whatsapp:connected': {
    instanceId: Id;
    organizationId: string;
    phoneNumber: string;
    timestamp: IsoTime;
  };
  /** The instance went off line, and may come back by itself; or linking a phone ended without a link. */
  'whatsapp:disconnected': { instanceId: Id; reason?: DisconnectReason; timestamp: IsoTime };
  /** A client's message was stored. */
  'whatsapp:message': {
    instanceId: Id;
    messageId: WhatsappId;
    from: Person;
    text: string;
    /** Events of earlier releases have none. */
    type?: MessageType;
    timestamp: IsoTime;
    contactId?: Id;
    bookingId?: Id;
    /** What is in it, by its type; as in REST. */
    metadata?: JsonObject;
    replyTo?: Quoted;
    /** The file that it brings. */
    media?: ReceivedFile;
  };
  /** Somebody, the owner of the account too, wrote in a group; only where the instance stores groups. */
  'whatsapp:group-message': {
    instanceId: Id;
    /** Of the message's row. */
    id: Id;
    messageId: WhatsappId;
    groupId: Id;
    /** What the group is called, once that is known. */
    subject?: string;
    from?: Person;
    /** What the sender calls itself. */
    name?: string;
    fromMe: boolean;
    text: string;
    type: MessageType;
    timestamp: IsoTime;
    metadata?: JsonObject;
    replyTo?: Quoted;
    media?: ReceivedFile;
  };
  /** `learnt`: it is known now who is in a group and what it is called. Otherwise: somebody (`from`) changed that, of `members`. */
  'whatsapp:group': {
    instanceId: Id;
    groupId: Id;
    change: GroupChangeKind | 'learnt';
    from?: Person;
    subject?: string;
    members?: Person[];
    timestamp: IsoTime;
  };
  /** A message of the API, or one that the service writes by itself, was stored, and is about to be sent. What the owner types on the phone is none. */
  'whatsapp:message-sent': {
    instanceId: Id;
    /** Of the message's row. */
    id: Id;
    messageId: WhatsappId;
    /** Whom it goes to: a phone number as digits, `…@lid`, or the address of a group. */
    to: string;
    text: string;
    type: string;
    contactId?: Id;
    /** Why the service wrote it by itself: `automatic: first_message` … Absent where somebody did. */
    reason?: string;
    timestamp: IsoTime;
  };
  /** A message that was sent through the API came to another status; `error` says why one failed. Those that the phone sends have none. */
  'whatsapp:message-status': {
    instanceId: Id;
    /** Of the message's row. */
    id: Id;
    messageId: WhatsappId;
    contactId?: Id;
    status: 'sent' | 'delivered' | 'read' | 'played' | 'failed';
    error?: string;
    timestamp: IsoTime;
  };
  /** The text of a message is another one now. */
  'whatsapp:message-edited': ChangedMessage & { text: string };
  /** A message was taken back for everyone. */
  'whatsapp:message-deleted': ChangedMessage;
  /** Somebody reacted to a message; an empty emoji took the reaction back. */
  'whatsapp:reaction': ChangedMessage & {
    from?: Person;
    fromMe: boolean;
    /** Absent where the message was taken back since, and the event is replayed. */
    emoji?: string;
  };
  /**
   * Something else about a message is another now: votes, answers, what is pinned or kept, where somebody is. `placeholder`: it
   * stands in the conversation and can't be read; `whatsapp:message` tells of it when it can. `read_again`: it was `unsupported`, and
   * is understood now.
   */
  'whatsapp:message-updated': ChangedMessage & {
    change: 'poll_vote' | 'event_answer' | 'pin' | 'keep' | 'live_location' | 'placeholder' | 'read_again';
    from?: Person;
    fromMe: boolean;
    /** Absent where the message was taken back since, and the event is replayed. */
    metadata?: JsonObject;
  };
  /** WhatsApp limits the account, or (`none`) does so no more. */
  'whatsapp:restricted': {
    instanceId: Id;
    kind: 'new_chats' | 'none';
    /** WhatsApp's name for why. */
    reason?: string;
    until?: IsoTime;
    timestamp: IsoTime;
  };
  /** What the owner wrote on the phone was stored as a note. */
  'whatsapp:note': {
    /** Absent for a note that was written here, not on the phone. */
    instanceId?: Id;
    noteId: Id;
    contactId?: Id;
    /** Of the notes that people write here; one of the phone is `created`. */
    change: 'created' | 'edited' | 'deleted';
    timestamp: IsoTime;
  };
  /** Somebody who is watched came, went or types: for those who listen now, never stored. `from` as in `whatsapp:message`. */
  'whatsapp:presence': {
    instanceId: Id;
    from: Person;
    presence: 'available' | 'unavailable' | 'composing' | 'recording' | 'paused';
    lastSeen?: IsoTime;
    timestamp: IsoTime;
  };
  /**
   * Somebody of the organization reads or writes in a conversation at this moment: told to the others by `show-activity` of a socket,
   * never stored. It holds for 30 s, or until `left`.
   */
  'whatsapp:activity': {
    contactId: Id;
    activity: 'reading' | 'writing' | 'left';
    /** The user or the API key. */
    actor: { kind: 'open' | 'administrator' | 'api-key' | 'user' | 'operator'; id: string; name: string };
    /** Of the socket: somebody may have several windows open. */
    connectionId: Id;
    timestamp: IsoTime;
  };
  /** The file of a message came (`ready`), will not come, or is being fetched once more (`pending`). */
  'whatsapp:media': {
    instanceId: Id;
    /** Of the message's row. */
    id: Id;
    messageId: WhatsappId;
    contactId?: Id;
    groupId?: Id;
    state: 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';
    mimeType?: string;
    size?: Count;
    /** Why it is not there. */
    error?: string;
    timestamp: IsoTime;
  };
  /**
   * `merged`: two contacts turned out to be one person, or somebody said so: `contactId` is part of `mergedInto` from now on, and leads
   * there. `unmerged`: that was taken back, and `contactId` is a contact of its own again, with what is its own of `unmergedFrom`.
   * `read`: what the contact wrote was read, here or on another device of the account. `renamed`: somebody gave it another name.
   */
  'whatsapp:contact': {
    /** Absent for a contact that has no messages. */
    instanceId?: Id;
    contactId: Id;
    change: 'merged' | 'unmerged' | 'read' | 'renamed';
    mergedInto?: Id;
    unmergedFrom?: Id;
    timestamp: IsoTime;
  };
  /**
   * A booking was made or changed by somebody, or cancelled by itself: of two open ones of one person the older stays; `pending` again
   * where the merge that cancelled it was taken back. That a client's message opened one says `bookingId` of `whatsapp:message`.
   */
  'whatsapp:booking': {
    /** Absent for a contact that has no messages. */
    instanceId?: Id;
    bookingId: Id;
    contactId: Id;
    status: 'pending' | 'confirmed' | 'cancelled' | 'completed';
    /** Where the status is new. */
    previousStatus?: 'pending' | 'confirmed' | 'cancelled';
    /** Why the service opened it by itself; absent where somebody made it. */
    reason?: 'first_message' | 'policy';
    timestamp: IsoTime;
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

/** The others: told to those who listen at that moment. */
export const LIVE_EVENTS = [
  'whatsapp:qr',
  'whatsapp:pairing-code',
  'whatsapp:presence',
  'whatsapp:activity',
] as const satisfies Exclude<WhatsappEventName, StoredEventName>[];

/** What is left of an event whose person was erased: its place in the sequence. Sockets and webhooks are told nothing of it. */
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

/** What each stored event says beside its own fields. */
export interface EventPlace {
  /**
   * Gapless for each organization, from 1; from the last one on go those who were away.
   * @asType integer
   * @minimum 1
   */
  sequence: number;
}

/** What subscribers receive under a name: of a stored event with its place. */
export type ToldPayload<Name extends WhatsappEventName> = Name extends StoredEventName
  ? WhatsappEvents[Name] & EventPlace
  : WhatsappEvents[Name];

/** Everything that subscribers receive, by its name. */
export type ToldPayloads = { [Name in WhatsappEventName]: ToldPayload<Name> };

/** @returns the payload of a stored event as subscribers receive it, on whichever way */
export function toldPayload({ payload, sequence }: OutgoingEvent): ToldPayload<StoredEventName> {
  return { ...payload, sequence };
}

/** @returns whether the event still says what happened */
export function isIntact(event: StoredEvent): event is OutgoingEvent {
  return !('erased' in event.payload);
}
