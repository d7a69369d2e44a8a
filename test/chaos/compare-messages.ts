import type { Evidence } from './evidence.js';
import { type Findings, tally } from './findings.js';
import type { Line } from './town.js';
import type { Kind, Writing } from './writings.js';

/** What was stored of a text, in the order of storing. */
export interface StoredItem {
  content: string;
  instance_id: string;
}

/** Compares texts that phones wrote with texts that are stored. */
export function compareTexts(
  what: string,
  written: readonly Writing[],
  stored: readonly StoredItem[],
  findings: Findings,
): void {
  const counts = tally(stored, ({ content, instance_id }) => `${instance_id} ${content}`);
  const expected = new Set<string>();
  for (const writing of written) {
    const key = `${writing.line.id} ${writing.token}`;
    expected.add(key);
    const count = counts.get(key) ?? 0;
    if (count === 0) {
      findings.add('lost', { in: what, ...describe(writing) });
    }
    findings.add('doubled', { in: what, count, ...describe(writing) }, count - 1);
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
  written: readonly Writing[],
  stored: readonly StoredItem[],
  findings: Findings,
): void {
  const place = new Map(stored.map(({ content }, index) => [content, index]));
  const last = new Map<string, { at: number; writing: Writing }>();
  for (const writing of written) {
    const at = place.get(writing.token);
    if (at === undefined || writing.mayBeLate) {
      continue;
    }
    const chat = `${writing.line.id} ${writing.client.phone.number}`;
    const before = last.get(chat);
    if (before && before.at > at) {
      findings.add('out of order', { in: what, later: describe(before.writing), earlier: describe(writing) });
    } else {
      last.set(chat, { at, writing });
    }
  }
}

/** Messages, notes and received rows of the service. */
export function compareMessages(writings: readonly Writing[], evidence: Evidence, findings: Findings): void {
  const of = (...kinds: Kind[]) => writings.filter(({ kind }) => kinds.includes(kind));
  const events = evidence.events
    .filter(({ name }) => name === 'whatsapp:message')
    .map(({ text, instance_id }) => ({ content: text ?? '', instance_id }));
  compareTexts('messages', of('client'), evidence.inbound, findings);
  compareTexts('events', of('client'), events, findings);
  compareTexts('notes', of('to-client', 'to-self'), evidence.notes, findings);
  compareOrder('messages', of('client'), evidence.inbound, findings);
  compareOrder('events', of('client'), events, findings);
  compareOrder('notes', of('to-client'), evidence.notes, findings);
  compareRows(writings, evidence, findings);
  const claimed = new Map([...evidence.inbound, ...evidence.notes].map((row) => [row.content, row.sent_at]));
  for (const writing of writings) {
    const stored = claimed.get(writing.token);
    if (writing.claimedAt !== undefined && stored !== undefined && stored !== writing.claimedAt) {
      findings.add('wrong time', { stored, ...describe(writing) });
    }
  }
}

function compareRows(writings: readonly Writing[], { inbox }: Evidence, findings: Findings): void {
  const user = (sender: string) => sender.replace(/[:@].*$/, '');
  const readable = inbox.filter(({ encryption }) => encryption !== 'none');
  const rows = tally(readable, (row) => `${row.instance_id} ${row.message_id} ${user(row.sender)}`);
  const keysOf = (line: Line, id: string, writing: Writing) =>
    [writing.author.number, writing.author.lid].map((name) => `${line.id} ${id} ${name}`);
  for (const writing of writings) {
    const count = keysOf(writing.line, writing.id, writing).reduce(
      (sum, key) => sum + (rows.get(key) ?? 0),
      0,
    );
    if (count === 0) {
      findings.add('lost', { in: 'inbox', ...describe(writing) });
    }
    findings.add('doubled', { in: 'inbox', count, ...describe(writing) }, count - 1);
  }
  for (const row of inbox) {
    if (row.state !== 1) {
      findings.add(row.state === 2 ? 'dead rows' : 'rows not processed', row);
    }
  }
}

/** Enough of it to find it in logs and tables. */
export function describe(writing: Writing): Record<string, unknown> {
  const { token, kind, line, client, id, acknowledgedAt, claimedAt, mayBeLate, writtenAtMs } = writing;
  return {
    token,
    kind,
    instance: line.id,
    organization: line.organization,
    client: client.phone.number,
    lid: client.phone.lid,
    id,
    writtenAt: new Date(performance.timeOrigin + writtenAtMs).toISOString(),
    acknowledgedAt: acknowledgedAt?.toISOString(),
    claimedAt,
    mayBeLate,
  };
}
