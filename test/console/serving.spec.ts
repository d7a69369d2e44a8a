import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltService, type ServiceHome } from '../support/built-service.js';
import { makeMigratedHome } from '../support/migrated-copy.js';

const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let home: ServiceHome;
let service: BuiltService;

beforeAll(async () => {
  home = await makeMigratedHome();
  service = await BuiltService.start(home, { TRUST_PROXY: 'loopback' });
});
afterAll(async () => {
  await service.stop();
  await home.remove();
});

/** As it comes over the line: nothing is unpacked, and the path is sent as it stands here. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(service.url);
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>(
    (resolve, reject) => {
      httpRequest({ hostname, port, path, method, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks) }),
        );
        answer.on('error', reject);
      })
        .on('error', reject)
        .end();
    },
  );
}

async function scriptPath(): Promise<string> {
  const { body } = await ask('/', PAGE);
  return `/${/src="\.\/(assets\/[\w-]+\.js)"/.exec(body.toString())![1]!}`;
}

describe('the page', () => {
  it.each(['/', '/numbers', '/numbers/1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11', '/a.page.with.dots', '/apis'])(
    'is at %s for whoever goes there',
    async (path) => {
      const { status, headers, body } = await ask(path, PAGE);

      expect(status).toBe(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['cache-control']).toBe('no-cache');
      expect(body.toString()).toContain('<div id="root">');
    },
  );

  it('lets nothing run but what the service has, and nothing inline', async () => {
    const policy = String((await ask('/', PAGE)).headers['content-security-policy']).split(';');

    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob: data:",
      "media-src 'self' blob:",
      "font-src 'self'",
      "connect-src 'self'",
      "manifest-src 'self'",
      "worker-src 'self'",
      "base-uri 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
  });

  it('is not sent again to who has it', async () => {
    const { headers } = await ask('/numbers', PAGE);
    const again = await ask('/numbers', { ...PAGE, 'if-none-match': String(headers['etag']) });

    expect(again.status).toBe(304);
    expect(again.body.length).toBe(0);
  });

  it('answers HEAD as GET, without a body', async () => {
    const get = await ask('/numbers', PAGE);
    const head = await ask('/numbers', PAGE, 'HEAD');

    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.headers['etag']).toBe(get.headers['etag']);
  });

  it.each([
    ['/', {}, './'],
    ['/numbers/7', {}, '../'],
    ['/numbers/7', { 'x-forwarded-prefix': '/whatsapp' }, '/whatsapp/'],
    ['/', { 'x-forwarded-prefix': '"><script>' }, './'],
  ])('at %s with %j finds the service at %s', async (path, headers, base) => {
    const { body } = await ask(path, { ...PAGE, ...headers });

    expect(/<base href="([^"]*)"/.exec(body.toString())![1]).toBe(base);
  });
});

describe('files', () => {
  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('come as %s to who takes that', async (encoding, unpack) => {
    const path = await scriptPath();
    const plain = await ask(path);
    const packed = await ask(path, { 'accept-encoding': encoding });

    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers['content-encoding']).toBe(encoding);
    expect(packed.headers['vary']).toContain('Accept-Encoding');
    expect(packed.body.length).toBeLessThan(plain.body.length / 2);
    expect(unpack(packed.body).equals(plain.body)).toBe(true);
    expect(packed.headers['etag']).not.toBe(plain.headers['etag']);
  });

  it('come as Brotli to browsers, which take all', async () => {
    const { headers } = await ask(await scriptPath(), { 'accept-encoding': 'gzip, deflate, br, zstd' });

    expect(headers['content-encoding']).toBe('br');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  it('are kept for ever where their name changes with them, and asked for again otherwise', async () => {
    expect((await ask(await scriptPath())).headers['cache-control']).toBe(
      'public, max-age=31536000, immutable',
    );
    expect((await ask('/icon.svg')).headers['cache-control']).toBe('no-cache');
    expect((await ask('/manifest.webmanifest')).headers['content-type']).toContain(
      'application/manifest+json',
    );
  });

  it.each([
    '/assets/missing.js',
    '/assets/../../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/package.json',
    '/.vite/manifest.json',
    '/index.html.br',
    '/assets/',
  ])('that are none of the page are not there: %s', async (path) => {
    const { status, headers, body } = await ask(path);

    expect(status).toBe(404);
    expect(headers['content-type']).toContain('application/json');
    expect(body.toString()).toContain('route_not_found');
  });
});

describe('the API', () => {
  it.each([
    '/api/nothing',
    '/api',
    '/health/nothing',
    '/socket.io/nothing',
    '/calendar/nothing',
    '/admin/nothing',
  ])('keeps its errors, also for a browser: %s', async (path) => {
    const { headers, body } = await ask(path, PAGE);

    expect(headers['content-type']).toMatch(/json/);
    expect(body.toString()).not.toContain('<div');
  });

  it.each(['/nothing', '/numbers'])('answers programs as before: %s', async (path) => {
    const { status, headers, body } = await ask(path, { accept: '*/*' });

    expect(status).toBe(404);
    expect(headers['cache-control']).toBe('no-store');
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'route_not_found' });
  });

  it('takes no other method under addresses of the page', async () => {
    expect((await ask('/numbers', PAGE, 'POST')).status).toBe(404);
  });

  it('says how to sign in', async () => {
    const { headers, body } = await ask('/api/console');

    expect(headers['cache-control']).toBe('no-store');
    expect(JSON.parse(body.toString())).toEqual({
      success: true,
      sign_in: ['open'],
      simulator: false,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });

  it('has no simulated phones where there is no simulated network', async () => {
    expect((await ask('/api/simulator/phones')).status).toBe(404);
  });
});

it('answers nobody under a name that is not its own', async () => {
  const { status, body } = await ask('/', { ...PAGE, host: 'evil.example' });

  expect(status).toBe(403);
  expect(body.toString()).toContain('host_not_allowed');
});

it('shows no page where the operator wants none', async () => {
  const other = await makeMigratedHome();
  const without = await BuiltService.start(other, { CONSOLE: 'off' });

  const answer = await fetch(without.url, { headers: PAGE });

  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect((await fetch(`${without.url}/api/docs`)).status).toBe(200);
  await without.stop();
  await other.remove();
});
