import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LinkedService, startLinkedService } from '../support/linked-service.js';

const ORGANIZATION = 'org_123';
const PATH = `/api/organizations/${ORGANIZATION}/settings`;
const HAIRCUT = { name: 'Haircut', duration_minutes: 45, price: 'R$ 60' };

interface Answer {
  status: number;
  headers: Headers;
  body: {
    settings: { services: { id: string }[] };
    booking: { id: string; ends_at: string };
    code?: string;
    error?: string;
  };
}

let service: LinkedService;
let events: LinkedService['events'];
let owner: LinkedService['owner'];

beforeAll(async () => {
  service = await startLinkedService(ORGANIZATION);
  ({ events, owner } = service);
});

afterAll(() => service.stop());

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : JSON.parse(text),
  } as Answer;
}

const read = () => call('GET', PATH);
const change = (fields: object, headers?: Record<string, string>) => call('PATCH', PATH, fields, headers);

let number = 5_511_900_000_000;
const newClient = (name: string) => service.simulator.addPhone({ number: String((number += 1)), name });

/** Has a client write, and tells which booking the message carries. */
async function written(client: ReturnType<typeof newClient>, text: string) {
  const { id } = await client.writes(owner, text);
  return events.next('whatsapp:message', ({ messageId }) => messageId === id);
}

const booking = async (id: string) =>
  (await call('GET', `/api/bookings/${id}?organization_id=${ORGANIZATION}`)).body.booking;

describe('settings', () => {
  it('are the defaults until somebody changes them', async () => {
    const { status, body, headers } = await read();

    expect(status).toBe(200);
    expect(body.settings).toEqual({
      organization_id: ORGANIZATION,
      booking_policy: null,
      effective_booking_policy: 'one-open',
      time_zone: 'UTC',
      languages: ['en'],
      office_hours: null,
      services: [],
      automatic_replies: {},
      history: 'store',
      groups: 'ignore',
      updated_at: null,
    });
    expect(headers.get('etag')).toBe('"0"');
  });

  it('keep what a change does not name, and are changed by one of two at once', async () => {
    await change({ time_zone: 'America/Sao_Paulo', languages: ['pt-BR', 'en'] });
    const before = (await read()).headers.get('etag')!;

    const [first, second] = await Promise.all([
      change({ services: [HAIRCUT] }, { 'if-match': before }),
      change({ groups: 'ignore' }, { 'if-match': before }),
    ]);

    expect([first.status, second.status].toSorted((a, b) => a - b)).toEqual([200, 412]);
    const all = await Promise.all(
      ['UTC', 'Europe/Berlin', 'America/Sao_Paulo'].map((time_zone) => change({ time_zone })),
    );
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
    await change({ services: [HAIRCUT], time_zone: 'America/Sao_Paulo' });
    expect((await read()).body.settings).toMatchObject({
      time_zone: 'America/Sao_Paulo',
      languages: ['pt-BR', 'en'],
      services: [HAIRCUT],
    });
  });

  it.each([
    ['a policy that there is not', { booking_policy: 'always' }, /booking_policy: must be one of one-open/],
    ['a zone that there is not', { time_zone: 'Mars/Olympus' }, /time_zone: must be a name/],
    ['an offset', { time_zone: '+03:00' }, /time_zone: must be a name/],
    ['no language', { languages: [] }, /languages: must be a list of 1 to 10/],
    [
      'hours that end before they begin',
      { office_hours: { weekly: [{ day: 'monday', opens: '18:00', closes: '09:00' }] } },
      /weekly\[0\]: closes must be later/,
    ],
    [
      'hours that overlap',
      {
        office_hours: {
          weekly: [
            { day: 'monday', opens: '09:00', closes: '12:00' },
            { day: 'monday', opens: '11:00', closes: '13:00' },
          ],
        },
      },
      /overlap at monday 11:00/,
    ],
    [
      'a day that there is not',
      { office_hours: { exceptions: [{ date: '2026-02-30', intervals: [] }] } },
      /exceptions\[0\]: date must be a day that there is/,
    ],
    ['a service without an end', { services: [{ name: 'Haircut' }] }, /services: \[0\]: duration_minutes/],
    [
      'a placeholder that nobody knows',
      { automatic_replies: { first_message: { enabled: true, texts: { 'pt-BR': 'Oi {{nome}}' } } } },
      /knows no \{\{nome\}\}; there are \{\{contact_name\}\}, \{\{organization_name\}\}/,
    ],
    [
      'a reply without the default language',
      { automatic_replies: { first_message: { enabled: true, texts: { en: 'Hi' } } } },
      /needs a template in pt-BR/,
    ],
    ['an occasion that there is not', { automatic_replies: { birthday: null } }, /unknown field birthday/],
    ['a field that there is not', { colour: 'red' }, /unknown field/],
  ])('refuse %s', async (_name, fields, sentence) => {
    const { status, body } = await change(fields);

    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' });
    expect(`${body.error} ${JSON.stringify(body)}`).toMatch(sentence);
  });

  it('of an organization that there is not are not found', async () => {
    expect(await call('GET', '/api/organizations/nobody/settings')).toMatchObject({
      status: 404,
      body: { code: 'organization_not_found' },
    });
  });
});

