import type { proto } from '@whiskeysockets/baileys';
import type { ContentClass } from '../../common/inbox.js';
import { cleanText } from './message-cleaning.js';
import type { MessageKindName, MessageKinds } from './message-kind.js';
import { MEDIA_KINDS } from './message-media-kinds.js';
import { OTHER_KINDS } from './message-other-kinds.js';
import { TEXT_KINDS } from './message-text-kinds.js';
import { TRAFFIC_KINDS } from './message-traffic-kinds.js';
import { unwrapMessage } from './message-unwrap.js';

/** What a message holds, in words. */
export interface MessageContent {
  contentClass: ContentClass;
  contentType: string;
  text: string;
}

/** What a person may have written comes first: a field of WhatsApp's own beside it can't hide it. */
const SHOWN: MessageKinds = { ...TEXT_KINDS, ...MEDIA_KINDS, ...OTHER_KINDS };
const SHOWN_NAMES = Object.keys(SHOWN) as MessageKindName[];
const TRAFFIC_NAMES = Object.keys(TRAFFIC_KINDS) as MessageKindName[];

/**
 * @param message a decoded message, wrapped or not
 * @returns its content; kinds without words of their own are summed up in brackets, unknown ones named, none dropped
 */
export function readContent(message: proto.IMessage): MessageContent {
  const inner = unwrapMessage(message);
  const shown = SHOWN_NAMES.find((name) => isPresent(inner, name));
  if (shown) {
    return describe(SHOWN, shown, inner);
  }
  const unknown = Object.keys(inner).find((name) => !(name in TRAFFIC_KINDS));
  if (unknown) {
    return { contentClass: 'other', contentType: unknown, text: `[unsupported message] ${unknown}` };
  }
  const traffic = TRAFFIC_NAMES.find((name) => isPresent(inner, name));
  return traffic
    ? describe(TRAFFIC_KINDS, traffic, inner)
    : { contentClass: 'empty', contentType: 'none', text: '' };
}

function describe<Name extends MessageKindName>(
  kinds: MessageKinds,
  name: Name,
  message: proto.IMessage,
): MessageContent {
  const kind = kinds[name];
  const content = message[name];
  if (!kind || content === null || content === undefined) {
    throw new Error('kind of message without a description');
  }
  const text = cleanText(kind.describe(content));
  return { contentType: name, ...withoutBlank(kind.contentClass, text, name) };
}

/** What is shown has words: a file or the like without any is named, a text without any is none. */
function withoutBlank(
  contentClass: ContentClass,
  text: string,
  name: string,
): Pick<MessageContent, 'contentClass' | 'text'> {
  if (text !== '' || !(name in SHOWN)) {
    return { contentClass, text };
  }
  return contentClass === 'text' ? { contentClass: 'empty', text } : { contentClass, text: `[${name}]` };
}

function isPresent(message: proto.IMessage, name: MessageKindName): boolean {
  return message[name] !== null && message[name] !== undefined;
}
