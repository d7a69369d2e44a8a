import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PrefixingProxy } from '../support/prefixing-proxy.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const rendered = vi.hoisted(() => ({ times: 0 }));
vi.mock('js-yaml', async (original) => {
  const real = await original<typeof import('js-yaml')>();
  const dump: typeof real.dump = (...args) => {
    rendered.times += 1;
    return real.dump(...args);
  };
  return { ...real, dump };
});

interface Document {
  servers: { url: string }[];
  paths: Record<string, unknown>;
}

const FORMATS: [string, (text: string) => Document][] = [
  ['json', (text) => JSON.parse(text) as Document],
  ['yaml', (text) => load(text) as Document],
];

let http: HttpApp;
let silent: PrefixingProxy;
let telling: PrefixingProxy;

beforeAll(async () => {
  http = await startHttpApp({ TRUST_PROXY: '1' });
  silent = await PrefixingProxy.start(http.url, '/wa');
  telling = await PrefixingProxy.start(http.url, '/apps/wa', { 'x-forwarded-prefix': '/apps/wa' });
});
afterAll(async () => {
  await silent.stop();
  await telling.stop();
  await http.stop();
});

/** Where the document says that the service is, as its readers work it out. */
async function serverOf(url: string, read: (text: string) => Document): Promise<string> {
  const document = read(await (await fetch(url)).text());
  expect(Object.keys(document.paths).length).toBeGreaterThan(30);
  return new URL(document.servers[0]!.url, url).href.replace(/\/$/, '');
}

describe.each(FORMATS)('the document as %s', (format, read) => {
  it.each([
    ['without a proxy', () => http.url],
    ['behind one that tells nothing', () => silent.url],
    ['behind one that tells its prefix', () => telling.url],
  ])('leads to the service %s', async (_name, root) => {
    const server = await serverOf(`${root()}/api/docs-${format}`, read);

    expect(server).toBe(root());
    expect((await fetch(`${server}/api/whatsapp/instances`)).status).toBe(200);
  });

  it('names the prefix that a trusted proxy tells, for readers that know the document alone', async () => {
    const text = await (await fetch(`${telling.url}/api/docs-${format}`)).text();

    expect(read(text).servers).toEqual([{ url: '/apps/wa', description: expect.any(String) }]);
  });

  it('is not led elsewhere by what no proxy says', async () => {
    const headers = { 'x-forwarded-prefix': '//evil.example' };
    const text = await (await fetch(`${http.url}/api/docs-${format}`, { headers })).text();

    expect(read(text).servers).toEqual([{ url: '..', description: expect.any(String) }]);
  });

  it('need not be sent to who has it', async () => {
    const url = `${http.url}/api/docs-${format}`;
    const etag = (await fetch(url)).headers.get('etag')!;
    const other = (await fetch(`${telling.url}/api/docs-${format}`)).headers.get('etag');

    const again = await fetch(url, {
      headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' },
    });

    expect(etag).toMatch(/^"[\w-]{20,}"$/);
    expect(other).not.toBe(etag);
    expect([again.status, await again.text()]).toEqual([304, '']);
  });
});

it('renders the YAML once, however often it is asked for', async () => {
  await fetch(`${http.url}/api/docs-yaml`);
  await fetch(`${telling.url}/api/docs-yaml`);

  expect(rendered.times).toBe(1);
});

it('believes no prefix where no proxy is trusted', async () => {
  const open = await startHttpApp();
  const proxy = await PrefixingProxy.start(open.url, '/wa', { 'x-forwarded-prefix': '/elsewhere' });
  const [, read] = FORMATS[0]!;

  expect(await serverOf(`${proxy.url}/api/docs-json`, read)).toBe(proxy.url);
  await proxy.stop();
  await open.stop();
});

describe('the page', () => {
  it.each(['/api/docs/', '/api/docs/index.html', '/api/docs/?a=b'])(
    'has one address, from which others are relative: %s leads to it',
    async (path) => {
      const answer = await fetch(silent.url + path);

      expect(answer.url).toBe(`${silent.url}/api/docs`);
      expect(answer.status).toBe(200);
    },
  );

  it('loads all that it needs, and calls the service, under the prefix', async () => {
    const page = `${silent.url}/api/docs`;
    const html = await (await fetch(page)).text();
    const loaded = [...html.matchAll(/(?:src|href)=["']([^"']+\.(?:js|css|png))["']/g)].map(
      ([, path]) => new URL(path!, page).href,
    );
    const answers = await Promise.all(loaded.map((url) => fetch(url)));
    const start = await answers[loaded.findIndex((url) => url.endsWith('swagger-ui-init.js'))]!.text();
    const [, url] = /"servers": \[\s*\{\s*"url": "([^"]*)"/.exec(start) ?? [];

    expect(loaded.length).toBeGreaterThan(3);
    expect(answers.map(({ status }) => status)).toEqual(loaded.map(() => 200));
    expect(new URL(url!, page).href).toBe(`${silent.url}/`);
  });
});
