import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MessageChange, MessageEdit } from '../../src/common/message-change.js';
import {
  ContactExportRepository,
  EXPORT_KINDS,
  type ExportKind,
  type ExportRow,
} from '../../src/privacy/contact-export.repository.js';
import { type ErasureReceipt, ErasuresRepository } from '../../src/privacy/erasures.repository.js';
import type { ClientItem, IngestItem } from '../../src/repositories/ingest-item.js';
import type { MessageDetail } from '../../src/repositories/message-detail.js';
import { HistoryRepository } from '../../src/repositories/history.repository.js';
import { MessageSearchRepository } from '../../src/search/message-search.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { findInEveryTable } from '../support/find-in-tables.js';
import { Scenario } from './scenario.js';

const PHONE = '5511977776666';
const LID = '98765432109876';
const OTHER = '5511955554444';

const nameOf = (address: string) => (address.startsWith(OTHER) ? 'Bob' : 'canary-name');

/** A row of the inbox as WhatsApp delivers it from somebody. */
function rowOf(scenario: Scenario, jid: string, values: Parameters<Scenario['row']>[0] = {}) {
  const messageId = values.messageId ?? randomUUID();
  const attrs = { id: messageId, from: jid, notify: nameOf(jid), ...values.attrs };
  return scenario.row({ messageId, chat: jid, sender: jid, ...values, attrs });
}

/** Commits messages of a person to the inbox, and decides about them as a worker does. */
async function arrive(scenario: Scenario, person: { phone: string; lid?: string }, texts: string[]) {
  const rows = texts.map(() => rowOf(scenario, `${person.phone}:3@s.whatsapp.net`));
  await scenario.commit({ inbox: rows });
  const ids = await scenario.idsOf(rows.map((row) => row.hash));
  const items = texts.map((text, index): IngestItem => ({
    inboxId: ids[index]!,
    action: 'client',
    reason: 'client_message',
    person,
    pushName: nameOf(person.phone),
    messageId: rows[index]!.messageId,
    content: text,
    contentType: 'conversation',
    sentAt: new Date('2025-10-02T12:00:00Z'),
    origin: { chatKind: 'direct', fromMe: false },
  }));
  return { rows, items };
}

async function eraseAll(
  erasures: ErasuresRepository,
  organizationId: string,
  contactId: string,
  stepRows?: number,
): Promise<ErasureReceipt> {
  for (;;) {
    const receipt = await erasures.eraseStep(organizationId, contactId, stepRows);
    if (receipt) {
      return receipt;
    }
  }
}

