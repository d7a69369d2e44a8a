import { randomBytes, randomInt } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';

/** Serializes a message and pads it: 1 to 16 bytes, each equal to the number of bytes added. */
export function encodeMessage(message: proto.IMessage): Buffer {
  const pad = randomInt(1, 17);
  return Buffer.concat([proto.Message.encode(message).finish(), Buffer.alloc(pad, pad)]);
}

/** Reverse of encodeMessage. Throws when the padding or the message is malformed. */
export function decodeMessage(plaintext: Uint8Array): proto.Message {
  const pad = plaintext[plaintext.length - 1] ?? 0;
  if (pad === 0 || pad > plaintext.length) {
    throw new Error('bad message padding');
  }
  return proto.Message.decode(plaintext.subarray(0, plaintext.length - pad));
}

/** Adds the per-message secret that ordinary bodies carry. */
export function withSecret(message: proto.IMessage): proto.IMessage {
  const messageContextInfo = { messageSecret: randomBytes(32), ...message.messageContextInfo };
  return { ...message, messageContextInfo };
}

/** The text a person would read in a message: body, caption or title; empty when there is none. */
export function textOf(message: proto.IMessage | null | undefined): string {
  if (!message) {
    return '';
  }
  const inner =
    message.deviceSentMessage?.message ??
    message.ephemeralMessage?.message ??
    message.viewOnceMessage?.message ??
    message.viewOnceMessageV2?.message ??
    message.documentWithCaptionMessage?.message;
  if (inner) {
    return textOf(inner);
  }
  const edited =
    message.protocolMessage?.editedMessage ?? message.editedMessage?.message?.protocolMessage?.editedMessage;
  if (edited) {
    return textOf(edited);
  }
  return (
    message.conversation ||
    message.extendedTextMessage?.text ||
    message.imageMessage?.caption ||
    message.videoMessage?.caption ||
    message.documentMessage?.caption ||
    message.documentMessage?.fileName ||
    message.reactionMessage?.text ||
    (message.pollCreationMessage ?? message.pollCreationMessageV3)?.name ||
    message.eventMessage?.name ||
    message.liveLocationMessage?.caption ||
    message.locationMessage?.name ||
    message.contactMessage?.displayName ||
    ''
  );
}

/** A message id as an Android phone makes them. */
export function newMessageId(): string {
  return `AC${randomBytes(15).toString('hex').toUpperCase()}`;
}
