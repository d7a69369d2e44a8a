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

/**
 * @param message a decoded message
 * @returns the message inside all of its wrappers; a wrapper that holds nothing known, or is deeper than 10 levels,
 *   stays as it is, so that it shows up as unsupported instead of vanishing
 */
export function unwrapMessage(message: proto.IMessage): proto.IMessage {
  let current = message;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const inner = innerOf(current);
    if (!inner) {
      return current;
    }
    current = inner;
  }
  return current;
}

function innerOf(message: proto.IMessage): proto.IMessage | undefined {
  for (const wrapper of WRAPPERS) {
    const inner = message[wrapper]?.message;
    if (inner && Object.keys(inner).length > 0) {
      return inner;
    }
  }
  return undefined;
}
