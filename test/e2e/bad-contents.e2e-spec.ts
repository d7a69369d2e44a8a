import sharp from 'sharp';
import { proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MediaSettings } from '../../src/media/media-settings.js';
import { SAMPLE_PDF } from '../../src/simulator/media-host/samples.js';
import type { DownloadFault } from '../../src/simulator/media-host/media-faults.js';
import type { Content } from '../../src/simulator/phones/message-content.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { pngOfSize, webpOfSize } from '../support/huge-pictures.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';
/** Of four bytes each, as many characters as a message has. */
const LONGEST = '😀'.repeat(65_536 / 2);
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
const HTML = Buffer.from('<!doctype html><script>alert(1)</script>');

interface Message {
  id: string;
  type: string;
  content: string;
  metadata: Record<string, unknown>;
  media: Record<string, unknown> | null;
  reply_to: { content: string } | null;
}

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let ana: Phone;
let instanceId: string;
let pngBomb: Buffer;
let webpBomb: Buffer;

beforeAll(async () => {
  pngBomb = pngOfSize(50_000, 50_000, Buffer.alloc(6_251));
  const black = { width: 64, height: 64, channels: 3, background: '#000000' } as const;
  webpBomb = webpOfSize(await sharp({ create: black }).webp({ lossless: true }).toBuffer(), 16_383);
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator, { MEDIA_MAX_MB: '5' });
  const quick = { stallMs: 1_000, baseDelayMs: 1, maxDelayMs: 1, maxAttempts: 2, maxPhoneRounds: 1 };
  Object.assign(service.service.app.get(MediaSettings, { strict: false }), quick);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  owner.fileRequests = 'refuse';
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
});
afterAll(async () => {
  events?.close();
  await service?.stop();
  await simulator?.stop();
});

async function read(id: string): Promise<Message> {
  return (await service.api.call<{ message: Message }>('GET', `/api/messages/${id}`)).body.message;
}

/** @returns the message as it is stored, once the next one was received, too: nothing waits for it */
async function receive(content: Content): Promise<Message> {
  const { id: name } = await ana.writes(owner, content);
  const { id: next } = await ana.writes(owner, 'next');
  await events.next('whatsapp:message', ({ messageId }) => messageId === next);
  return read((await service.api.messageNamed(ORGANIZATION, name)).id);
}

/** @returns the message once it is known what became of its file */
async function receiveFile(content: Content): Promise<Message> {
  const { id } = await receive(content);
  const told = await events.next('whatsapp:media', (event) => event.id === id && event.state !== 'pending');
  expect(told.id).toBe(id);
  return read(id);
}

async function post(body: unknown) {
  return service.api.call<{ code?: string; whatsapp_message_id: string; details: { path: string }[] }>(
    'POST',
    `/api/whatsapp/instances/${instanceId}/send`,
    body,
  );
}

async function postFile(fields: Record<string, string>, bytes: Buffer) {
  const form = new FormData();
  Object.entries({ to: ana.number, ...fields }).forEach(([name, value]) => form.append(name, value));
  form.append('file', new Blob([new Uint8Array(bytes)]), 'file.png');
  const path = `${service.url}/api/whatsapp/instances/${instanceId}/send`;
  const response = await fetch(path, { method: 'POST', body: form });
  const body = (await response.json()) as { whatsapp_message_id: string; code?: string };
  return { status: response.status, body };
}

