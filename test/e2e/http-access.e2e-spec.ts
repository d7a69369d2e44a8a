import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpApp, startHttpApp } from './http-app.js';

const KEY = 'an-admin-key-that-is-long-enough-0123456789';
const ORIGIN = 'http://localhost:5173';
const INSTANCES = '/api/whatsapp/instances';

const BAD_CREDENTIALS: Record<string, string>[] = [
  {},
  { authorization: 'Bearer wrong' },
  { authorization: `Bearer ${KEY}x` },
  { authorization: `Bearer ${KEY.slice(0, -1)}` },
  { authorization: `Basic ${Buffer.from(`admin:${KEY}`).toString('base64')}` },
  { authorization: KEY },
  { authorization: 'Bearer ' },
  { authorization: `Bearer ${KEY} ${KEY}` },
  { authorization: `Bearer ${'x'.repeat(5000)}` },
  { 'x-api-key': KEY },
];

describe('where a token is required', () => {
  let http: HttpApp;
  beforeAll(async () => {
    http = await startHttpApp({ AUTH_MODE: 'required', ADMIN_API_KEY: KEY });
  });
  afterAll(() => http.stop());

  it.each(BAD_CREDENTIALS)('refuses %j alike on every route', async (headers) => {
    for (const [method, path, body] of [
      ['GET', INSTANCES, undefined],
      ['POST', INSTANCES, { organization_id: 'o', instance_name: 'x' }],
      ['POST', INSTANCES, { bad: 'input' }],
      ['GET', `${INSTANCES}/not-a-uuid/status`, undefined],
      ['POST', '/api/contacts', { organization_id: 'o' }],
      ['GET', '/api/messages', undefined],
      ['GET', '/api/bookings', undefined],
      ['GET', '/api/notes', undefined],
      ['GET', '/api/events', undefined],
      ['GET', '/api/admin/queue-stats', undefined],
    ] as const) {
      const answer = await http.api.call(method, path, body, headers);

      expect(answer).toMatchObject({ status: 401, body: { success: false, code: 'unauthorized' } });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  it.each([`Bearer ${KEY}`, `bearer ${KEY}`])('lets %.6s in', async (authorization) => {
    const answer = await http.api.call('GET', INSTANCES, undefined, { authorization });

    expect(answer).toMatchObject({ status: 200, body: { success: true, instances: [] } });
  });

  it.each([
    '/health',
    '/health/live',
    '/health/ready',
    '/api/docs',
    '/api/docs-json',
    '/api/events-docs',
    '/api/events-docs-json',
  ])('lets anybody see %s', async (path) => {
    expect((await http.api.call('GET', path)).status).toBe(200);
  });
});

describe('where none is required', () => {
  let http: HttpApp;
  beforeAll(async () => {
    http = await startHttpApp({ CORS_ORIGINS: `${ORIGIN},https://app.example.com` });
  });
  afterAll(() => http.stop());

  describe('web pages', () => {
    const preflight = (origin: string) =>
      fetch(http.url + INSTANCES, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      });

    it('may call from a configured origin', async () => {
      const asked = await preflight(ORIGIN);
      const answer = await http.api.call('GET', INSTANCES, undefined, { origin: ORIGIN });

      expect(asked.status).toBe(204);
      expect(asked.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(asked.headers.get('access-control-allow-methods')).toContain('POST');
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
    });

    it.each(['https://evil.example', 'null', `${ORIGIN}.evil.example`, 'http://localhost:5174'])(
      'gets no permission, and changes nothing, from %s',
      async (origin) => {
        const body = { organization_id: 'org_csrf', instance_name: 'x' };

        expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
        expect(await http.api.call('POST', INSTANCES, body, { origin })).toMatchObject({
          status: 403,
          body: { success: false, code: 'origin_not_allowed' },
        });
        expect(
          (await http.api.call<{ instances: [] }>('GET', `${INSTANCES}?organization_id=org_csrf`)).body
            .instances,
        ).toEqual([]);
      },
    );

    it('may call from the service itself (Swagger UI)', async () => {
      const body = { organization_id: 'org_docs', instance_name: 'x' };

      expect((await http.api.call('POST', INSTANCES, body, { origin: http.url })).status).toBe(200);
    });
  });

  describe('every answer', () => {
    it('carries the request id of the caller, or one of its own', async () => {
      const given = await http.api.call('GET', '/nothing', undefined, { 'x-request-id': 'trace-1.2:3' });
      const own = await http.api.call('GET', '/health');

      expect(given.headers.get('x-request-id')).toBe('trace-1.2:3');
      expect(given.body).toMatchObject({ requestId: 'trace-1.2:3' });
      expect(own.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    });

    it.each(['x'.repeat(200), 'a b', '{"a":1}', '<script>'])('replaces the request id %.20s', async (id) => {
      const answer = await http.api.call('GET', '/health', undefined, { 'x-request-id': id });

      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('does not say what the service is made of', async () => {
      const answer = await http.api.call('GET', '/health');

      expect(answer.headers.get('x-powered-by')).toBeNull();
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    });
  });

  describe('the log', () => {
    it('names failed calls by request id and code, and holds nothing that callers sent', async () => {
      const headers = { 'x-request-id': 'findable-1', authorization: 'Bearer secret-token-1' };
      const path = '/api/contacts?organization_id=o&search=secret-name-1&unknown=secret-2';
      await http.api.call('GET', path, undefined, headers);
      await http.api.call('POST', '/api/contacts', '{"secret-3": secret-4', headers);
      await http.api.call('POST', '/api/contacts', { 'secret-5': 'secret-6' }, headers);

      const log = await readFile(http.logFile, 'utf8');
      const lines = log.split('\n').filter((line) => line.includes('findable-1'));

      expect(lines.some((line) => line.includes('validation_failed'))).toBe(true);
      expect(lines.some((line) => line.includes('invalid_json'))).toBe(true);
      expect(log).not.toMatch(/secret-/);
    });
  });

  describe('health and operations', () => {
    it('answers /health with exactly the documented fields', async () => {
      const answer = await http.api.call<{ timestamp: string }>('GET', '/health');

      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({ status: 'ok', timestamp: expect.any(String) });
      expect(new Date(answer.body.timestamp).toISOString()).toBe(answer.body.timestamp);
    });

    it('says ready by part, and degraded where no worker runs', async () => {
      const answer = await http.api.call('GET', '/health/ready');

      expect(answer).toMatchObject({
        status: 200,
        body: { status: 'degraded', checks: { database: { status: 'up' }, worker: { status: 'down' } } },
      });
    });

    it('counts the backlog', async () => {
      const answer = await http.api.call('GET', '/api/admin/queue-stats');

      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        success: true,
        driver: 'embedded',
        redis: 'not_configured',
        queue: null,
        workers_alive: 0,
        worker: { running: false },
        inbox: {
          pending: 0,
          dead: 0,
          is_capped: false,
          oldest_pending_at: null,
          oldest_pending_age_ms: null,
        },
        by_organization: [],
      });
    });

    it.each(['contacts', 'messages', 'bookings', 'notes'])(
      'lists no %s of an empty organization',
      async (name) => {
        const answer = await http.api.call('GET', `/api/${name}?organization_id=org_empty`);

        expect(answer).toMatchObject({ status: 200, body: { success: true, [name]: [], next_cursor: null } });
      },
    );

    it('searches contacts from the body, as the documentation does', async () => {
      const response = await fetch(`${http.url}/api/contacts`, {
        method: 'POST',
        headers: { authorization: 'Bearer {token}', 'content-type': 'application/x-www-form-urlencoded' },
        body: '{"organization_id": "org_123", "search": "Ana, (100%) *\\"_", "limit": 5}',
      });

      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ success: true, contacts: [], next_cursor: null });
    });

    it('answers 404 to an unknown contact', async () => {
      const path = '/api/contacts/00000000-0000-4000-8000-000000000000?organization_id=org_123';

      expect(await http.api.call('GET', path)).toMatchObject({
        status: 404,
        body: { code: 'contact_not_found' },
      });
    });

    it('replays no events of a new organization', async () => {
      const answer = await http.api.call('GET', '/api/events?organization_id=org_empty&after=7');

      expect(answer).toMatchObject({ status: 200, body: { success: true, events: [], last_sequence: 7 } });
    });
  });
});
