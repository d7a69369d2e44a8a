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

export type ChangeKind = Exclude<MessageChange['kind'], 'sealed'>;

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

/** What becomes of one type of message. */
export interface TypeRow {
  type: MessageType;
  /** WhatsApp's names for it. */
  names: MessageKindName[];
  bringsFile: boolean;
  canBeSent: boolean;
  makesContact: boolean;
  makesBooking: boolean;
}

/** What becomes of one kind of change. */
export interface ChangeRow {
  change: ChangeKind;
  fields: string[];
  meaning: string;
  canBeSent: boolean;
  makesContact: boolean;
  makesBooking: boolean;
}

/** Every type of message: `docs/messages.md` shows it, and `test/e2e/message-table.e2e-spec.ts` tries each cell on the wire. */
export const TYPE_ROWS: readonly TypeRow[] = MESSAGE_TYPES.map((type) => {
  const kinds = kindsOf(type);
  const isNew = type === 'unsupported' || kinds.some(([, kind]) => makesContact(kind.contentClass));
  return {
    type,
    names: kinds.map(([name]) => name),
    bringsFile: kinds.some(([, kind]) => 'media' in kind),
    canBeSent: Object.values(SENT).includes(type),
    makesContact: isNew,
    makesBooking: isNew,
  };
});

/** Every kind of change. */
export const CHANGE_ROWS: readonly ChangeRow[] = (Object.keys(CHANGES) as ChangeKind[]).map((change) => {
  const [fields, meaning] = CHANGES[change];
  const isNew = makesContact('change');
  return {
    change,
    fields,
    meaning,
    canBeSent: Object.values(SENT).includes(change),
    makesContact: isNew,
    makesBooking: isNew,
  };
});

/** Names of what is never shown. */
export const TRAFFIC_NAMES = Object.keys(TRAFFIC_KINDS) as MessageKindName[];

function kindsOf(type: MessageType): [MessageKindName, MessageKind<MessageKindName>][] {
  const kinds = Object.entries(SHOWN_KINDS) as [MessageKindName, MessageKind<MessageKindName>][];
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
