import type { StateSnapshot } from './state-snapshot.js';
import { type Findings, tally } from './findings.js';
import type { LinkedNumber } from './population.js';
import type { Kind, PhoneMessage } from './phone-messages.js';

/** How far ahead of its receipt a phone's clock is believed. */
const BELIEVED_AHEAD_S = 60;

/** What was stored of a text, in the order of storing. */
export interface StoredItem {
  content: string;
  instance_id: string;
}

/** Compares texts that phones wrote with texts that are stored. */
export function compareTexts(
  what: string,
  written: readonly PhoneMessage[],
  stored: readonly StoredItem[],
  findings: Findings,
): void {
  const counts = tally(stored, ({ content, instance_id }) => `${instance_id} ${content}`);
  const expected = new Set<string>();
  for (const phoneMessage of written) {
    const key = `${phoneMessage.linkedNumber.id} ${phoneMessage.token}`;
    expected.add(key);
    const count = counts.get(key) ?? 0;
    if (count === 0) {
      findings.add('lost', { in: what, ...describe(phoneMessage) });
    }
    findings.add('doubled', { in: what, count, ...describe(phoneMessage) }, count - 1);
  }
  for (const [key, count] of counts) {
    if (!expected.has(key)) {
      findings.add('made up', { in: what, key, count });
    }
  }
}

/** Looks in each chat whether what was written later is also stored later. */
export function compareOrder(
  what: string,
  written: readonly PhoneMessage[],
  stored: readonly StoredItem[],
  findings: Findings,
): void {
  const place = new Map(stored.map(({ content }, index) => [content, index]));
  const last = new Map<string, { at: number; phoneMessage: PhoneMessage }>();
  for (const phoneMessage of written) {
    const at = place.get(phoneMessage.token);
    if (at === undefined || phoneMessage.mayBeLate) {
      continue;
    }
    const chat = `${phoneMessage.linkedNumber.id} ${phoneMessage.client.phone.number}`;
    const before = last.get(chat);
    if (before && before.at > at) {
      findings.add('out of order', {
        in: what,
        later: describe(before.phoneMessage),
        earlier: describe(phoneMessage),
      });
    } else {
      last.set(chat, { at, phoneMessage });
    }
  }
}

/** Messages, notes and received rows of the service. */
export function compareMessages(
  phoneMessages: readonly PhoneMessage[],
  snapshot: StateSnapshot,
  findings: Findings,
): void {
  const of = (...kinds: Kind[]) => phoneMessages.filter(({ kind }) => kinds.includes(kind));
  const events = snapshot.events
    .filter(({ name }) => name === 'whatsapp:message')
    .map(({ text, instance_id }) => ({ content: text ?? '', instance_id }));
  compareTexts('messages', of('client'), snapshot.inbound, findings);
  compareTexts('events', of('client'), events, findings);
  compareTexts('notes', of('to-client', 'to-self'), snapshot.notes, findings);
  compareOrder('messages', of('client'), snapshot.inbound, findings);
  compareOrder('events', of('client'), events, findings);
  compareOrder('notes', of('to-client'), snapshot.notes, findings);
  compareRows(phoneMessages, snapshot, findings);
  const claimed = new Map([...snapshot.inbound, ...snapshot.notes].map((row) => [row.content, row.sent_at]));
  for (const phoneMessage of phoneMessages) {
    const stored = claimed.get(phoneMessage.token);
    if (stored !== undefined && !isTimeOf(phoneMessage, stored)) {
      findings.add('wrong time', { stored, ...describe(phoneMessage) });
    }
  }
}

/** @returns whether it is stored with the time that the phone claims; with that of its receipt, where the claim is ahead of it */
function isTimeOf({ claimedAt, writtenAtMs }: PhoneMessage, stored: number): boolean {
  if (claimedAt === undefined) {
    return true;
  }
  const writtenAt = Math.floor(writtenAtMs / 1000);
  return claimedAt <= writtenAt + BELIEVED_AHEAD_S
    ? stored === claimedAt
    : stored >= writtenAt && stored <= Math.ceil(Date.now() / 1000);
}

function compareRows(
  phoneMessages: readonly PhoneMessage[],
  { inbox }: StateSnapshot,
  findings: Findings,
): void {
  const user = (sender: string) => sender.replace(/[:@].*$/, '');
  const readable = inbox.filter(({ encryption }) => encryption !== 'none');
  const rows = tally(readable, (row) => `${row.instance_id} ${row.message_id} ${user(row.sender)}`);
  const keysOf = (linkedNumber: LinkedNumber, id: string, phoneMessage: PhoneMessage) =>
    [phoneMessage.author.number, phoneMessage.author.lid].map((name) => `${linkedNumber.id} ${id} ${name}`);
  for (const phoneMessage of phoneMessages) {
    const count = keysOf(phoneMessage.linkedNumber, phoneMessage.id, phoneMessage).reduce(
      (sum, key) => sum + (rows.get(key) ?? 0),
      0,
    );
    if (count === 0) {
      findings.add('lost', { in: 'inbox', ...describe(phoneMessage) });
    }
    findings.add('doubled', { in: 'inbox', count, ...describe(phoneMessage) }, count - 1);
  }
  for (const row of inbox) {
    if (row.state !== 1) {
      findings.add(row.state === 2 ? 'dead rows' : 'rows not processed', row);
    }
  }
}

/** Enough of it to find it in logs and tables. */
export function describe(phoneMessage: PhoneMessage): Record<string, unknown> {
  const { token, kind, linkedNumber, client, id, acknowledgedAt, claimedAt, mayBeLate, writtenAtMs } =
    phoneMessage;
  return {
    token,
    kind,
    instance: linkedNumber.id,
    organization: linkedNumber.organization,
    client: client.phone.number,
    lid: client.phone.lid,
    id,
    writtenAt: new Date(performance.timeOrigin + writtenAtMs).toISOString(),
    acknowledgedAt: acknowledgedAt?.toISOString(),
    claimedAt,
    mayBeLate,
  };
}