describe.each(TEST_STORES)('erasing a contact on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let erasures: ErasuresRepository;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    erasures = new ErasuresRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  const rowFrom = (jid: string, values: Parameters<Scenario['row']>[0] = {}) => rowOf(scenario, jid, values);

  /** Receives and routes messages of a person. */
  async function wrote(person: { phone: string; lid?: string }, texts: string[]) {
    const arrived = await arrive(scenario, person, texts);
    await scenario.ingest(arrived.items);
    return arrived;
  }

  /** Receives one message with more than a text. */
  async function wroteMore(person: { phone: string; lid?: string }, text: string, detail: MessageDetail) {
    const { rows, items } = await arrive(scenario, person, [text]);
    await scenario.ingest([{ ...(items[0] as ClientItem), detail }]);
    return rows[0]!.messageId;
  }

  /** Somebody does something to a message, or to one that is not there yet. */
  async function changed(person: { phone: string; lid?: string }, change: MessageChange, fromMe = false) {
    const { rows, items } = await arrive(scenario, person, ['']);
    await scenario.ingest([
      {
        inboxId: items[0]!.inboxId,
        action: 'change',
        reason: change.kind,
        messageId: rows[0]!.messageId,
        person,
        sentAt: new Date('2025-10-02T12:00:05Z'),
        origin: { chatKind: 'direct', fromMe },
        change,
      },
    ]);
  }

  async function exportedPages(kind: ExportKind, id: string): Promise<ExportRow[][]> {
    const contact = { organizationId: scenario.organizationId, id };
    const pages: ExportRow[][] = [];
    for await (const page of new ContactExportRepository(database.client).pages(contact, kind)) {
      pages.push(page);
    }
    return pages;
  }

  const exported = async (kind: ExportKind, id: string) => (await exportedPages(kind, id)).flat();

  async function contactId(phone = PHONE): Promise<string> {
    return (await scenario.contactOf(phone))!.id;
  }

  async function exportedCounts(exporter: ContactExportRepository, id: string) {
    const rows: Record<string, number> = {};
    for (const kind of EXPORT_KINDS) {
      rows[kind] = 0;
      for await (const page of exporter.pages({ organizationId: scenario.organizationId, id }, kind)) {
        rows[kind] += page.length;
      }
    }
    return rows;
  }

  /** Takes small steps until the first messages are gone. */
  async function beginErasing(id: string): Promise<void> {
    for (
      const messages = await scenario.count('messages');
      (await scenario.count('messages')) === messages;
    ) {
      expect(await erasures.eraseStep(scenario.organizationId, id, 10)).toBeUndefined();
    }
  }

  const erase = (id: string, stepRows?: number) => eraseAll(erasures, scenario.organizationId, id, stepRows);

  /** One row of each kind about the person, and of somebody else. */
  async function fill() {
    const { rows, items } = await wrote({ phone: PHONE, lid: LID }, ['canary-text 1', 'canary-text 2']);
    await wrote({ phone: OTHER }, ['other']);
    const note = await arrive(scenario, { phone: PHONE }, ['canary-note']);
    await scenario.ingest(
      note.items.map((item) => ({ ...item, action: 'owner_note', reason: 'from_me' }) as IngestItem),
    );
    await scenario.messages.beginOutbound({
      organizationId: scenario.organizationId,
      instanceId: scenario.instanceId,
      whatsappMessageId: 'SENT1',
      phone: PHONE,
      chatJid: `${PHONE}@s.whatsapp.net`,
      content: 'canary-answer',
      contentType: 'conversation',
    });
    const placeholder = rowFrom(`${LID}@lid`, { encryption: 'none', body: null, messageId: 'LOST1' });
    const skipped = rowFrom('120363000000@g.us', {
      sender: `${PHONE}@s.whatsapp.net`,
      attrs: { participant: `${PHONE}@s.whatsapp.net` },
    });
    const pending = rowFrom(`${PHONE}@s.whatsapp.net`, { attrs: { sender_lid: `${LID}@lid` } });
    await scenario.commit({
      inbox: [placeholder, skipped, pending],
      upserts: [
        { instanceId: scenario.instanceId, type: 'session', id: `${LID}_1.0`, value: Buffer.from('k') },
        { instanceId: scenario.instanceId, type: 'lid-mapping', id: PHONE, value: Buffer.from('k') },
        {
          instanceId: scenario.instanceId,
          type: 'lid-mapping',
          id: `${LID}_reverse`,
          value: Buffer.from('k'),
        },
        { instanceId: scenario.instanceId, type: 'session', id: `${OTHER}.0`, value: Buffer.from('k') },
        { instanceId: scenario.instanceId, type: 'pre-key', id: '7', value: Buffer.from('k') },
      ],
    });
    const [lost, group] = await scenario.idsOf([placeholder.hash, skipped.hash]);
    await scenario.ingest([
      {
        inboxId: lost!,
        action: 'undecrypted',
        reason: 'no_plaintext',
        messageId: 'LOST1',
        person: { lid: LID },
        sentAt: new Date('2025-10-02T12:00:00Z'),
        origin: { chatKind: 'direct', fromMe: false },
      },
      { inboxId: group!, action: 'skip', reason: 'group' },
    ]);
    return { rows, items };
  }

  it('leaves nothing of the person in any table, and everything of everybody else', async () => {
    await fill();
    const id = await contactId();

    const receipt = await erase(id);

    expect(receipt).toEqual({
      id: expect.any(String) as string,
      organizationId: scenario.organizationId,
      contactId: id,
      requestedAt: expect.any(String) as string,
      erasedAt: expect.any(String) as string,
      counts: {
        contacts: 1,
        messages: 3,
        notes: 1,
        bookings: 1,
        inbox: 6,
        undecrypted: 1,
        pending_changes: 0,
        group_members: 0,
        group_changes: 0,
        events: 4,
        session_keys: 3,
      },
    });
    for (const canary of ['canary', PHONE, LID, 'SENT1', 'LOST1']) {
      expect(await findInEveryTable(database, canary)).toEqual([]);
    }
    expect(await scenario.allContacts()).toMatchObject([{ phoneNumber: OTHER }]);
    expect((await findInEveryTable(database, OTHER)).length).toBeGreaterThan(2);
    expect(await erasures.findErasure(scenario.organizationId, receipt.id)).toEqual(receipt);
    expect((await erasures.listErasures(scenario.organizationId, { limit: 5 })).items).toEqual([receipt]);
    expect(await erase(id)).toEqual(receipt);
  });

  it('keeps the sequence of events and the account of what was received', async () => {
    await fill();
    const before = await scenario.states();

    await erase(await contactId());

    const { events } = await scenario.events.listEvents(scenario.organizationId, { after: 0, limit: 10 });
    expect(events.map(({ sequence, payload }) => [sequence, 'erased' in payload])).toEqual([
      [1, true],
      [2, true],
      [3, false],
      [4, true],
      [5, true],
    ]);
    expect(await scenario.states()).toEqual(
      before.map((state) => (state.startsWith('0') ? '1 erased' : state)),
    );
  });

  it('goes on in small steps where it was left', async () => {
    await wrote(
      { phone: PHONE },
      Array.from({ length: 25 }, (_, index) => `canary-text ${index}`),
    );
    const id = await contactId();

    expect(await erasures.beginErasure(scenario.organizationId, id)).toBeUndefined();
    expect(await scenario.count('messages')).toBe(25);
    expect(await erasures.findErasureOf(scenario.organizationId, id)).toMatchObject({ erasedAt: null });
    await beginErasing(id);
    expect(await scenario.count('messages')).toBe(15);
    expect(await erasures.listUnfinished(-1000)).toEqual([
      { organizationId: scenario.organizationId, contactId: id },
    ]);
    const receipt = await erase(id, 10);

    expect(receipt.counts).toMatchObject({ contacts: 1, messages: 25, inbox: 25, events: 25 });
    expect(await erasures.listUnfinished(-1000)).toEqual([]);
    expect(await erasures.beginErasure(scenario.organizationId, id)).toEqual(receipt);
  });

  it('deletes what a session stores between its last two steps', async () => {
    await fill();
    const id = await contactId();
    while ((await scenario.allContacts()).some((contact) => contact.id === id)) {
      expect(await erasures.eraseStep(scenario.organizationId, id)).toBeUndefined();
    }

    await scenario.commit({
      upserts: [
        { instanceId: scenario.instanceId, type: 'session', id: `${LID}_1.0`, value: Buffer.from('k') },
        { instanceId: scenario.instanceId, type: 'lid-mapping', id: PHONE, value: Buffer.from('k') },
      ],
    });
    const receipt = await erase(id);

    expect(receipt.counts).toMatchObject({ contacts: 1, session_keys: 5 });
    for (const address of [PHONE, LID]) {
      expect(await findInEveryTable(database, address)).toEqual([]);
    }
  });

  it('follows a person who is joined with another contact while it is under way', async () => {
    await wrote(
      { phone: PHONE },
      Array.from({ length: 15 }, () => 'canary-text'),
    );
    const byLid = await scenario.received({ lid: LID, text: 'canary-text' });
    await scenario.ingest(byLid);
    const id = (await scenario.allContacts()).find((contact) => contact.lid === LID)!.id;
    await scenario.ingest(
      await scenario.received(...Array.from({ length: 12 }, () => ({ lid: LID, text: 'canary-text' }))),
    );
    await beginErasing(id);

    await wrote({ phone: PHONE, lid: LID }, ['canary-text']);
    const receipt = await erase(id, 10);

    expect(receipt.counts).toMatchObject({ contacts: 1, messages: 29 });
    expect(await scenario.count('contacts')).toBe(0);
    expect(await findInEveryTable(database, 'canary-text')).toEqual([]);
  });

  it('knows the numbers that the person had before, and whose they are now', async () => {
    const [recycled, old, bobsLid] = [`${OTHER}1`, '5511955550002', '999000111222333'];
    for (const phone of [recycled, old, PHONE]) {
      await wrote({ phone, lid: LID }, [`canary-text from ${phone}`]);
    }
    await wrote({ phone: recycled, lid: bobsLid }, ['this is Bob now']);
    const group = rowFrom('120363000000@g.us', { sender: `${old}@s.whatsapp.net` });
    const lost = rowFrom(`${old}@s.whatsapp.net`, { encryption: 'none', body: null, messageId: 'LOST1' });
    await scenario.commit({
      inbox: [group, lost],
      upserts: [
        { instanceId: scenario.instanceId, type: 'session', id: `${old}.0`, value: Buffer.from('k') },
        { instanceId: scenario.instanceId, type: 'lid-mapping', id: old, value: Buffer.from('k') },
      ],
    });
    const [groupId, lostId] = await scenario.idsOf([group.hash, lost.hash]);
    await scenario.ingest([
      { inboxId: groupId!, action: 'skip', reason: 'group' },
      {
        inboxId: lostId!,
        action: 'undecrypted',
        reason: 'no_plaintext',
        messageId: 'LOST1',
        person: { phone: old },
        sentAt: new Date('2025-10-02T12:00:00Z'),
        origin: { chatKind: 'direct', fromMe: false },
      },
    ]);
    const id = await contactId();
    const exporter = new ContactExportRepository(database.client);
    const exported = await exportedCounts(exporter, id);

    const { counts } = await erase(id);

    expect(exported).toMatchObject({ former_addresses: 2, messages: 3, inbox: 4, undecrypted: 1, events: 3 });
    expect(counts).toMatchObject({
      contacts: 1,
      messages: 3,
      inbox: 5,
      undecrypted: 1,
      events: 3,
      session_keys: 2,
    });
    for (const trace of ['canary', PHONE, LID, old, 'LOST1']) {
      expect(await findInEveryTable(database, trace)).toEqual([]);
    }
    expect(await findInEveryTable(database, recycled)).toEqual([
      'contacts: 1',
      'events: 1',
      'inbox: 1',
      'messages: 1',
    ]);
    expect(await scenario.allContacts()).toMatchObject([{ phoneNumber: recycled, lid: bobsLid }]);
  });

  it('knows the addresses of a contact that was joined with another one', async () => {
    const before = '5511955550009';
    await wrote({ phone: before, lid: LID }, ['canary-text']);
    await wrote({ phone: PHONE }, ['canary-text']);
    await database.sql(`update contacts set phone_number = null where phone_number = $1::text`, [before]);
    const [first, second] = (await scenario.allContacts()).map(({ id }) => id);
    await wrote({ phone: PHONE, lid: LID }, ['canary-text']);
    const exported = await exportedCounts(new ContactExportRepository(database.client), first!);

    await erase(await contactId());

    expect(exported).toMatchObject({ merged_contacts: 1, messages: 3, events: 5 });
    expect(await scenario.count('contacts')).toBe(0);
    // As the worker does it every few seconds: it forgets the conversation, too.
    await new MessageSearchRepository(database.client).takeUp(100);
    // Whoever was told this id gets the receipt with it.
    expect(await findInEveryTable(database, second!)).toEqual(['erasures: 1']);
    for (const trace of ['canary', PHONE, LID, before]) {
      expect(await findInEveryTable(database, trace)).toEqual([]);
    }
  });

  it('erases changes that wait, files, and what others quote', async () => {
    const messageId = await wroteMore({ phone: PHONE, lid: LID }, 'canary-text', {
      type: 'image',
      media: { kind: 'image', fileName: 'canary.png', sealed: Buffer.from('k') },
    });
    await changed({ phone: PHONE }, { kind: 'reaction', target: { messageId, fromMe: false }, emoji: '👍' });
    await database.sql(
      `with file as (
         insert into media_files (organization_id, sha256, size, mime_type, backend, state)
           values ($1::text, '\\x01', 1, 'image/png', 'local', 'stored') returning id
       )
       update message_media set state = 'ready', file_id = file.id from file where organization_id = $1::text`,
      [scenario.organizationId],
    );
    await database.sql(
      'select append_media_event(message_id) from message_media where organization_id = $1::text',
      [scenario.organizationId],
    );
    await changed(
      { phone: PHONE },
      {
        kind: 'edit',
        target: { messageId: 'LATE1', fromMe: false },
        content: 'canary-text',
        contentType: 'conversation',
        type: 'text',
      },
    );
    await changed({ phone: OTHER }, { kind: 'delete', target: { messageId: 'LATE2', fromMe: false } });
    const quote = { messageId, fromMe: false, content: 'canary-text' };
    await wroteMore({ phone: OTHER }, 'look', { type: 'text', replyTo: quote });
    const [note] = await scenario.ownerWrote({ phone: OTHER, text: 'seen' });
    await scenario.ingest([{ ...note!, detail: { type: 'text', replyTo: quote } } as IngestItem]);
    const own = { messageId: 'B1', fromMe: false, content: 'what Bob said' };
    await wroteMore({ phone: OTHER }, 'again', { type: 'text', replyTo: own });

    const { counts } = await erase(await contactId());

    expect(counts).toMatchObject({ messages: 1, pending_changes: 1 });
    for (const trace of ['canary', PHONE, LID, messageId, 'LATE1']) {
      expect(await findInEveryTable(database, trace)).toEqual([]);
    }
    expect(await scenario.count('pending_changes')).toBe(1);
    expect(await scenario.count('message_media')).toBe(0);
    const { rows: files } = await database.sql(
      'select expires_at <= now() as is_due from media_files where organization_id = $1::text',
      [scenario.organizationId],
    );
    expect(files).toEqual([{ is_due: true }]);
    const { items } = await scenario.messages.listMessages(scenario.organizationId, { limit: 10 });
    expect(items.map(({ content, replyTo }) => [content, replyTo?.content])).toEqual([
      ['again', 'what Bob said'],
      ['look', undefined],
    ]);
    const { events } = await scenario.events.listEvents(scenario.organizationId, { after: 0, limit: 100 });
    expect(events.filter(({ payload }) => 'text' in payload).map(({ payload }) => payload)).toMatchObject([
      { text: 'look' },
      { text: 'again', replyTo: { content: 'what Bob said' } },
    ]);
    // Its message is known when it comes after all.
    const late = await arrive(scenario, { phone: PHONE }, ['late']);
    await scenario.ingest([{ ...(late.items[0] as ClientItem), messageId: 'LATE1' }]);
    expect((await scenario.states()).at(-1)).toBe('1 erased');
  });

  it('does not let a message come back, and takes a new one as that of a new contact', async () => {
    const { rows, items } = await fill();
    const id = await contactId();
    await erase(id);

    // The same ciphertext, and the same message in another one.
    await scenario.commit({ inbox: [rows[0]!] });
    const again = rowFrom(`${PHONE}@s.whatsapp.net`, { messageId: rows[0]!.messageId });
    await scenario.commit({ inbox: [again] });
    const [inboxId] = await scenario.idsOf([again.hash]);
    await scenario.ingest([{ ...items[0]!, inboxId: inboxId! }]);

    expect(await scenario.count('inbox')).toBe(rows.length + 6);
    expect((await scenario.states()).at(-1)).toBe('1 erased');
    expect(await findInEveryTable(database, PHONE)).toEqual([]);

    await wrote({ phone: PHONE, lid: LID }, ['hello again']);

    const contact = (await scenario.allContacts()).find(({ phoneNumber }) => phoneNumber === PHONE);
    expect(contact).toMatchObject({ lid: LID });
    expect(contact!.id).not.toBe(id);
  });

  it('does not know contacts of other organizations', async () => {
    await wrote({ phone: PHONE }, ['mine']);
    const other = await Scenario.create(database);

    const id = await contactId();
    for (const asking of [
      () => erasures.eraseStep(other.organizationId, id),
      () => erasures.beginErasure(other.organizationId, id),
    ]) {
      await expect(asking()).rejects.toMatchObject({ code: 'contact_not_found' });
    }
    expect(await scenario.count('messages')).toBe(1);
  });

  it('exports what it would erase, page by page', async () => {
    await wrote(
      { phone: PHONE },
      Array.from({ length: 120 }, (_, index) => `more ${index}`),
    );
    await fill();
    const exporter = new ContactExportRepository(database.client);
    const id = await contactId();

    const {
      former_addresses: _,
      merged_contacts: __,
      contact_merges: ___,
      automatic_replies: ____,
      ...rows
    } = await exportedCounts(exporter, id);

    const { counts } = await erase(id);
    expect(rows).toEqual({
      messages: 123,
      notes: 1,
      bookings: 1,
      inbox: 126,
      undecrypted: 1,
      pending_changes: 0,
      group_members: 0,
      group_changes: 0,
      events: 124,
    });
    expect(counts).toMatchObject(rows);
  });

  it('exports what messages are and what was done to them, and nothing that is sealed', async () => {
    const messageId = await wroteMore({ phone: PHONE }, 'which day?', {
      type: 'poll',
      metadata: { options: [{ name: 'Monday' }, { name: 'Friday' }] },
      replyTo: { messageId: 'Q1', fromMe: true, content: 'we have to meet' },
      mentions: [OTHER],
      secret: Buffer.from('sealed secret'),
      media: {
        kind: 'image',
        mimeType: 'image/png',
        fileName: 'days.png',
        sealed: Buffer.from('sealed key'),
      },
    });
    const target = { messageId, fromMe: false };
    const friday = createHash('sha256').update('Friday').digest('hex');
    await changed({ phone: PHONE }, { kind: 'poll_vote', target, options: [friday] });
    await changed({ phone: PHONE }, { kind: 'reaction', target, emoji: '👍' }, true);
    const text: Omit<MessageEdit, 'target'> = {
      kind: 'edit',
      content: 'which day, then?',
      contentType: 'conversation',
      type: 'text',
      mentions: [OTHER],
    };
    await changed({ phone: PHONE }, { ...text, target });
    const [note] = await scenario.ownerWrote({ phone: PHONE, id: 'N1', text: 'mine' });
    await scenario.ingest([note!]);
    await changed(
      { phone: PHONE },
      { kind: 'reaction', target: { messageId: 'N1', fromMe: true }, emoji: '🎉' },
    );
    await changed({ phone: PHONE }, { kind: 'delete', target: { messageId: 'not here', fromMe: false } });
    await database.sql(
      `update messages set payload = '\\x00', request = '{"to": "x"}', status_at = '{"read": "2025-10-02T12:00:00Z"}'
         where organization_id = $1::text`,
      [scenario.organizationId],
    );
    const id = await contactId();

    const [message] = await exported('messages', id);

    expect(message).toMatchObject({
      content: 'which day, then?',
      type: 'poll',
      metadata: { options: [{ name: 'Monday' }, { name: 'Friday', votes: 1 }] },
      reply_to: { whatsapp_message_id: 'Q1', content: 'we have to meet' },
      mentions: [OTHER],
      status_at: { read: '2025-10-02T12:00:00Z' },
      media: { state: 'pending', mime_type: 'image/png', file_name: 'days.png' },
      edits: [{ content: 'which day?' }],
      reactions: [{ emoji: '👍', from_me: true }],
      answers: [{ kind: 'poll_vote', from_me: false, answer: [friday], options: ['Friday'] }],
    });
    expect(Object.keys(message!).filter((key) => ['secret', 'payload', 'request'].includes(key))).toEqual([]);
    const [written] = await exported('notes', id);
    expect(written).toMatchObject({
      content: 'mine',
      reactions: [{ emoji: '🎉', from_me: false }],
      edits: [],
    });
    expect(written).not.toHaveProperty('secret');
    expect(await exported('pending_changes', id)).toMatchObject([
      { message_id: 'not here', phone: PHONE, from_me: false, change: { kind: 'delete' } },
    ]);
    expect(JSON.stringify(await exported('messages', id))).not.toContain('sealed');
  });

  it('cuts a page of the export before long earlier texts', async () => {
    await wrote({ phone: PHONE }, ['1', '2', '3']);
    await database.sql(
      `insert into message_edits (organization_id, message_id, ordinal, content, edited_at)
         select m.organization_id, m.id, g, repeat('x', 60000), now() from messages m, generate_series(1, 10) g
         where m.organization_id = $1::text`,
      [scenario.organizationId],
    );

    const pages = await exportedPages('messages', await contactId());

    expect(pages.map((page) => page.length)).toEqual([1, 1, 1, 0]);
  });

  it('keeps what a message quotes of its own chat, whoever else has a message of that id', async () => {
    const [mine, theirs] = [{ phone: PHONE }, { phone: OTHER }];
    for (const person of [mine, theirs]) {
      const { items } = await arrive(scenario, person, ['the same']);
      await scenario.ingest([{ ...(items[0] as ClientItem), messageId: 'SAME1' }]);
    }
    const quote = { messageId: 'SAME1', fromMe: false, content: 'the same' };
    await wroteMore(theirs, 'yes', { type: 'text', replyTo: quote });

    await erase(await contactId());

    const { items } = await scenario.messages.listMessages(scenario.organizationId, { limit: 10 });
    expect(items.map(({ content, replyTo }) => [content, replyTo?.content])).toEqual([
      ['yes', 'the same'],
      ['the same', undefined],
    ]);
  });

  it('lets no history in that was handed over before', async () => {
    await wrote({ phone: PHONE }, ['canary-text']);
    const handedOver = scenario.row({ attrs: { category: 'peer' } });
    await scenario.commit({ inbox: [handedOver] });
    const [inboxId] = await scenario.idsOf([handedOver.hash]);
    await scenario.ingest([{ inboxId: inboxId!, action: 'history', reason: 'history' }]);
    const history = new HistoryRepository(database.client);
    const claimed = await history.claim('worker-1', 60);
    expect(claimed?.row).toBeDefined();

    await erase(await contactId());

    const { rows } = await database.sql(
      'select state, error from history_syncs where organization_id = $1::text',
      [scenario.organizationId],
    );
    expect(rows).toEqual([{ state: 'skipped', error: 'erased' }]);
  });
});

