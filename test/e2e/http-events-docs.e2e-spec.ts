import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrefixingProxy } from '../support/prefixing-proxy.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const PAGE = '/api/events-docs';

interface Document {
  servers: Record<
    string,
    { host: string; pathname?: string; variables: Record<string, { default?: string }> }
  >;
  channels: object;
}

let http: HttpApp;
let silent: PrefixingProxy;
let telling: PrefixingProxy;

beforeAll(async () => {
  http = await startHttpApp({ TRUST_PROXY: '1' });
  silent = await PrefixingProxy.start(http.url, '/wa');
  telling = await PrefixingProxy.start(http.url, '/apps/wa', { 'x-forwarded-prefix': '/apps/wa' });
});
afterAll(async () => {
  await silent?.stop();
  await telling?.stop();
  await http?.stop();
});

describe('the page of events', () => {
  it('runs and loads nothing: its policy allows it no more than its own style', async () => {
    const { status, headers, body } = await http.api.call<string>('GET', PAGE);
    const policy = headers.get('content-security-policy')!;

    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(policy).toMatch(
      /^default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none';style-src 'sha256-[\w+/=]+';img-src data:$/,
    );
    expect(body).not.toMatch(/<script|<iframe|<img|@import|url\(| style=| on\w+="/);
    expect([...body.matchAll(/<link [^>]*href="([^"]*)"/g)].map(([, href]) => href)).toEqual(['data:,']);
  });

  it('shows each event, and where its names lead is there', async () => {
    const { body } = await http.api.call<string>('GET', PAGE);
    const ids = new Set([...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!));
    const targets = [...body.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!);

    expect(ids).toContain('whatsapp-message');
    expect(targets.length).toBeGreaterThan(50);
    expect(targets.filter((id) => !ids.has(id))).toEqual([]);
  });

  it.each([
    ['without a proxy', () => http.url],
    ['behind one that tells nothing', () => silent.url],
  ])('leads to the documents and to the page of REST %s', async (_name, root) => {
    // With a slash, its relative links would lead elsewhere.
    const page = await fetch(`${root()}${PAGE}/`);
    const links = [...(await page.text()).matchAll(/href="([^#"][^"]*)"/g)]
      .map(([, href]) => href!)
      .filter((href) => !/^(https?|data):/.test(href));
    const answers = await Promise.all(links.map((href) => fetch(new URL(href, page.url))));

    expect(page.url).toBe(`${root()}${PAGE}`);
    expect(links).toEqual(['events-docs-json', 'events-docs-yaml', 'docs']);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('need not be sent to who has it', async () => {
    const etag = (await fetch(http.url + PAGE)).headers.get('etag')!;
    const again = await fetch(http.url + PAGE, { headers: { 'if-none-match': etag } });

    expect(again.status).toBe(304);
  });
});

describe.each<[string, (text: string) => Document]>([
  ['json', (text) => JSON.parse(text) as Document],
  ['yaml', (text) => load(text) as Document],
])('the document of events as %s', (format, read) => {
  const shown = async (root: string) => read(await (await fetch(`${root}${PAGE}-${format}`)).text());

  it('is the one that is committed, but for where the service is', async () => {
    const committed = await readFile(join(import.meta.dirname, '../../asyncapi.json'), 'utf8');

    expect(await shown(http.url)).toEqual(JSON.parse(committed));
    const { servers, ...fields } = await shown(telling.url);
    expect({ ...(JSON.parse(committed) as Document), servers }).toEqual({ ...fields, servers });
  });

  it('names the path that a trusted proxy tells, for each server that is this service', async () => {
    const { servers } = await shown(telling.url);

    expect(servers['sockets']).toMatchObject({ pathname: '{prefix}/socket.io/' });
    const prefixes = Object.values(servers).map(({ variables }) => variables['prefix']?.default);
    expect(prefixes).toEqual(['/apps/wa', '/apps/wa', undefined]);
  });
});
