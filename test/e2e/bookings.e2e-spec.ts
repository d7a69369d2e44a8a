import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LinkedService, startLinkedService } from '../support/linked-service.js';

const ORGANIZATION = 'org_123';
const DAY = { starts_at: '2027-03-01T09:00:00.000Z', ends_at: '2027-03-01T10:00:00.000Z' };

interface Booking {
  id: string;
  status: string;
  [field: string]: unknown;
}

interface Answer {
  status: number;
  headers: Headers;
  body: { booking: Booking; bookings: Booking[]; code?: string };
}

let service: LinkedService;
let events: LinkedService['events'];
let owner: LinkedService['owner'];
let ana: LinkedService['ana'];
let instanceId: string;
let contactId: string;
/** That ana's message opened. */
let opened: string;

beforeAll(async () => {
  service = await startLinkedService(ORGANIZATION);
  ({ events, owner, ana, instanceId } = service);
  await ana.writes(owner, 'is there a place on Monday?');
  const message = await events.next('whatsapp:message');
  contactId = message.contactId!;
  opened = message.bookingId!;
});

afterAll(() => service.stop());

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${service.url}/api/bookings${path}`, {
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

const make = (fields: object = {}, headers: Record<string, string> = {}) =>
  call('POST', '', { organization_id: ORGANIZATION, contact_id: contactId, ...fields }, headers);

const change = (id: string, fields: object, headers: Record<string, string> = {}) =>
  call('PATCH', `/${id}`, { organization_id: ORGANIZATION, ...fields }, headers);

const read = (id: string, headers: Record<string, string> = {}) =>
  call('GET', `/${id}?organization_id=${ORGANIZATION}`, undefined, headers);

describe('a booking that somebody makes', () => {
  it('is stored with its times, told, and listed by when it starts', async () => {
    const { status, body } = await make({ ...DAY, title: 'Haircut', notes: 'short\nas last time' });

    expect(status).toBe(200);
    expect(body.booking).toMatchObject({
      contact_id: contactId,
      instance_id: instanceId,
      status: 'pending',
      source: 'api',
      title: 'Haircut',
      notes: 'short\nas last time',
      ...DAY,
    });
    expect(await events.next('whatsapp:booking')).toMatchObject({
      instanceId,
      bookingId: body.booking.id,
      contactId,
      status: 'pending',
    });
    const onDay = async (from: string, before: string) =>
      (await call('GET', `?organization_id=${ORGANIZATION}&starts_from=${from}&starts_before=${before}`)).body
        .bookings;
    expect(await onDay('2027-03-01', '2027-03-02')).toEqual([body.booking]);
    expect(await onDay('2027-03-02', '2027-03-03')).toEqual([]);
  });

  it('is made once under a key, whoever asks again, and however many at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => make({ title: 'Once' }, { 'idempotency-key': 'booking-1' })),
    );

    expect(new Set(answers.map(({ body }) => body.booking.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(4);
    const other = await make({ title: 'Another' }, { 'idempotency-key': 'booking-1' });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });

  it.each([
    ['a contact that is not there', { contact_id: randomUUID() }, 404, 'contact_not_found'],
    [
      'an end before the start',
      { starts_at: DAY.ends_at, ends_at: DAY.starts_at },
      409,
      'booking_ends_too_early',
    ],
    ['an end without a start', { ends_at: DAY.ends_at }, 409, 'booking_ends_too_early'],
    ['a status that comes later', { status: 'completed' }, 400, 'validation_failed'],
    ['a day that there is not', { starts_at: '2027-02-30T10:00:00Z' }, 400, 'validation_failed'],
    ['a title too long', { title: 'x'.repeat(201) }, 400, 'validation_failed'],
    ['notes too long', { notes: '😀'.repeat(10_001) }, 400, 'validation_failed'],
  ])('is refused with %s', async (_name, fields, status, code) => {
    expect(await make(fields)).toMatchObject({ status, body: { code } });
  });
});

describe('a booking that is changed', () => {
  it('goes its way, each step told, and no other', async () => {
    const steps = [
      ['completed', 409],
      ['pending', 200],
      ['confirmed', 200],
      ['pending', 409],
      ['completed', 200],
      ['cancelled', 409],
    ] as const;
    for (const [status, answered] of steps) {
      expect({ status, answered: (await change(opened, { status })).status }).toEqual({ status, answered });
    }

    const ofIt = ({ bookingId }: { bookingId: string }) => bookingId === opened;
    expect(await events.count('whatsapp:booking', 2, ofIt)).toMatchObject([
      { status: 'confirmed', previousStatus: 'pending' },
      { status: 'completed', previousStatus: 'confirmed' },
    ]);
    expect((await change(opened, { status: 'cancelled' })).body.code).toBe('invalid_transition');
  });

  it('keeps what is not named, and loses what is null', async () => {
    const { id } = (await make({ ...DAY, title: 'Haircut', notes: 'short' })).body.booking;

    const { body } = await change(id, { notes: null, ends_at: null, title: 'Beard' });

    expect(body.booking).toMatchObject({
      title: 'Beard',
      notes: null,
      starts_at: DAY.starts_at,
      ends_at: null,
    });
    expect(await change(id, { ends_at: '2027-02-28T00:00:00Z' })).toMatchObject({
      status: 409,
      body: { code: 'booking_ends_too_early' },
    });
    expect((await read(id)).body.booking).toEqual(body.booking);
  });

  it('is nobody else’s to undo unseen', async () => {
    const made = await make({ title: 'Seen' });
    const { id } = made.body.booking;
    const seen = made.headers.get('etag')!;
    expect((await read(id, { 'if-none-match': seen })).status).toBe(304);

    const [first, second] = await Promise.all([
      change(id, { status: 'confirmed' }, { 'if-match': seen }),
      change(id, { status: 'cancelled' }, { 'if-match': seen }),
    ]);

    expect(new Set([first.status, second.status])).toEqual(new Set([200, 412]));
    const winner = first.status === 200 ? first : second;
    expect((await read(id)).body.booking).toEqual(winner.body.booking);
    expect((await read(id)).headers.get('etag')).toBe(winner.headers.get('etag'));
    expect((await read(id, { 'if-none-match': seen })).status).toBe(200);
    expect((await change(id, { title: 'x' }, { 'if-match': 'nonsense' })).body.code).toBe(
      'changed_meanwhile',
    );
    expect((await change(id, { title: 'x' }, { 'if-match': '*' })).status).toBe(200);
  });

  it('is not there under another id', async () => {
    expect(await change(randomUUID(), { title: 'x' })).toMatchObject({
      status: 404,
      body: { code: 'booking_not_found' },
    });
  });
});

it('a message beside a pending booking takes it, also one that somebody made', async () => {
  const { bookings } = (
    await call('GET', `?organization_id=${ORGANIZATION}&contact_id=${contactId}&status=pending`)
  ).body;
  for (const { id } of bookings) {
    await change(id, { status: 'cancelled' });
  }
  const { booking } = (await make({ title: 'By phone' })).body;

  const sent = await ana.writes(owner, 'see you then');

  const message = await events.next('whatsapp:message', ({ messageId }) => messageId === sent.id);
  expect(message.bookingId).toBe(booking.id);
});
