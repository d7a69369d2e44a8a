import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LinkPreviewSettings } from '../../src/link-previews/link-preview-settings.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';
const LIMIT_MS = 1_000;

interface Sent {
  message_id: string;
  whatsapp_message_id: string;
  code?: string;
}

describe('a text with a link', () => {
  let simulator: WhatsAppSimulator;
  let service: TestService;
  let client: Phone;
  let instanceId: string;
  let site: Server;
  let siteUrl: string;
  let picture: Buffer;
  let calls: string[];

  const html = (response: ServerResponse, head: string, headers: Record<string, string> = {}) =>
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers })
      .end(`<head>${head}</head>`);
  const endless = (response: ServerResponse, piece: string) => {
    response.on('error', () => undefined);
    const more = () => {
      while (!response.destroyed && response.write(piece)) {
        // until the other end takes no more
      }
    };
    response.on('drain', more);
    more();
  };

  const pages: Record<string, (response: ServerResponse) => unknown> = {
    '/menu': (response) =>
      html(
        response,
        `<title>Home</title><meta property="og:title" content="Menu &amp; prices">
         <meta property="og:description" content="What there is"><meta property="og:image" content="/menu.png">`,
      ),
    '/menu.png': (response) => response.writeHead(200, { 'content-type': 'image/png' }).end(picture),
    '/moved': (response) => response.writeHead(302, { location: '/menu' }).end(),
    '/plain': (response) =>
      html(response, '<title>Plain</title><meta property="og:image" content="/nothing.png">'),
    '/svg': (response) => html(response, '<title>SVG</title><meta property="og:image" content="/drawn.svg">'),
    '/drawn.svg': (response) =>
      response
        .writeHead(200, { 'content-type': 'image/svg+xml' })
        .end(
          '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
        ),
    '/inner-picture': (response) =>
      html(response, '<title>Inner</title><meta property="og:image" content="http://169.254.169.254/a.png">'),
    '/silent': () => undefined,
    '/drip': (response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).write('<title>never');
    },
    '/endless': (response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      endless(response, '<p>'.repeat(10_000));
    },
    '/one-tag': (response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      endless(response, `<meta ${'a'.repeat(10_000)}`);
    },
    '/within': (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    '/round': (response) => response.writeHead(302, { location: '/round' }).end(),
    '/packed': (response) => html(response, '<title>packed</title>', { 'content-encoding': 'gzip' }),
    '/pdf': (response) => response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF'),
    '/untitled': (response) => html(response, '<meta property="og:image" content="/menu.png">'),
  };

  beforeAll(async () => {
    picture = await sharp({ create: { width: 800, height: 400, channels: 3, background: '#336699' } })
      .png()
      .toBuffer();
    site = createServer((request: IncomingMessage, response) => {
      calls.push(request.url!);
      const page = pages[request.url!];
      if (page) {
        page(response);
      } else {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    simulator = await WhatsAppSimulator.start({});
    service = await startTestService(simulator, { OUTSIDE_URLS_ALLOW: '127.0.0.1' });
    service.service.app.get(LinkPreviewSettings, { strict: false }).timeoutMs = LIMIT_MS;
    const owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
    client = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
    instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
    const events = await listen(service.url, ORGANIZATION);
    await owner.types(await service.api.pairingCode(instanceId));
    await events.next('whatsapp:connected');
    events.close();
  });
  afterAll(async () => {
    await service.stop();
    await simulator.stop();
    site.closeAllConnections();
    site.close();
  });
  beforeEach(() => {
    calls = [];
  });

  const send = (body: object, key?: string) =>
    service.api.call<Sent>(
      'POST',
      `/api/whatsapp/instances/${instanceId}/send`,
      { to: client.number, ...body },
      key === undefined ? {} : { 'idempotency-key': key },
    );

  async function received(body: object) {
    const sent = await send(body);
    expect(sent.status).toBe(200);
    const { message } = await client.receives(({ id }) => id === sent.body.whatsapp_message_id);
    return { text: message.extendedTextMessage!, sent: sent.body };
  }

  it.each(['menu', 'moved'])('shows what is behind it: %s', async (path) => {
    const message = `Look: ${siteUrl}/${path}.`;

    const { text, sent } = await received({ message, link_preview: true });

    expect(text).toMatchObject({
      text: message,
      matchedText: `${siteUrl}/${path}`,
      title: 'Menu & prices',
      description: 'What there is',
    });
    expect(await sharp(text.jpegThumbnail!).metadata()).toMatchObject({
      format: 'jpeg',
      width: 192,
      height: 96,
    });
    const stored = await service.api.call('GET', `/api/messages/${sent.message_id}`);
    expect(stored.body).toMatchObject({
      message: {
        type: 'text',
        content: message,
        metadata: {
          link_preview: { url: `${siteUrl}/${path}`, title: 'Menu & prices', description: 'What there is' },
        },
      },
    });
  });

  it('is answered once under one key, and calls nobody again', async () => {
    const body = { message: `${siteUrl}/menu?once`, link_preview: true };
    pages['/menu?once'] = pages['/menu']!;
    const first = await send(body, 'once');
    const called = [...calls];

    const second = await send(body, 'once');

    expect(called).toEqual(['/menu?once', '/menu.png']);
    expect(calls).toEqual(called);
    expect([second.status, second.body, second.headers.get('idempotency-replayed')]).toEqual([
      200,
      first.body,
      'true',
    ]);
    expect((await send({ ...body, message: 'another' }, 'once')).body.code).toBe('idempotency_key_reused');
  });

  it('calls nobody where nobody asked for a preview', async () => {
    for (const asked of [{}, { link_preview: false }]) {
      const { text } = await received({ message: `${siteUrl}/menu`, ...asked });
      expect([text.title ?? '', text.matchedText ?? '']).toEqual(['', '']);
    }
    expect(calls).toEqual([]);
  });

  it.each(['plain', 'svg', 'inner-picture'])(
    'goes without a picture where there is none to show: %s',
    async (path) => {
      const { text } = await received({ message: `${siteUrl}/${path}`, link_preview: true });

      expect(text.title?.toLowerCase()).toContain(path.slice(0, 3));
      expect(text.jpegThumbnail?.length ?? 0).toBe(0);
    },
  );

  it.each([
    'silent',
    'drip',
    'endless',
    'one-tag',
    'within',
    'round',
    'packed',
    'pdf',
    'untitled',
    'nothing',
  ])('goes without a preview, and in time: %s', async (path) => {
    const begun = performance.now();

    const { text } = await received({ message: `${siteUrl}/${path}`, link_preview: true });

    expect(performance.now() - begun).toBeLessThan(LIMIT_MS + 10_000);
    expect(text.title ?? '').toBe('');
    expect(text.text).toBe(`${siteUrl}/${path}`);
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://[::1]:1/',
    'http://localhost:1/',
    'https://nowhere.invalid/',
  ])('never leads within, or nowhere: %s', async (message) => {
    const { text } = await received({ message, link_preview: true });

    expect([text.text, text.title ?? '']).toEqual([message, '']);
  });

  it('shows a preview with a reply, too', async () => {
    const { sent } = await received({ message: 'first' });

    const { text } = await received({
      message: `${siteUrl}/menu`,
      link_preview: true,
      reply_to: sent.message_id,
    });

    expect(text).toMatchObject({
      title: 'Menu & prices',
      contextInfo: { stanzaId: sent.whatsapp_message_id },
    });
  });

  it('waits for no other organization, however many slow links that one sends', async () => {
    const other = simulator.addPhone({ number: '5511977776666', name: 'Other owner' });
    const otherInstanceId = await service.api.createInstance('org_other', other.number);
    const events = await listen(service.url, 'org_other');
    await other.types(await service.api.pairingCode(otherInstanceId));
    await events.next('whatsapp:connected');
    events.close();
    const paths = Array.from({ length: 20 }, (_, at) => `/silent?${at}`);
    const isUnderWay = new Promise<void>((resolve) => {
      paths.forEach((path) => (pages[path] = () => resolve()));
    });
    const flood = paths.map((path) => send({ message: siteUrl + path, link_preview: true }));
    await isUnderWay;

    const { body } = await service.api.call<Sent>('POST', `/api/whatsapp/instances/${otherInstanceId}/send`, {
      to: client.number,
      message: `${siteUrl}/menu`,
      link_preview: true,
    });

    const { message } = await client.receives(({ id }) => id === body.whatsapp_message_id);
    expect(message.extendedTextMessage!.title).toBe('Menu & prices');
    expect((await Promise.all(flood)).map(({ status }) => status)).toEqual(paths.map(() => 200));
  });

  it('is the only thing that has a preview', async () => {
    const location = { latitude: 1, longitude: 2 };

    expect((await send({ location, link_preview: true })).status).toBe(400);
  });
});
