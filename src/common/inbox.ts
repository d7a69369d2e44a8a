import type { MediaReference } from './media-reference.js';
import type { MessageChange, MessageTarget, SealedChange } from './message-change.js';
import type { MessageMetadata, MessageType } from './message-types.js';
import type { PersonAddress } from './person-address.js';
import type { PlainBody } from './plain-body.js';

export type { PersonAddress } from './person-address.js';

/** What kind of place a stanza was delivered to. Only `direct` is a conversation with a person. */
export type ChatKind = 'direct' | 'self' | 'group' | 'status' | 'broadcast' | 'newsletter' | 'bot' | 'other';

/**
 * What a message holds. `text`, `media` and `other` are things that a person wrote or sent; `call` is what became of a call;
 * `change` is what was done to a message; the rest are WhatsApp's own traffic. Only the first three make a contact.
 */
export type ContentClass =
  | 'text'
  | 'media'
  | 'other'
  | 'call'
  | 'change'
  | 'history'
  | 'protocol'
  | 'key_distribution'
  | 'empty'
  | 'undecryptable';

/** The message that another one answers, as that one quotes it. */
export interface QuotedMessage extends MessageTarget {
  /** At most 1,000 characters. */
  content: string;
}

/** Why there is only a placeholder of a message. */
export type PlaceholderKind =
  /** To be seen once, on the phone: no readable copy ever comes. */
  | 'view_once'
  /** WhatsApp has no copy for this device; the phone may send one. */
  | 'unavailable'
  /** A copy came and could not be decrypted; its sender may send another one. */
  | 'undecrypted';

/** One decoded row of the inbox: a WhatsApp message in this product's words. */
export interface ReceivedMessage {
  /** Chosen by the sender: unique only together with instance, chat and sender. */
  messageId: string;
  /** When WhatsApp says that it was sent. */
  sentAt: Date;
  chatKind: ChatKind;
  /** Written by the account that owns the instance, on its phone or another of its devices. */
  fromMe: boolean;
  /** Phone-to-companion traffic (`category=peer`); never shown. */
  isPeerTraffic: boolean;
  /** Who wrote it. */
  sender: PersonAddress;
  /** The other side of a direct chat: the sender, or the recipient when `fromMe`. Absent elsewhere. */
  peer?: PersonAddress | undefined;
  /** The address of the group in which it was written. */
  groupJid?: string | undefined;
  /** The name that the sender gave itself. */
  pushName?: string | undefined;
  contentClass: ContentClass;
  type: MessageType;
  /** Name of WhatsApp's message type, e.g. `conversation`, `imageMessage`. */
  contentType: string;
  /** What to show: the text, a caption, or a short summary in brackets; empty for traffic that is never shown. */
  text: string;
  metadata?: MessageMetadata | undefined;
  replyTo?: QuotedMessage | undefined;
  /** Phone numbers, or `<digits>@lid`; at most 1,024. */
  mentions?: string[] | undefined;
  isForwarded?: boolean | undefined;
  isViewOnce?: boolean | undefined;
  isEphemeral?: boolean | undefined;
  media?: MediaReference | undefined;
  /** Of content of class `change`, and of that alone. */
  change?: MessageChange | undefined;
  /** Of a poll or an event: opens what is sealed to it. A secret, never stored in clear. */
  secret?: Uint8Array | undefined;
  /** The wire says that nothing of it is to be shown. */
  isHidden?: boolean | undefined;
  /** Of content of class `undecryptable`, and of that alone. */
  placeholder?: PlaceholderKind | undefined;
  /** The account's own phone sent it once more, as it was asked to. */
  isResent?: boolean | undefined;
}

/** A row of the inbox as a worker gets it. */
export interface InboxRow {
  id: string;
  organizationId: string;
  instanceId: string;
  /** Attributes of the `<message>` stanza, plus `sender_pn`/`sender_lid` where they could be resolved locally. */
  attrs: Record<string, string>;
  /** `pkmsg`, `msg`, `skmsg`, or `none` for a placeholder of what could not be decrypted. */
  encryption: string;
  /** SHA-256 (hex) over ciphertext and addressing: names the delivered ciphertext. */
  hash: string;
  /**
   * Padded protobuf of the message: sealed as it is stored, or in clear where the row came right from its commit in this process; null
   * for a placeholder or a purged row.
   */
  body: Buffer | PlainBody | null;
  receivedAt: Date;
  /** How often it was claimed before. */
  attempts: number;
  /** The account that the instance is linked to, when it was received. */
  account: PersonAddress;
}

/** Rows of the inbox with what it takes to classify them. */
export interface InboxRows {
  /** Those of one instance in the order in which they came. */
  rows: InboxRow[];
  /** By organization: the addresses that are its own. */
  owners: ReadonlyMap<string, readonly PersonAddress[]>;
}

/**
 * Turns a claimed row into words. Port between the worker and the room that knows Baileys; implemented in `baileys/`.
 */
export abstract class InboxDecoder {
  /**
   * Gets the keys of these rows.
   * @param rows claimed rows
   * @returns decodes one of them
   * @throws AppError when nobody can say now what opens them: they must be tried again later
   */
  abstract readerOf(rows: readonly InboxRow[]): Promise<RowReader>;

  /**
   * As `readerOf`, for what opens changes that are sealed to the messages of these rows.
   * @param rows of any state
   * @throws AppError when nobody can say now what opens them
   */
  abstract secretsOf(rows: readonly InboxRow[]): Promise<SecretReader>;

  /** @returns what was sealed; undefined where the secret does not open it, or it holds nothing that is understood */
  abstract openSealed(sealed: SealedMessage): MessageChange | undefined;
}

/** A change that is sealed, with what it takes to open it. */
export interface SealedMessage {
  change: SealedChange;
  /** What brought it. */
  message: Pick<ReceivedMessage, 'chatKind' | 'fromMe' | 'sender' | 'peer'>;
  /** `InboxRow.account`. */
  account: PersonAddress;
  /** Of the message that it changes. */
  secret: Uint8Array;
  /** Who wrote the message that it changes, where that is neither the account nor the other side of its chat. */
  author?: PersonAddress | undefined;
}

/**
 * @param row any row
 * @returns the secret of its message: 32 bytes, never to be stored in clear; undefined where it has none or can't be opened
 */
export type SecretReader = (row: InboxRow) => Uint8Array | undefined;

/**
 * @param row a claimed row
 * @returns the decoded message
 * @throws Error when the row can't be decoded; the row is then dead, never blocking the rest
 */
export type RowReader = (row: InboxRow) => ReceivedMessage;
