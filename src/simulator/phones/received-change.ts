import { createHash } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { textOf } from '../protocol/message-codec.js';
import { unseal } from './message-seal.js';
import type { SealUse } from './message-seal.js';
import { innerMessage } from './received-file.js';

/** What a message does to another one, as the phone that got it understands it. */
export type ReceivedChange = {
  /** Id of the other message. */
  readonly target: string;
  /** Whether the one who changes it wrote it. */
  readonly isOwn: boolean;
} & (
  | { readonly kind: 'reaction'; readonly emoji: string }
  | { readonly kind: 'delete' }
  | { readonly kind: 'edit'; readonly text: string }
  | { readonly kind: 'vote'; readonly options: readonly string[] }
  | { readonly kind: 'answer'; readonly answer: string }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'pin' | 'keep'; readonly on: boolean }
  | { readonly kind: 'unreadable'; readonly reason: string }
);

/** What a phone knows of the messages that are changed. */
export interface ChangeView {
  /** Address of the one who changes. */
  readonly changer: string;
  /** Address of the one who got the change: the other side of the chat. */
  readonly receiver: string;
  /** A message of the chat, by id. */
  readonly message: (id: string) => proto.IMessage | undefined;
  /** Its secret. */
  readonly secret: (id: string) => Uint8Array | undefined;
}

/** Reads what a message does to another one; undefined where it is a message by itself. */
export function changeOf(message: proto.IMessage, view: ChangeView): ReceivedChange | undefined {
  const body = innerMessage(message);
  const { reactionMessage, pollUpdateMessage, encEventResponseMessage, secretEncryptedMessage } = body;
  if (reactionMessage) {
    return { ...named(reactionMessage.key), kind: 'reaction', emoji: reactionMessage.text ?? '' };
  }
  if (pollUpdateMessage) {
    const key = pollUpdateMessage.pollCreationMessageKey;
    return opened('Poll Vote', key, pollUpdateMessage.vote, view, (bytes) => ({
      kind: 'vote',
      options: optionNames(
        view.message(key?.id ?? ''),
        proto.Message.PollVoteMessage.decode(bytes).selectedOptions,
      ),
    }));
  }
  if (encEventResponseMessage) {
    const key = encEventResponseMessage.eventCreationMessageKey;
    return opened('Event Response', key, encEventResponseMessage, view, (bytes) => {
      const { response } = proto.Message.EventResponseMessage.decode(bytes);
      const name = proto.Message.EventResponseMessage.EventResponseType[response ?? 0] ?? 'UNKNOWN';
      return { kind: 'answer', answer: name.toLowerCase() };
    });
  }
  if (secretEncryptedMessage) {
    const key = secretEncryptedMessage.targetMessageKey;
    return opened('Message Edit', key, secretEncryptedMessage, view, (bytes) => ({
      kind: 'edit',
      text: textOf(proto.Message.decode(bytes)),
    }));
  }
  if (body.encCommentMessage) {
    const { targetMessageKey: key } = body.encCommentMessage;
    return opened('Enc Comment', key, body.encCommentMessage, view, (bytes) => ({
      kind: 'comment',
      text: textOf(proto.Message.decode(bytes)),
    }));
  }
  return plainChangeOf(body);
}

function plainChangeOf(body: proto.IMessage): ReceivedChange | undefined {
  const { Type } = proto.Message.ProtocolMessage;
  const protocol = body.protocolMessage ?? body.editedMessage?.message?.protocolMessage;
  if (protocol?.type === Type.REVOKE) {
    return { ...named(protocol.key), kind: 'delete' };
  }
  if (protocol?.type === Type.MESSAGE_EDIT) {
    return { ...named(protocol.key), kind: 'edit', text: textOf(protocol.editedMessage) };
  }
  if (body.pinInChatMessage) {
    const on = body.pinInChatMessage.type === proto.Message.PinInChatMessage.Type.PIN_FOR_ALL;
    return { ...named(body.pinInChatMessage.key), kind: 'pin', on };
  }
  if (body.keepInChatMessage) {
    const on = body.keepInChatMessage.keepType === proto.KeepType.KEEP_FOR_ALL;
    return { ...named(body.keepInChatMessage.key), kind: 'keep', on };
  }
  return undefined;
}

function named(key: proto.IMessageKey | null | undefined) {
  return { target: key?.id ?? '', isOwn: key?.fromMe ?? false };
}

type Opened =
  | { readonly kind: 'vote'; readonly options: readonly string[] }
  | { readonly kind: 'answer'; readonly answer: string }
  | { readonly kind: 'edit' | 'comment'; readonly text: string };

function opened(
  use: SealUse,
  key: proto.IMessageKey | null | undefined,
  sealed: { encPayload?: Uint8Array | null; encIv?: Uint8Array | null } | null | undefined,
  { changer, receiver, secret }: ChangeView,
  read: (plaintext: Buffer) => Opened,
): ReceivedChange {
  const target = named(key);
  const known = secret(target.target);
  if (!known || !sealed) {
    return { ...target, kind: 'unreadable', reason: 'the message that it changes is not known' };
  }
  const author = target.isOwn ? changer : receiver;
  try {
    return { ...target, ...read(unseal(use, { id: target.target, author, changer, secret: known }, sealed)) };
  } catch {
    return { ...target, kind: 'unreadable', reason: 'it is sealed for another message or author' };
  }
}

function optionNames(
  poll: proto.IMessage | undefined,
  hashes: readonly Uint8Array[] | null | undefined,
): string[] {
  const body = poll && innerMessage(poll);
  const creation = body?.pollCreationMessageV3 ?? body?.pollCreationMessageV2 ?? body?.pollCreationMessage;
  const names = new Map(
    (creation?.options ?? []).map(({ optionName }) => [
      createHash('sha256')
        .update(optionName ?? '')
        .digest('hex'),
      optionName ?? '',
    ]),
  );
  return (hashes ?? []).map((hash) => {
    const hex = Buffer.from(hash).toString('hex');
    return names.get(hex) ?? hex;
  });
}
