import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_JPEG } from '../../src/simulator/media-host/samples.js';
import type { Content } from '../../src/simulator/phones/message-content.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { TickSettings } from '../../src/ticker/tick-settings.js';
import { CHANGE_ROWS, TRAFFIC_NAMES, TYPE_ROWS } from '../../tools/message-table.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { startTestService, type TestService } from '../support/test-service.js';
import { CHANGE_CASES } from './message-table-changes.js';
import { receivedCases } from './message-table-received.js';
import { SENT_CASES } from './message-table-sent.js';

const ORGANIZATION = 'org_kinds';
const PATIENCE = { timeout: 20_000 };

interface Row {
  id: string;
  whatsapp_message_id: string;
  content: string;
  content_type: string;
  type: string;
  media: { state: string } | null;
}

interface Sent {
  message_id: string;
  whatsapp_message_id: string;
}

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let instanceId: string;
let received: ReturnType<typeof receivedCases>;
let strangers = 0;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator, { LEASE_SECONDS: '300' });
  // What is done here is done because something came, not because somebody looks again.
  service.service.app.get(TickSettings, { strict: false }).periodMs = 60_000;
  events = await listen(service.url, ORGANIZATION);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  const { fileSha256, ...file } = await simulator.media.store('image', SAMPLE_JPEG);
  received = receivedCases({ ...file, fileSha256, mimetype: 'image/jpeg' });
});
afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
});

/** Somebody who has never written. */
function stranger(): Phone {
  strangers += 1;
  return simulator.addPhone({ number: `55119${80_000_000 + strangers}`, name: `Client ${strangers}` });
}

async function call<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await service.api.call<Body>(method, path, body);
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 200 });
  return answer.body;
}

async function list<Item>(what: string, query: Record<string, string>): Promise<Item[]> {
  const parameters = new URLSearchParams({ organization_id: ORGANIZATION, limit: '100', ...query });
  return (await call<Record<string, Item[]>>('GET', `/api/${what}?${parameters.toString()}`))[what]!;
}

/** How much REST knows of somebody. */
async function knownOf({ number }: Phone) {
  const contacts = await list<{ id: string }>('contacts', { phone_number: number });
  const query = { contact_id: contacts[0]?.id ?? '' };
  const [messages, bookings] = contacts[0]
    ? [await list<Row>('messages', query), await list('bookings', query)]
    : [[], []];
  return { contacts: contacts.length, bookings: bookings.length, messages };
}

/** Until all that was written before is told of. */
async function settled(): Promise<void> {
  const phone = stranger();
  await phone.writes(owner, phone.number);
  await events.next('whatsapp:message', ({ text }) => text === phone.number);
}

async function written(phone: Phone, content: Content) {
  const sent = await phone.writes(owner, content);
  await sent.acknowledged();
  await settled();
  return sent;
}

async function read(id: string): Promise<Row> {
  return (await call<{ message: Row }>('GET', `/api/messages/${id}`)).message;
}

/** The bytes of a message's file, once they are here. */
async function bytesOf(id: string, of = read): Promise<Buffer> {
  await expect.poll(async () => (await of(id)).media?.state, PATIENCE).toBe('ready');
  const response = await fetch(`${service.url}/api/messages/${id}/media`);
  return Buffer.from(await response.arrayBuffer());
}

async function send(to: Phone, body: object, type?: string, file?: Buffer): Promise<Sent> {
  const path = `/api/whatsapp/instances/${instanceId}/send`;
  if (!file) {
    return call('POST', path, { to: to.number, ...body });
  }
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(file)]), 'file.bin');
  const upload = `${service.url}/api/media?organization_id=${ORGANIZATION}`;
  const answer = await fetch(upload, { method: 'POST', body: form });
  const { media } = (await answer.json()) as { media: { id: string } };
  return call('POST', path, { to: to.number, type, media: { id: media.id }, ...body });
}

function caseOf<Case>(cases: Readonly<Record<string, Case>>, row: string): Case {
  const found = cases[row];
  if (!found) {
    throw new Error(`docs/messages.md says ${row}, and no case here tries it`);
  }
  return found;
}

it('tries nothing that docs/messages.md does not say', () => {
  const types = TYPE_ROWS.flatMap(({ type, names }) => names.map((name) => `${type} ${name}`));
  const changes = CHANGE_ROWS.flatMap(({ change, fields }) => fields.map((field) => `${change} ${field}`));
  const sent = TYPE_ROWS.filter(({ canBeSent }) => canBeSent).map(({ type }) => type);

  expect(new Set(Object.keys(received))).toEqual(new Set([...types, 'unsupported chat']));
  expect(new Set(Object.keys(CHANGE_CASES))).toEqual(new Set(changes));
  expect(new Set(Object.keys(SENT_CASES))).toEqual(new Set(sent));
});

