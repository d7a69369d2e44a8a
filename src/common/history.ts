import type { InboxRow, PersonAddress } from './inbox.js';
import type { MessageMetadata, MessageType } from './message-types.js';

/** Where the bytes of a piece of history are. */
export type HistorySource =
  /** In the notification itself, still deflated. */
  | { inline: Uint8Array }
  /** On WhatsApp's media server, encrypted. The key is a secret. */
  | { directPath: string; mediaKey: Uint8Array; encSha256: Uint8Array | undefined };

/** What the account's own phone says of a piece of history. */
export interface HistoryNotification {
  /** WhatsApp's name for why it is handed over, in lower case: `initial_bootstrap`, `recent`, `full`, `on_demand` … */
  syncType: string;
  chunkOrder: number | undefined;
  /** How far the phone is with all of it, in per cent. */
  progress: number | undefined;
  /** The request that it answers. */
  requestId: string | undefined;
  /** Undefined: there are no messages in it. */
  source: HistorySource | undefined;
}

/** A message of a direct chat, from before the instance was there. */
export interface HistoryMessage {
  /** The other side of the chat. */
  peer: PersonAddress;
  /** WhatsApp's address of the chat: of the LID where it is known. */
  chat: string;
  fromMe: boolean;
  messageId: string;
  sentAt: Date;
  type: MessageType;
  contentType: string;
  text: string;
  metadata?: MessageMetadata | undefined;
}

/** What a piece of history is not read for: a stable word. */
export class HistoryFault extends Error {
  /** @param isFinal another try finds the same */
  constructor(
    readonly reason: string,
    readonly isFinal: boolean,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** Reads history. Port between the worker and the room that knows Baileys; implemented in `baileys/`. */
export abstract class HistoryDecoder {
  /**
   * @param row that the notification came in
   * @throws HistoryFault where it can't be read
   * @throws AppError when nobody can say now what opens it
   */
  abstract notificationOf(row: InboxRow): Promise<HistoryNotification>;

  /**
   * @param bytes of the history, inflated; read no faster than the messages are taken
   * @param account whose history it is
   * @returns the messages of direct chats, chat by chat
   * @throws HistoryFault where it can't be read
   */
  abstract messagesOf(
    bytes: AsyncIterable<Uint8Array>,
    account: PersonAddress,
  ): AsyncGenerator<HistoryMessage, void, undefined>;
}