it('leaves nothing of messages that are processed while it runs', async () => {
  const database = await openTestDatabase('postgres');
  try {
    const scenario = await Scenario.create(database);
    const erasures = new ErasuresRepository(database.client);
    for (let round = 0; round < 20; round += 1) {
      await scenario.ingest((await arrive(scenario, { phone: PHONE }, ['canary-text'])).items);
      const [contact] = await scenario.allContacts();
      // Decided, in a worker's hands, and not written yet.
      const { items } = await arrive(
        scenario,
        { phone: PHONE },
        Array.from({ length: 20 }, () => 'canary-text'),
      );

      const [receipt] = await Promise.all([
        eraseAll(erasures, scenario.organizationId, contact!.id),
        (async () => {
          for (let start = 0; start < items.length; start += 4) {
            await scenario.ingest(items.slice(start, start + 4));
          }
        })(),
        scenario.store.commitBatch(
          scenario.batch({
            writer: randomUUID(),
            seq: 1,
            upserts: [
              {
                instanceId: scenario.instanceId,
                type: 'session',
                id: `${OTHER}.${round}`,
                value: Buffer.from('k'),
              },
            ],
          }),
        ),
      ]);

      expect(receipt.counts).toMatchObject({ contacts: 1, inbox: 21 });
      expect(await findInEveryTable(database, 'canary')).toEqual([]);
      expect(await findInEveryTable(database, PHONE)).toEqual([]);
    }
  } finally {
    await database.close();
  }
});

