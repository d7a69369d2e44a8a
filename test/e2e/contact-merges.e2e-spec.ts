import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { type LinkedService, startLinkedService } from '../support/linked-service.js';

const ORGANIZATION = 'org_123';

let service: LinkedService;
/** Ana's other phone, another account. */
let work: Phone;
let anaId: string;
let workId: string;

beforeAll(async () => {
  service = await startLinkedService(ORGANIZATION);
  work = service.simulator.addPhone({ number: '5521977776666', name: 'Ana Souza' });
  await service.ana.writes(service.owner, 'hello, Ana here');
  anaId = (await told('hello, Ana here')).contactId!;
  await work.writes(service.owner, 'Ana again, from work');
  workId = (await told('Ana again, from work')).contactId!;
});

afterAll(() => service.stop());

const told = (text: string) => service.events.next('whatsapp:message', (message) => message.text === text);
const changed = (change: string) =>
  service.events.next('whatsapp:contact', (contact) => contact.change === change);

interface Answer {
  status: number;
  replayed: string | null;
  body: Record<string, unknown> & { code?: string; messages: { content: string }[] };
}

async function call(method: string, path: string, body?: object, key?: string): Promise<Answer> {
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...(key && { 'idempotency-key': key }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  return {
    status: response.status,
    replayed: response.headers.get('idempotency-replayed'),
    body: (await response.json()) as Answer['body'],
  };
}

/** Of the organization. */
const post = (path: string, body: object, key?: string) =>
  call('POST', path, { organization_id: ORGANIZATION, ...body }, key);
const read = (path: string) =>
  call('GET', `${path}${path.includes('?') ? '&' : '?'}organization_id=${ORGANIZATION}`);
const contents = async (contactId: string) =>
  (await read(`/api/messages?contact_id=${contactId}`)).body.messages.map(({ content }) => content);
const send = (to: string, message: string) =>
  call('POST', `/api/whatsapp/instances/${service.instanceId}/send`, { to, message });

it('makes one contact of two, answers both numbers, and takes it back without loss', async () => {
  const merged = await post(`/api/contacts/${anaId}/merge`, { contact_id: workId }, 'merge-1');

  expect(merged).toMatchObject({
    status: 200,
    replayed: null,
    body: { contact: { id: anaId, name: 'Ana' } },
  });
  expect(await changed('merged')).toMatchObject({
    contactId: workId,
    mergedInto: anaId,
  });
  expect(await post(`/api/contacts/${anaId}/merge`, { contact_id: workId }, 'merge-1')).toMatchObject({
    status: 200,
    replayed: 'true',
    body: { merge_id: merged.body['merge_id'] },
  });
  expect(await post(`/api/contacts/${workId}/merge`, { contact_id: anaId })).toMatchObject({
    status: 409,
    body: { code: 'already_one_contact' },
  });
  expect(await read(`/api/contacts/${workId}`)).toMatchObject({
    body: {
      contact: { id: anaId, merged_into: anaId },
      merges: [
        { merge_id: merged.body['merge_id'], contact_id: workId, merged_by: 'person', name: 'Ana Souza' },
      ],
    },
  });
  expect((await read('/api/contacts')).body['contacts']).toHaveLength(1);
  expect((await read('/api/conversations')).body['conversations']).toMatchObject([
    { contact: { id: anaId }, unread_count: 2, last_message: { content: 'Ana again, from work' } },
  ]);

  await work.writes(service.owner, 'where are you?');
  expect(await told('where are you?')).toMatchObject({ contactId: anaId, from: work.number });
  await service.ana.writes(service.owner, 'at home');
  await told('at home');
  expect(await send(work.number, 'to work')).toMatchObject({ status: 200 });
  await work.receives(({ text }) => text === 'to work');
  expect(await send(service.ana.number, 'to Ana')).toMatchObject({ status: 200 });
  await service.ana.receives(({ text }) => text === 'to Ana');
  expect(await contents(anaId)).toEqual([
    'to Ana',
    'to work',
    'at home',
    'where are you?',
    'Ana again, from work',
    'hello, Ana here',
  ]);

  const mergeId = merged.body['merge_id'] as string;
  const undone = await post(`/api/contacts/${workId}/unmerge`, { merge_id: mergeId });
  expect(undone).toMatchObject({
    status: 200,
    body: { contact: { id: anaId }, unmerged: { id: workId, name: 'Ana Souza', phone_number: work.number } },
  });
  expect(await changed('unmerged')).toMatchObject({
    contactId: workId,
    unmergedFrom: anaId,
  });
  expect(await contents(workId)).toEqual(['to work', 'where are you?', 'Ana again, from work']);
  expect(await contents(anaId)).toEqual(['to Ana', 'at home', 'hello, Ana here']);
  expect(await post(`/api/contacts/${anaId}/unmerge`, { merge_id: mergeId })).toMatchObject({
    status: 404,
    body: { code: 'merge_not_found' },
  });
});

it.each([
  ['the other is missing', () => [anaId, { contact_id: randomUUID() }] as const, 404, 'contact_not_found'],
  ['it is missing', () => [randomUUID(), { contact_id: anaId }] as const, 404, 'contact_not_found'],
  ['it is itself', () => [anaId, { contact_id: anaId }] as const, 409, 'already_one_contact'],
  ['the other is no id', () => [anaId, { contact_id: 'Ana' }] as const, 400, 'validation_failed'],
  ['no other is named', () => [anaId, {}] as const, 400, 'validation_failed'],
])('merges nothing where %s', async (_name, given, status, code) => {
  const [id, body] = given();
  expect(await post(`/api/contacts/${id}/merge`, body)).toMatchObject({ status, body: { code } });
});

it('is found by what was merged into it, and has as many bookings as the organization wants', async () => {
  const settings = `/api/organizations/${ORGANIZATION}/settings`;
  await call('PATCH', settings, { booking_policy: 'every-message' });
  await service.ana.writes(service.owner, 'Monday?');
  await told('Monday?');
  await work.writes(service.owner, 'Tuesday?');
  await told('Tuesday?');
  const open = async () =>
    (await read(`/api/bookings?contact_id=${anaId}&status=pending`)).body['bookings'] as object[];
  const openBefore = (await open()).length;
  const { body } = await post(`/api/contacts/${anaId}/merge`, { contact_id: workId });

  expect((await open()).length).toBeGreaterThan(openBefore + 1);
  for (const query of ['search=souza', 'search=so', 'search=7777', 'search=souza&sort=name']) {
    expect((await read(`/api/contacts?${query}`)).body['contacts']).toMatchObject([{ id: anaId }]);
    expect((await read(`/api/conversations?${query.replace('&sort=name', '')}`)).body).toMatchObject({
      conversations: [{ contact: { id: anaId } }],
    });
  }
  await post(`/api/contacts/${anaId}/unmerge`, { merge_id: body['merge_id'] });
  await call('PATCH', settings, { booking_policy: null });
});

it('erases both, and then there is nothing to take back', async () => {
  const { body } = await post(`/api/contacts/${anaId}/merge`, { contact_id: workId });

  const erased = await call('DELETE', `/api/contacts/${workId}?organization_id=${ORGANIZATION}`);

  expect(erased).toMatchObject({ status: 200, body: { receipt: { contact_id: anaId } } });
  expect((await read('/api/contacts')).body['contacts']).toEqual([]);
  expect((await read('/api/messages')).body.messages).toEqual([]);
  expect(await post(`/api/contacts/${anaId}/unmerge`, { merge_id: body['merge_id'] })).toMatchObject({
    status: 404,
    body: { code: 'contact_not_found' },
  });
});
