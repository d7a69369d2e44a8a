import type { proto } from '@whiskeysockets/baileys';

const MAX_DEPTH = 10;

/** Fields of a message that hold nothing but another message, which is the one to show. */
const WRAPPERS = [
  'deviceSentMessage',
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'editedMessage',
  'associatedChildMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
  'groupStatusMentionMessage',
  'groupMentionedMessage',
  'statusMentionMessage',
  'statusAddYours',
  'botInvokeMessage',
  'botForwardedMessage',
  'botTaskMessage',
  'lottieStickerMessage',
  'questionMessage',
  'questionReplyMessage',
  'pollCreationMessageV4',
  'pollCreationOptionImageMessage',
  'eventCoverImage',
  'limitSharingMessage',
  'commentMessage',
] as const satisfies readonly (keyof proto.IMessage)[];

/** A field that holds nothing but another message. */
export type Wrapper = (typeof WRAPPERS)[number];

/** A message out of its wrappers, and what stood beside it on the way. */
export interface UnwrappedMessage {
  message: proto.IMessage;
  wrappers: readonly Wrapper[];
  /** Of the innermost message that has one. */
  context?: proto.IMessageContextInfo | undefined;
  /** What a comment is about. */
  commented?: proto.IMessageKey | undefined;
}

/**
 * @param message a decoded message
 * @returns the message inside all of its wrappers; a wrapper that holds nothing known, or is deeper than 10 levels,
 *   stays as it is, so that it shows up as unsupported instead of vanishing
 */
export function unwrapMessage(message: proto.IMessage): UnwrappedMessage {
  const wrappers: Wrapper[] = [];
  let current = message;
  let context = message.messageContextInfo ?? undefined;
  let commented: proto.IMessageKey | undefined;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const found = innerOf(current);
    if (!found) {
      break;
    }
    commented = current.commentMessage?.targetMessageKey ?? commented;
    wrappers.push(found.wrapper);
    current = found.inner;
    context = current.messageContextInfo ?? context;
  }
  return { message: current, wrappers, context, commented };
}

function innerOf(message: proto.IMessage): { wrapper: Wrapper; inner: proto.IMessage } | undefined {
  for (const wrapper of WRAPPERS) {
    const inner = message[wrapper]?.message;
    if (inner && Object.keys(inner).length > 0) {
      return { wrapper, inner };
    }
  }
  return undefined;
}