describe('a text', () => {
  it('of 65,536 characters of four bytes comes whole, and goes whole', async () => {
    expect((await receive(LONGEST)).content === LONGEST).toBe(true);

    const { status, body } = await post({ to: ana.number, message: LONGEST });

    expect(status).toBe(200);
    const received = await ana.receives(({ id }) => id === body.whatsapp_message_id);
    expect(received.text === LONGEST).toBe(true);
  });

  it.each([
    ['signs of no width', 'a\u200b\u200c\u200d\u2060\ufeffb'],
    ['nothing but them', '\u200b\u200d\ufeff'],
    ['turned directions', '\u202eabc\u202c \u2066שלום\u2069'],
    ['Hebrew and Arabic', 'שלום مرحبا'],
    ['a letter with 500 marks', `e${'\u0301'.repeat(500)}`],
    ['joined signs', '👩🏽‍🚀👨‍👩‍👧‍👦🇧🇷'],
  ])('with %s comes, and goes, as it was written', async (_what, text) => {
    expect(await receive(text)).toMatchObject({ type: 'text', content: text });

    const { body } = await post({ to: ana.number, message: text });
    expect((await ana.receives(({ id }) => id === body.whatsapp_message_id)).text).toBe(text);
  });

  it('that quotes one that quotes one, 200 deep, answers the first of them', async () => {
    let quoted: proto.IMessage = { conversation: 'quoted 200' };
    for (let depth = 199; depth > 0; depth -= 1) {
      const contextInfo = { stanzaId: `Q${depth}`, participant: owner.address('pn'), quotedMessage: quoted };
      quoted = { extendedTextMessage: { text: `quoted ${depth}`, contextInfo } };
    }
    const contextInfo = { stanzaId: 'Q0', participant: owner.address('pn'), quotedMessage: quoted };

    expect(await receive({ raw: { extendedTextMessage: { text: 'on top', contextInfo } } })).toMatchObject({
      content: 'on top',
      reply_to: { content: 'quoted 1' },
    });
  });
});

describe('the name of a file', () => {
  const long = 'a'.repeat(4_000);

  it.each([
    ['../../etc/passwd', 'passwd', 200],
    [String.raw`C:\Windows\system32\cmd.exe`, 'cmd.exe', 200],
    ['a\u0000b\r\nc\u001b[31m.pdf', 'abc[31m.pdf', 400],
    ['photo\u202egnp.exe', 'photognp.exe', 200],
    ['CON.pdf', '_CON.pdf', 200],
    [`${long}.pdf`, `${'a'.repeat(120)}.pdf`, 400],
    [`../${long}`, 'a'.repeat(120), 400],
  ])('%j becomes %j; in a call it is answered %i', async (fileName, safe, answer) => {
    const { id, media } = await receiveFile({ document: { file: SAMPLE_PDF, fileName } });

    expect(media).toMatchObject({ state: 'ready', file_name: safe });
    const { headers } = await fetch(`${service.url}/api/messages/${id}/media`);
    expect(headers.get('content-disposition')).toContain(safe);

    const { status, body } = await postFile({ type: 'document', file_name: fileName }, SAMPLE_PDF);
    const shown = async () => {
      const { message } = await ana.receives((one) => one.id === body.whatsapp_message_id);
      return message.documentMessage!.fileName;
    };
    expect([status, status === 200 ? await shown() : body.code]).toEqual([
      answer,
      answer === 200 ? safe : 'validation_failed',
    ]);
  });
});

describe('what calls itself a picture', () => {
  it.each([
    ['an SVG', SVG, 'image/svg+xml'],
    ['an SVG that says it is a PNG', SVG, 'image/png'],
    ['HTML', HTML, 'image/jpeg'],
  ])('and is %s is saved, never shown, and never sent as one', async (_what, file, mimetype) => {
    const { id, media } = await receiveFile({ image: { file, mimetype } });

    expect(media).toMatchObject({
      state: 'ready',
      mime_type: 'application/octet-stream',
      width: null,
      height: null,
      thumbnail_url: null,
    });
    const { headers } = await fetch(`${service.url}/api/messages/${id}/media`);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toMatch(/^attachment/);
    for (const type of ['image', 'sticker']) {
      expect(await postFile({ type }, file)).toMatchObject({
        status: 400,
        body: { code: 'validation_failed' },
      });
    }
  });

  it.each([
    ['a PNG of 50,000 by 50,000', () => pngBomb, 50_000],
    ['a WebP of 16,383 by 16,383', () => webpBomb, 16_383],
  ])('and is %s is kept without being unpacked', async (_what, bytes, side) => {
    const before = process.memoryUsage.rss();

    const { media } = await receiveFile({ image: { file: bytes() } });

    expect(media).toMatchObject({ state: 'ready', width: side, height: side, thumbnail_url: null });
    expect(await postFile({ type: 'sticker' }, bytes())).toMatchObject({
      status: 400,
      body: { code: 'validation_failed' },
    });
    expect((process.memoryUsage.rss() - before) / 1024 ** 2).toBeLessThan(300);
  });
});

