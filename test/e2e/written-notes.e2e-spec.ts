import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Authenticator } from '../../src/auth/authenticator.js';
import type { Permission, Principal } from '../../src/auth/principal.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const ADMIN_KEY = 'an-administrators-key-for-notes-0123456789';

/** Members, by their token. */
const MEMBERS: Readonly<Record<string, Principal>> = {
  front: member('front', { org_a: ['read', 'send'] }),
  back: member('back', { org_a: ['read', 'send'] }),
  owner: member('owner', { org_a: ['read', 'send', 'manage'] }),
  stranger: member('stranger', { org_b: ['read', 'send', 'manage'] }),
};

interface Note {
  id: string;
  content: string;
  edited_at: string | null;
  [field: string]: unknown;
}

interface Answer {
  status: number;
  headers: Headers;
  body: { note: Note; notes: Note[]; code?: string; merge_id: string };
}

let http: HttpApp;
let database: OpenDatabase;
let contactId: string;

function member(id: string, grants: Record<string, Permission[]>): Principal {
  const sets = Object.entries(grants).map(([organization, all]) => [organization, new Set(all)] as const);
  return { kind: 'user', id, name: `${id} desk`, grants: new Map(sets) };
}

beforeAll(async () => {
  http = await startHttpApp({ AUTH_MODE: 'required', ADMIN_API_KEY: ADMIN_KEY });
  database = http.app.get<OpenDatabase>(OPEN_DATABASE);
  const authenticator = http.app.get(Authenticator, { strict: false });
  const open = authenticator.open.bind(authenticator);
  authenticator.open = async (token, instanceId) => {
    const principal = MEMBERS[token ?? ''];
    return principal ? { principal } : open(token, instanceId);
  };
  for (const id of ['org_a', 'org_b']) {
    await call('POST', '/api/organizations', { id }, ADMIN_KEY);
  }
});
afterAll(() => http?.stop());
beforeEach(async () => {
  contactId = await contact();
});

async function call(
  method: string,
  path: string,
  body?: object,
  token = 'front',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${http.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
}

async function contact(organizationId = 'org_a'): Promise<string> {
  const id = randomUUID();
  await database.sql(
    `insert into contacts (id, organization_id, name) values ($1::text::uuid, $2::text, 'Ana')`,
    [id, organizationId],
  );
  return id;
}

const write = (text: string, headers: Record<string, string> = {}, token = 'front') =>
  call('POST', `/api/contacts/${contactId}/notes`, { text }, token, headers);

async function told(): Promise<unknown[]> {
  const { rows } = await database.sql(
    `select payload ->> 'noteId' as id, payload ->> 'change' as change from events
      where name = 'whatsapp:note' and payload ->> 'contactId' = $1::text order by sequence`,
    [contactId],
  );
  return rows.map(({ id, change }) => [id, change]);
}

it('is written with its author, listed, told, written anew and deleted', async () => {
  const written = await write('prefers mornings\nand tea');

  expect(written).toMatchObject({
    status: 200,
    body: {
      note: {
        contact_id: contactId,
        content: 'prefers mornings\nand tea',
        source: 'person',
        author: { kind: 'user', id: 'front', name: 'front desk' },
        instance_id: null,
        whatsapp_message_id: null,
        edited_at: null,
      },
    },
  });
  const { id } = written.body.note;
  expect((await call('GET', `/api/notes?contact_id=${contactId}`)).body.notes).toEqual([written.body.note]);
  const read = await call('GET', `/api/notes/${id}`);
  expect(read.body.note).toEqual(written.body.note);
  const tag = read.headers.get('etag')!;
  expect(tag).toBe(written.headers.get('etag'));

  const changed = await call('PATCH', `/api/notes/${id}`, { text: 'prefers evenings' }, 'front', {
    'if-match': tag,
  });
  expect(changed).toMatchObject({ status: 200, body: { note: { content: 'prefers evenings' } } });
  expect(changed.body.note.edited_at).not.toBeNull();
  const late = await call('PATCH', `/api/notes/${id}`, { text: 'never' }, 'front', { 'if-match': tag });
  expect(late).toMatchObject({ status: 412, body: { code: 'changed_meanwhile' } });
  const lateEnd = await call('DELETE', `/api/notes/${id}`, undefined, 'front', { 'if-match': tag });
  expect(lateEnd).toMatchObject({ status: 412, body: { code: 'changed_meanwhile' } });

  expect(await call('DELETE', `/api/notes/${id}`)).toMatchObject({ status: 200 });
  expect(await call('GET', `/api/notes/${id}`)).toMatchObject({
    status: 404,
    body: { code: 'note_not_found' },
  });
  expect(await told()).toEqual([
    [id, 'created'],
    [id, 'edited'],
    [id, 'deleted'],
  ]);
});

it('is changed by its author and by who manages, and by nobody else', async () => {
  const { id } = (await write('of the front desk')).body.note;

  for (const [method, body] of [
    ['PATCH', { text: 'of the back' }],
    ['DELETE', undefined],
  ] as const) {
    expect(await call(method, `/api/notes/${id}`, body, 'back')).toMatchObject({
      status: 403,
      body: { code: 'note_of_another' },
    });
    expect(await call(method, `/api/notes/${id}`, body, 'stranger')).toMatchObject({
      status: 404,
      body: { code: 'note_not_found' },
    });
  }
  const byOwner = await call('PATCH', `/api/notes/${id}`, { text: 'of the owner' }, 'owner');
  expect(byOwner.body.note).toMatchObject({ content: 'of the owner', author: { id: 'front' } });
  expect(await call('DELETE', `/api/notes/${id}`, undefined, 'owner')).toMatchObject({ status: 200 });
});

it('is written once under a key, however many at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => write('once', { 'idempotency-key': 'note-1' })),
  );

  expect(new Set(answers.map(({ body }) => body.note.id)).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(4);
  expect(await write('another', { 'idempotency-key': 'note-1' })).toMatchObject({
    status: 409,
    body: { code: 'idempotency_key_reused' },
  });
  expect(await told()).toHaveLength(1);
});

