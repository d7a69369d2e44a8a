import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LinkedService, startLinkedService } from '../support/linked-service.js';

const ORGANIZATION = 'org_123';
const PATH = `/api/organizations/${ORGANIZATION}/settings`;
const CLOSED = { weekly: [], exceptions: [] };
const reply = (pt: string, en: string) => ({ enabled: true, texts: { pt, en } });

let service: LinkedService;
let events: LinkedService['events'];
let owner: LinkedService['owner'];

beforeAll(async () => {
  service = await startLinkedService(ORGANIZATION);
  ({ events, owner } = service);
  await service.api.call('PATCH', `/api/organizations/${ORGANIZATION}`, { name: 'Salon' });
  await change({
    languages: ['en', 'pt'],
    time_zone: 'America/Sao_Paulo',
    automatic_replies: {
      first_message: reply('Olá {{contact_name}}, {{organization_name}}', 'Hello {{contact_name}}!'),
      outside_hours: reply('Fechado até {{opens_at}}', 'Closed until {{opens_at}}'),
      booking_confirmed: reply('{{booking_title}}: {{booking_starts_at}}', 'ok {{booking_starts_at}}'),
      booking_cancelled: reply('cancelado', 'cancelled'),
    },
  });
});

beforeEach(() => change({ office_hours: null }));

afterAll(() => service.stop());

async function change(fields: object): Promise<void> {
  const answer = await service.api.call('PATCH', PATH, fields);
  expect(answer.status).toBe(200);
}

let number = 5_511_900_000_000;
const newClient = (name: string, phone = String((number += 1))) =>
  service.simulator.addPhone({ number: phone, name });
type Client = ReturnType<typeof newClient>;

const hears = (client: Client, text: string) => client.receives((message) => message.text === text);

async function written(client: Client, text: string, options = {}) {
  const { id } = await client.writes(owner, text, options);
  return events.next('whatsapp:message', ({ messageId }) => messageId === id);
}

const repliesTo = (contactId: string | undefined) =>
  events.all('whatsapp:message-sent').filter((sent) => sent.contactId === contactId);

interface Listed {
  messages: { direction: string; content: string; reason: string | null; status: string }[];
}

const messagesOf = async (contactId: string | undefined) =>
  (
    await service.api.call<Listed>(
      'GET',
      `/api/messages?organization_id=${ORGANIZATION}&contact_id=${contactId}`,
    )
  ).body.messages;

/** When this is stored, whatever follows from what came before is stored, too. */
const afterwards = async () => {
  const probe = newClient('Probe');
  const message = await written(probe, 'probe');
  await hears(probe, 'Olá Probe, Salon');
  return message;
};

describe('the answer to a first message', () => {
  it('is written once, in the language of the number, and says why', async () => {
    const client = newClient('Ana');
    const message = await written(client, 'hi');

    expect((await hears(client, 'Olá Ana, Salon')).text).toBe('Olá Ana, Salon');
    await written(client, 'are you there?');
    await afterwards();
    expect(repliesTo(message.contactId)).toEqual([
      expect.objectContaining({ reason: 'automatic: first_message', text: 'Olá Ana, Salon' }),
    ]);
    await expect
      .poll(async () =>
        (await messagesOf(message.contactId)).find(({ direction }) => direction === 'outbound'),
      )
      .toMatchObject({ reason: 'automatic: first_message', status: expect.stringMatching(/sent|delivered/) });
  });

  it('is in the first language for a number of elsewhere', async () => {
    const client = newClient('Bob', '493012345678');
    await written(client, 'hi');

    expect((await hears(client, 'Hello Bob!')).text).toBe('Hello Bob!');
  });

  it('is not written to whom the business wrote first, to what comes late, nor in groups and notes', async () => {
    const known = newClient('Known');
    await service.api.call('POST', `/api/whatsapp/instances/${service.instanceId}/send`, {
      to: known.number,
      message: 'we write first',
    });
    await hears(known, 'we write first');
    const answer = await written(known, 'oh');
    const late = newClient('Late');
    const old = await written(late, 'an hour ago', { timestamp: new Date(Date.now() - 3_600_000) });
    const noted = newClient('Noted');
    await owner.writes(noted, 'a note of ours');
    await events.next('whatsapp:note');
    await afterwards();

    expect(repliesTo(answer.contactId).map(({ text }) => text)).toEqual(['we write first']);
    expect(repliesTo(old.contactId)).toEqual([]);
    expect(noted.received.map(({ text }) => text)).toEqual(['a note of ours']);
  });

  it('is not written a second time when a message is delivered again', async () => {
    const client = newClient('Twice');
    const { id } = await client.writes(owner, 'again');
    const message = await events.next('whatsapp:message', ({ messageId }) => messageId === id);
    await hears(client, 'Olá Twice, Salon');
    await client.writes(owner, 'again', { id });
    await afterwards();

    expect(repliesTo(message.contactId)).toHaveLength(1);
  });
});

