import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LinkedService, startLinkedService } from '../support/linked-service.js';

const ORGANIZATION = 'org_123';

let service: LinkedService;
let events: LinkedService['events'];
let owner: LinkedService['owner'];
let ana: LinkedService['ana'];
let contactId: string;

beforeAll(async () => {
  service = await startLinkedService(ORGANIZATION);
  ({ events, owner, ana } = service);
  contactId = await heardOf('hello');
});

afterAll(() => service.stop());

/** @returns the contact that ana's message is of */
async function heardOf(text: string): Promise<string> {
  const { id } = await ana.writes(owner, text);
  return (await events.next('whatsapp:message', ({ messageId }) => messageId === id)).contactId!;
}

const rename = (name: unknown, id = contactId) =>
  service.api.call<{ contact: { name: string; name_source: string }; code?: string }>(
    'PATCH',
    `/api/contacts/${id}`,
    { organization_id: ORGANIZATION, name },
  );

const nameNow = async () => {
  const { body } = await service.api.call<{ contact: { name: string; name_source: string } }>(
    'GET',
    `/api/contacts/${contactId}?organization_id=${ORGANIZATION}`,
  );
  return [body.contact.name, body.contact.name_source];
};

it('a name that somebody gave stays, is told, and can be taken away', async () => {
  const { status, body } = await rename('Ana from the corner');

  expect(status).toBe(200);
  expect(body.contact).toMatchObject({ id: contactId, name: 'Ana from the corner', name_source: 'person' });
  const told = await events.next('whatsapp:contact', ({ change }) => change === 'renamed');
  expect(told).toMatchObject({ contactId, instanceId: expect.any(String) });
  expect(await heardOf('again')).toBe(contactId);
  expect(await nameNow()).toEqual(['Ana from the corner', 'person']);

  await rename(null);
  expect(await heardOf('and again')).toBe(contactId);
  expect(await nameNow()).toEqual(['Ana', 'push']);

  // Nothing changes, so nothing is told.
  await rename(null);
  expect(events.all('whatsapp:contact').filter(({ change }) => change === 'renamed')).toHaveLength(2);
});

it.each([
  ['nothing', undefined, 400],
  ['an empty name', ' ', 400],
  ['a name too long', 'x'.repeat(201), 400],
  ['a name of two lines', 'a\nb', 400],
  ['a number', 7, 400],
])('%s is refused', async (_name, name, status) => {
  expect(await rename(name)).toMatchObject({ status, body: { code: 'validation_failed' } });
});

it('a contact that is not there can not be named', async () => {
  expect(await rename('x', randomUUID())).toMatchObject({ status: 404, body: { code: 'contact_not_found' } });
});

it('a name is given only where it is the one that was seen, however much was written meanwhile', async () => {
  const path = `/api/contacts/${contactId}?organization_id=${ORGANIZATION}`;
  const give = (name: string, tag: string) =>
    service.api.call<{ contact: { name: string } }>(
      'PATCH',
      `/api/contacts/${contactId}`,
      { organization_id: ORGANIZATION, name },
      { 'if-match': tag },
    );
  const seen = (await service.api.call('GET', path)).headers.get('etag')!;
  expect((await service.api.call('GET', path, undefined, { 'if-none-match': seen })).status).toBe(304);
  await heardOf('a message is no other name');

  const first = await give('Ana Souza', seen);
  expect(first).toMatchObject({ status: 200, body: { contact: { name: 'Ana Souza' } } });
  expect((await service.api.call('GET', path, undefined, { 'if-none-match': seen })).status).toBe(200);
  expect(await give('Somebody else', seen)).toMatchObject({
    status: 412,
    body: { code: 'changed_meanwhile' },
  });
  expect(await nameNow()).toEqual(['Ana Souza', 'person']);
  expect(await give('Ana S.', first.headers.get('etag')!)).toMatchObject({ status: 200 });
  expect(await give('Ana', '*')).toMatchObject({ status: 200 });
  expect(await give('Nobody', 'W/"of-long-ago"')).toMatchObject({ status: 412 });
});
