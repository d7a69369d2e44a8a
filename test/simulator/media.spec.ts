import { createHash, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { encrypted, mediaKeys } from '../../src/simulator/media-host/media-cipher.js';
import type { MediaDescriptor } from '../../src/simulator/media-host/media-library.js';
import { GeneratedFile } from '../../src/simulator/media-host/plain-file.js';
import { Scenario } from './scenario.js';

const scene = new Scenario();
const PICTURE = randomBytes(3_000_000);
const MIB = 1024 ** 2;

async function bytesOf(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) {
    all.push(piece);
  }
  return Buffer.concat(all);
}

function get(
  { directPath }: { directPath: string },
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(scene.sim.mediaUrl + directPath, { headers, redirect: 'manual' });
}

async function bodyOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

describe('downloads from the media server', () => {
  let picture: MediaDescriptor;

  beforeEach(async () => {
    picture = await scene.sim.media.store('image', PICTURE);
  });

  it('give what the hashes of the message say, and open to what was sent', async () => {
    const response = await get(picture);
    const body = await bodyOf(response);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(body.length));
    expect(createHash('sha256').update(body).digest()).toEqual(picture.fileEncSha256);
    expect(createHash('sha256').update(PICTURE).digest()).toEqual(picture.fileSha256);
    expect(picture.fileLength).toBe(PICTURE.length);
    expect(await bytesOf(scene.sim.media.open('image', picture))).toEqual(PICTURE);
  });

  it.each([
    ['bytes=0-99', 0, 100],
    ['bytes=1048570-1048589', 1_048_570, 1_048_590],
    ['bytes=2000000-', 2_000_000, undefined],
    ['bytes=-40', -40, undefined],
  ])('give %s', async (range, start, end) => {
    const whole = await bodyOf(await get(picture));

    const response = await get(picture, { range });

    expect(response.status).toBe(206);
    expect(await bodyOf(response)).toEqual(whole.subarray(start, end));
  });

  it('refuse what is beyond the end, expired, gone, or asked for without its signature', async () => {
    expect((await get(picture, { range: 'bytes=9000000-' })).status).toBe(416);
    expect((await get({ directPath: picture.directPath.replace(/oh=../, 'oh=') })).status).toBe(403);
    scene.sim.media.expire(picture);
    expect((await get(picture)).status).toBe(410);
    const again = scene.sim.media.relink(picture);
    expect((await get({ directPath: again })).status).toBe(200);
    scene.sim.media.remove({ directPath: again });
    expect((await get({ directPath: again })).status).toBe(404);
  });

  it('serve a large file that is nowhere', async () => {
    const video = await scene.sim.media.store('video', new GeneratedFile(200 * MIB, 7));
    const end = await bodyOf(await get(video, { range: `bytes=${200 * MIB - 100}-` }));

    expect(video.fileLength).toBe(200 * MIB);
    expect(end).toHaveLength(100 + 16 + 10);
  }, 120_000);

  it('may be disturbed', async () => {
    const { faults } = scene.sim;
    const whole = await bodyOf(await get(picture));

    faults.disturbDownloads({ kind: 'status', status: 503 }, 2);
    expect((await get(picture)).status).toBe(503);
    expect((await get(picture)).status).toBe(503);
    faults.disturbDownloads({ kind: 'truncate' });
    expect(await bodyOf(await get(picture))).toEqual(whole.subarray(0, Math.ceil(whole.length / 2)));
    faults.disturbDownloads({ kind: 'corrupt', at: 'mac' });
    const spoilt = await bodyOf(await get(picture));
    expect(spoilt.subarray(0, -1)).toEqual(whole.subarray(0, -1));
    expect(spoilt.at(-1)).not.toBe(whole.at(-1));
    faults.disturbDownloads({ kind: 'corrupt' });
    expect(await bodyOf(await get(picture))).not.toEqual(whole);
    faults.disturbDownloads({ kind: 'page' });
    expect((await get(picture)).headers.get('content-type')).toBe('text/html');
    faults.disturbDownloads({ kind: 'redirect', to: 'http://169.254.169.254/' });
    expect((await get(picture)).headers.get('location')).toBe('http://169.254.169.254/');
    faults.disturbDownloads({ kind: 'cut' });
    await expect(get(picture).then(bodyOf)).rejects.toThrow(/terminated|failed/);
    faults.disturbDownloads({ kind: 'reset' });
    await expect(get(picture)).rejects.toThrow('fetch failed');
    faults.disturbDownloads({ kind: 'announce', bytes: 10 });
    expect(await get(picture).then(bodyOf, () => undefined)).not.toEqual(whole);
    expect(await bodyOf(await get(picture))).toEqual(whole);
  });

  it.each(['hang', 'stall'] as const)('%s for as long as the client waits', async (kind) => {
    scene.sim.faults.disturbDownloads({ kind });
    const signal = AbortSignal.timeout(300);

    const response = fetch(scene.sim.mediaUrl + picture.directPath, { signal }).then(bodyOf);

    await expect(response).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('send for ever, where that is asked for', async () => {
    scene.sim.faults.disturbDownloads({ kind: 'endless' });
    const ended = scene.sim.next('media.downloaded');
    let bytes = 0;

    for await (const piece of (await get(picture)).body!) {
      bytes += piece.length;
      if (bytes > 20 * MIB) {
        break;
      }
    }

    expect(await ended).toMatchObject({ directPath: picture.directPath, status: 200, fault: 'endless' });
  });

  it('disturb one file, and others not', async () => {
    const other = await scene.sim.media.store('image', PICTURE);
    scene.sim.faults.disturbDownloads({ kind: 'status', status: 500 }, 1, picture);

    expect((await get(other)).status).toBe(200);
    expect((await get(picture)).status).toBe(500);
  });
});

describe('uploads to the media server', () => {
  async function ciphertext(): Promise<{ body: Buffer; name: string }> {
    const body = await bytesOf(encrypted([PICTURE], mediaKeys(randomBytes(32), 'image')));
    return { body, name: createHash('sha256').update(body).digest('base64url') };
  }

  function post(
    kind: string,
    name: string,
    body: Buffer,
    auth = scene.sim.media.authToken,
  ): Promise<Response> {
    const url = `${scene.sim.mediaUrl}/mms/${kind}/${name}?auth=${encodeURIComponent(auth)}&token=${name}`;
    return fetch(url, { method: 'POST', body: new Uint8Array(body) });
  }

  it('are taken, once', async () => {
    const { body, name } = await ciphertext();
    const uploaded = scene.sim.next('media.uploaded');

    const response = await post('image', name, body);
    const { direct_path: directPath, url } = (await response.json()) as Record<string, string>;

    expect(url).toBe(`https://mmg.whatsapp.net${directPath}`);
    expect(await uploaded).toMatchObject({ kind: 'image', size: body.length, isRepeated: false });
    expect(await bodyOf(await get({ directPath: directPath! }))).toEqual(body);
    const repeated = scene.sim.next('media.uploaded');
    expect(await (await post('image', name, body)).json()).toMatchObject({ direct_path: directPath });
    expect(await repeated).toMatchObject({ isRepeated: true });
  });

  it.each<[string, number, (made: { body: Buffer; name: string }) => Promise<Response>]>([
    ['with another hash', 400, ({ body }) => post('image', 'A'.repeat(43), body)],
    ['of what is not encrypted', 400, ({ name }) => post('image', name, Buffer.alloc(27))],
    ['of an unknown kind', 404, ({ body, name }) => post('virus', name, body)],
    ['without a token', 401, ({ body, name }) => post('image', name, body, 'other')],
    ['that are too large', 413, ({ name }) => post('thumbnail-link', name, Buffer.alloc(1_048_592))],
  ])('%s are refused with %i', async (_what, status, upload) => {
    expect((await upload(await ciphertext())).status).toBe(status);
  });

  it('may be disturbed, and lose their answer', async () => {
    const { body, name } = await ciphertext();
    scene.sim.faults.disturbUploads({ kind: 'status', status: 503 });
    scene.sim.faults.disturbUploads({ kind: 'forget' });

    expect((await post('image', name, body)).status).toBe(503);
    const uploaded = scene.sim.next('media.uploaded');
    await expect(post('image', name, body)).rejects.toThrow('fetch failed');
    expect(await uploaded).toMatchObject({ isRepeated: false });
  });
});
