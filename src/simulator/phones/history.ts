import { deflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import { newMessageId } from '../protocol/message-codec.js';
import type { Addressing } from '../protocol/address.js';

/** Whose messages are in a history. */
interface Person {
  readonly name: string;
  address(addressing: Addressing): string;
}

/** A message that was written before a companion was linked. */
export interface PastMessage {
  readonly id?: string;
  /** A text, or any message. */
  readonly content: string | proto.IMessage;
  readonly fromMe?: boolean;
  readonly at: Date;
  /** Who wrote it, in a group. */
  readonly author?: Person;
}

/** A chat with a phone, or a group by its id, as a phone hands it over. */
export interface HistoryChat {
  readonly with: Person | string;
  readonly messages: readonly PastMessage[];
  /** Name the chat by the phone number, as phones did before LIDs, and without the LID. */
  readonly byNumber?: boolean;
}

/** How history is handed over; all optional. */
export interface HistoryOptions {
  readonly syncType?: proto.HistorySync.HistorySyncType;
  readonly chunkOrder?: number;
  readonly progress?: number;
  /** The request that it answers. */
  readonly requestId?: string;
  /** Put into the message itself instead of the media server. */
  readonly isInline?: boolean;
  /** How long the media server keeps it; 0 or less: it is gone already. */
  readonly lifetimeMs?: number;
}

/** Serializes and deflates a piece of history. */
export function encodeHistory(chats: readonly HistoryChat[], options: HistoryOptions): Buffer {
  const { HistorySyncType } = proto.HistorySync;
  return deflateSync(
    proto.HistorySync.encode({
      syncType: options.syncType ?? HistorySyncType.RECENT,
      chunkOrder: options.chunkOrder ?? 1,
      progress: options.progress ?? 100,
      conversations: chats.map(encodeChat),
    }).finish(),
  );
}

function encodeChat(chat: HistoryChat): proto.IConversation {
  const { with: other, byNumber = false } = chat;
  const id = typeof other === 'string' ? other : other.address(byNumber ? 'pn' : 'lid');
  return {
    id,
    ...(typeof other !== 'string' &&
      !byNumber && { pnJid: other.address('pn'), lidJid: other.address('lid') }),
    messages: chat.messages.map(({ id: messageId, content, fromMe = false, at, author }) => ({
      message: {
        key: {
          remoteJid: id,
          fromMe,
          id: messageId ?? newMessageId(),
          ...(author && { participant: author.address('lid') }),
        },
        message: typeof content === 'string' ? { conversation: content } : content,
        messageTimestamp: Math.floor(at.getTime() / 1_000),
        ...(author && { pushName: author.name, participant: author.address('lid') }),
      },
    })),
  };
}
