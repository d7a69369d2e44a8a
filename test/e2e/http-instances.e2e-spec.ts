import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/common/app-error.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { type HttpApp, startHttpApp } from './http-app.js';

let http: HttpApp;
let id: string;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const CODE = { outcome: 'pairing_code' as const, pairingCode: 'ABCD1234', expiresAt: new Date() };

beforeAll(async () => {
  http = await startHttpApp();
});
afterAll(() => http.stop());

beforeEach(async () => {
  http.sessions.connectResult = CODE;
  http.sessions.isLineDown = false;
  http.sessions.sendStatus = 'sent';
  id = await http.api.createInstance('org_123', '5511999887766');
});

const path = (suffix = '') => `/api/whatsapp/instances/${id}${suffix}`;

describe('create', () => {
  it('answers 200 with exactly the documented fields', async () => {
    const answer = await http.api.call('POST', '/api/whatsapp/instances', {
      organization_id: 'org_123',
      instance_name: '  Main WhatsApp ',
      phone_number: '5511999887766',
    });

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      instance: {
        id: expect.stringMatching(UUID),
        organization_id: 'org_123',
        instance_name: 'Main WhatsApp',
        phone_number: '5511999887766',
        status: 'disconnected',
        pairing_method: 'code',
        created_at: expect.stringMatching(ISO),
      },
    });
  });

  it.each([{}, { phone_number: null }])('takes an instance without a number: %j', async (extra) => {
    const answer = await http.api.call<{ instance: object }>('POST', '/api/whatsapp/instances', {
      organization_id: 'org_123',
      instance_name: 'x',
      ...extra,
    });

    expect(answer.status).toBe(200);
    expect(answer.body.instance).toMatchObject({ phone_number: null });
  });

  it('takes JSON that curl calls a form, as the documentation posts it', async () => {
    const response = await fetch(`${http.url}/api/whatsapp/instances`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '{"organization_id": "org_123", "instance_name": "Main WhatsApp"}',
    });

    expect(response.status).toBe(200);
  });
});

describe('list and read', () => {
  it('lists one organization, page by page, newest first', async () => {
    const organization = `org_${randomUUID()}`;
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      ids.unshift(await http.api.createInstance(organization));
    }

    type List = { instances: { id: string }[]; next_cursor: string | null };
    const query = `/api/whatsapp/instances?organization_id=${organization}&limit=2`;
    const first = await http.api.call<List>('GET', query);
    const second = await http.api.call<List>('GET', `${query}&cursor=${first.body.next_cursor}`);

    expect([...first.body.instances, ...second.body.instances].map((instance) => instance.id)).toEqual(ids);
    expect(second.body.next_cursor).toBeNull();
  });

  it('filters by status', async () => {
    const answer = await http.api.call<{ instances: unknown[] }>(
      'GET',
      '/api/whatsapp/instances?organization_id=org_123&status=connected',
    );

    expect(answer.status).toBe(200);
    expect(answer.body.instances).toEqual([]);
  });

  it('reads one', async () => {
    const answer = await http.api.call('GET', path());

    expect(answer.body).toMatchObject({ success: true, instance: { id, messages_sent_count: 0 } });
    expect(JSON.stringify(answer.body)).not.toContain('session');
  });

  it('answers status with exactly the documented fields', async () => {
    const answer = await http.api.call('GET', path('/status'));

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      instance: {
        id,
        status: 'disconnected',
        phone_number: '5511999887766',
        last_connected_at: null,
        messages_sent_count: 0,
        messages_received_count: 0,
      },
      is_running: false,
    });
  });

  it('finds an id in capital letters', async () => {
    const answer = await http.api.call('GET', `/api/whatsapp/instances/${id.toUpperCase()}/status`);

    expect(answer.status).toBe(200);
  });
});