describe('the booking policy of an organization', () => {
  it('opens one booking while one is open, and says why', async () => {
    const client = newClient('One');
    const first = await written(client, 'one');
    const second = await written(client, 'two');

    expect(second.bookingId).toBe(first.bookingId);
    expect(await booking(first.bookingId!)).toMatchObject({ source: 'whatsapp', reason: 'first_message' });
  });

  it('opens one for every message from the next message on, none while it is off, and says why', async () => {
    const client = newClient('Every');
    await change({ booking_policy: 'every-message' });
    const first = await written(client, 'one');
    const second = await written(client, 'two');
    await change({ booking_policy: 'off' });
    const third = await written(client, 'three');
    await change({ booking_policy: 'one-open' });
    await call('PATCH', `/api/bookings/${first.bookingId}`, {
      organization_id: ORGANIZATION,
      status: 'cancelled',
    });

    expect(second.bookingId).not.toBe(first.bookingId);
    expect(third).not.toHaveProperty('bookingId');
    expect(await booking(second.bookingId!)).toMatchObject({ reason: 'policy' });
  });

  it('holds for a message that can be read only later', async () => {
    await change({ booking_policy: 'off' });
    const client = newClient('Late');
    await written(client, 'so that there is a session');
    await change({ booking_policy: 'every-message' });
    const { id } = await client.writes(owner, 'unreadable at first', { unavailable: 'view_once' });
    await events.next('whatsapp:message-updated', ({ messageId }) => messageId === id);
    await client.writes(owner, 'unreadable at first', { id });
    const message = await events.next('whatsapp:message', ({ messageId }) => messageId === id);
    await change({ booking_policy: 'one-open' });

    expect(await booking(message.bookingId!)).toMatchObject({ reason: 'policy', status: 'pending' });
  });
});

describe('a booking of a service', () => {
  it('ends when the service does, also when it is moved, and keeps the name that it had', async () => {
    const { contactId } = await written(newClient('Service'), 'a haircut, please');
    const { services } = (await read()).body.settings;
    const body = { organization_id: ORGANIZATION, contact_id: contactId, service_id: services[0]!.id };
    const made = await call('POST', '/api/bookings', { ...body, starts_at: '2027-03-01T09:00:00Z' });

    expect(made.body.booking).toMatchObject({
      service: 'Haircut',
      service_id: services[0]!.id,
      ends_at: '2027-03-01T09:45:00.000Z',
      reason: null,
    });
    const moved = await call('PATCH', `/api/bookings/${made.body.booking.id}`, {
      organization_id: ORGANIZATION,
      starts_at: '2027-03-01T14:00:00Z',
    });
    expect(moved.body.booking.ends_at).toBe('2027-03-01T14:45:00.000Z');
    await change({ services: [] });
    expect(await booking(made.body.booking.id)).toMatchObject({ service: 'Haircut' });
    expect(await call('POST', '/api/bookings', body)).toMatchObject({
      status: 409,
      body: { code: 'unknown_service' },
    });
  });
});

it('an instance begins with what the organization chose', async () => {
  await change({ history: 'ignore', groups: 'store' });
  const id = await service.api.createInstance(ORGANIZATION);

  const { body } = await service.api.call<{ instance: object }>('GET', `/api/whatsapp/instances/${id}`);
  expect(body.instance).toMatchObject({ history: 'ignore', groups: 'store' });
});
