// Written by `npm run client`: do not edit.

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

/** @format uuid */
export type Id = string;

/** @format date-time */
export type IsoTime = string;

export type DisconnectReason =
  | 'network'
  | 'connection_closed'
  | 'connection_lost'
  | 'service_unavailable'
  | 'handshake_refused'
  | 'upgrade_refused'
  | 'unclassified'
  | 'restart_required'
  | 'stalled'
  | 'too_many_failures'
  | 'replaced'
  | 'logged_out'
  | 'logout_expired'
  | 'not_linked'
  | 'banned'
  | 'temporarily_banned'
  | 'device_refused'
  | 'no_multi_device'
  | 'storage_refused'
  | 'session_unreadable'
  | 'handed_over'
  | 'qr_expired'
  | 'pairing_code_expired'
  | 'pairing_rejected'
  | 'pairing_rate_limited'
  | 'pairing_failed'
  | 'pairing_replaced'
  | 'pairing_cancelled'
  | 'wrong_phone'
  | 'whatsapp_unavailable'
  | 'server_not_trusted'
  | 'client_outdated'
  | 'storage_unavailable'
  | 'service_stopped'
  | 'service_restarted';

/** WhatsApp's own name for the message, unique within its chat. */
export type WhatsappId = string;

/** A phone number as digits, with its country code; `…@lid` where WhatsApp keeps it to itself. */
export type Person = string;

/** One of `MESSAGE_TYPES`. */
export type MessageType =
  | 'text'
  | 'image'
  | 'video'
  | 'video_note'
  | 'gif'
  | 'voice'
  | 'audio'
  | 'document'
  | 'sticker'
  | 'location'
  | 'live_location'
  | 'contact'
  | 'poll'
  | 'event'
  | 'order'
  | 'product'
  | 'call'
  | 'group_invite'
  | 'album'
  | 'payment'
  | 'unsupported';

/** Any JSON, as the database stores it. */
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** The message that another one answers. */
export type Quoted = {
  messageId: WhatsappId;
  fromMe: boolean;
  content: string;
};

/** The file that a message brings. */
export type ReceivedFile = {
  state: 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';
  mimeType?: string;
  fileName?: string;
  /** In bytes, as the sender says. */
  size?: Count;
};

/**
 * @asType integer
 * @minimum 0
 */
export type Count = number;

export type GroupChangeKind =
  'create' | 'subject' | 'description' | 'add' | 'remove' | 'leave' | 'promote' | 'demote';

/** A message, or a note, to which something was done. */
export type ChangedMessage = {
  instanceId: Id;
  /** Of the message's row. */
  id: Id;
  messageId: WhatsappId;
  contactId?: Id;
  groupId?: Id;
  timestamp: IsoTime;
};

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

/** What subscribers receive under a name: of a stored event with its place. */
export type ToldPayload<Name extends WhatsappEventName> = Name extends StoredEventName
  ? WhatsappEvents[Name] & EventPlace
  : WhatsappEvents[Name];

/** What each stored event says beside its own fields. */
export interface EventPlace {
  /**
   * Gapless for each organization, from 1; from the last one on go those who were away.
   * @asType integer
   * @minimum 1
   */
  sequence: number;
}

/** Acknowledges `join-organization`. With options it says where the socket goes on live, and how many events came before. */
export interface JoinAnswer extends RoomAnswer {
  /**
   * Of the last event that was told: the socket goes on live after it.
   * @asType integer
   */
  sequence?: number;
  /**
   * How many events were told before this answer.
   * @asType integer
   */
  replayed?: number;
}

/** Acknowledges `leave-organization` and `show-activity`, and `join-organization` without options. */
export interface RoomAnswer {
  success: true;
  organizationId: string;
}

/** What clients send. Of each argument is checked that it is what it should be. */
export type ClientToServerEvents = {
  [Name in keyof ClientArguments]: (
    ...args: [...Unchecked<ClientArguments[Name]>, acknowledge?: Acknowledge<Acknowledgements[Name]>]
  ) => void;
};

/** Arguments of what clients send, without the acknowledgement that they may end with. */
export interface ClientArguments {
  /** Listens to an organization. What followed `after` is told first, in sequence; then the answer comes, and then what happens. */
  'join-organization': [organizationId: OrganizationId, options?: JoinOptions];
  /** Listens to an organization no more. */
  'leave-organization': [organizationId: OrganizationId];
  /**
   * Tells the others of the organization what somebody does in a conversation, as `whatsapp:activity`; it is kept nowhere. Repeat it every
   * 20 s while that goes on. `writing` needs the permission to send.
   */
  'show-activity': [organizationId: OrganizationId, activity: Activity];
}

/**
 * Names an organization.
 * @pattern ^[A-Za-z0-9_-]{1,64}$
 */
export type OrganizationId = string;

/** What a client may say beside the organization that it joins. */
export interface JoinOptions {
  /**
   * Sequence of the last event that the client has, 0 for all that are kept; left out: nothing is replayed, and the answer says where
   * the socket begins.
   * @asType integer
   * @minimum 0
   */
  after?: number;
}

/** What somebody does in a conversation. */
export interface Activity {
  /** @format uuid */
  contactId: string;
  activity: 'reading' | 'writing' | 'left';
}

export type Unchecked<Arguments extends unknown[]> = { [Position in keyof Arguments]: unknown };

export type Acknowledge<Answer> = (answer: Answer | SocketErrorBody) => void;

/**
 * What a failed socket call is acknowledged with. Where the client asked for no acknowledgement, it is the payload of an `exception`
 * event; when the handshake is refused, the `data` of `connect_error`.
 */
export interface SocketErrorBody {
  success: false;
  /** One sentence for people. */
  error: string;
  /** Stable, in snake_case, for programs. */
  code: string;
  details?: ErrorDetail[];
  /**
   * With `events_expired`, and with no other: sequence of the oldest event that is kept.
   * @asType integer
   */
  oldest?: number;
}

/** One fault of an input, by the path of the offending field (`''` for the input as a whole). */
export interface ErrorDetail {
  path: string;
  message: string;
}

/** What clients are answered where they send an acknowledgement. */
export interface Acknowledgements {
  'join-organization': JoinAnswer;
  'leave-organization': RoomAnswer;
  'show-activity': RoomAnswer;
}

/** What clients receive: the `whatsapp:*` events of the organizations that they joined, and their own faults. */
export type ServerToClientEvents = {
  [Name in WhatsappEventName]: (payload: ToldPayloads[Name], offset?: string) => void;
} & { exception: (body: SocketErrorBody) => void };

/** Everything that subscribers receive, by its name. */
export type ToldPayloads = { [Name in WhatsappEventName]: ToldPayload<Name> };
