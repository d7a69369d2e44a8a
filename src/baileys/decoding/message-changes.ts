import type { proto } from '@whiskeysockets/baileys';
import type { MessageChange, SealedUse } from '../../common/message-change.js';
import { cleanText } from './message-cleaning.js';
import { type MessageView, targetOf } from './message-target.js';

/** What was done to another message, and the name of the field that says so. */
export interface ReadChange {
  contentType: keyof proto.IMessage;
  change: MessageChange;
}

type ChangeReader = (message: proto.IMessage, view: MessageView) => MessageChange | undefined;

/** Longer than any emoji that phones offer. */
const MAX_EMOJI_LENGTH = 64;

const READERS: { readonly [Name in keyof proto.IMessage]?: ChangeReader } = {
  reactionMessage: ({ reactionMessage }, view) => {
    const target = targetOf(reactionMessage?.key, view);
    const emoji = cleanText(reactionMessage?.text ?? '').slice(0, MAX_EMOJI_LENGTH);
    return target && { kind: 'reaction', target, emoji: emoji.toWellFormed() };
  },
  encReactionMessage: ({ encReactionMessage: m }, view) =>
    sealed('reaction', m?.targetMessageKey, { payload: m?.encPayload, iv: m?.encIv }, view),
  pollUpdateMessage: ({ pollUpdateMessage: m }, view) =>
    sealed(
      'poll_vote',
      m?.pollCreationMessageKey,
      { payload: m?.vote?.encPayload, iv: m?.vote?.encIv },
      view,
    ),
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

function sealed(
  use: SealedUse,
  key: proto.IMessageKey | null | undefined,
  { payload, iv }: { payload: Uint8Array | null | undefined; iv: Uint8Array | null | undefined },
  view: MessageView,
): MessageChange | undefined {
  const target = targetOf(key, view);
  return target && payload && iv ? { kind: 'sealed', target, use, payload, iv } : undefined;
}
