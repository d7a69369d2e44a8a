import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { voiceNote } from '../../src/simulator/media-host/samples.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';
import { levelsOf, longVoiceSample, VOICE_SAMPLE } from '../support/voice-sample.js';

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
let owner: Phone;
let client: Phone;
let instanceId: string;
let picture: Buffer;
let site: Server;
let siteUrl: string;
/** Of the site, how often it was called. */
let calls = 0;

/** Where paths of the site lead. */
const MOVED: Readonly<Record<string, string>> = {
  '/moved': '/menu.pdf',
  '/nowhere': 'http://[',
  '/within': 'http://169.254.169.254/latest',
  '/round': '/round',
};

beforeAll(async () => {
  site = createServer((request, response) => {
    calls += 1;
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
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
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

/** What a video begins with, and nothing to show. */
function mp4(): Buffer {
  return Buffer.concat([Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isommp41', 'latin1'), randomBytes(500)]);
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

  it('is fetched once, however often it is sent under one key', async () => {
    calls = 0;
    const body = { to: client.number, type: 'document', media: { url: `${siteUrl}/menu.pdf` } };
    const path = `/api/whatsapp/instances/${instanceId}/send`;
    const once = (input: object) => service.api.call('POST', path, input, { 'idempotency-key': 'menu' });
    const first = await once(body);

    const second = await once(body);

    expect([second.status, second.body]).toEqual([200, first.body]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(calls).toBe(1);
    expect(await once({ ...body, caption: 'other' })).toMatchObject({
      status: 409,
      body: { code: 'idempotency_key_reused' },
    });
  });

  it.each(['jpeg', 'png', 'webp', 'gif'] as const)('becomes a sticker, when it is a %s', async (format) => {
    const bytes = await sharp(picture).toFormat(format).toBuffer();

    const sent = await send(form({ to: client.number, type: 'sticker' }, bytes));

    expect(sent).toMatchObject({ status: 200 });
    const message = await received(sent);
    expect(message.message.stickerMessage).toMatchObject({ mimetype: 'image/webp', width: 512, height: 512 });
    const sticker = await client.opens(message);
    expect(await sharp(sticker).metadata()).toMatchObject({ format: 'webp', width: 512, height: 512 });
  });

  it('becomes a sticker that moves, when it moves', async () => {
    const moving = await sharp([picture, await sharp(picture).negate().toBuffer()], {
      join: { animated: true },
    })
      .gif({ loop: 0, delay: [100, 100] })
      .toBuffer();

    const message = await received(await send(form({ to: client.number, type: 'sticker' }, moving)));

    expect(message.message.stickerMessage).toMatchObject({ isAnimated: true, width: 512, height: 512 });
    expect(await sharp(await client.opens(message)).metadata()).toMatchObject({ format: 'webp', pages: 2 });
  });

  it.each(['video', 'gif', 'video_note', 'document'] as const)(
    'is a %s with the picture that the caller has for it',
    async (type) => {
      const poster = await upload(picture);
      const video = await upload(mp4());
      const media = { id: video.body.media!.id };

      const sent = await send({ to: client.number, type, media, thumbnail: { id: poster.body.media!.id } });

      const { message } = await received(sent);
      const { jpegThumbnail } = message.videoMessage ?? message.ptvMessage ?? message.documentMessage!;
      expect(await sharp(jpegThumbnail!).metadata()).toMatchObject({ format: 'jpeg', width: 96, height: 72 });
    },
  );

  it.each([
    ['no picture', 'video', () => upload(mp4()), { path: 'thumbnail' }],
    ['of what shows its own', 'image', () => upload(picture), { path: 'thumbnail' }],
  ])('has no thumbnail that is %s', async (_what, type, given, detail) => {
    const { body } = await given();
    const media = { id: body.media!.id };

    expect(await send({ to: client.number, type, media, thumbnail: media })).toMatchObject({
      status: 400,
      body: { details: [detail] },
    });
  });

  it('is a voice note that tells how long it is', async () => {
    const sent = await send(form({ to: client.number, type: 'voice' }, voiceNote(7)));

    const message = await received(sent);
    expect(message.message.audioMessage).toMatchObject({
      ptt: true,
      seconds: 7,
      mimetype: 'audio/ogg; codecs=opus',
    });
    const waveform = message.message.audioMessage!.waveform!;
    expect([...waveform]).toEqual(Array.from({ length: 64 }, () => 0));
  });

  it('is a voice note whose waveform follows how loud it is', async () => {
    const sent = await send(form({ to: client.number, type: 'voice' }, VOICE_SAMPLE));

    const { message } = await received(sent);
    const { heard, expected } = levelsOf(message.audioMessage!.waveform!);
    expected.forEach((level, at) => expect(Math.abs(heard[at]! - level)).toBeLessThan(15));
    const stored = await service.api.call('GET', `/api/messages/${sent.body.message_id}`);
    expect(stored.body).toMatchObject({
      message: { media: { waveform: [...message.audioMessage!.waveform!] } },
    });
  });

  it('is a voice note of hours, which goes as soon as any other', async () => {
    const long = await longVoiceSample(11_000);
    expect(long.length).toBeGreaterThan(15 * 1024 ** 2);
    const begun = performance.now();

    const { message } = await received(await send(form({ to: client.number, type: 'voice' }, long)));

    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(message.audioMessage).toMatchObject({ seconds: 22_000 });
    const { heard, expected } = levelsOf(message.audioMessage!.waveform!);
    expected.forEach((level, at) => expect(Math.abs(heard[at]! - level)).toBeLessThan(15));
  });

  it('is a voice note that is broken within, and goes without a waveform', async () => {
    const broken = Buffer.concat([VOICE_SAMPLE.subarray(0, 900), randomBytes(300), VOICE_SAMPLE]);

    const { message } = await received(await send(form({ to: client.number, type: 'voice' }, broken)));

    expect(message.audioMessage).toMatchObject({ seconds: 2, ptt: true });
    expect(message.audioMessage!.waveform?.length ?? 0).toBe(0);
  });

  it('is a voice note that says how long it lasts, and how loud it is, when it is received', async () => {
    const claims = { seconds: 4_000 };
    const { id: name } = await client.writes(owner, { audio: { file: voiceNote(2), claims } });
    const { id } = await service.api.messageNamed(ORGANIZATION, name);

    await expect
      .poll(async () => (await service.api.call('GET', `/api/messages/${id}`)).body)
      .toMatchObject({
        message: {
          media: {
            state: 'ready',
            seconds: 2,
            waveform: Array.from({ length: 64 }, (_, at) => (at * 7) % 100),
          },
        },
      });
  });
});

describe('a file that can not be sent', () => {
  it.each([
    ['is cut off before its sound', () => voiceNote(3).subarray(0, 95), 'it has no sound, or no end'],
    ['is something else in Ogg', () => Buffer.concat([Buffer.from('OggS'), randomBytes(4_000)]), 'it is '],
    [
      'is MP3',
      () => Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 0, 0xff, 0xfb, 0x90, 0]),
      'it is audio/mpeg',
    ],
  ])('is a voice note that %s', async (_what, bytes, why) => {
    expect(await send(form({ to: client.number, type: 'voice' }, bytes()))).toMatchObject({
      status: 400,
      body: {
        error: expect.stringMatching(/Ogg with Opus, for example by ffmpeg/) as string,
        details: [{ path: 'file', message: expect.stringContaining(why) as string }],
      },
    });
  });

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