describe('the answer outside office hours', () => {
  it('is written once for each time that the organization is closed', async () => {
    await change({ office_hours: CLOSED });
    const client = newClient('Closed');
    const message = await written(client, 'open?');
    await hears(client, 'Fechado até');
    await written(client, 'and now?');
    await change({ office_hours: null });
    await afterwards();

    expect(repliesTo(message.contactId).map(({ reason }) => reason)).toEqual(['automatic: outside_hours']);
  });

  it('tells when it is open again, in the time of the organization', async () => {
    const tomorrow = new Date(Date.now() + 36 * 3_600_000).toISOString().slice(0, 10);
    await change({
      office_hours: {
        weekly: [],
        exceptions: [{ date: tomorrow, intervals: [{ opens: '09:30', closes: '18:00' }] }],
      },
    });
    const client = newClient('Tomorrow');
    await written(client, 'open?');

    const [year, month, day] = tomorrow.split('-');
    const text = `Fechado até ${day}/${month}/${year} 09:30`;
    expect((await hears(client, text)).text).toBe(text);
  });
});

describe('a robot that answers at once', () => {
  it('gets few answers, and none for its answers to them', async () => {
    await change({ office_hours: CLOSED });
    const robot = newClient('Robot');
    const first = await written(robot, 'hello from a robot');
    await hears(robot, 'Fechado até');
    for (let round = 0; round < 20; round += 1) {
      await written(robot, `automatic answer ${round}`);
    }
    await change({ office_hours: null });
    for (let round = 20; round < 40; round += 1) {
      await written(robot, `automatic answer ${round}`);
    }
    await afterwards();

    expect(repliesTo(first.contactId)).toHaveLength(1);
    expect(robot.received).toHaveLength(1);
  });
});

describe('a booking', () => {
  const newBooking = (contactId: string | undefined, fields: object) =>
    service.api.call<{ booking: { id: string } }>('POST', '/api/bookings', {
      organization_id: ORGANIZATION,
      contact_id: contactId,
      ...fields,
    });

  it('is told of when it is confirmed and when it is cancelled, once each', async () => {
    const client = newClient('Booker');
    const { contactId } = await written(client, 'monday?');
    const made = await newBooking(contactId, { title: 'Corte', starts_at: '2027-03-01T12:00:00Z' });
    const { id } = made.body.booking;
    const patch = (status: string) =>
      service.api.call('PATCH', `/api/bookings/${id}`, { organization_id: ORGANIZATION, status });

    await Promise.all([patch('confirmed'), patch('confirmed'), patch('confirmed')]);
    await hears(client, 'Corte: 01/03/2027 09:00');
    await patch('cancelled');
    await hears(client, 'cancelado');
    expect(repliesTo(contactId).map(({ reason }) => reason)).toEqual([
      'automatic: first_message',
      'automatic: booking_confirmed',
      'automatic: booking_cancelled',
    ]);
  });

  it('is told of at most so often in an hour', async () => {
    const client = newClient('Often');
    const { contactId } = await written(client, 'many of them');
    for (let round = 0; round < 12; round += 1) {
      const made = await newBooking(contactId, { status: 'confirmed', title: `nr. ${round}` });
      expect(made.status).toBe(200);
    }
    await afterwards();

    expect(repliesTo(contactId)).toHaveLength(5);
  });
});
