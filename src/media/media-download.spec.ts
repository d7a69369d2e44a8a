import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EgressFetch } from '../egress/egress-fetch.js';
import { MediaWorkspace } from '../media-store/media-workspace.js';
import { download, type DownloadBounds, type WantedFile } from './media-download.js';

const KEY = Buffer.alloc(32, 7);
const PLAIN = randomBytes(300_000);

/** As phones seal files. */
function sealed(plain: Buffer, label = 'WhatsApp Image Keys'): Buffer {
  const keys = Buffer.from(hkdfSync('sha256', KEY, '', label, 112));
  const cipher = createCipheriv('aes-256-cbc', keys.subarray(16, 48), keys.subarray(0, 16));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  const mac = createHmac('sha256', keys.subarray(48, 80)).update(keys.subarray(0, 16)).update(text).digest();
  return Buffer.concat([text, mac.subarray(0, 10)]);
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
const FILE = sealed(PLAIN);
const WANTED: WantedFile = {
  kind: 'image',
  mediaKey: KEY,
  directPath: '/v/t62/1.enc',
  size: PLAIN.length,
  sha256: sha256(PLAIN),
  encSha256: sha256(FILE),
};

describe('download', () => {
  let folder: string;
  let server: Server;
  let answer: RequestListener;
  let bounds: DownloadBounds;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'auzap-media-'));
    answer = (_request, response) => response.end(FILE);
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    bounds = {
      maxBytes: 1_000_000,
      timeoutMs: 20_000,
      stallMs: 10_000,
      signal: new AbortController().signal,
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const get = (wanted: Partial<WantedFile> = {}, changes: Partial<DownloadBounds> = {}) =>
    download(
      { ...WANTED, ...wanted },
      new EgressFetch({ isProduction: false, egressAllow: ['127.0.0.1'] }),
      new MediaWorkspace(folder),
      { ...bounds, ...changes },
    );

  it('gives the file in clear', async () => {
    const file = await get();

    expect(await readFile(file.path)).toEqual(PLAIN);
    expect(file).toMatchObject({ size: PLAIN.length, sha256: sha256(PLAIN) });
  });

  it('takes bytes as they come, one at a time', async () => {
    const small = Buffer.from('Bom dia');
    const file = sealed(small);
    answer = (_request, response) => {
      for (const byte of file) {
        response.write(Buffer.from([byte]));
      }
      response.end();
    };

    expect(
      await readFile((await get({ sha256: sha256(small), encSha256: sha256(file), size: 7 })).path),
    ).toEqual(small);
  });

  const changed = (at: number) => {
    const bytes = Buffer.from(FILE);
    bytes[at]! ^= 1;
    return bytes;
  };

  it.each<[string, RequestListener, Partial<WantedFile>, Partial<DownloadBounds>, string, string]>([
    ['is gone', (_q, r) => r.writeHead(404).end(), {}, {}, 'media_expired', 'expired'],
    ['has expired', (_q, r) => r.writeHead(410).end(), {}, {}, 'media_expired', 'expired'],
    ['fails', (_q, r) => r.writeHead(503).end(), {}, {}, 'media_unreachable', 'retry'],
    [
      'redirects',
      (_q, r) => r.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      {},
      {},
      'media_unreachable',
      'retry',
    ],
    [
      'cuts the line',
      (_q, r) => void r.write(FILE.subarray(0, 99_999), () => r.destroy()),
      {},
      {},
      'media_unreachable',
      'retry',
    ],
    ['hangs', () => undefined, {}, { timeoutMs: 300 }, 'media_timeout', 'retry'],
    ['stalls', (_q, r) => void r.write(FILE.subarray(0, 99)), {}, { stallMs: 300 }, 'media_timeout', 'retry'],
    ['has half of it', (_q, r) => r.end(FILE.subarray(0, 150_000)), {}, {}, 'media_damaged', 'retry'],
    ['has nothing', (_q, r) => r.end(), {}, {}, 'media_damaged', 'retry'],
    ['changed a byte', (_q, r) => r.end(changed(5_000)), {}, {}, 'media_damaged', 'retry'],
    ['changed the MAC', (_q, r) => r.end(changed(FILE.length - 1)), {}, {}, 'media_damaged', 'retry'],
    ['has another file', (_q, r) => r.end(sealed(Buffer.alloc(9))), {}, {}, 'media_damaged', 'retry'],
    [
      'has another one in clear',
      (_q, r) => r.end(FILE),
      { sha256: Buffer.alloc(32) },
      {},
      'media_damaged',
      'retry',
    ],
    [
      'has a hash of another length',
      (_q, r) => r.end(FILE),
      { sha256: Buffer.alloc(3) },
      {},
      'media_damaged',
      'retry',
    ],
    ['says that it is larger', (_q, r) => r.end(FILE), { size: 2_000_000 }, {}, 'media_too_large', 'skip'],
    [
      'announces more',
      (_q, r) => r.writeHead(200, { 'content-length': '9000000' }).write('x'),
      {},
      {},
      'media_too_large',
      'skip',
    ],
    [
      'sends more than it says',
      (_q, r) => r.end(FILE),
      { size: 5 },
      { maxBytes: 100_000 },
      'media_too_large',
      'skip',
    ],
    [
      'has a short key',
      (_q, r) => r.end(FILE),
      { mediaKey: Buffer.alloc(5) },
      {},
      'media_key_invalid',
      'final',
    ],
    ['is of no kind', (_q, r) => r.end(FILE), { kind: 'virus' }, {}, 'media_key_invalid', 'final'],
    [
      'is elsewhere',
      (_q, r) => r.end(FILE),
      { directPath: '//evil.example/x' },
      {},
      'media_address_invalid',
      'final',
    ],
  ])('leaves nothing of a file whose server %s', async (_what, listener, wanted, changes, code, remedy) => {
    answer = listener;

    await expect(get(wanted, changes)).rejects.toMatchObject({ code, remedy });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends an endless one, and one that nobody wants any more', async () => {
    answer = (_request, response) => {
      response.on('drain', () => response.write(Buffer.alloc(100_000)));
      response.write(Buffer.alloc(100_000));
    };
    await expect(get()).rejects.toMatchObject({ code: 'media_too_large' });

    const reason = Symbol('over');
    const controller = new AbortController();
    answer = (_request, response) => response.write('x', () => controller.abort(reason));
    await expect(get({}, { signal: controller.signal })).rejects.toBe(reason);
    expect(readdirSync(folder)).toEqual([]);
  });
});
