import type { Message, Note } from '../data/conversations.ts';
import type { Outgoing } from '../data/outbox.ts';
import { type Entry, writtenAt } from '../data/timeline.ts';

/** A line of the conversation as it is drawn. */
export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'entry'; key: string; entry: Entry }
  | { kind: 'outgoing'; key: string; outgoing: Outgoing };

/** @returns what stands in a conversation, with the days between, and below it what is on its way */
export function rowsOf(entries: readonly Entry[], outgoing: readonly Outgoing[]): Row[] {
  const rows: Row[] = [];
  let day = '';
  for (const entry of entries) {
    const at = writtenAt(entry);
    const own = new Date(at).toDateString();
    if (own !== day) {
      day = own;
      rows.push({ kind: 'day', key: `day ${own}`, at });
    }
    rows.push({ kind: 'entry', key: idOf(entry), entry });
  }
  return [...rows, ...outgoing.map((one) => ({ kind: 'outgoing', key: one.key, outgoing: one }) as const)];
}

export function idOf(entry: Entry): string {
  return entry.kind === 'message' ? entry.message.id : entry.note.id;
}

/**
 * The event that tells of a message or a note may be here before the answer to the call that stored it: then both are the same.
 * @param messages the newest first
 * @param notes the newest first
 * @returns those that the conversation does not show yet
 */
export function notShownYet(
  outgoing: readonly Outgoing[],
  messages: readonly Message[],
  notes: readonly Note[],
): Outgoing[] {
  const taken = new Set(outgoing.flatMap(({ storedId }) => storedId ?? []));
  return outgoing.filter((one) => {
    const shown: readonly (Message | Note)[] = one.kind === 'note' ? notes : messages;
    if (one.storedId !== undefined) {
      return !shown.some(({ id }) => id === one.storedId);
    }
    if (one.state === 'failed') {
      return true;
    }
    const end = shown.findIndex(({ id }) => id === one.afterId);
    const newer = end === -1 && one.afterId !== undefined ? [] : shown.slice(0, end === -1 ? undefined : end);
    const same = newer.findLast((each) => !taken.has(each.id) && isSame(one, each));
    if (same !== undefined) {
      taken.add(same.id);
    }
    return same === undefined;
  });
}

function isSame({ file, text }: Outgoing, shown: Message | Note): boolean {
  const isWrittenHere = 'direction' in shown ? shown.direction === 'outbound' : shown.source === 'person';
  return (
    isWrittenHere &&
    (file === undefined ? shown.type === 'text' && shown.content === text : shown.type === file.type)
  );
}
