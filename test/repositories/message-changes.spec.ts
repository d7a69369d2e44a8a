import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MessageChange } from '../../src/common/message-change.js';
import type { MessageMetadata, MessageType } from '../../src/common/message-types.js';
import type { IngestItem } from '../../src/repositories/ingest-item.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const ana = { phone: '5511988887777', lid: '222' };
const first = { messageId: 'A1', fromMe: false };
const at = (second: number) => new Date(Date.UTC(2025, 9, 2, 12, 0, second));
const edit = (content: string): MessageChange => ({
  kind: 'edit',
  target: first,
  content,
  contentType: 'conversation',
  type: 'text',
});

describe.each(TEST_STORES)('changes of messages on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  async function wrote(text: string, detail?: { type: MessageType; metadata?: MessageMetadata }) {
    const [item] = await scenario.received({ ...ana, id: 'A1', text, at: at(0) });
    return scenario.ingest([
      { ...item!, origin: { chatKind: 'direct', fromMe: false }, detail } as IngestItem,
    ]);
  }

  async function changed(change: MessageChange, second: number, fromMe = false, person: object = ana) {
    const [item] = await scenario.received({ ...person, at: at(second) });
    const { inboxId, messageId, sentAt } = item as Extract<IngestItem, { action: 'client' }>;
    const { events } = await scenario.ingest([
      {
        inboxId,
        action: 'change',
        reason: change.kind,
        messageId,
        person,
        sentAt,
        origin: { chatKind: 'direct', fromMe },
        change,
      },
    ]);
    return events;
  }

  async function message() {
    const { rows } = await scenario.database.sql(
      `select content, metadata, edited_at, deleted_at from messages where organization_id = $1::text`,
      [scenario.organizationId],
    );
    return rows[0];
  }

  async function reactions() {
    const { rows } = await scenario.database.sql(
      `select emoji, from_me from message_reactions where organization_id = $1::text and emoji <> '' order by from_me`,
      [scenario.organizationId],
    );
    return rows.map((row) => row['emoji']);
  }

  const lastReason = async () => (await scenario.states()).at(-1);

  it('keeps the earlier text of an edited message, and makes no booking of it', async () => {
    await wrote('helo');
    expect(await changed(edit('hello'), 5)).toMatchObject([
      { name: 'whatsapp:message-edited', payload: { messageId: 'A1', text: 'hello' } },
    ]);
    expect(await message()).toMatchObject({ content: 'hello' });
    const { rows } = await scenario.database.sql(
      `select content from message_edits where organization_id = $1::text`,
      [scenario.organizationId],
    );
    expect(rows).toEqual([{ content: 'helo' }]);
    expect(await scenario.count('bookings')).toBe(1);
  });

  it('leaves an edit that is older than the last one, and one by somebody else', async () => {
    await wrote('one');
    await changed(edit('three'), 9);
    expect(await changed(edit('two'), 5)).toEqual([]);
    expect(await lastReason()).toBe('1 superseded');
    expect(await changed(edit('mine'), 12, true)).toEqual([]);
    expect(await lastReason()).toBe('1 not_the_author');
    expect(await changed(edit('theirs'), 13, false, { phone: '5511977776666' })).toEqual([]);
    expect(await message()).toMatchObject({ content: 'three' });
    expect(await scenario.contactOf('5511977776666')).toBeUndefined();
  });

  it('leaves nothing of a deleted message but that it was there', async () => {
    await wrote('my secret');
    await changed(edit('my second secret'), 2);
    await changed({ kind: 'reaction', target: first, emoji: '👍' }, 3, true);
    const events = await changed({ kind: 'delete', target: first }, 4);
    expect(events).toMatchObject([{ name: 'whatsapp:message-deleted', payload: { messageId: 'A1' } }]);
    expect(await message()).toMatchObject({ content: '', deleted_at: expect.anything() });
    expect(await scenario.count('message_edits')).toBe(0);
    expect(await scenario.count('message_reactions')).toBe(0);
    const { rows } = await scenario.database.sql(
      `select count(*)::int as n from events where organization_id = $1::text and payload::text like '%secret%'`,
      [scenario.organizationId],
    );
    expect(rows).toEqual([{ n: 0 }]);
    expect(await changed(edit('back again'), 5)).toEqual([]);
    expect(await lastReason()).toBe('1 message_deleted');
  });

  it('has one reaction of each side, the last one by its time', async () => {
    await wrote('hi');
    await changed({ kind: 'reaction', target: first, emoji: '👍' }, 1, true);
    expect(await changed({ kind: 'reaction', target: first, emoji: '❤️' }, 3)).toMatchObject([
      { name: 'whatsapp:reaction', payload: { from: ana.phone, fromMe: false, emoji: '❤️' } },
    ]);
    expect(await reactions()).toEqual(['❤️', '👍']);
    await changed({ kind: 'reaction', target: first, emoji: '' }, 7);
    expect(await changed({ kind: 'reaction', target: first, emoji: '😂' }, 5)).toEqual([]);
    expect(await reactions()).toEqual(['👍']);
  });

  it('counts the votes of a poll', async () => {
    const hash = (name: string) => createHash('sha256').update(name).digest('hex');
    const options = ['Monday', 'Tuesday'].map((name) => ({ name, votes: 0 }));
    await wrote('[poll]', { type: 'poll', metadata: { question: 'When?', options } });
    await changed({ kind: 'poll_vote', target: first, options: [hash('Monday'), hash('nothing')] }, 1);
    await changed({ kind: 'poll_vote', target: first, options: [hash('Tuesday')] }, 2, true);
    const events = await changed({ kind: 'poll_vote', target: first, options: [hash('Tuesday')] }, 3);
    const metadata = {
      question: 'When?',
      options: [
        { name: 'Monday', votes: 0 },
        { name: 'Tuesday', votes: 2 },
      ],
    };
    expect(events).toMatchObject([
      { name: 'whatsapp:message-updated', payload: { change: 'poll_vote', metadata } },
    ]);
    expect(await message()).toMatchObject({ metadata });
  });

  it('does what came before its message when that is stored', async () => {
    expect(await changed(edit('hello'), 5)).toEqual([]);
    await changed({ kind: 'reaction', target: first, emoji: '👍' }, 6);
    expect(await lastReason()).toBe('1 waits_for_message');
    expect(await scenario.count('contacts')).toBe(0);
    const { events } = await wrote('helo');
    expect(events.map(({ name }) => name)).toEqual([
      'whatsapp:message',
      'whatsapp:message-edited',
      'whatsapp:reaction',
    ]);
    expect(await message()).toMatchObject({ content: 'hello' });
    expect(await scenario.count('pending_changes')).toBe(0);
  });

  it('reads a sealed change once more when its message is there', async () => {
    const sealed = { payload: new Uint8Array(1), iv: new Uint8Array(1) };
    await changed({ kind: 'sealed', target: first, use: 'edit', ...sealed }, 5);
    await scenario.ingest([]);
    const [item] = await scenario.received({ ...ana, id: 'A1', at: at(0) });
    await scenario.ingest([{ ...item!, origin: { chatKind: 'direct', fromMe: false } } as IngestItem]);
    expect(await scenario.states()).toEqual(['0 null', '1 client_message']);
  });

  it('tells of a note, and edits it', async () => {
    const [note] = await scenario.ownerWrote({ ...ana, id: 'A1', text: 'call her', at: at(0) });
    const { events } = await scenario.ingest([note!]);
    expect(events).toMatchObject([{ name: 'whatsapp:note', payload: { noteId: expect.any(String) } }]);
    const target = { messageId: 'A1', fromMe: true };
    await changed({ ...edit('call him'), target } as MessageChange, 4, true);
    const { items } = await scenario.notes.listNotes(scenario.organizationId, { limit: 10 });
    expect(items).toMatchObject([{ content: 'call him' }]);
  });
});
