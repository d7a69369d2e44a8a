import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../src/http/error-body.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const INSTANCES = '/api/whatsapp/instances';
const VALID = { organization_id: 'org_123', instance_name: 'Main WhatsApp' };
const ABSENT = '00000000-0000-4000-8000-000000000000';

let http: HttpApp;
let id: string;

beforeAll(async () => {
  http = await startHttpApp();
  id = await http.api.createInstance('org_123', '5511999887766');
});
afterAll(() => http.stop());

/** Sends exactly these bytes and checks that the answer is an error in the contract's shape. */
async function fault(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await http.api.call<ErrorBody>(method, path, body, headers);
  expect(answer.body).toMatchObject({
    success: false,
    error: expect.stringMatching(/^[A-Z].*[.…?]$/s),
    code: expect.stringMatching(/^[a-z][a-z_]+$/),
    requestId: answer.headers.get('x-request-id'),
  });
  const allowed = ['success', 'error', 'code', 'requestId', 'details'];
  expect(Object.keys(answer.body).filter((key) => !allowed.includes(key))).toEqual([]);
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|\.js:|at .*\(/);
  return { status: answer.status, ...answer.body, headers: answer.headers };
}

describe('fields', () => {
  it.each([
    ['no fields', {}, ['organization_id', 'instance_name']],
    ['null fields', { organization_id: null, instance_name: null }, ['organization_id', 'instance_name']],
    ['an unknown field', { ...VALID, admin: true }, ['admin']],
    ['a number for a string', { ...VALID, instance_name: 5 }, ['instance_name']],
    ['an array for a string', { ...VALID, instance_name: ['x'] }, ['instance_name']],
    ['an object for a string', { ...VALID, organization_id: { $ne: '' } }, ['organization_id']],
    ['an empty name', { ...VALID, instance_name: '' }, ['instance_name']],
    ['a blank name', { ...VALID, instance_name: ' \t\n ' }, ['instance_name']],
    ['a name of 101 characters', { ...VALID, instance_name: 'x'.repeat(101) }, ['instance_name']],
    ['a NUL byte', { ...VALID, instance_name: 'a\u0000b' }, ['instance_name']],
    ['a line break in a name', { ...VALID, instance_name: 'a\nb' }, ['instance_name']],
    ['half a character', { ...VALID, instance_name: 'a\ud800' }, ['instance_name']],
    ['an organization with blanks', { ...VALID, organization_id: 'org 123' }, ['organization_id']],
    ['an organization of 65 characters', { ...VALID, organization_id: 'x'.repeat(65) }, ['organization_id']],
    ['an organization that ends the line', { ...VALID, organization_id: 'org_123\n' }, ['organization_id']],
    ['a number for a phone number', { ...VALID, phone_number: 5511999887766 }, ['phone_number']],
    ['Infinity, as JSON can say it', '{"organization_id":1e999,"instance_name":"x"}', ['organization_id']],
  ])('refuses %s', async (_name, body, paths) => {
    const answer = await fault('POST', INSTANCES, body);

    expect(answer).toMatchObject({ status: 400, code: 'validation_failed' });
    expect(answer.details?.map((detail) => detail.path)).toEqual(paths);
    expect(answer.details?.every((detail) => detail.message.length > 3)).toBe(true);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'refuses %s as a field and takes no harm',
    async (key) => {
      const answer = await fault('POST', INSTANCES, `{"${key}":{"polluted":true},"instance_name":"x"}`);

      expect(answer.status).toBe(400);
      expect(answer.details?.map((detail) => detail.path)).toContain(key);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  );

  it('lists no more faults than anybody reads', async () => {
    const body = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field${index}`, 1]));

    expect((await fault('POST', INSTANCES, body)).details).toHaveLength(20);
  });

  it.each([
    ['+55 11 99988-7766', 'formatting', '5511999887766'],
    ['11999887766', 'country code', '5511999887766'],
    ['5511999887766@s.whatsapp.net', '', undefined],
    ['', '', undefined],
    ['1', '', undefined],
    ['9'.repeat(40), '', undefined],
    ['٥٥١١٩٩٩٨٨٧٧٦٦', '', undefined],
    ["5511999887766' or 1=1", '', undefined],
  ])('refuses the phone number "%s" and says why', async (phoneNumber, why, meant) => {
    for (const [method, path] of [
      ['POST', INSTANCES],
      ['POST', `${INSTANCES}/${id}/connect`],
      ['PATCH', `${INSTANCES}/${id}`],
    ] as const) {
      const body = { ...(path === INSTANCES ? VALID : {}), phone_number: phoneNumber };
      const answer = await fault(method, path, body);

      expect(answer.status).toBe(400);
      expect(answer.details).toEqual([{ path: 'phone_number', message: expect.stringContaining(why) }]);
      expect(`${answer.error} ${answer.details?.[0]?.message}`).toContain(meant ?? '');
    }
  });

  it.each([
    [{ method: 'sms' }, 'method'],
    [{ method: null }, 'method'],
    [{ method: ['qr'] }, 'method'],
    [{ method: 'qr', phone_number: '123' }, 'phone_number'],
    [{ pairing: true }, 'pairing'],
  ])('refuses to connect with %j', async (body, path) => {
    expect(await fault('POST', `${INSTANCES}/${id}/connect`, body)).toMatchObject({
      status: 400,
      details: [{ path }],
    });
  });

  it.each([
    [{}, ['to', 'message']],
    [{ to: '5511999887766' }, ['message']],
    [{ to: '5511999887766', message: '' }, ['message']],
    [{ to: '5511999887766', message: ' \n\t\u00a0 ' }, ['message']],
    [{ to: '5511999887766', message: 'x'.repeat(65_537) }, ['message']],
    [{ to: '5511999887766', message: 'a\u0000' }, ['message']],
    [{ to: '5511999887766', message: '\udc00' }, ['message']],
    [{ to: '5511999887766', message: { text: 'x' } }, ['message']],
    [{ to: '5511999887766@g.us', message: 'x' }, ['to']],
    [{ to: '11999887766@s.whatsapp.net', message: 'x' }, ['to']],
    [{ to: ['5511999887766'], message: 'x' }, ['to']],
    [{ to: '5511999887766', message: 'x', quoted: 'y' }, ['quoted']],
  ])('refuses to send %.80j', async (body, paths) => {
    const answer = await fault('POST', `${INSTANCES}/${id}/send`, body);

    expect(answer.status).toBe(400);
    expect(answer.details?.map((detail) => detail.path)).toEqual(paths);
  });

  it.each([
    ['/api/whatsapp/instances?limit=0', 'limit'],
    ['/api/whatsapp/instances?limit=101', 'limit'],
    ['/api/whatsapp/instances?limit=1.5', 'limit'],
    ['/api/whatsapp/instances?limit=', 'limit'],
    ['/api/whatsapp/instances?limit=99999999999999999999', 'limit'],
    ['/api/whatsapp/instances?limit=1&limit=2', 'limit'],
    ['/api/whatsapp/instances?limit[gt]=1', 'limit[gt]'],
    ['/api/whatsapp/instances?status=online', 'status'],
    ['/api/whatsapp/instances?cursor=', 'cursor'],
    ['/api/whatsapp/instances?cursor=nonsense', 'cursor'],
    ['/api/whatsapp/instances?organization_id=a%00b', 'organization_id'],
    ['/api/contacts', 'organization_id'],
    ['/api/contacts?organization_id=o&search=%00', 'search'],
    ['/api/contacts?organization_id=o&phone_number=12', 'phone_number'],
    ['/api/contacts?organization_id=o&ids=5', 'ids'],
    [`/api/contacts?organization_id=o&ids=${randomUUID()},`, 'ids'],
    ['/api/messages?organization_id=o&contact_id=5', 'contact_id'],
    ['/api/messages?organization_id=o&direction=up', 'direction'],
    ['/api/bookings?organization_id=o&status=maybe', 'status'],
    ['/api/notes?organization_id=o&cursor=W10', 'cursor'],
    ['/api/events?organization_id=o&after=-1', 'after'],
    ['/api/events', 'organization_id'],
  ])('refuses GET %s', async (path, field) => {
    const answer = await fault('GET', path);

    expect(answer.status).toBe(400);
    expect(answer.details?.map((detail) => detail.path)).toEqual([field]);
  });
});

describe('ids', () => {
  it.each(['123', 'undefined', '%00', '..%2f..%2fetc', `${ABSENT}0`, `{instance_id}`, '%F0%9F%98%80'])(
    'answers 400 to the id %s',
    async (bad) => {
      expect(await fault('GET', `${INSTANCES}/${bad}/status`)).toMatchObject({
        status: 400,
        code: 'invalid_id',
      });
    },
  );

  it.each([
    ['GET', '', undefined],
    ['GET', '/status', undefined],
    ['GET', '/qr', undefined],
    ['DELETE', '', undefined],
    ['PATCH', '', { instance_name: 'x' }],
    ['POST', '/connect', { method: 'qr' }],
    ['POST', '/send', { to: '5511999887766', message: 'x' }],
  ])('answers 404 to %s …%s of an unknown instance', async (method, suffix, body) => {
    expect(await fault(method, `${INSTANCES}/${ABSENT}${suffix}`, body)).toMatchObject({
      status: 404,
      code: 'instance_not_found',
    });
  });
});

describe('bodies', () => {
  it.each([
    ['half an object', '{"organization_id":'],
    ['a form', 'organization_id=org_123'],
    ['a bare word', 'true'],
    ['a number', '5'],
    ['a string', '"x"'],
    ['a comment', '{/* */}'],
    ['a trailing comma', '{"a":1,}'],
    ['deep nesting', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['moderately deep nesting', '{"a":'.repeat(30) + '1' + '}'.repeat(30)],
  ])('answers 400 to %s', async (_name, body) => {
    const answer = await fault('POST', INSTANCES, body);

    expect(answer).toMatchObject({ status: 400, code: 'invalid_json' });
    expect(answer.details).toMatchObject([{ path: '' }]);
  });

  it.each(['[]', '[{"organization_id":"org_123"}]'])('wants an object, not %s', async (body) => {
    expect(await fault('POST', INSTANCES, body)).toMatchObject({ status: 400, code: 'validation_failed' });
  });

  it('refuses bytes that are no UTF-8', async () => {
    const response = await fetch(http.url + INSTANCES, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{"organization_id":"org_123","instance_name":"\xff\xfe"}', 'latin1'),
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid_json' });
  });

  it.each([
    [{ 'content-type': 'text/plain' }, 'unsupported_media_type'],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, 'unsupported_media_type'],
    [{ 'content-type': 'application/xml' }, 'unsupported_media_type'],
    [{ 'content-type': 'nonsense' }, 'unsupported_media_type'],
    [{ 'content-type': 'application/json; charset=latin1' }, 'unsupported_encoding'],
    [{ 'content-type': 'application/json', 'content-encoding': 'compress' }, 'unsupported_encoding'],
  ])('answers 415 to %j', async (headers, code) => {
    expect(await fault('POST', INSTANCES, JSON.stringify(VALID), headers)).toMatchObject({
      status: 415,
      code,
    });
  });

  it('answers 400 to damaged compression', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };

    expect(await fault('POST', INSTANCES, 'not gzip', headers)).toMatchObject({
      status: 400,
      code: 'invalid_body',
    });
  });

  it('stays up when the caller goes away in the middle of a body', async () => {
    const socket = connect(Number(new URL(http.url).port), '127.0.0.1');
    const head = `POST ${INSTANCES} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
    await new Promise<void>((done) =>
      socket.write(`${head}Content-Length: 500\r\n\r\n{"organ`, () => done()),
    );
    socket.destroy();

    expect((await http.api.call('GET', '/health')).status).toBe(200);
  });
});

describe('addresses and methods', () => {
  it.each(['/api', '/api/whatsapp', '/api/whatsapp/instances/x/y/z', '/health/nonsense', '/.env', '//evil'])(
    'answers 404 to %s',
    async (path) => {
      expect(await fault('GET', path)).toMatchObject({ status: 404, code: 'route_not_found' });
    },
  );

  it.each([
    ['PUT', INSTANCES, 'GET, HEAD, POST'],
    ['DELETE', '/health', 'GET, HEAD'],
    ['POST', `${INSTANCES}/${ABSENT}`, 'DELETE, GET, HEAD, PATCH'],
    ['GET', `${INSTANCES}/${ABSENT}/connect`, 'POST'],
  ])('answers 405 to %s %s', async (method, path, allow) => {
    const answer = await fault(method, path);

    expect(answer).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it('answers 400 to an address that can not be decoded', async () => {
    expect(await fault('GET', `${INSTANCES}/%E0%A4%A`)).toMatchObject({ status: 400, code: 'bad_request' });
  });

  it.each([
    ['GET / HTTP/9.9\r\n\r\n', '400'],
    ['nonsense\r\n\r\n', '400'],
    [`GET /health HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`, '431'],
    ['POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n', '400'],
  ])('answers %.40j in the same shape', async (request, status) => {
    const socket = connect(Number(new URL(http.url).port), '127.0.0.1');
    socket.write(request);
    const [head, body] = (await text(socket)).split('\r\n\r\n');

    expect(head).toContain(`HTTP/1.1 ${status}`);
    expect(JSON.parse(body ?? '')).toMatchObject({ success: false, code: expect.any(String) });
  });
});

it('stored nothing of all that', async () => {
  const answer = await http.api.call<{ instances: object[] }>('GET', `${INSTANCES}?organization_id=org_123`);

  expect(answer.body.instances).toHaveLength(1);
  expect(answer.body.instances[0]).toMatchObject({
    id,
    instance_name: 'Main WhatsApp',
    phone_number: '5511999887766',
  });
});
