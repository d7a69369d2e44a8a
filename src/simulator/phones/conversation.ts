import type { proto } from '@whiskeysockets/baileys';
import type { Phone } from './phone.js';
import type { ReceivedChange } from './received-change.js';
import { fileOf, innerMessage } from './received-file.js';
import type { ReceivedMessage } from './received-message.js';
import type { SentMessage } from './sent-message.js';

/** How far a message of the phone got, at the one who is furthest. */
export type Tick = 'sent' | 'delivered' | 'read' | 'played';

/** A message as the phone shows it now: with what was done to it since. */
export interface ShownMessage {
  readonly id: string;
  /** Number of its author. */
  readonly from: string;
  readonly fromMe: boolean;
  readonly at: Date;
  /** Name of its protobuf field. */
  readonly kind: string;
  text: string;
  isEdited: boolean;
  isDeleted: boolean;
  /** Id of the message that it answers. */
  readonly replyTo: string | undefined;
  /** Emoji by the number of who reacted. */
  readonly reactions: Record<string, string>;
  /** Of a poll or an event: what can be answered, and who answered what. */
  readonly options: readonly string[];
  readonly votes: Record<string, readonly string[]>;
  readonly file:
    | {
        readonly kind: string;
        readonly mimetype: string | undefined;
        readonly fileName: string | undefined;
        readonly size: number;
      }
    | undefined;
  /** Of the phone's own messages. */
  readonly tick: Tick | undefined;
}

/** A message that the phone wrote or got, and what it does to another one. */
interface Entry {
  readonly message: Pick<ReceivedMessage, 'id' | 'from' | 'fromMe' | 'text' | 'message' | 'at'>;
  readonly change: ReceivedChange | undefined;
  readonly tick?: Tick;
}

const TICKS = ['delivered', 'read', 'played'] as const;
const ANSWERS = ['going', 'maybe', 'not_going'];

/**
 * A chat as the phone shows it, oldest first: what was edited, taken back, reacted to and voted for stands at the message that it is about.
 * @param chat number of the other side, or address of the group
 * @param sent what the phone wrote, to whomever
 */
export function conversationOf(phone: Phone, chat: string, sent: readonly SentMessage[]): ShownMessage[] {
  const shown = new Map<string, ShownMessage>();
  for (const { message, change, tick } of entriesOf(phone, chat, sent)) {
    const target = change && shown.get(change.target);
    if (target) {
      apply(change, message.from, target);
    } else if (!change) {
      shown.set(message.id, shownOf(message, tick));
    }
  }
  return [...shown.values()];
}

/** @returns the chats of a phone, the one with the newest message first */
export function chatsOf(phone: Phone, sent: readonly SentMessage[]): { chat: string; at: Date }[] {
  const newest = new Map<string, Date>();
  const all = [
    ...phone.received.map(({ chat, at }) => ({ chat, at })),
    ...sent.filter(({ message }) => message).map(({ to, sentAt }) => ({ chat: to, at: sentAt })),
  ];
  for (const { chat, at } of all) {
    if (at >= (newest.get(chat) ?? at)) {
      newest.set(chat, at);
    }
  }
  return [...newest].map(([chat, at]) => ({ chat, at })).toSorted((a, b) => b.at.getTime() - a.at.getTime());
}

function entriesOf(phone: Phone, chat: string, sent: readonly SentMessage[]): Entry[] {
  const received = phone.received
    .filter((message) => message.chat === chat)
    .map((message) => ({ message, change: phone.understands(message) }));
  const written = sent
    .filter(({ to }) => to === chat)
    .flatMap(({ id, from, to, text, sentAt, message, receipts, isAcknowledged }): Entry[] => {
      if (!message) {
        return [];
      }
      const own = { id, from, chat: to, fromMe: true, text, message, at: sentAt, addressing: 'lid' as const };
      const reached = TICKS.findLast((tick) => receipts.some(({ type }) => type === tick));
      return [
        {
          message: own,
          change: phone.understands(own),
          tick: reached ?? (isAcknowledged ? 'delivered' : 'sent'),
        },
      ];
    });
  return [...received, ...written].toSorted((a, b) => a.message.at.getTime() - b.message.at.getTime());
}

function shownOf(
  { id, from, fromMe, at, text, message }: Entry['message'],
  tick: Tick | undefined,
): ShownMessage {
  const body = innerMessage(message);
  const [kind = 'unknown'] = Object.keys(body).filter((key) => key !== 'messageContextInfo');
  const file = fileOf(message);
  const part = body[kind as keyof proto.IMessage] as { contextInfo?: proto.IContextInfo | null } | undefined;
  return {
    id,
    from,
    fromMe,
    at,
    kind,
    text,
    isEdited: false,
    isDeleted: false,
    replyTo: part?.contextInfo?.stanzaId ?? undefined,
    reactions: {},
    options: optionsOf(body),
    votes: {},
    file: file && {
      kind: file.kind,
      mimetype: file.mimetype,
      fileName: file.fileName,
      size: Number(file.source.fileLength ?? 0),
    },
    tick,
  };
}

function optionsOf(body: proto.IMessage): string[] {
  const poll = body.pollCreationMessageV3 ?? body.pollCreationMessageV2 ?? body.pollCreationMessage;
  return body.eventMessage ? ANSWERS : (poll?.options ?? []).map(({ optionName }) => optionName ?? '');
}

function apply(change: ReceivedChange, by: string, target: ShownMessage): void {
  switch (change.kind) {
    case 'reaction':
      target.reactions[by] = change.emoji;
      if (change.emoji === '') {
        delete target.reactions[by];
      }
      break;
    case 'edit':
      target.text = change.text;
      target.isEdited = true;
      break;
    case 'delete':
      target.text = '';
      target.isDeleted = true;
      break;
    case 'vote':
      target.votes[by] = change.options;
      break;
    case 'answer':
      target.votes[by] = [change.answer];
      break;
    default:
      // Pins, kept messages and comments stand elsewhere on a phone.
      break;
  }
}
