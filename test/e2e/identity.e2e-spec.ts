import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionRegistry } from '../../src/baileys/session/session-registry.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_identity';
const OWNER = '5511999887766';
const OF = `organization_id=${ORGANIZATION}`;
/** Tells neither form of an address from which the other one could be learnt. */
const BY_LID = { addressing: 'lid', withoutAlternative: true } as const;
const BY_NUMBER = { addressing: 'pn', withoutAlternative: true } as const;

interface Row {
  id: string;
  name?: string;
  phone_number?: string | null;
  lid?: string | null;
  merged_into?: string | null;
  content?: string;
  contact_id?: string | null;
  status?: string;
}

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let instanceId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator);
  owner = simulator.addPhone({ number: OWNER, name: 'Owner' });
  instanceId = await service.api.createInstance(ORGANIZATION, OWNER);
  events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
});

afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
});

async function rowsOf(kind: 'contacts' | 'messages' | 'bookings' | 'notes', filter = ''): Promise<Row[]> {
  const answer = await service.api.call<Record<string, Row[]>>(
    'GET',
    `/api/${kind}?${OF}&limit=100${filter}`,
  );
  expect(answer.status).toBe(200);
  return answer.body[kind]!;
}

async function contactAt(id: string): Promise<Row> {
  const answer = await service.api.call<{ contact: Row }>('GET', `/api/contacts/${id}?${OF}`);
  expect(answer.status).toBe(200);
  return answer.body.contact;
}

const contactsNamed = async (name: string) => (await rowsOf('contacts')).filter((row) => row.name === name);
const contents = (rows: Row[]) => rows.map(({ content }) => content).toReversed();

/** Somebody writes; returns the event. */
async function heard(phone: Phone, text: string, options: Parameters<Phone['writes']>[2] = {}) {
  await phone.writes(owner, text, options);
  return events.next('whatsapp:message', (event) => event.text === text);
}

async function send(to: string, message: string): Promise<void> {
  const path = `/api/whatsapp/instances/${instanceId}/send`;
  expect((await service.api.call('POST', path, { to, message })).status).toBe(200);
}

describe('a number that was given to somebody else', () => {
  it('starts a new contact; the one before keeps her past, and answers to the number go to who has it now', async () => {
    const number = '5521977770001';
    const ana = simulator.addPhone({ number, name: 'Ana' });
    const first = await heard(ana, 'Ana was here', { addressing: 'pn' });
    simulator.changeNumber(ana, '5521977770002');
    const bia = simulator.addPhone({ number, name: 'Bia' });

    const second = await heard(bia, 'Bia has the number', { addressing: 'pn' });
    await send(number, 'to whoever has the number');

    await bia.receives(({ text }) => text === 'to whoever has the number');
    expect(ana.received).toEqual([]);
    expect(second.contactId).not.toBe(first.contactId);
    expect(second.bookingId).not.toBe(first.bookingId);
    expect(await contactAt(first.contactId!)).toMatchObject({
      name: 'Ana',
      phone_number: null,
      lid: ana.lid,
    });
    expect(await contactAt(second.contactId!)).toMatchObject({ name: 'Bia', phone_number: number });
    const theirs = (id: string) => rowsOf('messages', `&contact_id=${id}`);
    expect(contents(await theirs(first.contactId!))).toEqual(['Ana was here']);
    expect(contents(await theirs(second.contactId!))).toEqual([
      'Bia has the number',
      'to whoever has the number',
    ]);

    // What is remembered of the number before must not bring it back to her.
    const later = await heard(ana, 'Ana is still here', BY_LID);
    expect(later).toMatchObject({ contactId: first.contactId, from: `${ana.lid}@lid` });
    expect(await contactAt(second.contactId!)).toMatchObject({ phone_number: number });
    // Her new number is hers as soon as it is told.
    const known = await heard(ana, 'Ana with a new number');
    expect(known).toMatchObject({ contactId: first.contactId, from: '5521977770002' });
  });
});

