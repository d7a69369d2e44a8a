import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../support/api-client.js';
import { OpenApiContract } from '../support/openapi-contract.js';
import { type Callers, makeCallers } from './access-callers.js';
import { AccessFixture, ADMIN_KEY, bearer, HOME } from './access-fixture.js';
import { type Call, NOBODY, RULES } from './access-rules.js';

let fixture: AccessFixture;
let callers: Callers['callers'];
let contract: OpenApiContract;

beforeAll(async () => {
  fixture = await AccessFixture.start();
  ({ callers } = await makeCallers(fixture));
  contract = new OpenApiContract();
});
afterAll(() => fixture?.stop());

interface Asked extends Call {
  headers?: Record<string, string>;
  form?: FormData;
}

/** @returns the answer, which the document describes */
async function ask(method: string, { path, body, headers = {}, form }: Asked, token?: string) {
  const response = await fetch(fixture.http.url + path, {
    method,
    headers: {
      ...bearer(token),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(form !== undefined ? { body: form } : body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await textOf(response);
  const { status, headers: answered } = response;
  expect(contract.faultsOf({ method, path, status, headers: answered, body: text })).toEqual([]);
  return { status, headers: answered, text };
}

const tokenFor = (access: string): string | undefined =>
  access === 'public' ? undefined : access === 'user' ? callers.owner : ADMIN_KEY;

describe.each(Object.entries(RULES))('%s', (name, rule) => {
  const method = name.split(' ')[0]!;

  it('answers as documented', async () => {
    const token = tokenFor(rule.access);
    const call = await rule.call(fixture, token);
    const { status, headers } = await ask(method, call, token);

    expect(status).toBeLessThan(500);
    const etag = headers.get('etag');
    if (method === 'GET' && etag !== null) {
      // Each answer is held against the document, whatever it is.
      await ask('GET', { ...call, headers: { 'if-none-match': '"another"' } }, token);
      await ask('GET', { ...call, headers: { 'if-none-match': etag } }, token);
      await ask('HEAD', call, token);
    }
  });

  it('refuses as documented', async () => {
    const call = await rule.call(fixture, tokenFor(rule.access));
    const joint = call.path.includes('?') ? '&' : '?';

    const answers = [
      await ask(method, call),
      await ask(method, call, 'auz_nobody'),
      await ask(method, { ...call, path: `${call.path}${joint}nonsense=1&nonsense=2` }, ADMIN_KEY),
      await ask(method, { ...call, body: call.body && ['nonsense'] }, ADMIN_KEY),
      await ask(method, { ...call, headers: { 'content-type': 'text/csv' } }, ADMIN_KEY),
      ...(rule.missing ? [await ask(method, rule.missing(call), ADMIN_KEY)] : []),
      await ask(method, call, callers.readKey),
    ];

    expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
  });
});

/** Answers that the calls of the rules do not come by. */
describe('what is asked for otherwise', () => {
  it('answers as documented: a file, uploaded and sent', async () => {
    const { instanceId } = await fixture.conversation();
    const form = new FormData();
    form.set('file', new Blob(['hello'], { type: 'text/plain' }), 'hello.txt');
    const { status, text } = await ask(
      'POST',
      { path: `/api/media?organization_id=${HOME}`, form },
      ADMIN_KEY,
    );
    const { media } = JSON.parse(text) as { media: { id: string } };
    const body = { to: '5521988776655', type: 'document', media: { id: media.id } };
    const path = `/api/whatsapp/instances/${instanceId}/send`;
    const sent = await ask('POST', { path, body, headers: { 'idempotency-key': 'one' } }, ADMIN_KEY);
    fixture.http.sessions.sendStatus = 'unknown';
    const late = await ask('POST', { path, body, headers: { 'idempotency-key': 'two' } }, ADMIN_KEY);
    fixture.http.sessions.sendStatus = 'sent';

    expect([status, sent.status, late.status]).toEqual([200, 200, 202]);
  });

  it.each([
    ['by its message', async () => `/api/messages/${await fixture.messageWithPicture()}/media`],
    ['by a link', () => fixture.mediaLink()],
  ])('answers as documented: parts of a file, %s', async (_, pathOf) => {
    const path = await pathOf();
    const part = await ask('GET', { path, headers: { range: 'bytes=0-9' } }, ADMIN_KEY);
    const none = await ask('GET', { path, headers: { range: 'bytes=99999999-' } }, ADMIN_KEY);

    expect([part.status, none.status]).toEqual([206, 416]);
  });

  it.each(['image/png', 'image/svg+xml', 'text/plain', 'application/json', 'application/xml'])(
    'answers as documented: a QR code as %s',
    async (accept) => {
      const { instanceId } = await fixture.conversation();

      const path = `/api/whatsapp/instances/${instanceId}/qr`;
      const { status } = await ask('GET', { path, headers: { accept } }, ADMIN_KEY);

      expect(status).toBe(accept === 'application/xml' ? 406 : 200);
    },
  );

  it('answers as documented: a link that takes its time, and a logout that waits for the line', async () => {
    const { sessions } = fixture.http;
    const { instanceId } = await fixture.conversation();
    const path = `/api/whatsapp/instances/${instanceId}`;
    const { connectResult } = sessions;
    sessions.connectResult = { outcome: 'pending' };
    const linked = await ask('POST', { path: `${path}/connect`, body: { method: 'qr' } }, ADMIN_KEY);
    sessions.connectResult = connectResult;
    sessions.isLineDown = true;
    const deleted = await ask('DELETE', { path }, ADMIN_KEY);
    sessions.isLineDown = false;

    expect([linked.status, deleted.status]).toEqual([202, 202]);
  });

  it('answers as documented: an invitation, and what is not read twice', async () => {
    const member = `/api/organizations/${HOME}/members/${randomUUID()}`;
    const invited = await ask('PUT', { path: member, body: { role: 'viewer' } }, callers.homeKey);
    const { instanceId } = await fixture.conversation();
    const period = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
    const path = `/api/whatsapp/instances/${instanceId}/integrity?${period}`;
    const { headers } = await ask('GET', { path }, ADMIN_KEY);
    const etag = headers.get('etag')!;
    const again = await ask('GET', { path, headers: { 'if-none-match': etag } }, ADMIN_KEY);

    expect([invited.status, again.status]).toEqual([202, 304]);
  });

  it('answers as documented: groups', async () => {
    await fixture.group();

    const { status } = await ask('GET', { path: `/api/groups?organization_id=${HOME}` }, ADMIN_KEY);

    expect(status).toBe(200);
  });

  it('answers as documented: a booking that is made twice, and changed meanwhile', async () => {
    const { contactId } = await fixture.conversation();
    const call = {
      path: '/api/bookings',
      body: { organization_id: HOME, contact_id: contactId, title: 'Table' },
      headers: { 'idempotency-key': 'twice' },
    };
    const made = await ask('POST', call, ADMIN_KEY);
    const again = await ask('POST', call, ADMIN_KEY);
    const { booking } = JSON.parse(made.text) as { booking: { id: string } };
    const late = await ask(
      'PATCH',
      {
        path: `/api/bookings/${booking.id}`,
        body: { organization_id: HOME, title: 'Two tables' },
        headers: { 'if-match': '"of-long-ago"' },
      },
      ADMIN_KEY,
    );

    expect([made.status, again.headers.get('idempotency-replayed'), late.status]).toEqual([200, 'true', 412]);
  });

  it('answers as documented: what is not there, and what is not understood', async () => {
    const answers = [
      await ask('GET', { path: `/api/messages/${NOBODY}` }, ADMIN_KEY),
      await ask('GET', { path: '/api/messages/nonsense' }, ADMIN_KEY),
      await ask('PUT', { path: '/api/messages' }, ADMIN_KEY),
      await ask('DELETE', { path: '/health' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([404, 400, 405, 405]);
  });
});

const UNTIL_LATE =
  'WhatsApp takes too long: toSentMessageResponse makes both answers, and that of a send is seen here';

const SIGNED_IN = '../console/sign-in.spec.ts';

/** Answers that take more than this run has, with where they are seen: `ApiClient` holds those of every test against the document. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'PATCH /api/messages/{id} 200': 'message-table.e2e-spec.ts',
  'PATCH /api/messages/{id} 202': UNTIL_LATE,
  'DELETE /api/messages/{id} 200': 'message-table.e2e-spec.ts',
  'DELETE /api/messages/{id} 202': UNTIL_LATE,
  'DELETE /api/contacts/{id} 202': 'privacy.e2e-spec.ts',
  'DELETE /api/organizations/{id} 202': 'nodes-logout.e2e-spec.ts',
  'POST /api/sign-in/password 200': SIGNED_IN,
  'POST /api/sign-in/magic-link 200': SIGNED_IN,
  'POST /api/sign-in/refresh 200': SIGNED_IN,
};

/** The same of fields, by the schema or the answer that they are of. */
const FIELDS_ELSEWHERE: readonly [place: RegExp, where: string][] = [
  [/contacts\/\{id\}\/delete\/responses\/202/, 'privacy.e2e-spec.ts'],
  [/organizations\/\{id\}\/delete\/responses\/202/, 'nodes-logout.e2e-spec.ts'],
  [/\/sign-in\/|\/UserSession\w+\//, SIGNED_IN],
  [/\/(OfficeHours|Weekly|Exception|Interval|Service|AutomaticRepl(y|ies))Fields\//, 'settings.e2e-spec.ts'],
  [/\/ContactMergeResponse\//, 'contact-merges.e2e-spec.ts'],
  [/\/RestrictionResponse\//, 'restricted.e2e-spec.ts'],
  [/\/NumberResponse\/properties\/business/, 'chats.e2e-spec.ts'],
  [/\/(MessageSender|GroupPerson|GroupChange)Response\//, 'groups.e2e-spec.ts'],
  [/\/(Replied|Reaction|EarlierText)Response\//, 'message-table.e2e-spec.ts'],
  [/\/UndecryptedMessageResponse\//, 'integrity.e2e-spec.ts'],
  [/\/HistorySyncResponse\//, 'history.e2e-spec.ts'],
  [/\/(WebhookAnswer|Delivery|DeliveryTry|DeliveryRequest)Response\//, 'webhooks.e2e-spec.ts'],
  [/\/(Node|Lease|DeadMessage|Durations)Response\//, 'operations.e2e-spec.ts'],
  [/\/(QueueJobs|OrganizationBacklog)Response\//, 'needs Redis, and an administrator while messages wait'],
  [/\/WorkerStateResponse\/properties\/(failing|disabled_reason)/, 'a worker that is off, or fails'],
  [/\/\w+CheckResponse\/properties\/(reason|since|alive)/, 'a part of the service that is away'],
];

describe('the run', () => {
  it('came by every answer of success', () => {
    expect(contract.unreached().filter((name) => !(name in ELSEWHERE))).toEqual([]);
  });

  it('saw every field', () => {
    const unseen = contract
      .unseen()
      .filter((field) => !FIELDS_ELSEWHERE.some(([place]) => place.test(field)));

    expect(unseen).toEqual([]);
  });

  it('leaves to other files only what they can have', () => {
    const named = [...Object.values(ELSEWHERE), ...FIELDS_ELSEWHERE.map(([, where]) => where)];
    const files = named.filter((where) => where.endsWith('.ts'));

    expect(files.filter((file) => !existsSync(join(import.meta.dirname, file)))).toEqual([]);
  });
});
