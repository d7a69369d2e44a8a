import type { proto } from '@whiskeysockets/baileys';
import type { MessageKind, MessageKindName } from '../src/baileys/decoding/message-kind.js';
import { TRAFFIC_KINDS } from '../src/baileys/decoding/message-traffic-kinds.js';
import { SHOWN_KINDS } from '../src/baileys/decoding/shown-kinds.js';
import type { ContentClass, ReceivedMessage } from '../src/common/inbox.js';
import type { MessageChange } from '../src/common/message-change.js';
import { MESSAGE_TYPES, type MessageType } from '../src/common/message-types.js';
import type { OutgoingContent } from '../src/common/outgoing-content.js';
import { classifyMessage } from '../src/routing/message-classifier.js';
import { OwnerDirectory } from '../src/routing/owner-directory.js';

type ChangeKind = Exclude<MessageChange['kind'], 'sealed'>;

/** Fields by which one kind of content can be of several types. */
const VARIANTS: object[] = [{}, { gifPlayback: true }, { ptt: true }, { isLive: true }];

/** What can be sent, by the name that it has when it comes in. */
const SENT: Record<OutgoingContent['type'], MessageType | ChangeKind> = {
  text: 'text',
  image: 'image',
  video: 'video',
  gif: 'gif',
  video_note: 'video_note',
  audio: 'audio',
  voice: 'voice',
  document: 'document',
  sticker: 'sticker',
  location: 'location',
  contact: 'contact',
  poll: 'poll',
  reaction: 'reaction',
  edit: 'edit',
  delete: 'delete',
};

/** What says so on the wire, and what it does. */
const CHANGES: Record<ChangeKind, [fields: string[], meaning: string]> = {
  edit: [
    ['protocolMessage', 'secretEncryptedMessage'],
    'the text and what belongs to it are as they are written now; earlier texts are kept',
  ],
  delete: [['protocolMessage'], 'the text is gone; that there was a message stays'],
  reaction: [
    ['reactionMessage', 'encReactionMessage'],
    'one emoji of each person; an empty one takes it back',
  ],
  poll_vote: [['pollUpdateMessage'], 'all options that somebody chooses now'],
  event_answer: [['encEventResponseMessage'], 'whether somebody comes'],
  pin: [['pinInChatMessage'], 'pinned for everybody in the chat, or no more'],
  keep: [['keepInChatMessage'], 'kept although the chat vanishes, or no more'],
  live_location: [['protocolMessage'], 'where somebody is now'],
};

const PARTS: Record<string, () => string> = {
  types: () =>
    table(
      ['type', 'received as', 'brings a file', 'can be sent', 'makes a contact', 'makes a booking'],
      MESSAGE_TYPES.map((type) => {
        const kinds = kindsOf(type);
        const isNew = type === 'unsupported' || kinds.some(([, kind]) => makesContact(kind.contentClass));
        return [
          code(type),
          type === 'unsupported' ? `${names(kinds)}, and whatever this version does not know` : names(kinds),
          yes(kinds.some(([, kind]) => 'media' in kind)),
          yes(Object.values(SENT).includes(type)),
          yes(isNew),
          yes(isNew),
        ];
      }),
    ),
  changes: () =>
    table(
      ['change', 'received as', 'what it does', 'can be sent', 'makes a contact', 'makes a booking'],
      Object.entries(CHANGES).map(([kind, [fields, meaning]]) => [
        code(kind),
        fields.map(code).join(', '),
        meaning,
        yes(Object.values(SENT).includes(kind as ChangeKind)),
        yes(makesContact('change')),
        yes(makesContact('change')),
      ]),
    ),
  traffic: () => `${Object.keys(TRAFFIC_KINDS).map(code).join(', ')}.`,
};

/**
 * @param page as it is
 * @returns it with every part as the table of kinds has it now; to be formatted
 * @throws Error where it has no place for a part
 */
export function messagePage(page: string): string {
  return Object.entries(PARTS).reduce((text, [name, write]) => {
    const place = new RegExp(`(<!-- ${name}: .*-->\n)[^]*?(\n<!-- end -->)`);
    if (!place.test(text)) {
      throw new Error(`the page has no place for ${name}`);
    }
    return text.replace(place, (_all, begin: string, end: string) => `${begin}\n${write()}\n${end}`);
  }, page);
}

function kindsOf(type: MessageType): [string, MessageKind<MessageKindName>][] {
  const kinds = Object.entries(SHOWN_KINDS) as [string, MessageKind<MessageKindName>][];
  return kinds.filter(([, kind]) =>
    typeof kind.type === 'function'
      ? VARIANTS.some((variant) => typeOf(kind, variant) === type)
      : kind.type === type,
  );
}

function typeOf({ type }: MessageKind<MessageKindName>, content: object): MessageType | undefined {
  return typeof type === 'function' ? type(content as NonNullable<proto.IMessage[MessageKindName]>) : type;
}

function makesContact(contentClass: ContentClass): boolean {
  const person = { phone: '5511988887777' };
  const message: ReceivedMessage = {
    messageId: 'A',
    sentAt: new Date(0),
    chatKind: 'direct',
    fromMe: false,
    isPeerTraffic: false,
    sender: person,
    peer: person,
    contentClass,
    contentType: 'any',
    type: 'unsupported',
    text: 'any',
    ...(contentClass === 'change' && {
      change: { kind: 'delete', target: { messageId: 'B', fromMe: false } },
    }),
  };
  return classifyMessage(message, new OwnerDirectory([])).action === 'client';
}

function names(kinds: [string, unknown][]): string {
  return kinds.map(([name]) => code(name)).join(', ');
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function yes(is: boolean): string {
  return is ? 'yes' : '';
}

function code(text: string): string {
  return `\`${text}\``;
}
