import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, AccessFixture, HOME } from './access-fixture.js';
import { RULES } from './access-rules.js';

interface Operation {
  parameters?: { name: string }[];
  responses: Record<string, { headers?: object }>;
}

/** POST that make nothing, or nothing that there would be twice; any other takes a key. */
const MAKE_NOTHING: readonly string[] = [
  // Read.
  'POST /api/contacts',
  'POST /api/contacts/:id/export',
  // The same again has the same effect.
  'POST /api/contacts/:id/read',
  'POST /api/contacts/:id/unmerge',
  'POST /api/me/invitations/:id/accept',
  'POST /api/me/invitations/:id/decline',
  'POST /api/whatsapp/instances/:id/connect',
  'POST /api/whatsapp/instances/:id/logout',
  'POST /api/webhooks/:id/resume',
  'POST /api/messages/:id/media/retry',
  'POST /api/messages/:id/media/link',
  'POST /api/admin/inbox/redrive',
  'POST /api/sign-out',
  // Asks for something that comes from elsewhere.
  'POST /api/whatsapp/instances/:id/history',
  'POST /api/whatsapp/instances/:id/typing',
  'POST /api/whatsapp/instances/:id/presence',
  // Meant to be done once more.
  'POST /api/sign-in/password',
  'POST /api/sign-in/magic-link',
  'POST /api/sign-in/refresh',
  'POST /api/webhooks/:id/redrive',
  'POST /api/webhooks/:id/rotate-secret',
  'POST /api/webhooks/:id/test',
  'POST /api/organizations/:id/calendar-feeds/:feedId/rotate',
];
/** Have tests of their own, with a network. */
const TESTED_ELSEWHERE: readonly string[] = ['POST /api/whatsapp/instances/:id/send'];

