import type { ApiClient } from '../support/api-client.js';
import { claimsOf, hmac, tokenOf } from '../support/identity-provider.js';
import { SocketClient } from '../support/socket-client.js';
import { CALLED, CONFIGURED, guessedKey, MISPLACED } from './secrets-planted.js';
import type { SecretsFixture } from './secrets-fixture.js';

const MISSING = '11111111-1111-4111-8111-111111111111';

/** Who calls, and about what. */
interface Place {
  organizationId: string;
  instanceId: string;
  /** An API key. */
  token: string;
  /** Number of somebody who wrote. */
  client: string;
}

/** Secrets and texts where they do not belong, in calls of somebody who may call. */
export async function misplace(fixture: SecretsFixture, place: Place): Promise<void> {
  const { token, client } = place;
  const admin = fixture.caller(CONFIGURED.adminKey);
  const instance = `/api/whatsapp/instances/${place.instanceId}`;
  const send = `${instance}/send`;
  const of = `organization_id=${place.organizationId}`;
  const keys = `/api/organizations/${place.organizationId}/api-keys`;
  const members = `/api/organizations/${place.organizationId}/members`;
  const wrong = encodeURIComponent(MISPLACED.text);
  const calls: [status: number, ...Parameters<ApiClient['call']>][] = [
    [400, 'POST', send, `{"to":"${client}","message":"${MISPLACED.text}`],
    [400, 'POST', send, { to: MISPLACED.text, message: MISPLACED.text }],
    [400, 'POST', send, { to: MISPLACED.number, message: MISPLACED.text }],
    [400, 'POST', send, { to: client, message: { text: MISPLACED.text } }],
    [400, 'POST', send, { to: client, message: 'x', [MISPLACED.text]: token }],
    [400, 'POST', send, { to: client, status: token, method: client, limit: Number(client) }],
    [400, 'PATCH', instance, { status: MISPLACED.word, instance_id: token, after: CONFIGURED.adminKey }],
    [400, 'GET', `/api/messages?${of}&contact_id=${client}&status=${token}`],
    [400, 'GET', `/api/contacts?organization_id=${wrong}`],
    [400, 'DELETE', `/api/contacts/${client}`],
    [400, 'POST', `/api/contacts/${token}/export`],
    [400, 'DELETE', `/api/contacts/${CONFIGURED.adminKey}`],
    [404, 'DELETE', `/api/organizations/${token}`],
    [400, 'DELETE', `${members}/${MISSING}?token=${token}`],
    [400, 'DELETE', `${keys}/${token}`],
    [404, 'GET', `/api/${token}?api_key=${token}`],
    [404, 'GET', `/${CONFIGURED.adminKey}/${client}/${wrong}`],
    [404, 'GET', `/api/${fixture.userToken}`],
    [413, 'POST', send, { to: client, message: MISPLACED.text.repeat(50_000) }],
    [415, 'POST', send, MISPLACED.text, { 'content-type': 'text/plain' }],
    [400, 'POST', send, { to: client, message: 'x' }, { 'idempotency-key': `${token}${'x'.repeat(300)}` }],
    [
      409,
      'POST',
      send,
      { to: client, message: MISPLACED.text },
      { 'idempotency-key': `${CALLED.message}-0` },
    ],
    [
      200,
      'GET',
      `/api/contacts?${of}&search=${wrong}`,
      undefined,
      {
        cookie: `token=${token}`,
        'x-api-key': token,
        'x-request-id': token,
        referer: `https://${token}.test`,
      },
    ],
    [
      200,
      'GET',
      `/api/contacts?${of}&phone_number=${client}`,
      undefined,
      { 'x-request-id': client, 'user-agent': token, 'x-forwarded-for': client },
    ],
  ];
  for (const [status, method, path, body, headers] of calls) {
    const answer = await admin.call(method, path, body, headers);
    expectStatus(answer.status, status, `${method} ${path}`);
  }
  const socket = await SocketClient.connect(fixture.nodes[0]!.url, { auth: { token } });
  for (const payload of [MISPLACED.text, token, { organization: MISPLACED.text }]) {
    await socket.call('join-organization', payload);
  }
  await socket.call(MISPLACED.text, MISPLACED.text);
  socket.close();
}

/**
 * Tokens that are none, wherever one may put them; more of them than one may send.
 * @returns the tokens
 */
export async function guess(fixture: SecretsFixture, organizationId: string): Promise<string[]> {
  const guesses: string[] = [];
  const nobody = fixture.caller(undefined);
  const another = () => {
    guesses.push(guessedKey());
    return guesses.at(-1)!;
  };
  const basic = (key: string) => Buffer.from(`anybody:${key}`).toString('base64');
  const forged = tokenOf({ alg: 'HS256' }, claimsOf(fixture.userId), hmac('another secret'));
  guesses.push(forged);
  const path = `/api/contacts?organization_id=${organizationId}`;
  const calls: [path: string, headers?: Record<string, string>, body?: unknown][] = [
    [path, { authorization: `Bearer ${another()}` }],
    [path, { authorization: `Bearer ${forged}` }],
    [path, { authorization: `Basic ${basic(another())}` }],
    [path, { authorization: another() }],
    [path, { 'x-api-key': another(), cookie: `session=${another()}` }],
    [`${path}&api_key=${another()}`],
    [`/admin/queues?token=${another()}`, { authorization: `Basic ${basic(another())}` }],
    [`/api/contacts/${another()}`],
    ['/api/contacts', {}, { api_key: another() }],
  ];
  for (const [where, headers, body] of calls) {
    const answer = await nobody.call(body ? 'POST' : 'GET', where, body, headers);
    expectStatus(answer.status, 401, where);
  }
  const { url } = fixture.nodes[1]!;
  await Promise.all(
    [
      { auth: { token: another() } },
      { auth: { token: forged } },
      { extraHeaders: { authorization: `Bearer ${another()}` } },
      { query: { token: another() } },
    ].map((options) => SocketClient.connect(url, options).catch((error: Error) => error)),
  );
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => fixture.caller(another(), 1).call('GET', path)),
  );
  if (!answers.some(({ status }) => status === 429)) {
    throw new Error('nobody was limited');
  }
  return guesses;
}

/** @throws Error where a call was answered otherwise: then it did not try what it is there for */
export function expectStatus(status: number, expected: number, what = 'the call'): void {
  if (status !== expected) {
    throw new Error(`${what} answered ${status}, not ${expected}`);
  }
}
