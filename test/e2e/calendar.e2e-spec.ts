import { readFile } from 'node:fs/promises';
import ICAL from 'ical.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LinkedService, startLinkedService } from '../support/linked-service.js';

const ORGANIZATION = 'org_123';
const FEEDS = `/api/organizations/${ORGANIZATION}/calendar-feeds`;
const NOTES = `commas, semicolons; back\\slashes\nand a line that is ${'much '.repeat(30)}longer than 75 – ção 💈`;

interface Issued {
  calendar_feed: { id: string };
  path: string;
  code?: string;
}

let service: LinkedService;
let contactId: string | undefined;

beforeAll(async () => {
  service = await startLinkedService(ORGANIZATION);
  await service.ana.writes(service.owner, 'monday?');
  ({ contactId } = await service.events.next('whatsapp:message'));
});

afterAll(() => service.stop());

const issue = async (path = FEEDS) => (await service.api.call<Issued>('POST', path, {})).body;

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${service.url}${path}`, { headers, signal: AbortSignal.timeout(30_000) });

const soon = (hours: number) =>
  new Date(Date.now() + hours * 3_600_000).toISOString().replace(/\.\d+/, '.000');

async function book(fields: object): Promise<string> {
  const { body } = await service.api.call<{ booking: { id: string } }>('POST', '/api/bookings', {
    organization_id: ORGANIZATION,
    contact_id: contactId,
    ...fields,
  });
  return body.booking.id;
}

const change = (id: string, fields: object) =>
  service.api.call('PATCH', `/api/bookings/${id}`, { organization_id: ORGANIZATION, ...fields });

/** What another library reads in the calendar, by booking. */
async function read(path: string) {
  const text = await (await get(path)).text();
  const root = new ICAL.Component(ICAL.parse(text) as never);
  const events = root.getAllSubcomponents('vevent').map((one) => ({
    event: new ICAL.Event(one),
    status: one.getFirstPropertyValue('status'),
  }));
  return { text, of: (id: string) => events.find(({ event }) => event.uid === `${id}@auzap`) };
}

it('shows bookings as another library reads them', async () => {
  const { path } = await issue();
  const startsAt = soon(24);
  const id = await book({
    title: 'Corte; barba, etc.',
    notes: NOTES,
    starts_at: startsAt,
    ends_at: soon(25),
  });
  const open = await book({ title: 'without a start' });
  const far = await book({ title: 'in two years', starts_at: soon(24 * 730) });

  const { text, of } = await read(path);

  const { event, status } = of(id)!;
  expect(event.summary).toBe('Corte; barba, etc. – Ana');
  expect(event.description).toBe(NOTES);
  expect(event.startDate.toJSDate().toISOString()).toBe(startsAt);
  expect(event.startDate.zone).toBe(ICAL.Timezone.utcTimezone);
  expect(event.sequence).toBe(0);
  expect(status).toBe('TENTATIVE');
  expect([of(open), of(far)]).toEqual([undefined, undefined]);
  const lines = text.split('\r\n');
  expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
});

it('follows a booking under the same id, and keeps a cancelled one as such', async () => {
  const { path } = await issue();
  const id = await book({ title: 'Moves', starts_at: soon(48) });
  const before = (await read(path)).of(id)!.event;
  await expect
    .poll(
      async () => {
        await change(id, { title: `Moves ${Date.now()}` });
        return (await read(path)).of(id)!.event.sequence;
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThan(before.sequence);
  await change(id, { status: 'cancelled' });

  expect((await read(path)).of(id)!.status).toBe('CANCELLED');
});

it('is sent anew only where something changed', async () => {
  const { path } = await issue();
  await book({ title: 'Once', starts_at: soon(72) });
  const first = await get(path);
  const etag = first.headers.get('etag')!;

  expect(first.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
  expect((await get(path, { 'if-none-match': etag })).status).toBe(304);
  await book({ title: 'Another', starts_at: soon(73) });
  expect((await get(path, { 'if-none-match': etag })).status).toBe(200);
});

it('is made once under a key, and its address shown to the same call again, as long as it is there', async () => {
  const ask = async () =>
    (await service.api.call<Issued>('POST', FEEDS, { name: 'Once' }, { 'idempotency-key': 'feed-1' })).body;
  const first = await ask();

  const again = await ask();

  expect(again).toEqual(first);
  expect((await get(again.path)).status).toBe(200);
  await service.api.call('DELETE', `${FEEDS}/${first.calendar_feed.id}`);
  expect((await ask()).code).toBe('calendar_feed_not_found');
});

it('ends with its address, which nobody else gets to know', async () => {
  const issued = await issue();
  const rotated = await issue(`${FEEDS}/${issued.calendar_feed.id}/rotate`);

  expect(rotated.calendar_feed.id).toBe(issued.calendar_feed.id);
  expect((await get(issued.path)).status).toBe(404);
  expect((await get(rotated.path)).status).toBe(200);
  const listed = await service.api.call('GET', FEEDS);
  expect(JSON.stringify(listed.body)).not.toContain('cal_');
  await service.api.call('DELETE', `${FEEDS}/${issued.calendar_feed.id}`);
  expect((await get(rotated.path)).status).toBe(404);
  expect((await get('/calendar/nothing.ics')).status).toBe(404);
  const log = await readFile(service.logFile, 'utf8');
  expect(log).toContain('/calendar/[hidden]');
  for (const { path } of [issued, rotated]) {
    expect(log).not.toContain(path.slice('/calendar/'.length, -'.ics'.length));
  }
});

it('shows nothing of another organization, and is one of 20 at most', async () => {
  const id = await book({ title: 'ours', starts_at: soon(96) });
  await service.api.createInstance('org_b');
  const { path } = await issue('/api/organizations/org_b/calendar-feeds');

  expect((await read(path)).of(id)).toBeUndefined();
  const { body } = await service.api.call<{ calendar_feeds: object[] }>('GET', FEEDS);
  for (let count = body.calendar_feeds.length; count < 20; count += 1) {
    await issue();
  }
  expect((await issue()).code).toBe('too_many_calendar_feeds');
});