describe('contacts that turn out to be one person', () => {
  it('are told of, and the id that an event named leads on in every route, until the person is erased', async () => {
    const rui = simulator.addPhone({ number: '5521977770003', name: 'Rui' });
    rui.hidesLid = true;
    const byNumber = await heard(rui, 'Rui by number', BY_NUMBER);
    const byLid = await heard(rui, 'Rui by LID', BY_LID);
    expect(byLid.contactId).not.toBe(byNumber.contactId);
    const [kept, lost] = [byNumber.contactId!, byLid.contactId!];

    const both = await heard(rui, 'Rui by both', { addressing: 'lid' });

    expect(both).toMatchObject({ contactId: kept, bookingId: byNumber.bookingId });
    const merged = await events.next('whatsapp:contact');
    expect(merged).toEqual({
      instanceId,
      contactId: lost,
      change: 'merged',
      mergedInto: kept,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      sequence: expect.any(Number),
    });
    expect(await events.next('whatsapp:booking')).toMatchObject({
      instanceId,
      bookingId: byLid.bookingId,
      contactId: kept,
      status: 'cancelled',
      previousStatus: 'pending',
    });
    const replay = await service.api.call<{ events: { name: string; payload: unknown }[] }>(
      'GET',
      `/api/events?${OF}&limit=500`,
    );
    expect(replay.body.events).toContainEqual(
      expect.objectContaining({ name: 'whatsapp:contact', payload: merged }),
    );
    expect(await contactAt(kept)).toMatchObject({ id: kept, merged_into: null });
    expect(await contactAt(lost)).toMatchObject({ id: kept, merged_into: kept, name: 'Rui' });
    for (const kind of ['messages', 'bookings', 'notes'] as const) {
      expect(await rowsOf(kind, `&contact_id=${lost}`)).toEqual(await rowsOf(kind, `&contact_id=${kept}`));
    }
    expect(contents(await rowsOf('messages', `&contact_id=${lost}`))).toHaveLength(3);
    const copy = await service.api.call('POST', `/api/contacts/${lost}/export?${OF}`);
    expect(copy.body).toMatchObject({
      contact: { id: kept, merged_into: kept },
      merged_contacts: [{ contact_id: lost }],
      counts: { messages: 3, merged_contacts: 1 },
    });
    const strange = await service.api.call('GET', `/api/contacts/${lost}?organization_id=org_strange`);
    expect(strange.status).toBe(404);

    const erased = await service.api.call('DELETE', `/api/contacts/${lost}?${OF}`);

    expect(erased).toMatchObject({
      status: 200,
      body: { receipt: { contact_id: kept, counts: { messages: 3 } } },
    });
    for (const id of [kept, lost]) {
      expect((await service.api.call('GET', `/api/contacts/${id}?${OF}`)).status).toBe(404);
    }
  });
});

describe('what the owner does', () => {
  it('teaches who somebody is: notes from before join, and a number is filled in', async () => {
    const zoe = simulator.addPhone({ number: '5521977770004', name: 'Zoe' });
    zoe.hidesLid = true;
    await owner.writes(zoe, 'before Zoe was a contact', BY_LID);
    const { contactId } = await heard(zoe, 'hello from Zoe', BY_LID);
    expect(contents(await rowsOf('notes', `&contact_id=${contactId}`))).toEqual(['before Zoe was a contact']);
    expect(await contactAt(contactId!)).toMatchObject({ phone_number: null });

    await owner.writes(zoe, 'a number is told with it', { addressing: 'lid' });

    await expect
      .poll(async () => (await contactAt(contactId!)).phone_number, { timeout: 30_000 })
      .toBe(zoe.number);
    await send(zoe.number, 'an answer to Zoe');
    expect(await contactsNamed('Zoe')).toHaveLength(1);
    expect(contents(await rowsOf('messages', `&contact_id=${contactId}`))).toEqual([
      'hello from Zoe',
      'an answer to Zoe',
    ]);
  });

  it('has in the address book counts as well', async () => {
    const kai = simulator.addPhone({ number: '5521977770008', name: 'Kai' });
    kai.hidesLid = true;
    const { contactId } = await heard(kai, 'hello from Kai', BY_LID);
    const { openSocket } = service.service.app.get(SessionRegistry, { strict: false }).get(instanceId)!;

    openSocket!.ev.emit('lid-mapping.update', {
      lid: `${kai.lid}@lid`,
      pn: `${kai.number}@s.whatsapp.net`,
    });

    await expect
      .poll(async () => (await contactAt(contactId!)).phone_number, { timeout: 30_000 })
      .toBe(kai.number);
  });

  it('by API finds a contact that is known by its LID alone', async () => {
    const lia = simulator.addPhone({ number: '5521977770005', name: 'Lia' });
    const { contactId } = await heard(lia, 'hello from Lia', BY_LID);
    const before = (await rowsOf('contacts')).length;

    await send(lia.number, 'an answer to Lia');

    await lia.receives(({ text }) => text === 'an answer to Lia');
    expect(await rowsOf('contacts')).toHaveLength(before);
    expect(await contactAt(contactId!)).toMatchObject({ phone_number: lia.number, lid: lia.lid });
    expect(contents(await rowsOf('messages', `&contact_id=${contactId}`))).toEqual([
      'hello from Lia',
      'an answer to Lia',
    ]);
  });
});

describe('a contact', () => {
  it('keeps a name that can be read', async () => {
    const tom = simulator.addPhone({ number: '5521977770006', name: 'Tom' });
    const { contactId } = await heard(tom, 'with a name');
    for (const [index, pushName] of ['\u3164', '\u2800', '\u200b\u200d', '\u202e\u2066'].entries()) {
      await heard(tom, `with nothing to read ${index}`, { pushName });
    }

    expect(await contactAt(contactId!)).toMatchObject({ name: 'Tom' });
  });

  it.each([
    ['Mexico', '5215512345678', '525512345678'],
    ['Argentina', '5491123456789', '541123456789'],
    ['Brazil', '5521988880007', '552188880007'],
  ])('is one under both spellings of its number: %s', async (land, long, short) => {
    const phone = simulator.addPhone({ number: long, name: land });
    phone.hidesLid = true;
    const first = await heard(phone, `${land}, long`, BY_NUMBER);
    simulator.changeNumber(phone, short);

    const second = await heard(phone, `${land}, short`, BY_NUMBER);

    expect(second).toMatchObject({ contactId: first.contactId, bookingId: first.bookingId, from: short });
    expect(await contactsNamed(land)).toHaveLength(1);
  });
});
