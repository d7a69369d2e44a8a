import type { proto } from '@whiskeysockets/baileys';
import type { ContentClass, ReceivedMessage } from '../../common/inbox.js';
import type { MessageType } from '../../common/message-types.js';
import { readChange } from './message-changes.js';
import { cleanText } from './message-cleaning.js';
import type { MessageKind, MessageKindName, MessageKinds } from './message-kind.js';
import { MEDIA_KINDS } from './message-media-kinds.js';
import { OTHER_KINDS } from './message-other-kinds.js';
import { TEXT_KINDS } from './message-text-kinds.js';
import { TRAFFIC_KINDS } from './message-traffic-kinds.js';
import type { MessageView } from './message-target.js';
import { unwrapMessage } from './message-unwrap.js';

/** What a message holds: words, and what is known beside them. */
export type MessageContent = Pick<
  ReceivedMessage,
  'contentClass' | 'contentType' | 'type' | 'text' | 'change'
>;

/** What a person may have written comes first: a field of WhatsApp's own beside it can't hide it. */
const SHOWN: MessageKinds = { ...TEXT_KINDS, ...MEDIA_KINDS, ...OTHER_KINDS };
const SHOWN_NAMES = Object.keys(SHOWN) as MessageKindName[];
const TRAFFIC_NAMES = Object.keys(TRAFFIC_KINDS) as MessageKindName[];

/**
 * @param message a decoded message, wrapped or not
 * @param view from whose side it is read
 * @returns its content; kinds without words of their own are summed up in brackets, unknown ones named, none dropped
 */
export function readContent(message: proto.IMessage, view: MessageView): MessageContent {
  const inner = unwrapMessage(message);
  const shown = SHOWN_NAMES.find((name) => isPresent(inner, name));
  if (shown) {
    return describe(SHOWN, shown, inner);
  }
  const unknown = Object.keys(inner).find((name) => !(name in TRAFFIC_KINDS));
  if (unknown) {
    const text = `[unsupported message] ${unknown}`;
    return { contentClass: 'other', type: 'unsupported', contentType: unknown, text };
  }
  const changed = readChange(inner, view);
  if (changed) {
    return { contentClass: 'change', type: 'unsupported', text: '', ...changed };
  }
  const traffic = TRAFFIC_NAMES.find((name) => isPresent(inner, name));
  return traffic
    ? describe(TRAFFIC_KINDS, traffic, inner)
    : { contentClass: 'empty', type: 'unsupported', contentType: 'none', text: '' };
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
  return { contentType: name, type: typeOf(kind, content), ...withoutBlank(kind.contentClass, text, name) };
}

function typeOf<Name extends MessageKindName>(
  { type = 'unsupported' }: MessageKind<Name>,
  content: NonNullable<proto.IMessage[Name]>,
): MessageType {
  return typeof type === 'function' ? type(content) : type;
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