describe('connect', () => {
  const connect = (body?: unknown) => http.api.call('POST', path('/connect'), body);

  it('answers a pairing code with exactly the documented fields', async () => {
    const answer = await connect({ phone_number: '5511999887766', method: 'code' });

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ success: true, pairingCode: 'ABCD1234', method: 'code' });
  });

  it('answers QR at once with exactly the documented fields', async () => {
    http.sessions.connectResult = { outcome: 'qr' };

    const answer = await connect({ method: 'qr' });

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      method: 'qr',
      message: 'QR Code will be sent via Socket.IO when generated',
    });
  });

  it.each(['resuming', 'already_connected'] as const)('says so when it is %s', async (outcome) => {
    http.sessions.connectResult = { outcome };

    const answer = await connect({ method: 'qr' });

    expect(answer).toMatchObject({
      status: 200,
      body: { success: true, method: 'qr', message: expect.any(String) },
    });
  });

  it('answers 202, and where to ask, when the process that runs it is slow', async () => {
    http.sessions.connectResult = { outcome: 'pending' };

    expect(await connect({ method: 'code' })).toMatchObject({
      status: 202,
      body: { success: true, method: 'code', status_url: path('/status') },
    });
  });

  it.each([undefined, {}, { phone_number: null }])(
    'falls back to the stored number and to method code: %j',
    async (body) => {
      expect((await connect(body)).status).toBe(200);
      expect(http.sessions.calls.at(-1)).toMatchObject({
        name: 'connect',
        argument: { method: 'code', phoneNumber: '5511999887766' },
      });
    },
  );

  it('asks for a number where there is none', async () => {
    id = await http.api.createInstance('org_123');

    expect(await connect({})).toMatchObject({
      status: 400,
      body: { code: 'phone_number_required', details: [{ path: 'phone_number' }] },
    });
  });

  it('answers 500 where WhatsApp does not, and hides nothing but the cause', async () => {
    http.sessions.nextFailure = new AppError('pairing_failed', {
      message: 'WhatsApp did not give a code.',
      cause: new Error('secret cause'),
    });

    const answer = await connect({});

    expect(answer).toMatchObject({
      status: 500,
      body: { code: 'pairing_failed', error: 'WhatsApp did not give a code.' },
    });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });
});

