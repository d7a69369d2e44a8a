import { proto } from '@whiskeysockets/baileys';
import type { MessageChange, MessageTarget, SealedUse } from '../../common/message-change.js';
import { cleanText } from './message-cleaning.js';
import { type MessageView, targetOf } from './message-target.js';
import { unwrapMessage } from './message-unwrap.js';
import { readShown } from './shown-content.js';

/** What was done to another message, and the name of the field that says so. */
export interface ReadChange {
  contentType: keyof proto.IMessage;
  change: MessageChange;
}

type ChangeReader = (message: proto.IMessage, view: MessageView) => MessageChange | undefined;
type Sealed = { encPayload?: Uint8Array | null; encIv?: Uint8Array | null } | null | undefined;

/** Longer than any emoji that phones offer. */
const MAX_EMOJI_LENGTH = 64;
const { Type: ProtocolType } = proto.Message.ProtocolMessage;
const { SecretEncType } = proto.Message.SecretEncryptedMessage;

const READERS: { readonly [Name in keyof proto.IMessage]?: ChangeReader } = {
  protocolMessage: ({ protocolMessage: m }, view) => {
    const target = targetOf(m?.key, view);
    if (!target) {
      return undefined;
    }
    if (m?.type === ProtocolType.MESSAGE_EDIT) {
      return m.editedMessage ? readEdit(target, m.editedMessage, view) : undefined;
    }
    return m?.type === ProtocolType.REVOKE ? { kind: 'delete', target } : undefined;
  },
  reactionMessage: ({ reactionMessage: m }, view) => {
    const target = targetOf(m?.key, view);
    return target && { kind: 'reaction', target, emoji: cleanEmoji(m?.text) };
  },
  pinInChatMessage: ({ pinInChatMessage: m }, view) => {
    const target = targetOf(m?.key, view);
    const on = m?.type === proto.Message.PinInChatMessage.Type.PIN_FOR_ALL;
    return target && { kind: 'pin', target, on };
  },
  keepInChatMessage: ({ keepInChatMessage: m }, view) => {
    const target = targetOf(m?.key, view);
    return target && { kind: 'keep', target, on: m?.keepType === proto.KeepType.KEEP_FOR_ALL };
  },
  pollUpdateMessage: ({ pollUpdateMessage: m }, view) =>
    sealed('poll_vote', m?.pollCreationMessageKey, m?.vote, view),
  encReactionMessage: ({ encReactionMessage: m }, view) => sealed('reaction', m?.targetMessageKey, m, view),
  encCommentMessage: ({ encCommentMessage: m }, view) => sealed('comment', m?.targetMessageKey, m, view),
  encEventResponseMessage: ({ encEventResponseMessage: m }, view) =>
    sealed('event_answer', m?.eventCreationMessageKey, m, view),
  secretEncryptedMessage: ({ secretEncryptedMessage: m }, view) =>
    // All kinds that are known so far edit: texts, events, polls.
    m?.secretEncType === SecretEncType.UNKNOWN ? undefined : sealed('edit', m?.targetMessageKey, m, view),
};

/**
 * @param message a decoded message without its wrappers
 * @param view from whose side it is read
 * @returns what it does to another message; undefined where it does nothing that is understood
 */
export function readChange(message: proto.IMessage, view: MessageView): ReadChange | undefined {
  for (const [name, read] of Object.entries(READERS)) {
    const contentType = name as keyof proto.IMessage;
    const change = message[contentType] && read(message, view);
    if (change) {
      return { contentType, change };
    }
  }
  return undefined;
}

/**
 * @param edited the message as it is now
 * @returns the edit; of a shared position, where it is now; undefined where there is nothing to show
 */
export function readEdit(
  target: MessageTarget,
  edited: proto.IMessage,
  view: MessageView,
): MessageChange | undefined {
  const shown = readShown(unwrapMessage(edited), view);
  if (!shown || shown.contentClass === 'empty') {
    return undefined;
  }
  const { contentType, type, metadata, mentions } = shown;
  if (type === 'live_location') {
    return { kind: 'live_location', target, metadata: metadata ?? {} };
  }
  return {
    kind: 'edit',
    target,
    content: shown.text,
    contentType,
    type,
    ...(metadata && { metadata }),
    ...(mentions && { mentions }),
  };
}

/** @returns what a reaction says, fit to be stored */
export function cleanEmoji(text: string | null | undefined): string {
  return cleanText((text ?? '').slice(0, MAX_EMOJI_LENGTH));
}

function sealed(
  use: SealedUse,
  key: proto.IMessageKey | null | undefined,
  content: Sealed,
  view: MessageView,
): MessageChange | undefined {
  const target = targetOf(key, view);
  const { encPayload: payload, encIv: iv } = content ?? {};
  return target && payload && iv ? { kind: 'sealed', target, use, payload, iv } : undefined;
}
