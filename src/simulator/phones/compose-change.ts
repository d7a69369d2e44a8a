import { createHash } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { Change, ComposedMessage, MessageReference } from './message-content.js';
import { seal } from './message-seal.js';
import type { SealUse } from './message-seal.js';
import { keyOf } from './perspective.js';
import type { Perspective } from './perspective.js';

const { Type } = proto.Message.ProtocolMessage;
const { EventResponseType } = proto.Message.EventResponseMessage;
const ANSWERS = {
  going: EventResponseType.GOING,
  not_going: EventResponseType.NOT_GOING,
  maybe: EventResponseType.MAYBE,
};

/** Turns a change into a message and its labels. */
export function composeChange(content: Change, view: Perspective): ComposedMessage {
  const now = Date.now();
  if ('reaction' in content) {
    const reactionMessage = {
      key: keyOf(content.to, view),
      text: content.reaction,
      senderTimestampMs: now,
    };
    return { type: 'reaction', message: { reactionMessage }, hideFailure: true };
  }
  if ('revoke' in content) {
    const protocolMessage = { key: keyOf(content.revoke, view), type: Type.REVOKE };
    return { type: 'text', edit: '7', message: { protocolMessage } };
  }
  if ('edit' in content) {
    return content.sealed ? sealedEdit(content, view) : plainEdit(content, view);
  }
  if ('vote' in content) {
    const selectedOptions = content.vote.map((name) => createHash('sha256').update(name).digest());
    const plaintext = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish();
    const pollUpdateMessage = {
      pollCreationMessageKey: keyOf(content.to, view),
      vote: sealed('Poll Vote', content.to, view, plaintext),
      senderTimestampMs: now,
    };
    return { type: 'poll', meta: { polltype: 'vote' }, message: { pollUpdateMessage }, hideFailure: true };
  }
  if ('answer' in content) {
    const response = { response: ANSWERS[content.answer], timestampMs: now, extraGuestCount: 0 };
    const plaintext = proto.Message.EventResponseMessage.encode(response).finish();
    const encEventResponseMessage = {
      eventCreationMessageKey: keyOf(content.to, view),
      ...sealed('Event Response', content.to, view, plaintext),
    };
    const meta = { event_type: 'response' };
    return { type: 'event', meta, message: { encEventResponseMessage }, hideFailure: true };
  }
  if ('comment' in content) {
    const plaintext = proto.Message.encode({ extendedTextMessage: { text: content.comment } }).finish();
    const encCommentMessage = {
      targetMessageKey: keyOf(content.to, view),
      ...sealed('Enc Comment', content.to, view, plaintext),
    };
    return { type: 'text', message: { encCommentMessage }, hideFailure: true };
  }
  if ('pin' in content) {
    const { PIN_FOR_ALL, UNPIN_FOR_ALL } = proto.Message.PinInChatMessage.Type;
    const pinInChatMessage = {
      key: keyOf(content.pin, view),
      type: (content.on ?? true) ? PIN_FOR_ALL : UNPIN_FOR_ALL,
      senderTimestampMs: now,
    };
    return { type: 'text', edit: '2', message: { pinInChatMessage }, hideFailure: true };
  }
  const { KEEP_FOR_ALL, UNDO_KEEP_FOR_ALL } = proto.KeepType;
  const keepInChatMessage = {
    key: keyOf(content.keep, view),
    keepType: (content.on ?? true) ? KEEP_FOR_ALL : UNDO_KEEP_FOR_ALL,
    timestampMs: now,
  };
  return { type: 'text', message: { keepInChatMessage }, hideFailure: true };
}

type Edit = Extract<Change, { edit: MessageReference }>;

function plainEdit({ edit, text }: Edit, view: Perspective): ComposedMessage {
  const protocolMessage = {
    key: keyOf(edit, view),
    type: Type.MESSAGE_EDIT,
    editedMessage: { conversation: text },
    timestampMs: Date.now(),
  };
  return { type: 'text', edit: '1', message: { protocolMessage } };
}

function sealedEdit(content: Edit, view: Perspective): ComposedMessage {
  const plaintext = proto.Message.encode(plainEdit(content, view).message).finish();
  const secretEncryptedMessage = {
    targetMessageKey: keyOf(content.edit, view),
    ...sealed('Message Edit', content.edit, view, plaintext),
    secretEncType: proto.Message.SecretEncryptedMessage.SecretEncType.MESSAGE_EDIT,
  };
  return { type: 'text', edit: '1', message: { secretEncryptedMessage }, hideFailure: true };
}

function sealed(use: SealUse, reference: MessageReference, view: Perspective, plaintext: Uint8Array) {
  const target = {
    id: reference.id,
    author: view.addressOf(reference.from),
    changer: view.addressOf(view.author),
    secret: view.secretOf(reference),
  };
  return seal(use, target, plaintext);
}