describe.each(TYPE_ROWS)('$type', ({ type, names, bringsFile, makesContact, makesBooking }) => {
  const all = type === 'unsupported' ? [...names, 'chat'] : names;

  it.each(all)('as %s is what REST and events say, with its contact and booking', async (name) => {
    const { content, text, file } = caseOf(received, `${type} ${name}`);
    const client = stranger();

    const { id } = await written(client, content);

    const { contacts, bookings, messages } = await knownOf(client);
    expect({ contacts, bookings }).toEqual({
      contacts: Number(makesContact),
      bookings: Number(makesBooking),
    });
    const message = { whatsapp_message_id: id, type, content_type: name, content: text };
    expect(messages).toMatchObject(makesContact ? [message] : []);
    const told = events.all('whatsapp:message').filter(({ messageId }) => messageId === id);
    expect(told).toMatchObject(makesContact ? [{ type, text }] : []);
    const [bytes] = await Promise.all(messages.filter(({ media }) => media).map((one) => bytesOf(one.id)));
    expect(bytes).toEqual(file);
  });

  it.each(all)('as %s is a note where the organization wrote it on its phone', async (name) => {
    const { content, text, file } = caseOf(received, `${type} ${name}`);
    const client = stranger();

    const { id } = await owner.writes(client, content);
    await settled();

    expect(await knownOf(client)).toEqual({ contacts: 0, bookings: 0, messages: [] });
    const note = async () => (await list<Row>('notes', {})).find((one) => one.whatsapp_message_id === id)!;
    expect(await note()).toMatchObject({ content: text, content_type: name });
    expect(file && (await bytesOf((await note()).id, note))).toEqual(file);
  });

  it('brings a file, or none', () => {
    const cases = all.map((name) => caseOf(received, `${type} ${name}`));

    expect(cases.some(({ file }) => file !== undefined)).toBe(bringsFile);
  });
});

it.each(TYPE_ROWS.filter(({ canBeSent }) => canBeSent))(
  '$type is sent, and the phone shows it',
  async ({ type, names }) => {
    const { body, file, shows } = caseOf(SENT_CASES, type);
    const client = stranger();

    const sent = await send(client, body, type, file);

    const message = await client.receives(({ id }) => id === sent.whatsapp_message_id);
    expect(message.message).toMatchObject(shows);
    const stored = await read(sent.message_id);
    expect(stored).toMatchObject({ type, direction: 'outbound' });
    expect(type === 'text' ? ['text'] : names).toContain(stored.content_type);
    const told = await events.next('whatsapp:message-sent', ({ id }) => id === sent.message_id);
    expect(told).toMatchObject({ type, to: client.number, messageId: sent.whatsapp_message_id });
    const bytes = file && (await client.opens(message));
    expect(bytes).toEqual(file && (await bytesOf(sent.message_id)));
    // Stickers are converted.
    expect(type === 'sticker' ? file : bytes).toEqual(file);
  },
);

describe.each(CHANGE_ROWS)('$change', ({ change, fields, makesContact, makesBooking }) => {
  it.each(fields)('as %s changes the message, and is no message itself', async (field) => {
    const { first, change: made, becomes, event } = caseOf(CHANGE_CASES, `${change} ${field}`);
    const client = stranger();
    const sent = await written(client, first);

    await written(client, made(sent, client, owner));

    const { contacts, bookings, messages } = await knownOf(client);
    expect({ contacts, bookings }).toEqual({ contacts: 1, bookings: 1 });
    expect(messages).toMatchObject([{ whatsapp_message_id: sent.id, ...becomes }]);
    expect(events.all(event).filter(({ messageId }) => messageId === sent.id)).toMatchObject([
      { id: messages[0]!.id },
    ]);
  });

  it.each(fields)('as %s makes nobody a contact', async (field) => {
    const { first, change: made } = caseOf(CHANGE_CASES, `${change} ${field}`);
    const client = stranger();
    const elsewhere = await client.writes(stranger(), first);

    await written(client, made(elsewhere, client, owner));

    const { contacts, bookings } = await knownOf(client);
    expect({ contacts, bookings }).toEqual({
      contacts: Number(makesContact),
      bookings: Number(makesBooking),
    });
  });
});

describe('changes that are sent', () => {
  const SENT_CHANGES: Record<string, (of: Sent) => Promise<Sent>> = {
    edit: ({ message_id: id }) => call('PATCH', `/api/messages/${id}`, { message: 'second' }),
    delete: ({ message_id: id }) => call('DELETE', `/api/messages/${id}`),
    reaction: ({ message_id: id }) =>
      call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
        reaction: { message_id: id, emoji: '👍' },
      }),
  };
  const SHOWN: Record<string, object> = {
    edit: { kind: 'edit', text: 'second' },
    delete: { kind: 'delete' },
    reaction: { kind: 'reaction', emoji: '👍' },
  };
  const STORED: Record<string, object> = {
    edit: { content: 'second', edited_at: expect.any(String) },
    delete: { content: '', deleted_at: expect.any(String) },
    reaction: { reactions: [{ emoji: '👍', from_me: true }] },
  };

  it.each(CHANGE_ROWS.filter(({ canBeSent }) => canBeSent))('$change', async ({ change }) => {
    const client = stranger();
    const first = await send(client, { message: 'first' });

    const sent = await caseOf(SENT_CHANGES, change)(first);

    const message = await client.receives(({ id }) => id === sent.whatsapp_message_id);
    expect(client.understands(message)).toMatchObject({
      target: first.whatsapp_message_id,
      isOwn: true,
      ...SHOWN[change],
    });
    await expect.poll(() => read(first.message_id), PATIENCE).toMatchObject(STORED[change]!);
  });
});

describe('traffic', () => {
  it.each(TRAFFIC_NAMES)('%s is never shown', async (name) => {
    const client = stranger();

    const { id } = await written(client, { raw: { [name]: {} } });
    await owner.writes(client, { raw: { [name]: {} } });
    await settled();

    expect(await knownOf(client)).toEqual({ contacts: 0, bookings: 0, messages: [] });
    const notes = await list<Row>('notes', {});
    expect(notes.filter((note) => note.content_type === name || note.whatsapp_message_id === id)).toEqual([]);
  });
});
