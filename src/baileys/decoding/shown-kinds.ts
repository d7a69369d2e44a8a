import type { proto } from '@whiskeysockets/baileys';
import type { ContentClass, ReceivedMessage } from '../../common/inbox.js';
import type { MessageType } from '../../common/message-types.js';
import { adReferral, adWords } from './ad-referral.js';
import { cleanText } from './message-cleaning.js';
import type { MessageKind, MessageKindName, MessageKinds } from './message-kind.js';
import { MEDIA_KINDS } from './message-media-kinds.js';
import { OTHER_KINDS } from './message-other-kinds.js';
import { TEXT_KINDS } from './message-text-kinds.js';

/** Content in words, without what stands beside it. */
export interface DescribedContent {
  name: MessageKindName;
  contentClass: ContentClass;
  type: MessageType;
  text: string;
}

/** What a person may have written, by the field that holds it. */
export const SHOWN_KINDS: MessageKinds = { ...TEXT_KINDS, ...MEDIA_KINDS, ...OTHER_KINDS };
const SHOWN_NAMES = Object.keys(SHOWN_KINDS) as MessageKindName[];

/**
 * @param message a decoded message without its wrappers
 * @returns the first content of it that has words; else one without any, if there is one
 */
export function describeShown(message: proto.IMessage): DescribedContent | undefined {
  let blank: DescribedContent | undefined;
  for (const name of SHOWN_NAMES) {
    const described = describe(name, message);
    if (described && described.contentClass !== 'empty') {
      return described;
    }
    blank ??= described;
  }
  return blank;
}

/** @returns what the table knows of a kind of content beside its words */
export function detailsOf(
  name: MessageKindName,
  message: proto.IMessage,
): Pick<ReceivedMessage, 'metadata' | 'media'> {
  return ofKind(name, message, (kind, content) => {
    const metadata = kind.metadata?.(content);
    const media = kind.media?.(content);
    return { ...(metadata && { metadata }), ...(media && { media }) };
  })!;
}

/** @returns what stands beside content of most kinds */
export function contextOf(name: MessageKindName, message: proto.IMessage): proto.IContextInfo | undefined {
  const content: unknown = message[name];
  const info =
    typeof content === 'object' && content !== null && 'contextInfo' in content && content.contextInfo;
  return info ? info : undefined;
}

function describe(name: MessageKindName, message: proto.IMessage): DescribedContent | undefined {
  return ofKind(name, message, (kind, content) => {
    const type = typeof kind.type === 'function' ? kind.type(content) : (kind.type ?? 'unsupported');
    const text = cleanText(kind.describe(content));
    return text === ''
      ? blankContent(name, message, kind.contentClass, type)
      : { name, contentClass: kind.contentClass, type, text };
  });
}

/** A file or the like without any words is named; of a text without any, what led its sender here says that somebody is there. */
function blankContent(
  name: MessageKindName,
  message: proto.IMessage,
  contentClass: ContentClass,
  type: MessageType,
): DescribedContent {
  const info = contextOf(name, message);
  if (contentClass !== 'text') {
    return { name, contentClass, type, text: `[${name}]` };
  }
  return info && adReferral(info)
    ? { name, contentClass, type, text: cleanText(adWords(info)) }
    : { name, contentClass: 'empty', type, text: '' };
}

function ofKind<Result>(
  name: MessageKindName,
  message: proto.IMessage,
  use: <Name extends MessageKindName>(
    kind: MessageKind<Name>,
    content: NonNullable<proto.IMessage[Name]>,
  ) => Result,
): Result | undefined {
  const kind = SHOWN_KINDS[name];
  const content = message[name];
  return kind && content !== null && content !== undefined
    ? use(kind as MessageKind<MessageKindName>, content)
    : undefined;
}
