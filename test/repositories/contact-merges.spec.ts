import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ContactExportRepository } from '../../src/privacy/contact-export.repository.js';
import { SettingsRepository } from '../../src/organization-settings/settings.repository.js';
import { ErasuresRepository } from '../../src/privacy/erasures.repository.js';
import type { ContactSort } from '../../src/repositories/contacts.repository.js';
import { ReadsRepository } from '../../src/repositories/reads.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario, type Written } from './scenario.js';

const ANA: Written = { phone: '5521988887777', lid: '100000000000001', name: 'Ana' };
const ANA_AT_WORK: Written = { phone: '4915112345678', lid: '200000000000002', name: 'Ana Souza' };
const ANA_ABROAD: Written = { phone: '351912345678', lid: '300000000000003', name: 'A.' };

describe.each(TEST_STORES)('contacts that people merge, on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let organizationId: string;

  beforeAll(async () => {
    database = await openTestDatabase(store);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
    ({ organizationId } = scenario);
  });

  const wrote = async (...written: Written[]) => scenario.ingest(await scenario.received(...written));
  const ownerWrote = async (...written: Written[]) => scenario.ingest(await scenario.ownerWrote(...written));
  const idOf = async ({ lid }: Written) => {
    const { rows } = await database.sql(
      'select id from contacts where organization_id = $1::text and lid = $2::text',
      [organizationId, lid!],
    );
    return String(rows[0]!['id']);
  };
  const merge = (contactId: string, mergedId: string, key?: string) =>
    scenario.contacts.mergeContacts(organizationId, {
      contactId,
      mergedId,
      bookingPolicy: scenario.policy,
      once: key === undefined ? undefined : { action: 'merge', key, requestHash: `${contactId} ${mergedId}` },
    });
  const unmerge = (contactId: string, mergeId: string) =>
    scenario.contacts.unmergeContact(organizationId, contactId, mergeId);
  const send = (to: Written) =>
    scenario.messages.beginOutboundTo({
      instanceId: scenario.instanceId,
      organizationId,
      whatsappMessageId: `3EB0${randomUUID()}`,
      content: 'hello',
      contentType: 'text',
      chatJid: `${to.phone}@s.whatsapp.net`,
      phone: to.phone!,
      lid: to.lid,
    });
  /** Everything that a merge moves, as it is. */
  const everything = async () => {
    const select = async (columns: string, table: string) =>
      (
        await database.sql(`select ${columns} from ${table} where organization_id = $1::text order by 1`, [
          organizationId,
        ])
      ).rows;
    return {
      contacts: await select(
        'id, phone_number, lid, name, name_source, last_message_at, read_until, merged_into',
        'contacts',
      ),
      messages: await select('id, contact_id, chat_key', 'messages'),
      notes: await select('id, contact_id, chat_key', 'notes'),
      bookings: await select('id, contact_id, person_id, status', 'bookings'),
      merges: await select('id', 'contact_merges'),
    };
  };
  const textsOf = async (contactId: string) =>
    (await scenario.messages.listMessages(organizationId, { contactId, limit: 50 })).items.map(
      ({ content }) => content,
    );
  const unreadOf = async (contactId: string) =>
    (await new ReadsRepository(database.client).readContact(organizationId, contactId))!.count;

  it('are one: conversation, notes, bookings and addresses, and the old id leads there', async () => {
    await wrote({ ...ANA, text: 'one' }, { ...ANA_AT_WORK, text: 'two' });
    await ownerWrote({ ...ANA_AT_WORK, text: 'calls on Monday' });
    const [ana, work] = [await idOf(ANA), await idOf(ANA_AT_WORK)];

    const merged = await merge(ana, work);

    expect(merged).toMatchObject({ contactId: ana, isReplay: false });
    expect(merged!.events.map(({ name, payload }) => [name, payload])).toEqual([
      ['whatsapp:contact', expect.objectContaining({ contactId: work, change: 'merged', mergedInto: ana })],
      ['whatsapp:booking', expect.objectContaining({ contactId: ana, status: 'cancelled' })],
    ]);
    expect(await scenario.allContacts()).toMatchObject([{ id: ana }]);
    expect(await textsOf(ana)).toEqual(['two', 'one']);
    expect(await textsOf(work)).toEqual(['two', 'one']);
    expect((await scenario.notes.listNotes(organizationId, { contactId: ana, limit: 9 })).items).toHaveLength(
      1,
    );
    const { items } = await scenario.bookings.listBookings(organizationId, { contactId: work, limit: 9 });
    expect(items.map(({ contactId, status }) => `${contactId} ${status}`).toSorted()).toEqual([
      `${ana} cancelled`,
      `${ana} pending`,
    ]);
    expect(await scenario.contacts.findContact(organizationId, work)).toMatchObject({ id: ana, name: 'Ana' });
    const found = await scenario.contacts.searchContacts(organizationId, {
      limit: 5,
      phoneNumber: ANA_AT_WORK.phone,
    });
    expect(found.items).toMatchObject([{ id: ana }]);
    expect(await scenario.contacts.listMerges(organizationId, ana)).toMatchObject([
      { mergeId: merged!.mergeId, contactId: work, mergedBy: 'person', phoneNumber: ANA_AT_WORK.phone },
    ]);
  });

  it.each<[string, string, ContactSort?]>([
    ['a part of the name', 'ouz'],
    ['its words in any order and case', 'SOUZA ana'],
    ['a word too short for an index', 'so'],
    ['a part of the number', '51123'],
    ['two of its digits', '49'],
    ['the whole number', `+${ANA_AT_WORK.phone}`],
    ['a part of the name, sorted by name', 'souza', 'name'],
    ['a word too short for an index, sorted by name', 'so', '-name'],
    ['a part of the number, oldest first', '51123', 'created_at'],
  ])('are found once by what only the merged one has: %s', async (_name, search, sort) => {
    await wrote(ANA, ANA_AT_WORK, { phone: '33612345678', name: 'Bob' });
    const [ana, work] = [await idOf(ANA), await idOf(ANA_AT_WORK)];
    const find = async () =>
      (await scenario.contacts.searchContacts(organizationId, { search, sort, limit: 9 })).items.map(
        ({ id }) => id,
      );
    expect(await find()).toEqual([work]);
    const merged = await merge(ana, work);

    expect(await find()).toEqual([ana]);
    await unmerge(ana, merged!.mergeId);
    expect(await find()).toEqual([work]);
  });

  it.each<ContactSort>(['name', '-name', 'created_at', '-created_at'])(
    'are one in lists and pages of them by %s, found by both or by one',
    async (sort) => {
      await wrote(ANA, ANA_AT_WORK, { ...ANA_ABROAD, name: 'Ana Abroad' });
      await wrote({ phone: '33612345678', name: 'Ana Z' });
      const [ana, work, abroad] = [await idOf(ANA), await idOf(ANA_AT_WORK), await idOf(ANA_ABROAD)];
      await merge(work, abroad);
      await merge(ana, work);
      const other = (await scenario.contactOf('33612345678'))!.id;
      const expected = sort === 'name' || sort === 'created_at' ? [ana, other] : [other, ana];

      for (const search of [undefined, 'ana', 'an']) {
        const first = await scenario.contacts.searchContacts(organizationId, { search, sort, limit: 1 });
        const rest = await scenario.contacts.searchContacts(organizationId, {
          search,
          sort,
          limit: 9,
          cursor: first.nextCursor!,
        });
        expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(expected);
      }
    },
  );

  it.each([
    ['every-message', 'pending'],
    ['off', 'pending'],
    ['one-open', 'cancelled'],
    [null, 'cancelled'],
  ] as const)(
    'have as many open bookings as the organization wants, whatever the service does: %s',
    async (policy, status) => {
      await wrote(ANA, ANA_AT_WORK);
      const [ana, work] = [await idOf(ANA), await idOf(ANA_AT_WORK)];
      const settings = new SettingsRepository(database.client);
      const { version } = (await settings.findSettings(organizationId))!;
      await settings.updateSettings(organizationId, { bookingPolicy: policy }, [version]);

      const merged = await merge(ana, work);

      const { items } = await scenario.bookings.listBookings(organizationId, { contactId: ana, limit: 9 });
      expect(items.map((one) => one.status).toSorted()).toEqual([status, 'pending'].toSorted());
      await unmerge(ana, merged!.mergeId);
      expect((await everything()).bookings.map((one) => one['status'])).toEqual(['pending', 'pending']);
    },
  );

  it('are as they were when nothing came meanwhile', async () => {
    await wrote({ ...ANA, text: 'one' });
    await wrote({ ...ANA_AT_WORK, text: 'two' }, { ...ANA, text: 'three' });
    await ownerWrote({ ...ANA_AT_WORK, text: 'note' });
    const [ana, work] = [await idOf(ANA), await idOf(ANA_AT_WORK)];
    await new ReadsRepository(database.client).readContact(organizationId, ana);
    const before = await everything();
    const merged = await merge(ana, work);
    expect(await everything()).not.toEqual(before);

    const undone = await unmerge(ana, merged!.mergeId);

    expect(undone!.contactId).toBe(work);
    expect(undone!.events.map(({ payload }) => payload)).toMatchObject([
      { contactId: work, change: 'unmerged', unmergedFrom: ana },
      { contactId: work, status: 'pending', previousStatus: 'cancelled' },
    ]);
    expect(await everything()).toEqual(before);
    expect(await unmerge(ana, merged!.mergeId)).toEqual({ contactId: null, events: [] });
  });

  it('hides nothing unread, and says of what was read since that it was read of both', async () => {
    await wrote({ ...ANA_AT_WORK, text: 'one' }, { ...ANA, text: 'two' });
    const [ana, work] = [await idOf(ANA), await idOf(ANA_AT_WORK)];
    await new ReadsRepository(database.client).readContact(organizationId, ana);

    const merged = await merge(ana, work);

    expect(await unreadOf(ana)).toBe(2);
    await wrote({ ...ANA_AT_WORK, text: 'three' });
    await unmerge(ana, merged!.mergeId);
    expect([await unreadOf(ana), await unreadOf(work)]).toEqual([0, 1]);
  });

  it('give what came since to whom it belongs', async () => {
    await wrote({ ...ANA, text: 'one' }, { ...ANA_AT_WORK, text: 'two', id: 'SAME' });
    const [ana, work] = [await idOf(ANA), await idOf(ANA_AT_WORK)];
    const merged = await merge(ana, work);

    const told = await wrote(
      { ...ANA_AT_WORK, text: 'three' },
      { ...ANA, text: 'four' },
      { ...ANA_AT_WORK, text: 'once more', id: 'SAME' },
    );
    await ownerWrote({ ...ANA_AT_WORK, text: 'to work' }, { ...ANA, text: 'to Ana' });
    const sent = await send(ANA_AT_WORK);

    expect(told.events.filter(({ name }) => name === 'whatsapp:message')).toMatchObject([
      { payload: { contactId: ana, from: ANA_AT_WORK.phone } },
      { payload: { contactId: ana, from: ANA.phone } },
    ]);
    expect(sent!.message).toMatchObject({ contactId: ana, chatJid: `${ANA_AT_WORK.phone}@s.whatsapp.net` });
    expect(await textsOf(ana)).toEqual(['hello', 'four', 'three', 'two', 'one']);
    await unmerge(ana, merged!.mergeId);
    expect(await textsOf(ana)).toEqual(['four', 'one']);
    expect(await textsOf(work)).toEqual(['hello', 'three', 'two']);
    const notes = await scenario.notes.listNotes(organizationId, { contactId: work, limit: 9 });
    expect(notes.items.map(({ content }) => content)).toEqual(['to work']);
  });

  it.each([
    ['the last first', [1, 0]],
    ['the first first', [0, 1]],
  ])('in a chain are taken apart in any order: %s', async (_name, order) => {
    await wrote({ ...ANA, text: 'one' }, { ...ANA_AT_WORK, text: 'two' }, { ...ANA_ABROAD, text: 'three' });
    const [ana, work, abroad] = [await idOf(ANA), await idOf(ANA_AT_WORK), await idOf(ANA_ABROAD)];
    const before = await everything();
    // Ana has work, which has abroad.
    const merges = [(await merge(work, abroad))!.mergeId, (await merge(ana, work))!.mergeId];
    expect(await textsOf(abroad)).toEqual(['three', 'two', 'one']);
    await wrote({ ...ANA_ABROAD, text: 'four' });

    const first = await unmerge(abroad, merges[order[0]!]!);
    expect(first!.contactId).toBe(order[0] === 0 ? abroad : work);
    expect(await textsOf(ana)).toEqual(order[0] === 0 ? ['two', 'one'] : ['one']);
    expect(await textsOf(abroad)).toEqual(order[0] === 0 ? ['four', 'three'] : ['four', 'three', 'two']);
    await unmerge(work, merges[order[1]!]!);

    const { contacts, bookings, messages } = await everything();
    expect(messages).toHaveLength(4);
    expect(await textsOf(abroad)).toEqual(['four', 'three']);
    expect(bookings).toEqual(before.bookings);
    const named = (rows: Record<string, unknown>[]) =>
      rows.map(({ id, name, merged_into: into }) => [id, name, into]);
    expect(named(contacts)).toEqual(named(before.contacts));
  });

  it('are merged once, from whichever side, and under a key however often', async () => {
    await wrote(ANA, ANA_AT_WORK, ANA_ABROAD);
    const [ana, work, abroad] = [await idOf(ANA), await idOf(ANA_AT_WORK), await idOf(ANA_ABROAD)];

    const both = await Promise.allSettled([merge(ana, work), merge(work, ana)]);
    const many = await Promise.all(Array.from({ length: 4 }, () => merge(ana, abroad, 'key-1')));

    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'already_one_contact' },
    });
    expect(new Set(many.map((one) => one!.mergeId)).size).toBe(1);
    expect(many.filter((one) => one!.isReplay)).toHaveLength(3);
    await expect(merge(ana, ana)).rejects.toMatchObject({ code: 'already_one_contact' });
    await expect(merge(ana, work, 'key-1')).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    expect(await merge(ana, randomUUID())).toBeNull();
    expect(await merge(randomUUID(), ana)).toBeNull();
  });

  it('lose nothing and mix nothing up while both write and somebody merges and unmerges them', async () => {
    await wrote({ ...ANA, text: 'a0' });
    await wrote({ ...ANA_AT_WORK, text: 'w0' });
    const [ana, work] = [await idOf(ANA), await idOf(ANA_AT_WORK)];
    const items = await scenario.received(
      ...Array.from({ length: 40 }, (_, index) =>
        index % 2 === 0 ? { ...ANA, text: `a${index}x` } : { ...ANA_AT_WORK, text: `w${index}x` },
      ),
    );
    const writing = (async () => {
      for (const item of items) {
        await scenario.ingest([item]);
      }
    })();
    let isWriting = true;
    void writing.finally(() => (isWriting = false));
    let turns = 0;
    do {
      const [one, other] = turns % 2 === 0 ? [ana, work] : [work, ana];
      const merged = await merge(one, other);
      await unmerge(other, merged!.mergeId);
      turns += 1;
    } while (isWriting);
    await writing;

    expect(turns).toBeGreaterThan(1);
    const [ofAna, ofWork] = [await textsOf(ana), await textsOf(work)];
    expect([ofAna.length, ofWork.length]).toEqual([21, 21]);
    expect(ofAna.every((text) => text.startsWith('a')) && ofWork.every((text) => text.startsWith('w'))).toBe(
      true,
    );
    const { contacts, bookings, merges } = await everything();
    expect([contacts.length, merges.length]).toEqual([2, 0]);
    expect(
      bookings.map(({ contact_id: id, status }) => `${String(id)} ${String(status)}`).toSorted(),
    ).toEqual([`${ana} pending`, `${work} pending`].toSorted());
  });

  it('know nothing of another organization', async () => {
    await wrote(ANA, ANA_AT_WORK);
    const [ana, work] = [await idOf(ANA), await idOf(ANA_AT_WORK)];
    const merged = await merge(ana, work);
    const other = await Scenario.create(database);
    await other.ingest(await other.received(ANA, ANA_AT_WORK));
    const theirs = await other.allContacts();

    const across = (contactId: string, mergedId: string) =>
      other.contacts.mergeContacts(other.organizationId, { contactId, mergedId, bookingPolicy: 'off' });
    expect(await across(theirs[0]!.id, ana)).toBeNull();
    expect(await across(ana, theirs[0]!.id)).toBeNull();
    expect(await other.contacts.unmergeContact(other.organizationId, theirs[0]!.id, merged!.mergeId)).toEqual(
      { contactId: null, events: [] },
    );
    expect(await other.contacts.unmergeContact(other.organizationId, ana, merged!.mergeId)).toBeNull();
    expect(await other.contacts.listMerges(other.organizationId, ana)).toEqual([]);
  });

  it('stay merged when WhatsApp says that one of them is the same as a third', async () => {
    await wrote(
      { ...ANA, text: 'one' },
      { phone: ANA_AT_WORK.phone!, text: 'two' },
      { lid: ANA_AT_WORK.lid!, text: 'three' },
    );
    const [ana, byLid] = [await idOf(ANA), await idOf(ANA_AT_WORK)];
    const byPhone = (await scenario.contactOf(ANA_AT_WORK.phone!))!.id;
    const merged = await merge(ana, byLid);

    await wrote({ ...ANA_AT_WORK, text: 'four' });

    expect(await scenario.allContacts()).toMatchObject([{ id: ana }]);
    expect(await textsOf(byPhone)).toEqual(['four', 'three', 'two', 'one']);
    const merges = await scenario.contacts.listMerges(organizationId, ana);
    expect(merges.map(({ contactId, mergedBy }) => [contactId, mergedBy])).toEqual(
      expect.arrayContaining([
        [byLid, 'person'],
        [byPhone, 'whatsapp'],
      ]),
    );
    await expect(unmerge(ana, byPhone)).rejects.toMatchObject({ code: 'merged_by_whatsapp' });
    await unmerge(ana, merged!.mergeId);
    expect(await textsOf(ana)).toEqual(['one']);
    expect(await textsOf(byPhone)).toEqual(['four', 'three', 'two']);
  });

  it('need no merge any more when WhatsApp says that they are one', async () => {
    await wrote({ phone: ANA.phone!, text: 'one' }, { lid: ANA.lid!, text: 'two' });
    const [byPhone, byLid] = [(await scenario.contactOf(ANA.phone!))!.id, await idOf(ANA)];
    const merged = await merge(byLid, byPhone);

    await wrote({ ...ANA, text: 'three' });

    expect(await textsOf(byPhone)).toEqual(['three', 'two', 'one']);
    expect(await scenario.allContacts()).toMatchObject([{ id: byLid, phoneNumber: ANA.phone, lid: ANA.lid }]);
    expect(await unmerge(byLid, merged!.mergeId)).toEqual({ contactId: null, events: [] });
  });

  it('are exported and erased as one, whichever is asked for, and then there is nothing to take apart', async () => {
    await wrote({ ...ANA, text: 'one' }, { ...ANA_AT_WORK, text: 'two' });
    const [ana, work] = [await idOf(ANA), await idOf(ANA_AT_WORK)];
    const merged = await merge(ana, work);
    const exported: Record<string, unknown>[] = [];
    const exporter = new ContactExportRepository(database.client);
    for (const kind of ['contact_merges', 'messages'] as const) {
      for await (const rows of exporter.pages({ organizationId, id: ana }, kind)) {
        exported.push(...rows);
      }
    }
    expect(exported).toMatchObject([
      { contact_id: work, lid: ANA_AT_WORK.lid, name: 'Ana Souza' },
      { content: 'one' },
      { content: 'two' },
    ]);
    const erasures = new ErasuresRepository(database.client);
    expect(await erasures.beginErasure(organizationId, ana)).toBeUndefined();
    await expect(unmerge(ana, merged!.mergeId)).rejects.toMatchObject({ code: 'contact_being_erased' });

    let receipt;
    while (!receipt) {
      receipt = await erasures.eraseStep(organizationId, ana);
    }

    expect(receipt.counts).toMatchObject({ messages: 2, contacts: 2 });
    expect(await everything()).toEqual({ contacts: [], messages: [], notes: [], bookings: [], merges: [] });
    expect(await unmerge(ana, merged!.mergeId)).toBeNull();
    expect(await erasures.eraseStep(organizationId, work)).toEqual(receipt);
  });
});
