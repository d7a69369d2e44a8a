import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ContactExportRepository, type ExportRow } from '../../src/privacy/contact-export.repository.js';
import { ErasuresRepository } from '../../src/privacy/erasures.repository.js';
import type { BookingPolicy, IngestItem } from '../../src/repositories/ingest-item.js';
import type { OutboundAddress, OutboundPerson } from '../../src/repositories/outbound-message.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario, type Written } from './scenario.js';

const PHONE = '5521988887777';
const OTHER = '4915112345678';
const [ANA, BIA] = ['100000000000001', '200000000000002'];

describe.each(TEST_STORES)('who is who, on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  const wrote = async (...written: Written[]) => scenario.ingest(await scenario.received(...written));
  const ownerWrote = async (...written: Written[]) => scenario.ingest(await scenario.ownerWrote(...written));
  /** Something that is no conversation, which tells both addresses of its author: a message in a group. */
  const wasSeen = async (person: Written) => {
    const [item] = await scenario.received(person);
    const seen = { ...item, action: 'skip', reason: 'group', origin: { chatKind: 'group', fromMe: false } };
    return scenario.ingest([seen as IngestItem]);
  };
  /** The owner's notes; their chats are what the inbox says of them. */
  const noteTo = async (chat: string, person: Written) => {
    const items = await scenario.ownerWrote(person);
    await database.sql('update inbox set chat = $2::text where id = $1::bigint', [items[0]!.inboxId, chat]);
    return scenario.ingest(items);
  };
  const send = async (to: OutboundAddress | OutboundPerson, bookingPolicy?: BookingPolicy) =>
    scenario.messages.beginOutboundTo({
      bookingPolicy,
      instanceId: scenario.instanceId,
      organizationId: scenario.organizationId,
      whatsappMessageId: `3EB0${randomUUID()}`,
      content: 'hello',
      contentType: 'text',
      ...to,
    });
  const people = async () =>
    (await scenario.allContacts()).map(({ phoneNumber, lid, name }) => [phoneNumber, lid, name]);
  const of = async (lid: string) => (await scenario.allContacts()).find((contact) => contact.lid === lid)!;
  const told = async (...people: Written[]) =>
    scenario.messages.learnAddresses({
      organizationId: scenario.organizationId,
      instanceId: scenario.instanceId,
      bookingPolicy: 'one-open',
      people,
    });
  const erase = async (contactId: string) => {
    const erasures = new ErasuresRepository(database.client);
    let receipt;
    while (receipt === undefined) {
      receipt = await erasures.eraseStep(scenario.organizationId, contactId);
    }
    return receipt;
  };
  const textsOf = async (contactId: string) => {
    const { items } = await scenario.messages.listMessages(scenario.organizationId, { contactId, limit: 50 });
    return items.map(({ content }) => content).toReversed();
  };

  describe('a number that shows another LID', () => {
    it('is another person from then on; who had it keeps name, messages and booking', async () => {
      await wrote({ phone: PHONE, lid: ANA, name: 'Ana', text: 'mine' });
      const ana = await of(ANA);

      const { events } = await wrote({ phone: PHONE, lid: BIA, name: 'Bia', text: 'hers' });

      expect(await people()).toEqual([
        [null, ANA, 'Ana'],
        [PHONE, BIA, 'Bia'],
      ]);
      const bia = await of(BIA);
      expect(events).toMatchObject([{ payload: { from: PHONE, contactId: bia.id } }]);
      expect(await textsOf(ana.id)).toEqual(['mine']);
      expect(await textsOf(bia.id)).toEqual(['hers']);
      const { items: bookings } = await scenario.bookings.listBookings(scenario.organizationId, { limit: 9 });
      expect(bookings.map(({ contactId, status }) => [contactId, status])).toEqual([
        [bia.id, 'pending'],
        [ana.id, 'pending'],
      ]);
    });

    it.each<[string, (person: Written) => Promise<unknown>]>([
      ['a client wrote', (person) => wrote(person)],
      ['the owner wrote', (person) => ownerWrote(person)],
      ['somebody wrote in a group', (person) => wasSeen(person)],
      ['the phone told it', (person) => told(person)],
      ['a message was sent', ({ lid }) => send({ numbers: [PHONE], lid: lid!, otherwise: at(PHONE, lid) })],
    ])('is taken from whoever had it, wherever it is learnt: %s', async (_, learn) => {
      await wrote({ phone: PHONE, lid: ANA });

      await learn({ phone: PHONE, lid: BIA });
      await wrote({ phone: PHONE, text: 'from the number alone' });

      expect(await of(ANA)).toMatchObject({ phoneNumber: null });
      expect(await textsOf((await of(ANA)).id)).toEqual(['hi']);
      const now = (await scenario.contactOf(PHONE))!;
      expect(await textsOf(now.id)).toContain('from the number alone');
    });

    it('goes with each message to whose it was then, also within one call', async () => {
      const { events } = await wrote(
        { phone: PHONE, text: '1' },
        { phone: PHONE, lid: ANA, text: '2' },
        { phone: PHONE, text: '3' },
        { phone: PHONE, lid: BIA, text: '4' },
        { phone: PHONE, text: '5' },
        { lid: ANA, text: '6' },
        { phone: PHONE, lid: ANA, text: '7' },
        { phone: PHONE, text: '8' },
      );

      expect(events).toHaveLength(8);
      expect(await textsOf((await of(ANA)).id)).toEqual(['1', '2', '3', '6', '7', '8']);
      expect(await textsOf((await of(BIA)).id)).toEqual(['4', '5']);
      expect(await people()).toEqual(
        expect.arrayContaining([
          [PHONE, ANA, 'Unknown'],
          [null, BIA, 'Unknown'],
        ]),
      );
    });

    it('is answered at the new person, and the former one is not written to at it', async () => {
      await wrote({ phone: PHONE, lid: ANA });
      await wrote({ phone: PHONE, lid: BIA });
      await database.sql(`update messages set chat_jid = $2::text where organization_id = $1::text`, [
        scenario.organizationId,
        `${PHONE}@s.whatsapp.net`,
      ]);
      await wrote({ phone: OTHER, lid: ANA });
      await database.sql(
        `update messages set chat_jid = $2::text where organization_id = $1::text and contact_id = $3::text::uuid`,
        [scenario.organizationId, `${PHONE}@s.whatsapp.net`, (await of(ANA)).id],
      );

      const [toBia, toAna] = [await send({ numbers: [PHONE] }), await send({ numbers: [OTHER] })];

      expect(toBia.message).toMatchObject({
        contactId: (await of(BIA)).id,
        chatJid: `${PHONE}@s.whatsapp.net`,
      });
      expect(toAna.message).toMatchObject({ contactId: (await of(ANA)).id, chatJid: `${ANA}@lid` });
    });

    it('shows nobody the messages of whoever had it: neither a copy nor an erasure', async () => {
      const rows = [ANA, BIA].map((lid) =>
        scenario.row({
          chat: `${PHONE}@s.whatsapp.net`,
          sender: `${PHONE}@s.whatsapp.net`,
          attrs: { from: `${PHONE}@s.whatsapp.net`, sender_lid: `${lid}@lid` },
        }),
      );
      await scenario.commit({ inbox: rows });
      const ids = await scenario.idsOf(rows.map(({ hash }) => hash));
      const items = rows.map(({ messageId }, index): IngestItem => ({
        inboxId: ids[index]!,
        action: 'client',
        reason: 'client',
        person: { phone: PHONE, lid: [ANA, BIA][index] },
        messageId,
        content: ['mine', 'hers'][index]!,
        contentType: 'conversation',
        sentAt: new Date(),
      }));
      await scenario.ingest(items);
      const bia = await of(BIA);
      const exporter = new ContactExportRepository(database.client);
      const copy = async (kind: 'inbox' | 'events') => {
        return JSON.stringify(
          await all(exporter.pages({ organizationId: scenario.organizationId, id: bia.id }, kind)),
        );
      };

      expect(await copy('events')).not.toContain('mine');
      expect(await copy('events')).toContain('hers');
      expect(await copy('inbox')).not.toContain(ANA);
      expect(await copy('inbox')).toContain(BIA);

      await erase(bia.id);

      expect(await textsOf((await of(ANA)).id)).toEqual(['mine']);
      const { events } = await scenario.events.listEvents(scenario.organizationId, { after: 0, limit: 9 });
      expect(events.map(({ payload }) => 'erased' in payload)).toEqual([false, true]);
      const { rows: inbox } = await database.sql(
        `select attrs ->> 'sender_lid' as lid from inbox where organization_id = $1::text order by id`,
        [scenario.organizationId],
      );
      expect(inbox).toEqual([{ lid: `${ANA}@lid` }, { lid: null }]);
    });
  });

  describe('one person stays one', () => {
    it.each<[string, Written[], [string | null, string | null]]>([
      [
        'known by the number, then with a first LID',
        [{ phone: PHONE }, { phone: PHONE, lid: ANA }],
        [PHONE, ANA],
      ],
      ['known by the LID, then with a number', [{ lid: ANA }, { phone: PHONE, lid: ANA }], [PHONE, ANA]],
      [
        'with a new number',
        [
          { phone: PHONE, lid: ANA },
          { phone: OTHER, lid: ANA },
        ],
        [OTHER, ANA],
      ],
      [
        'with a new number and back',
        [
          { phone: PHONE, lid: ANA },
          { phone: OTHER, lid: ANA },
          { phone: PHONE, lid: ANA },
        ],
        [PHONE, ANA],
      ],
    ])('%s', async (_, written, expected) => {
      for (const one of written) {
        await wrote(one);
      }

      expect(await people()).toEqual([[...expected, 'Unknown']]);
    });

    it('with a number to which was written before she had it, but not with what somebody wrote from it', async () => {
      await wrote({ phone: OTHER, lid: ANA });
      await send(at(PHONE));
      await wrote({ phone: PHONE, lid: ANA });
      expect(await people()).toEqual([[PHONE, ANA, 'Unknown']]);

      await wrote({ phone: OTHER, name: 'Rui', text: 'who had it' });
      await wrote({ phone: OTHER, lid: ANA, text: 'has it' });

      expect(await people()).toEqual([
        [OTHER, ANA, 'Unknown'],
        [null, null, 'Rui'],
      ]);
      expect(await textsOf((await of(ANA)).id)).toEqual(['hi', 'hello', 'hi', 'has it']);
    });
  });

  describe('contacts that were one person', () => {
    /** Two contacts and what tells that they are one; the ids of both, the older first. */
    async function merged(phone = PHONE, lid = ANA) {
      await wrote({ phone, text: 'by number' }, { lid, text: 'by LID' });
      const ids = (await scenario.allContacts()).slice(-2).map(({ id }) => id);
      const { events } = await wrote({ phone, lid, text: 'both' });
      return { ids, events };
    }

    it('are told of, and the id of the younger leads on: contact, messages, notes, bookings', async () => {
      await wrote({ phone: PHONE, text: 'by number' }, { lid: ANA, text: 'by LID' });
      await ownerWrote({ lid: ANA, text: 'a note' });
      const [kept, lost] = (await scenario.allContacts()).map(({ id }) => id);

      const { events } = await wrote({ phone: PHONE, lid: ANA, text: 'both' });

      const instanceId = scenario.instanceId;
      expect(events.slice(0, 2)).toMatchObject([
        {
          name: 'whatsapp:contact',
          payload: { instanceId, contactId: lost, change: 'merged', mergedInto: kept },
        },
        {
          name: 'whatsapp:booking',
          payload: { contactId: kept, status: 'cancelled', previousStatus: 'pending' },
        },
      ]);
      const stored = await scenario.events.listEvents(scenario.organizationId, { after: 3, limit: 9 });
      expect(stored).toEqual({ events, isMore: false });
      const request = { contactId: lost!, limit: 9 };
      const { organizationId } = scenario;
      expect(await scenario.contacts.findContact(organizationId, lost!)).toMatchObject({ id: kept });
      expect(await textsOf(lost!)).toEqual(['by number', 'by LID', 'both']);
      expect((await scenario.notes.listNotes(organizationId, request)).items).toHaveLength(1);
      expect((await scenario.bookings.listBookings(organizationId, request)).items).toHaveLength(2);
    });

    it('lead on however often they are joined, in their own organization alone, and are exported', async () => {
      await wrote({ phone: PHONE });
      await wrote({ lid: ANA });
      await wrote({ phone: '552188887777' }); // The same number without its ninth digit.
      const spelled = await scenario.allContacts();
      expect(spelled).toHaveLength(2);
      const [kept, lost] = spelled.map(({ id }) => id);
      await wrote({ phone: PHONE, lid: ANA });
      // The person is joined with an older contact once more.
      const older = randomUUID();
      await database.sql(
        `insert into contacts (id, organization_id, phone_number, created_at) values ($1::text::uuid, $2::text, $3::text, '2020-01-01')`,
        [older, scenario.organizationId, OTHER],
      );
      await database.sql('update contacts set phone_number = null where id = $1::text::uuid', [kept!]);
      await wrote({ phone: OTHER, lid: ANA });

      const stranger = await Scenario.create(database);
      for (const id of [lost!, kept!]) {
        expect(await scenario.contacts.findContact(scenario.organizationId, id)).toMatchObject({ id: older });
        expect(await stranger.contacts.findContact(stranger.organizationId, id)).toBeNull();
      }
      const exporter = new ContactExportRepository(database.client);
      const pages = exporter.pages({ organizationId: scenario.organizationId, id: older }, 'merged_contacts');
      expect((await all(pages)).map((row) => row['contact_id'])).toEqual(
        expect.arrayContaining([lost, kept]),
      );
    });

    it('leave no trail when the person is erased', async () => {
      const { ids } = await merged();
      await erase(ids[0]!);

      expect(await scenario.count('merged_contacts')).toBe(0);
      const { events } = await scenario.events.listEvents(scenario.organizationId, { after: 0, limit: 9 });
      expect(events.every(({ payload }) => 'erased' in payload)).toBe(true);
      expect(await scenario.contacts.findContact(scenario.organizationId, ids[1]!)).toBeNull();
    });

    it('have one receipt, whichever of the ids it is asked for with', async () => {
      const { ids } = await merged();

      const receipt = await erase(ids[0]!);

      expect(await erase(ids[1]!)).toEqual(receipt);
      const stranger = await Scenario.create(database);
      const erasures = new ErasuresRepository(database.client);
      await expect(erasures.eraseStep(stranger.organizationId, ids[1]!)).rejects.toMatchObject({
        code: 'contact_not_found',
      });
    });

    it('are told of where a message that is sent shows it, and of two open bookings the older stays', async () => {
      await wrote({ lid: ANA }, { phone: PHONE });
      const [first, second] = (await scenario.allContacts()).map(({ id }) => id);

      const to = { numbers: [PHONE], lid: ANA, otherwise: at(PHONE, ANA) };
      const { message, events } = await send(to, 'one-open');

      expect(message).toMatchObject({ contactId: first });
      expect(events).toMatchObject([
        { sequence: 3, name: 'whatsapp:contact', payload: { contactId: second, mergedInto: first } },
        { sequence: 4, name: 'whatsapp:booking', payload: { contactId: first, status: 'cancelled' } },
        {
          sequence: 5,
          name: 'whatsapp:message-sent',
          payload: {
            id: message!.messageId,
            to: PHONE,
            contactId: first,
            text: message!.content,
            type: 'text',
          },
        },
      ]);
      const { items } = await scenario.bookings.listBookings(scenario.organizationId, { limit: 9 });
      expect(items.map(({ status }) => status).toSorted()).toEqual(['cancelled', 'pending']);
    });
  });

  describe('what the owner writes', () => {
    it.each<[string, string, Written, Written]>([
      ['to a LID', `${ANA}@lid`, { lid: ANA }, { lid: ANA }],
      ['to a number', `${PHONE}@s.whatsapp.net`, { phone: PHONE }, { phone: PHONE }],
      ['to a LID that shows its number later', `${ANA}@lid`, { lid: ANA }, { phone: PHONE, lid: ANA }],
    ])('before there is a contact joins the conversation: %s', async (_, chat, to, client) => {
      await noteTo(chat, { ...to, id: 'N1', text: 'before' });
      await noteTo(`${BIA}@lid`, { lid: BIA, text: 'to somebody else' });
      expect(await scenario.count('contacts')).toBe(0);

      await wrote(client);

      const [contact] = await scenario.allContacts();
      const filter = { contactId: contact!.id, limit: 9 };
      const { items } = await scenario.notes.listNotes(scenario.organizationId, filter);
      expect(items.map(({ content }) => content)).toEqual(['before']);
      // Delivered once more it is known.
      await noteTo(chat, { ...to, id: 'N1', text: 'before' });
      expect((await scenario.states()).at(-1)).toBe('1 duplicate');
    });

    it('joins also where a contact learns an address, and where the same note was delivered under both', async () => {
      await noteTo(`${ANA}@lid`, { lid: ANA, id: 'N1' });
      await noteTo(`${PHONE}@s.whatsapp.net`, { phone: PHONE, id: 'N1' });
      await wrote({ lid: ANA });

      await wrote({ phone: PHONE, lid: ANA });

      const [contact] = await scenario.allContacts();
      const filter = { contactId: contact!.id, limit: 9 };
      expect((await scenario.notes.listNotes(scenario.organizationId, filter)).items).toHaveLength(2);
    });

    it('by API to a number that was the organization\u2019s own joins the conversation of who has it now', async () => {
      await send(at('5511900000001'));
      expect(await scenario.count('contacts')).toBe(0);
      await database.sql('update whatsapp_instances set phone_number = null where id = $1::text::uuid', [
        scenario.instanceId,
      ]);

      await wrote({ phone: '5511900000001', text: 'not the owner any more' });

      const [contact] = await scenario.allContacts();
      expect(await textsOf(contact!.id)).toEqual(['hello', 'not the owner any more']);
    });

    it.each<[string, (...people: Written[]) => Promise<unknown>]>([
      ['writes', ownerWrote],
      ['has in the address book', told],
    ])(
      '%s fills in the number of a contact that is known by its LID, and makes no contact',
      async (_, tell) => {
        await wrote({ lid: ANA });

        await tell({ phone: PHONE, lid: ANA }, { phone: OTHER, lid: BIA });

        expect(await people()).toEqual([[PHONE, ANA, 'Unknown']]);
      },
    );

    it('has in the address book joins contacts, which is told, and is nothing to another organization', async () => {
      await wrote({ phone: PHONE }, { lid: ANA });
      const stranger = await Scenario.create(database);

      const elsewhere = await stranger.messages.learnAddresses({
        organizationId: stranger.organizationId,
        instanceId: scenario.instanceId,
        bookingPolicy: 'one-open',
        people: [{ phone: PHONE, lid: ANA }],
      });
      const events = await told({ phone: PHONE, lid: ANA });

      expect(elsewhere).toEqual([]);
      expect(events).toMatchObject([
        { sequence: 3, name: 'whatsapp:contact', payload: { change: 'merged' } },
        { sequence: 4, name: 'whatsapp:booking', payload: { status: 'cancelled' } },
      ]);
      expect(await people()).toEqual([[PHONE, ANA, 'Unknown']]);
    });
  });

  describe('a message to the number of a contact that is known by its LID alone', () => {
    it('goes there, where it is known whose the number is, and makes no second contact', async () => {
      const items = await scenario.received({ lid: ANA });
      await database.sql('update inbox set chat = $2::text where id = $1::bigint', [
        items[0]!.inboxId,
        `${ANA}@lid`,
      ]);
      await scenario.ingest(items);

      const { message } = await send({ numbers: [PHONE], lid: ANA, otherwise: at(PHONE, ANA) });

      expect(message).toMatchObject({ chatJid: `${ANA}@lid`, contactId: (await of(ANA)).id });
      expect(await people()).toEqual([[PHONE, ANA, 'Unknown']]);
    });
  });

  describe('two spellings of one number', () => {
    const SPELLINGS = [
      ['Brazil', '5521988887777', '552188887777'],
      ['Mexico', '5215512345678', '525512345678'],
      ['Argentina', '5491123456789', '541123456789'],
    ] as const;
    const both = SPELLINGS.flatMap(([land, long, short]) => [
      [land, long, short] as const,
      [land, short, long] as const,
    ]);

    it.each(both)('make one contact, named as it was written last: %s, %s then %s', async (_, one, other) => {
      await wrote({ phone: one, name: 'Ana' });
      const { events } = await wrote({ phone: other });

      expect(await people()).toEqual([[other, null, 'Ana']]);
      expect(events).toMatchObject([{ payload: { from: other } }]);
      expect(await scenario.count('bookings')).toBe(1);
    });

    it.each(both)(
      'make one contact within one call, and for notes and sends: %s, %s and %s',
      async (_, one, other) => {
        await wrote({ phone: one }, { phone: other });
        await ownerWrote({ phone: one });
        await send(at(one));

        const [contact, ...more] = await scenario.allContacts();
        expect(more).toEqual([]);
        const filter = { contactId: contact!.id, limit: 9 };
        expect((await scenario.notes.listNotes(scenario.organizationId, filter)).items).toHaveLength(1);
        expect(await textsOf(contact!.id)).toEqual(['hi', 'hi', 'hello']);
      },
    );

    it.each(both)('that made two contacts once are joined: %s, %s and %s', async (_, one, other) => {
      await database.sql(
        `insert into contacts (organization_id, phone_number, lid)
           values ($1::text, $2::text, null), ($1::text, $3::text, $4::text)`,
        [scenario.organizationId, one, other, ANA],
      );

      await wrote({ phone: one });

      expect(await people()).toEqual([[one, ANA, 'Unknown']]);
    });

    it.each(both)('are two people where each has a LID of its own: %s, %s and %s', async (_, one, other) => {
      await wrote({ phone: one, lid: ANA }, { phone: other, lid: BIA });
      await wrote({ phone: one }, { phone: other });

      expect((await people()).toSorted(byLid)).toEqual([
        [one, ANA, 'Unknown'],
        [other, BIA, 'Unknown'],
      ]);
      expect(await textsOf((await of(ANA)).id)).toHaveLength(2);
    });

    it('are not looked for among other numbers', async () => {
      await wrote({ phone: '5511932165498' }, { phone: '5511832165498' }, { phone: '551132165498' });

      expect(await scenario.count('contacts')).toBe(3);
    });
  });
});

function at(phone: string, lid?: string): OutboundAddress {
  return { chatJid: `${phone}@s.whatsapp.net`, phone, lid };
}

function byLid([, one]: unknown[], [, other]: unknown[]): number {
  return String(one).localeCompare(String(other));
}

/** Everything on some pages. */
async function all(pages: AsyncIterable<ExportRow[]>): Promise<ExportRow[]> {
  const rows: ExportRow[] = [];
  for await (const page of pages) {
    rows.push(...page);
  }
  return rows;
}
