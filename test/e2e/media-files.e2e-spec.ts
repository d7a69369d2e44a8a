import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MediaCleaner } from '../../src/media-store/media-cleaner.js';
import { AccessFixture, ADMIN_KEY, bearer, FOREIGN, HOME } from './access-fixture.js';
import { aPicture, storePicture } from './stored-picture.js';

describe('the file of a message', () => {
  let fixture: AccessFixture;

  beforeAll(async () => {
    fixture = await AccessFixture.start();
  });
  afterAll(() => fixture.stop());

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${fixture.http.url}/api/messages/${path}`, {
      method,
      headers: { ...bearer(ADMIN_KEY), ...headers },
    });
  const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

  async function withFile(bytes: Buffer, fileName: string): Promise<string> {
    const { messageId } = await fixture.conversation();
    const { database } = fixture;
    await storePicture(fixture.http.app, database.sql.bind(database), HOME, messageId, { bytes, fileName });
    return messageId;
  }

  async function files(): Promise<string[]> {
    const folder = join(fixture.http.dataDir, 'media');
    const all = await readdir(folder, { recursive: true, withFileTypes: true });
    return all.filter((entry) => entry.isFile()).map(({ name }) => name);
  }

  it('is given whole, in part, and not again to who has it', async () => {
    const id = await fixture.messageWithPicture();
    const picture = await aPicture();

    const whole = await get(`${id}/media`);
    const etag = whole.headers.get('etag')!;

    expect(await bytesOf(whole)).toEqual(picture);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(picture.length),
      'content-disposition': 'inline; filename=foto.png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox') as string,
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
    });
    const part = await get(`${id}/media`, { range: 'bytes=8-15' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 8-15/${picture.length}`]);
    expect(await bytesOf(part)).toEqual(picture.subarray(8, 16));
    expect(await bytesOf(await get(`${id}/media`, { range: 'bytes=-4' }))).toEqual(picture.subarray(-4));
    expect((await get(`${id}/media`, { range: 'bytes=999999-' })).status).toBe(416);
    expect((await get(`${id}/media`, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
    expect((await get(`${id}/media`, { 'if-none-match': etag })).status).toBe(304);
    const head = await get(`${id}/media`, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(picture.length)]);
  });

  it('has a thumbnail', async () => {
    const response = await get(`${await fixture.messageWithPicture()}/thumbnail`);

    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect((await bytesOf(response)).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  });

  it.each([
    ['<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'foto.svg'],
    ['<!doctype html><script>alert(1)</script>', 'foto.png'],
  ])('is saved and not shown where it is %s', async (text, name) => {
    const id = await withFile(Buffer.from(text), name);

    const response = await get(`${id}/media`);

    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename=${name}`);
    expect((await get(`${id}/thumbnail`)).status).toBe(404);
  });

  it('has a name in any writing, and none that leads elsewhere', async () => {
    const id = await withFile(Buffer.from('x'), '../../ação\r\nx: y\u202e"文.pdf');

    const { headers } = await get(`${id}/media`);

    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="[^"/\\]+"; filename\*=UTF-8''/,
    );
    expect(headers.get('x')).toBeNull();
  });

  it('says why it is not there', async () => {
    const { messageId, instanceId } = await fixture.conversation();
    expect(await (await get(`${messageId}/media`)).json()).toMatchObject({ code: 'media_not_found' });
    await fixture.database.sql(
      `insert into message_media (message_id, of_message, organization_id, instance_id, whatsapp_message_id, kind, state, error)
        values ($1::text::uuid, $1::text::uuid, $2::text, $3::text::uuid, 'M', 'image', 'failed', 'media_damaged')`,
      [messageId, HOME, instanceId],
    );

    const response = await get(`${messageId}/media`);

    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: 'media_not_ready',
      error: 'The file of this message is not there: it is failed (media_damaged).',
    });
    expect(await (await get(`${messageId}/media/retry`, {}, 'POST')).json()).toMatchObject({
      code: 'media_not_retryable',
    });
  });

  it('is kept once for an organization, and goes with the last message that has it', async () => {
    await fixture.database.sql('delete from message_media');
    await fixture.http.app.get(MediaCleaner, { strict: false }).run();
    expect(await files()).toEqual([]);
    const [first, second] = [await fixture.messageWithPicture(), await fixture.messageWithPicture()];
    expect(await files()).toHaveLength(2);
    await fixture.messageWithPicture(FOREIGN);
    expect(await files()).toHaveLength(4);

    await fixture.database.sql('delete from messages where id = $1::text::uuid', [first]);
    await fixture.http.app.get(MediaCleaner, { strict: false }).run();
    expect((await get(`${second}/media`)).status).toBe(200);
    await fixture.database.sql('delete from messages where id = $1::text::uuid', [second]);
    await fixture.http.app.get(MediaCleaner, { strict: false }).run();

    expect(await files()).toHaveLength(2);
  });
});