describe('QR code', () => {
  const QR = '2@abc,def,ghi,jkl';
  const get = (accept: string, query = '') =>
    fetch(`${http.url}${path('/qr')}${query}`, { headers: { accept } });

  it('answers 404 with a hint while there is none', async () => {
    const answer = await http.api.call('GET', path('/qr'));

    expect(answer).toMatchObject({
      status: 404,
      body: { code: 'qr_not_available', error: expect.stringContaining('connect') },
    });
  });

  it.each([
    ['*/*', 'image/png'],
    ['image/png', 'image/png'],
    ['text/html,application/xhtml+xml,image/avif,image/webp,*/*;q=0.8', 'image/png'],
    ['image/svg+xml', 'image/svg+xml; charset=utf-8'],
    ['image/png;q=0.5, image/svg+xml;q=0.9', 'image/svg+xml; charset=utf-8'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['text/*;q=0.4, image/*;q=0.1', 'text/plain; charset=utf-8'],
  ])('answers Accept %s with %s, never cached', async (accept, type) => {
    http.sessions.qrs.set(id, { qr: QR, issuedAt: new Date() });

    const response = await get(accept);
    await response.arrayBuffer();

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('draws PNG and SVG, and gives the string itself as text and JSON', async () => {
    http.sessions.qrs.set(id, { qr: QR, issuedAt: new Date('2025-10-02T12:00:00Z') });

    const png = Buffer.from(await (await get('image/png')).arrayBuffer());
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(await (await get('image/svg+xml')).text()).toMatch(/^<svg /);
    expect(await (await get('text/plain')).text()).toBe(QR);
    expect(await (await get('*/*', '?format=terminal')).text()).toContain('▄');
    expect(await (await get('application/json')).json()).toEqual({
      success: true,
      qr: QR,
      issued_at: '2025-10-02T12:00:00.000Z',
    });
  });

  it('answers 406 where nothing fits', async () => {
    http.sessions.qrs.set(id, { qr: QR, issuedAt: new Date() });

    const response = await get('image/webp');

    expect(response.status).toBe(406);
    expect(await response.json()).toMatchObject({ success: false, code: 'not_acceptable' });
  });
});

describe('send', () => {
  const send = (body: unknown) => http.api.call('POST', path('/send'), body);

  it.each(['5511999887766', '5511999887766@s.whatsapp.net'])('sends to %s', async (to) => {
    http.sessions.connected.add(id);

    const answer = await send({ to, message: 'Hello from AuZap!' });

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      message_id: expect.stringMatching(UUID),
      whatsapp_message_id: '3EB0C767D097B7C7C030',
      status: 'sent',
    });
    expect(http.sessions.calls.at(-1)?.argument).toEqual({
      to: '5511999887766',
      message: 'Hello from AuZap!',
    });
  });

  it('answers 202 while nobody knows whether it left', async () => {
    http.sessions.connected.add(id);
    http.sessions.sendStatus = 'unknown';

    expect(await send({ to: '5511999887766', message: 'x' })).toMatchObject({
      status: 202,
      body: { success: true, status: 'unknown' },
    });
  });

  it('answers 409 while the instance is not connected', async () => {
    expect(await send({ to: '5511999887766', message: 'x' })).toMatchObject({
      status: 409,
      body: { success: false, code: 'instance_not_connected' },
    });
  });

  it('takes the longest message and line breaks, and keeps blanks at its ends', async () => {
    http.sessions.connected.add(id);
    const message = ` ${'a'.repeat(65_533)}\n `;

    expect((await send({ to: '5511999887766', message })).status).toBe(200);
    expect(http.sessions.calls.at(-1)?.argument).toMatchObject({ message });
  });
});

describe('change and delete', () => {
  it.each([
    [{ phone_number: '5511988776655' }, { phone_number: '5511988776655' }],
    [{ instance_name: ' Second ' }, { instance_name: 'Second' }],
    [{ phone_number: null }, { phone_number: null }],
  ])('changes %j', async (body, expected) => {
    const answer = await http.api.call('PATCH', path(), body);

    expect(answer).toMatchObject({ status: 200, body: { success: true, instance: { id, ...expected } } });
  });

  it('refuses to link another number while one is linked, however either is written', async () => {
    const database = http.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
    await database.sql(
      `update whatsapp_instances set session_data = decode('00', 'hex'), account_phone = '551199887766' where id = $1::text::uuid`,
      [id],
    );
    const connect = (body: unknown) => http.api.call('POST', path('/connect'), body);

    for (const method of ['code', 'qr']) {
      expect(await connect({ method, phone_number: '5521988776655' })).toMatchObject({
        status: 409,
        body: { success: false, code: 'linked_to_another_number' },
      });
    }
    expect((await connect({ method: 'code', phone_number: '5511999887766' })).status).toBe(200);
    expect((await connect({ method: 'code' })).status).toBe(200);
    expect((await connect({ method: 'qr' })).status).toBe(200);
  });

  it('tells how far the logout of a deleted instance is, and connect waits for it', async () => {
    http.sessions.isLineDown = true;
    expect(await http.api.call('GET', path('/logout'))).toMatchObject({
      status: 404,
      body: { code: 'logout_not_found' },
    });
    await http.api.call('DELETE', path());

    expect(await http.api.call('GET', path('/logout'))).toMatchObject({
      status: 200,
      body: { logout: { instance_id: id, state: 'pending', result: null, ended_at: null } },
    });
    expect(await http.api.call('POST', path('/connect'), { method: 'qr' })).toMatchObject({
      status: 409,
      body: { code: 'logout_pending' },
    });
    expect((await http.api.call('GET', path())).status).toBe(404);

    http.sessions.isLineDown = false;
    expect((await http.api.call('POST', path('/connect'), { method: 'qr' })).status).toBe(200);
    expect((await http.api.call('GET', path())).status).toBe(200);
  });

  it('refuses a change of nothing', async () => {
    expect(await http.api.call('PATCH', path(), {})).toMatchObject({
      status: 400,
      body: { code: 'validation_failed' },
    });
  });

  it('answers 202, and where to ask, while the deletion is under way elsewhere', async () => {
    http.sessions.isLineDown = true;

    expect(await http.api.call('DELETE', path())).toMatchObject({
      status: 202,
      body: { success: true, status_url: path('/logout'), logout: { instance_id: id, state: 'pending' } },
    });
  });

  it('deletes once, hides the deleted one, and connect brings it back', async () => {
    expect(await http.api.call('DELETE', path())).toMatchObject({ status: 200, body: { success: true } });
    expect(http.sessions.calls.at(-1)).toMatchObject({ name: 'logOut', instanceId: id });

    for (const [method, suffix, body] of [
      ['DELETE', '', undefined],
      ['GET', '', undefined],
      ['GET', '/status', undefined],
      ['GET', '/qr', undefined],
      ['PATCH', '', { instance_name: 'x' }],
      ['POST', '/send', { to: '5511999887766', message: 'x' }],
    ] as const) {
      expect(await http.api.call(method, path(suffix), body)).toMatchObject({
        status: 404,
        body: { success: false, code: 'instance_not_found' },
      });
    }

    expect((await http.api.call('POST', path('/connect'), { method: 'qr' })).status).toBe(200);
    expect((await http.api.call('GET', path('/status'))).status).toBe(200);
  });
});
