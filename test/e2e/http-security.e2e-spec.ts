import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestRedis } from '../support/redis.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const KEY = 'an-admin-key-that-is-long-enough-0123456789';

let redis: TestRedis;
let http: HttpApp;

beforeAll(async () => {
  redis = await TestRedis.start();
  http = await startHttpApp({ REDIS_URL: redis.url, ADMIN_API_KEY: KEY });
});
afterAll(async () => {
  await http.stop();
  await redis.stop();
});

describe('answers', () => {
  it.each(['/health', '/api/whatsapp/instances', '/nothing', '/api/docs-json'])(
    'of %s let a browser make no page of them and store nothing, and name nothing that runs here',
    async (path) => {
      const { headers } = await http.api.call('GET', path);

      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      );
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-site');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
    },
  );

  it.each([
    '//evil.example',
    '//evil.example/%2e%2e',
    '/%2f%2fevil.example',
    '/api/docs//evil.example/%2e%2e/',
    '/api/docs/..//evil.example',
    '/api/docs/%5c%5cevil.example/',
    '/admin/queues//evil.example/..',
    '/admin/queues/static//evil.example/%2e%2e',
    '/admin/queues/static/css',
    '/socket.io//evil.example/',
  ])('to %s lead nowhere else', async (path) => {
    const answer = await fetch(http.url + path, { redirect: 'manual' });
    await answer.text();
    const target = new URL(answer.headers.get('location') ?? '/', http.url + path);

    expect(target.origin).toBe(http.url);
  });
});

describe('pages', () => {
  it.each([
    'package.json',
    'README.md',
    'LICENSE',
    'swagger-ui.js.map',
    'oauth2-redirect.html',
    'docs/package.json',
  ])('of the documentation show nothing of the package they come from: %s', async (file) => {
    expect(await http.api.call('GET', `/api/docs/${file}`)).toMatchObject({
      status: 404,
      body: { code: 'route_not_found' },
    });
  });

  it.each(['/api/docs', '/admin/queues'])('at %s run under their policy', async (path) => {
    const { headers, body } = await http.api.call<string>('GET', path);
    const policy = headers.get('content-security-policy') ?? '';
    const scripts = [...body.matchAll(/<script([^>]*)>([^<]*)/g)].filter(
      ([tag]) => !/application\/json/.test(tag),
    );

    expect(policy).toMatch(/(script|default)-src 'self'/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(scripts.length).toBeGreaterThan(1);
    for (const [, attributes, inline] of scripts) {
      expect(inline!.trim()).toBe('');
      const [, source] = /src="([^"]+)"/.exec(attributes!) ?? [];
      const base = /<base href="([^"]+)"/.exec(body)?.[1] ?? path;
      const script = await http.api.call('GET', new URL(source!, http.url + base).pathname);
      expect(script.status).toBe(200);
      expect(script.headers.get('content-type')).toContain('javascript');
    }
    expect(body).not.toMatch(/ on(load|click|error)=/);
  });
});
