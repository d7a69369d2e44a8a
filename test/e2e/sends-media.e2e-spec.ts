import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';

interface Answer {
  status: number;
  body: {
    code?: string;
    error?: string;
    details?: { path: string; message: string }[];
    message_id?: string;
    whatsapp_message_id?: string;
    media?: { id: string; mime_type: string; size: number; sha256: string; expires_at: string };
  };
}

let simulator: WhatsAppSimulator;
let service: TestService;
let client: Phone;
let instanceId: string;
let picture: Buffer;
let site: Server;
let siteUrl: string;

/** Where paths of the site lead. */
const MOVED: Readonly<Record<string, string>> = {
  '/moved': '/menu.pdf',
  '/nowhere': 'http://[',
  '/within': 'http://169.254.169.254/latest',
  '/round': '/round',
};

beforeAll(async () => {
  site = createServer((request, response) => {
    const location = MOVED[request.url!];
    if (location !== undefined) {
      response.writeHead(302, { location }).end();
    } else {
      response.end(pdf());
    }
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator, { OUTSIDE_URLS_ALLOW: '127.0.0.1' });
  const owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  client = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  const events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  events.close();
  picture = await sharp({ create: { width: 800, height: 600, channels: 3, background: '#336699' } })
    .jpeg()
    .toBuffer();
});
afterAll(async () => {
  await service.stop();
  await simulator.stop();
  site.close();
});

function pdf(): Buffer {
  return Buffer.from('%PDF-1.7\n%âãÏÓ\nthe menu\n%%EOF\n', 'latin1');
}

async function post(path: string, body: unknown): Promise<Answer> {
  const isForm = body instanceof FormData;
  const response = await fetch(service.url + path, {
    method: 'POST',
    body: isForm ? body : JSON.stringify(body),
    ...(!isForm && { headers: { 'content-type': 'application/json' } }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const send = (body: unknown) => post(`/api/whatsapp/instances/${instanceId}/send`, body);

async function upload(bytes: Buffer): Promise<Answer> {
  return post(`/api/media?organization_id=${ORGANIZATION}`, form({}, bytes));
}

function form(fields: Record<string, string>, bytes: Buffer, name = 'file.bin'): FormData {
  const data = new FormData();
  Object.entries(fields).forEach(([field, value]) => data.append(field, value));
  data.append('file', new Blob([new Uint8Array(bytes)]), name);
  return data;
}

const received = ({ body }: Answer) => client.receives(({ id }) => id === body.whatsapp_message_id);

describe('a file that is sent', () => {
  it('is uploaded first, and arrives as a picture with its size and a thumbnail', async () => {
    const uploaded = await upload(picture);
    const sha256 = createHash('sha256').update(picture).digest('hex');
    expect(uploaded).toMatchObject({
      status: 200,
      body: { media: { mime_type: 'image/jpeg', size: picture.length, sha256 } },
    });

    const sent = await send({
      to: client.number,
      type: 'image',
      media: { id: uploaded.body.media!.id },
      caption: 'Our house',
    });

    expect(sent).toMatchObject({ status: 200 });
    const message = await received(sent);
    expect(message.message.imageMessage).toMatchObject({
      caption: 'Our house',
      mimetype: 'image/jpeg',
      width: 800,
      height: 600,
    });
    expect(message.message.imageMessage?.jpegThumbnail?.length).toBeGreaterThan(100);
    expect(await client.opens(message)).toEqual(picture);
    const stored = await service.api.call<{ message: object }>(
      'GET',
      `/api/messages/${sent.body.message_id}`,
    );
    expect(stored.body.message).toMatchObject({ content: expect.stringContaining('Our house') as string });
  });

  it('comes with the call, and is a document under its name', async () => {
    const bytes = Buffer.concat([pdf(), randomBytes(300_000)]);

    const sent = await send(form({ to: client.number, type: 'document' }, bytes, 'menu.pdf'));

    expect(sent).toMatchObject({ status: 200 });
    const message = await received(sent);
    expect(message.message.documentMessage).toMatchObject({
      fileName: 'menu.pdf',
      mimetype: 'application/pdf',
    });
    expect(await client.opens(message)).toEqual(bytes);
  });

  it('is fetched from an address, also from where that leads', async () => {
    const sent = await send({ to: client.number, type: 'document', media: { url: `${siteUrl}/moved` } });

    expect(sent).toMatchObject({ status: 200 });
    expect(await client.opens(await received(sent))).toEqual(pdf());
  });

  it('becomes a sticker', async () => {
    const sent = await send(form({ to: client.number, type: 'sticker' }, picture));

    expect(sent).toMatchObject({ status: 200 });
    const sticker = await client.opens(await received(sent));
    expect(await sharp(sticker).metadata()).toMatchObject({ format: 'webp', width: 512, height: 512 });
  });
});

describe('a file that can not be sent', () => {
  it.each([
    ['voice', 'a voice must be Ogg with Opus'],
    ['video', 'a video must be MP4'],
  ])('as %s is refused, and it is said what to send', async (type, sentence) => {
    expect(await send(form({ to: client.number, type }, picture))).toMatchObject({
      status: 400,
      body: {
        code: 'validation_failed',
        details: [{ path: 'file', message: expect.stringContaining(sentence) as string }],
      },
    });
  });

  it('is larger than WhatsApp takes', async () => {
    const large = Buffer.concat([picture, Buffer.alloc(17 * 1024 * 1024)]);

    expect(await send(form({ to: client.number, type: 'image' }, large))).toMatchObject({
      status: 400,
      body: { details: [{ path: 'file', message: expect.stringContaining('up to 16 MB') as string }] },
    });
  });

  it.each([
    ['an upload that is not there', { media: { id: '00000000-0000-4000-8000-000000000000' } }, 404],
    ['an address within', { media: { url: 'http://169.254.169.254/latest' } }, 400],
    ['nothing', {}, 400],
    [
      'a caption where there is none',
      { type: 'audio', media: { url: 'https://a.example' }, caption: 'x' },
      400,
    ],
  ])('is %s', async (_what, body, status) => {
    expect(await send({ to: client.number, type: 'image', ...body })).toMatchObject({ status });
  });

  it.each([
    ['nowhere', 'egress_unreachable'],
    ['within', 'url_not_allowed'],
    ['round', 'egress_unreachable'],
  ])('is at an address that leads %s', async (path, code) => {
    expect(
      await send({ to: client.number, type: 'document', media: { url: `${siteUrl}/${path}` } }),
    ).toMatchObject({ body: { code } });
  });

  it('is in no form', async () => {
    expect(await post(`/api/media?organization_id=${ORGANIZATION}`, { file: 'x' })).toMatchObject({
      status: 415,
    });
  });
});