const document = JSON.parse(await readFile(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, { post?: Operation }>;
};
const posts = Object.entries(document.paths).flatMap(([path, { post }]): [string, Operation][] =>
  post ? [[`POST ${path.replace(/\{(\w+)\}/g, ':$1')}`, post]] : [],
);
const making = posts.filter(([route]) => !MAKE_NOTHING.includes(route));
const tried = making.map(([route]) => route).filter((route) => !TESTED_ELSEWHERE.includes(route));

let fixture: AccessFixture;

beforeAll(async () => {
  fixture = await AccessFixture.start();
});
afterAll(() => fixture?.stop());

it('names routes that there are', () => {
  const routes = posts.map(([route]) => route);
  expect([...MAKE_NOTHING, ...TESTED_ELSEWHERE].filter((route) => !routes.includes(route))).toEqual([]);
});

it('is documented, with what it answers, for each call that makes something and for no other', () => {
  const documented = posts.filter(([, { parameters }]) =>
    parameters?.some(({ name }) => name === 'Idempotency-Key'),
  );
  expect(documented.map(([route]) => route)).toEqual(making.map(([route]) => route));
  for (const [route, { responses }] of documented) {
    expect([route, Object.keys(responses['200']!.headers ?? {})]).toEqual([route, ['Idempotency-Replayed']]);
  }
});

interface Answer {
  status: number;
  replayed: string | null;
  body: Record<string, unknown> & { code?: string };
}

async function post(path: string, body: unknown, key: string, token = ADMIN_KEY): Promise<Answer> {
  const form = body instanceof FormData;
  const response = await fetch(`${fixture.http.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'idempotency-key': key,
      ...(!form && { 'content-type': 'application/json' }),
    },
    body: form ? body : JSON.stringify(body ?? {}),
    signal: AbortSignal.timeout(60_000),
  });
  return {
    status: response.status,
    replayed: response.headers.get('idempotency-replayed'),
    body: (await response.json()) as Answer['body'],
  };
}

function aForm(text: string): FormData {
  const form = new FormData();
  form.set('file', new Blob([text]), 'a.txt');
  return form;
}

/** Another body for the same route. */
const OTHER: Readonly<Record<string, (body: object) => unknown>> = {
  'POST /api/bookings': (body) => ({ ...body, title: 'Another' }),
  'POST /api/whatsapp/instances': () => ({ organization_id: HOME, instance_name: 'Another' }),
  'POST /api/webhooks': () => ({ organization_id: HOME, url: 'https://example.com/another' }),
  'POST /api/organizations': () => ({ id: 'org_quite_another' }),
  'POST /api/organizations/:id/api-keys': () => ({ name: 'Another', scopes: ['read'] }),
  'POST /api/organizations/:id/api-keys/:keyId/rotate': () => ({ overlap_seconds: 77 }),
  'POST /api/organizations/:id/calendar-feeds': () => ({ name: 'Another' }),
  'POST /api/admin/api-keys': () => ({ name: 'Another' }),
  'POST /api/admin/api-keys/:keyId/rotate': () => ({ overlap_seconds: 77 }),
  'POST /api/media': () => aForm('another file'),
  'POST /api/contacts/:id/notes': () => ({ organization_id: HOME, text: 'another note' }),
  'POST /api/contacts/:id/merge': () => ({
    organization_id: HOME,
    contact_id: '11111111-1111-4111-8111-111111111111',
  }),
};

describe.each(tried)('%s', (route) => {
  it('makes one thing under a key, tells later calls the same, and refuses another body', async () => {
    const rule = RULES[route];
    expect(rule, `name ${route} in access-rules.ts`).toBeDefined();
    const { path, body } = await rule!.call(fixture);
    const asked = () => (route === 'POST /api/media' ? aForm('a file') : body);
    const key = `once ${route}`;

    const answers = await Promise.all(Array.from({ length: 4 }, () => post(path, asked(), key)));
    answers.push(await post(path, asked(), key));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers.filter(({ replayed }) => replayed === 'true')).toHaveLength(4);
    const first = answers.find(({ replayed }) => replayed === null)!;
    const told = ({ body: answered }: Answer) => withoutTimes(answered);
    for (const answer of answers) {
      expect(told(answer)).toEqual(told(first));
    }
    const other = OTHER[route]?.(body as object);
    expect(other, `name another body of ${route}`).toBeDefined();
    expect(await post(path, other, key)).toMatchObject({
      status: 409,
      body: { code: 'idempotency_key_reused' },
    });
    expect((await post(path, asked(), key)).replayed).toBe('true');
  });
});

/** An upload is kept for longer each time. */
function withoutTimes(body: object): unknown {
  return JSON.parse(
    JSON.stringify(body, (field, value) => (field === 'expires_at' ? undefined : (value as unknown))),
  );
}

it('stores no secret that a call is answered with, and gives it to the same caller only', async () => {
  const { path, body } = await RULES['POST /api/organizations/:id/api-keys']!.call(fixture);
  const first = await post(path, body, 'secret');
  const webhook = await post(
    '/api/webhooks',
    { organization_id: HOME, url: 'https://example.com/secret' },
    'secret',
  );
  const calendar = await RULES['POST /api/organizations/:id/calendar-feeds']!.call(fixture);
  const feed = await post(calendar.path, calendar.body, 'secret');
  const secrets = [
    String(first.body['key']),
    String(webhook.body['secret']),
    String(feed.body['path']).replace(/^.*\/(.+)\.ics$/, '$1'),
  ];

  const { rows } = await fixture.database.sql('select k::text as row from idempotency_keys k');
  const stored = rows.map(({ row }) => String(row)).join('\n');
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(40);
    expect(stored).not.toContain(secret);
    expect(stored).not.toContain(Buffer.from(secret).toString('hex'));
  }
  const { key: another } = await fixture.key(HOME);
  expect(await post(path, body, 'secret', another)).toMatchObject({ status: 409 });
  expect(await post(calendar.path, calendar.body, 'secret', another)).toMatchObject({ status: 409 });
  expect(
    await fixture.http.api.call('GET', '/api/me', undefined, { authorization: `Bearer ${secrets[0]}` }),
  ).toMatchObject({ status: 200 });
});
