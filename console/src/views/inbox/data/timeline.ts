import type { Message, Note } from './conversations.ts';

/** What stands in a conversation. */
export type Entry = { kind: 'message'; message: Message } | { kind: 'note'; note: Note };

/** A list of which so much was read; `undefined` where nothing was. The newest first. */
export interface ReadSoFar<Item> {
  items: readonly Item[] | undefined;
  hasNextPage: boolean;
}

/** @returns when it was written, by the clock of who wrote it */
export function writtenAt(entry: Entry): string {
  return contentOf(entry).sent_at;
}

/**
 * @returns messages and notes, the oldest first, as far back as both were read: what comes later stands above, never between.
 * Undefined where one of the lists was not read at all
 */
export function entriesOf(messages: ReadSoFar<Message>, notes: ReadSoFar<Note>): Entry[] | undefined {
  if (messages.items === undefined || notes.items === undefined) {
    return undefined;
  }
  const end = max(endOf(messages), endOf(notes));
  // What was stored at once has the same moments: it stays in the order of its list.
  return [
    ...messages.items.map((message): Entry => ({ kind: 'message', message })).toReversed(),
    ...notes.items.map((note): Entry => ({ kind: 'note', note })).toReversed(),
  ]
    .filter((entry) => contentOf(entry).created_at >= end)
    .map((entry) => ({ entry, second: secondOf(entry), storedAt: contentOf(entry).created_at }))
    .toSorted((a, b) => a.second - b.second || compare(a.storedAt, b.storedAt))
    .map(({ entry }) => entry);
}

/** @returns how far back a list was read; empty where all of it was */
export function endOf({ items, hasNextPage }: ReadSoFar<Message | Note>): string {
  return hasNextPage ? (items?.at(-1)?.created_at ?? '') : '';
}

function contentOf(entry: Entry): Message | Note {
  return entry.kind === 'message' ? entry.message : entry.note;
}

/** WhatsApp tells the second of a message; within it the order of storing counts. */
function secondOf(entry: Entry): number {
  return Math.floor(Date.parse(writtenAt(entry)) / 1_000);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function max(a: string, b: string): string {
  return a > b ? a : b;
}
