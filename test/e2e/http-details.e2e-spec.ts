import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../src/common/app-error.js';
import type { ErrorBody } from '../../src/http/error-body.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const INSTANCES = '/api/whatsapp/instances';
const JSON_TYPE = { 'content-type': 'application/json' };
const VALID = '{"organization_id":"org_123","instance_name":"x"}';

let http: HttpApp;
let id: string;

beforeAll(async () => {
  http = await startHttpApp();
  id = await http.api.createInstance('org_123', '5511999887766');
  http.sessions.connected.add(id);
});
afterAll(() => http.stop());

/** What every 400 is, and no other answer has. */
function expectDetails(body: unknown): void {
  expect(body).toEqual({
    success: false,
    error: expect.stringMatching(/^[A-Z].*[.…?]$/s),
    code: expect.stringMatching(/^[a-z][a-z_]+$/),
    requestId: expect.any(String),
    details: expect.any(Array),
  });
  const { details = [] } = body as ErrorBody;
  expect(details.length).toBeGreaterThan(0);
  for (const detail of details) {
    expect(detail).toEqual({ path: expect.any(String), message: expect.stringMatching(/.{4,}/s) });
  }
}

async function ask(method: string, path: string, body?: string | Buffer, headers: object = JSON_TYPE) {
  const response = await fetch(http.url + path.replace('{id}', id), {
    method,
    headers: { ...headers },
    ...(body !== undefined && { body: new Uint8Array(Buffer.from(body)) }),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

/** Sends exactly these bytes. */
async function raw(request: string): Promise<{ head: string; body: unknown }> {
  const socket = connect(Number(new URL(http.url).port), '127.0.0.1');
  socket.write(request);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return { head, body: JSON.parse(body) as unknown };
}

describe('a body that is not what it should be', () => {
  it.each<[string, string | Buffer, object?]>([
    ['no JSON', 'organization_id=org_123'],
    ['half an object', '{"organization_id":'],
    ['nothing but a blank', ' '],
    ['nothing', ''],
    ['null', 'null'],
    ['a word', 'undefined'],
    ['true', 'true'],
    ['a number', '5'],
    ['a string', '"x"'],
    ['an array', '[]'],
    ['an array of objects', `[${VALID}]`],
    ['an empty object', '{}'],
    ['an array in an array, 20,000 deep', '['.repeat(20_000) + ']'.repeat(20_000)],
    ['an object in an object, 20,000 deep', '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)],
    ['20,000 deep and never closed', '{"a":'.repeat(20_000)],
    ['a field that is 30 deep', `{"organization_id":${'['.repeat(30)}${']'.repeat(30)}}`],
    ['no UTF-8', Buffer.from('{"organization_id":"org_123","instance_name":"\xff\xfe"}', 'latin1')],
    ['half a character', '{"organization_id":"org_123","instance_name":"\\ud800"}'],
    ['UTF-16 that says it is UTF-8', Buffer.from(VALID, 'utf16le')],
    ['not gzip, although it says so', VALID, { ...JSON_TYPE, 'content-encoding': 'gzip' }],
    ['half of a gzip', gzipSync(VALID).subarray(0, 20), { ...JSON_TYPE, 'content-encoding': 'gzip' }],
    ['no deflate, although it says so', VALID, { ...JSON_TYPE, 'content-encoding': 'deflate' }],
    ['no Brotli, although it says so', VALID, { ...JSON_TYPE, 'content-encoding': 'br' }],
    ['a key that is a prototype', '{"__proto__":{"x":1},"instance_name":"x"}'],
  ])('is answered with details: %s', async (_what, body, headers) => {
    for (const [method, path] of [
      ['POST', INSTANCES],
      ['PATCH', `${INSTANCES}/{id}`],
      ['POST', `${INSTANCES}/{id}/send`],
      ['POST', '/api/contacts'],
    ] as const) {
      const answer = await ask(method, path, body, headers);

      expect(answer.status).toBe(400);
      expectDetails(answer.body);
    }
  });
});

describe('an address that is not what it should be', () => {
  it.each([
    ['GET', `${INSTANCES}/%E0%A4%A`],
    ['GET', `${INSTANCES}/%`],
    ['GET', `${INSTANCES}/%ff/status`],
    ['DELETE', `${INSTANCES}/%zz`],
    ['POST', `${INSTANCES}/%E0%A4%A/send`],
    ['GET', '/api/messages/%C3'],
    ['GET', '/api/organizations/%E0%A4%A/members'],
    ['GET', '/api/organizations/a%20b'],
    ['GET', `${INSTANCES}/5`],
    ['GET', `${INSTANCES}/{id}/integrity/undecrypted?state=lost`],
    ['GET', `${INSTANCES}/{id}/integrity?from=yesterday`],
    ['GET', `${INSTANCES}/{id}/integrity?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`],
    ['GET', `${INSTANCES}/{id}/qr?format=gif`],
    ['GET', `${INSTANCES}?limit=1&limit=2`],
    ['GET', `${INSTANCES}?organization_id=a&organization_id=b`],
    ['GET', `${INSTANCES}?limit=%E0%A4%A`],
    ['GET', `${INSTANCES}?cursor=%00`],
    ['GET', `${INSTANCES}?cursor=W10`],
    ['GET', `${INSTANCES}?__proto__=1`],
    ['GET', `${INSTANCES}?unknown=1`],
    ['GET', '/api/contacts'],
    ['GET', '/api/contacts?organization_id=o&search=%00'],
    ['GET', '/api/messages?organization_id=o&contact_id=5'],
    ['GET', '/api/bookings?organization_id=o&status=maybe'],
    ['GET', '/api/events?organization_id=o&after=x'],
    ['GET', '/api/admin/audit?from=yesterday'],
    ['GET', '/socket.io/'],
    ['GET', '/socket.io/?EIO=4&transport=pigeon'],
    ['GET', '/socket.io/?EIO=4&transport=polling&sid=nobody'],
    ['POST', '/socket.io/?EIO=4&transport=polling'],
    ['GET', '/socket.io/?EIO=3&transport=polling'],
  ])('is answered with details: %s %s', async (method, path) => {
    const answer = await ask(method, path, method === 'POST' ? '{}' : undefined);

    expect(answer.status).toBe(400);
    expectDetails(answer.body);
  });
});

describe('a request that is not what it should be', () => {
  it.each([
    ['no HTTP', 'nonsense\r\n\r\n'],
    ['of another version', 'GET / HTTP/9.9\r\n\r\n'],
    ['without a host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['with a negative length', 'POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'],
    [
      'with two lengths',
      'POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ],
    [
      'with a length and chunks',
      'POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    [
      'with broken chunks',
      `POST ${INSTANCES} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    ],
    ['with a header that is none', 'GET /health HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n'],
    [
      'with an upgrade to an unknown socket',
      'GET /socket.io/?EIO=4&transport=websocket&sid=nobody HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ],
  ])('is answered with details: %s', async (_what, request) => {
    const { head, body } = await raw(request);

    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expectDetails(body);
  });

  it('is answered with details where a header is at fault', async () => {
    const body = '{"to":"5511999887766","message":"x"}';
    const answer = await ask('POST', `${INSTANCES}/{id}/send`, body, { ...JSON_TYPE, 'idempotency-key': '' });

    expect(answer.status).toBe(400);
    expectDetails(answer.body);
  });
});

it('every fault that a part of the service finds has details, whether it gives some or not', async () => {
  http.sessions.nextFailure = new AppError('recipient_not_on_whatsapp', { message: 'There is nobody.' });

  const answer = await ask('POST', `${INSTANCES}/{id}/send`, '{"to":"5511999887766","message":"x"}');

  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ details: [{ path: '', message: 'There is nobody.' }] });
});

describe('another fault of a body', () => {
  it.each<[number, string, string, object]>([
    [413, 'body_too_large', JSON.stringify({ instance_name: 'x'.repeat(1_100_000) }), JSON_TYPE],
    [415, 'unsupported_media_type', VALID, { 'content-type': 'text/plain' }],
    [415, 'unsupported_media_type', VALID, { 'content-type': 'multipart/form-data; boundary=x' }],
    [415, 'unsupported_encoding', VALID, { 'content-type': 'application/json; charset=latin1' }],
    [415, 'unsupported_encoding', VALID, { 'content-type': 'application/json; charset=nonsense' }],
    [415, 'unsupported_encoding', VALID, { ...JSON_TYPE, 'content-encoding': 'compress' }],
  ])('is answered with %i %s, in the same shape', async (status, code, body, headers) => {
    expect(await ask('POST', INSTANCES, body, headers)).toEqual({
      status,
      body: {
        success: false,
        code,
        error: expect.stringMatching(/^[A-Z].*\.$/),
        requestId: expect.any(String),
      },
    });
  });
});