describe('what is said of no thing that is there', () => {
  it('is a vote for an option that is not there, which counts for none', async () => {
    const poll = await ana.writes(owner, { poll: { question: 'when?', options: ['mon', 'tue'] } });
    const { id } = await service.api.messageNamed(ORGANIZATION, poll.id);
    const told = (count: number) =>
      events.count('whatsapp:message-updated', count, (event) => event.messageId === poll.id);
    const votes = async () =>
      ((await read(id)).metadata['options'] as { votes: number }[]).map((one) => one.votes);

    await ana.writes(owner, { vote: ['tue'], to: poll });
    await told(1);
    expect(await votes()).toEqual([0, 1]);
    await ana.writes(owner, { vote: ['never'], to: poll });
    await told(2);

    expect(await votes()).toEqual([0, 0]);
  });

  it.each([
    [1_234, 5],
    [5, -181],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
  ])('is a place at %d, %d, of which the message has no coordinates', async (latitude, longitude) => {
    const { type, metadata } = await receive({ location: { latitude, longitude, name: 'Bar' } });

    expect([type, metadata]).toEqual(['location', { name: 'Bar' }]);
    const sent = await post({ to: ana.number, location: { latitude, longitude } });
    expect(sent).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });
});

describe('a server of files', () => {
  it.each<[DownloadFault, string]>([
    [{ kind: 'hang' }, 'media_timeout'],
    [{ kind: 'stall' }, 'media_timeout'],
    [{ kind: 'status', status: 404 }, 'media_not_on_phone'],
    [{ kind: 'status', status: 410 }, 'media_not_on_phone'],
    [{ kind: 'status', status: 500 }, 'media_unreachable'],
    [{ kind: 'redirect', to: 'http://169.254.169.254/' }, 'media_unreachable'],
    [{ kind: 'reset' }, 'media_unreachable'],
    [{ kind: 'cut' }, 'media_unreachable'],
    [{ kind: 'endless' }, 'media_too_large'],
    [{ kind: 'truncate' }, 'media_damaged'],
    [{ kind: 'corrupt' }, 'media_damaged'],
    [{ kind: 'corrupt', at: 'mac' }, 'media_damaged'],
    [{ kind: 'announce', bytes: 10 }, 'media_damaged'],
    [{ kind: 'page' }, 'media_damaged'],
  ])('that does %j costs the file, and nothing else waits', async (fault, error) => {
    simulator.faults.disturbDownloads(fault, 2);

    const { type, media } = await receiveFile({ document: { file: SAMPLE_PDF, fileName: 'menu.pdf' } });

    simulator.faults.clear();
    expect([type, media]).toMatchObject([
      'document',
      { state: expect.stringMatching(/^(failed|skipped)$/) as string, error },
    ]);
  });

  it.each([
    ['one byte, which nobody believes', 1, { state: 'ready', error: null, size: SAMPLE_PDF.length }],
    ['a gigabyte, which is not fetched', 1024 ** 3, { state: 'skipped', error: 'media_too_large' }],
  ])('has another length than the message says: %s', async (_what, fileLength, expected) => {
    const { media } = await receiveFile({
      document: { file: SAMPLE_PDF, fileName: 'menu.pdf', claims: { fileLength } },
    });

    expect(media).toMatchObject(expected);
  });
});