it('of the phone is changed on the phone', async () => {
  const id = randomUUID();
  await database.sql(
    `with instance as (
      insert into whatsapp_instances (organization_id, instance_name) values ('org_a', 'Main') returning id
    )
    insert into notes (id, organization_id, contact_id, instance_id, content, whatsapp_message_id, chat_key)
      select $1::text::uuid, 'org_a', $2::text::uuid, i.id, 'from the phone', 'W', $2::text from instance i`,
    [id, contactId],
  );

  for (const [method, body] of [
    ['PATCH', { text: 'here' }],
    ['DELETE', undefined],
  ] as const) {
    expect(await call(method, `/api/notes/${id}`, body, 'owner')).toMatchObject({
      status: 409,
      body: { code: 'note_of_phone' },
    });
  }
  expect((await call('GET', `/api/notes/${id}`)).body.note).toMatchObject({ source: 'phone', author: null });
});

it.each([
  ['no text', {}, 400, 'validation_failed'],
  ['an empty one', { text: '' }, 400, 'validation_failed'],
  ['one too long', { text: 'x'.repeat(10_001) }, 400, 'validation_failed'],
  ['an organization of others', { text: 'x', organization_id: 'org_b' }, 403, 'organization_forbidden'],
])('is refused with %s', async (_name, body, status, code) => {
  expect(await call('POST', `/api/contacts/${contactId}/notes`, body)).toMatchObject({
    status,
    body: { code },
  });
});

it('goes with its contact: merged, apart again, and erased', async () => {
  const { id } = (await write('of Ana')).body.note;
  const other = await contact();
  const merge = await call('POST', `/api/contacts/${other}/merge`, { contact_id: contactId });
  const { id: later } = (await call('POST', `/api/contacts/${contactId}/notes`, { text: 'of both' })).body
    .note;
  const idsOf = async (contactOf: string) =>
    (await call('GET', `/api/notes?contact_id=${contactOf}`)).body.notes.map((note) => note.id);
  expect(await idsOf(other)).toEqual([later, id]);

  await call('POST', `/api/contacts/${other}/unmerge`, { merge_id: merge.body.merge_id });

  expect(await idsOf(contactId)).toEqual([id]);
  expect(await idsOf(other)).toEqual([later]);
  const erased = await call('DELETE', `/api/contacts/${contactId}`, undefined, 'owner');
  expect(erased).toMatchObject({ status: 200, body: { receipt: { counts: { notes: 1 } } } });
  expect(await call('GET', `/api/notes/${id}`)).toMatchObject({ status: 404 });
  expect(await call('POST', `/api/contacts/${contactId}/notes`, { text: 'too late' })).toMatchObject({
    status: 404,
  });
});

it('is in the copy of the person, without its author', async () => {
  await write('a note for the copy');

  const response = await fetch(`${http.url}/api/contacts/${contactId}/export`, {
    method: 'POST',
    headers: { authorization: 'Bearer owner' },
    signal: AbortSignal.timeout(30_000),
  });

  const text = await response.text();
  expect(text).toContain('a note for the copy');
  expect(text).not.toContain('front desk');
});
