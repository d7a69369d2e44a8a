import { Injectable } from '@nestjs/common';
import { proto } from '@whiskeysockets/baileys';
import {
  HistoryDecoder,
  HistoryFault,
  type HistoryMessage,
  type HistoryNotification,
  type HistorySource,
} from '../../common/history.js';
import type { InboxRow, PersonAddress } from '../../common/inbox.js';
import { PlainBody } from '../../common/plain-body.js';
import { KeyRing } from '../../secrets/key-ring.js';
import { openRow } from './inbox-row.js';
import { isDirectChat, isSamePerson, personOf } from './message-addresses.js';
import { cleanMessageId } from './message-cleaning.js';
import { readContent } from './message-content.js';
import { bytesFields } from './protobuf-fields.js';

const { HistorySyncType } = proto.HistorySync;

/** Kinds of history that hold conversations; the others have names, settings and stickers. */
const WITH_MESSAGES: ReadonlySet<number> = new Set([
  HistorySyncType.INITIAL_BOOTSTRAP,
  HistorySyncType.RECENT,
  HistorySyncType.FULL,
  HistorySyncType.ON_DEMAND,
]);
/** Field `conversations` of `HistorySync`. */
const CONVERSATIONS = 2;
/** One chat is held at a time. */
const MAX_CHAT_BYTES = 64 * 1024 * 1024;
const SHOWN: ReadonlySet<string> = new Set(['text', 'media', 'other']);

/** Reads history with the data keys of the instances. */
@Injectable()
export class BaileysHistoryDecoder extends HistoryDecoder {
  constructor(private readonly ring: KeyRing) {
    super();
  }

  override async notificationOf(row: InboxRow): Promise<HistoryNotification> {
    const { body } = row;
    if (body === null || body instanceof PlainBody) {
      throw new HistoryFault('no_body', true);
    }
    const keys = await this.ring.forBodies([{ instanceId: row.instanceId, body }]);
    const message = attempt('unreadable', () => openRow(row, keys.get(row.instanceId)).message);
    const notification = message.protocolMessage?.historySyncNotification;
    if (!notification) {
      throw new HistoryFault('no_history', true);
    }
    const syncType = notification.syncType ?? HistorySyncType.INITIAL_BOOTSTRAP;
    return {
      syncType: (HistorySyncType[syncType] ?? String(syncType)).toLowerCase(),
      chunkOrder: notification.chunkOrder ?? undefined,
      progress: inPercent(notification.progress),
      requestId: notification.peerDataRequestSessionId ?? undefined,
      source: WITH_MESSAGES.has(syncType) ? sourceOf(notification) : undefined,
    };
  }

  override async *messagesOf(
    bytes: AsyncIterable<Uint8Array>,
    account: PersonAddress,
  ): AsyncGenerator<HistoryMessage, void, undefined> {
    for await (const field of fieldsOf(bytes)) {
      if (field.number === CONVERSATIONS) {
        yield* readChat(field.bytes, account);
      }
    }
  }
}

function inPercent(progress: number | null | undefined): number | undefined {
  return typeof progress === 'number' && progress >= 0 && progress <= 100 ? progress : undefined;
}

function sourceOf(notification: proto.Message.IHistorySyncNotification): HistorySource {
  const { initialHistBootstrapInlinePayload: inline, directPath, mediaKey, fileEncSha256 } = notification;
  if (inline?.length) {
    return { inline };
  }
  if (!directPath?.startsWith('/') || mediaKey?.length !== 32) {
    throw new HistoryFault('no_source', true);
  }
  return { directPath, mediaKey, encSha256: fileEncSha256?.length ? fileEncSha256 : undefined };
}

async function* fieldsOf(bytes: AsyncIterable<Uint8Array>) {
  try {
    yield* bytesFields(bytes, MAX_CHAT_BYTES);
  } catch (cause) {
    if (cause instanceof Error && (cause.message === 'field_too_large' || cause.message === 'not_protobuf')) {
      throw new HistoryFault(cause.message, true, { cause });
    }
    throw cause;
  }
}

function* readChat(bytes: Uint8Array, account: PersonAddress): Generator<HistoryMessage, void, undefined> {
  const chat = attempt('not_a_chat', () => proto.Conversation.decode(bytes));
  const { id } = chat;
  if (!isDirectChat(id)) {
    return;
  }
  const peer = personOf(id, chat.pnJid ?? undefined, chat.lidJid ?? undefined);
  if ((peer.phone ?? peer.lid) === undefined || isSamePerson(peer, account)) {
    return;
  }
  const address = peer.lid === undefined ? `${peer.phone}@s.whatsapp.net` : `${peer.lid}@lid`;
  for (const { message: info } of chat.messages) {
    const read = info && readMessage(info, account);
    if (read) {
      yield { ...read, peer, chat: address };
    }
  }
}

/** @returns undefined for what nobody wrote, and for what can't be read: the rest of the chat is worth having without it */
function readMessage(
  { key, message, messageTimestamp }: proto.IWebMessageInfo,
  account: PersonAddress,
): Omit<HistoryMessage, 'peer' | 'chat'> | undefined {
  const seconds = Number(messageTimestamp ?? 0);
  if (!key?.id || !message || !(seconds > 0)) {
    return undefined;
  }
  const fromMe = key.fromMe === true;
  try {
    const { contentClass, type, contentType, text } = readContent(message, {
      account,
      chatKind: 'direct',
      fromMe,
    });
    // Nobody wrote it later than now.
    const sentAt = new Date(Math.min(seconds * 1_000, Date.now()));
    return SHOWN.has(contentClass)
      ? { messageId: cleanMessageId(key.id), fromMe, sentAt, type, contentType, text }
      : undefined;
  } catch {
    return undefined;
  }
}

function attempt<Result>(reason: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    throw new HistoryFault(reason, true, { cause });
  }
}