describe('erasing a contact in a large inbox', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openTestDatabase('postgres');
  });
  afterAll(() => database.close());

  it('takes a few steps, whatever others have received, and however much its own organization has', async () => {
    const [scenario, stranger] = [await Scenario.create(database), await Scenario.create(database)];
    const fill = ({ organizationId, instanceId }: Scenario, rows: number) =>
      database.sql(
        `insert into inbox (organization_id, instance_id, message_id, chat, sender, hash, state, attrs)
           select $1::text, $2::text::uuid, 'm' || g, '551170000' || g % 1000 || '@s.whatsapp.net', '', md5(g::text), 1,
             jsonb_build_object('from', '551170000' || g % 1000 || '@s.whatsapp.net')
           from generate_series(1, $3::text::int) g`,
        [organizationId, instanceId, String(rows)],
      );
    await fill(stranger, 150_000);
    await fill(scenario, 30_000);
    const { items } = await arrive(scenario, { phone: PHONE }, ['hello', 'again']);
    await scenario.ingest(items);
    await database.sql('analyze inbox');
    const { items: found } = await scenario.contacts.searchContacts(scenario.organizationId, {
      phoneNumber: PHONE,
      limit: 1,
    });
    const erasures = new ErasuresRepository(database.client);
    const steps: number[] = [];
    for (let receipt: ErasureReceipt | undefined; receipt === undefined;) {
      const startedAt = performance.now();
      receipt = await erasures.eraseStep(scenario.organizationId, found[0]!.id);
      steps.push(Math.round(performance.now() - startedAt));
    }

    expect(steps.length).toBeLessThanOrEqual(6);
    expect(Math.max(...steps)).toBeLessThan(4_000);
    const [left] = (
      await database.sql(
        'select count(*)::int as n from inbox where organization_id = $1::text and chat = $2::text',
        [scenario.organizationId, ''],
      )
    ).rows;
    expect(left).toEqual({ n: 2 });
  });
});
