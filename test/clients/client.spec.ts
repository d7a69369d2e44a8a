import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { AuzapError, createClient } from '@auzap/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SAMPLE_PDF } from '../../src/simulator/media-host/samples.js';
import { ClientHome } from '../support/client-home.js';

let home: ClientHome;
let client: ReturnType<typeof createClient>;
let instanceId: string;
let folder: string;

beforeAll(async () => {
  home = await ClientHome.open();
  client = createClient({ url: home.url, token: home.token, organizationId: home.organizationId });
  instanceId = await home.link();
  folder = await mkdtemp(join(tmpdir(), 'auzap-client-'));
});
afterAll(async () => {
  await home.close();
  await rm(folder, { recursive: true, force: true });
});

it('says who the token is, from a token that is fetched for each call', async () => {
  let asked = 0;
  const own = createClient({ url: `${home.url}/`, token: async () => (asked++, home.token) });

  const me = await own.me();

  expect(me).toMatchObject({ kind: 'api-key', organizations: [{ id: home.organizationId }] });
  await own.me();
  expect(asked).toBe(2);
});

it('throws what the service says as an error', async () => {
  const unknown = client.contacts.get('00000000-0000-4000-8000-000000000000');

  await expect(unknown).rejects.toMatchObject({
    name: 'AuzapError',
    code: 'contact_not_found',
    status: 404,
    message: 'There is no contact with this id.',
    requestId: expect.any(String) as string,
  });
  const invalid = client.instances.create({ instance_name: '', phone_number: '123' });
  const error = await invalid.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AuzapError);
  expect((error as AuzapError).details.map(({ path }) => path)).toContain('instance_name');
  const stranger = createClient({ url: home.url, token: 'nobody' });
  await expect(stranger.me()).rejects.toMatchObject({ code: 'unauthorized', status: 401 });
});

it('gives up when the caller does, with the reason of the caller', async () => {
  const leaving = new AbortController();
  const call = client.GET('/api/events', {
    params: { query: { after: 0, wait: 60 } },
    signal: leaving.signal,
  });
  leaving.abort(new DOMException('left', 'AbortError'));

  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
});

it('sends a message once under its key, and goes through a list page after page', async () => {
  const texts = ['one', 'two', 'three', 'four', 'five'];
  for (const message of texts) {
    await client.messages.send(instanceId, { to: home.ana.number, message });
  }
  const again = { to: home.ana.number, message: 'only once' };
  const first = await client.messages.send(instanceId, again, { idempotencyKey: 'k1' });
  const second = await client.messages.send(instanceId, again, { idempotencyKey: 'k1' });

  expect(second.message_id).toBe(first.message_id);
  const page = await client.messages.page({ limit: 2, direction: 'outbound' });
  expect(page.items.map(({ content }) => content)).toEqual(['only once', 'five']);
  expect(page.nextCursor).toEqual(expect.any(String));
  const all: string[] = [];
  for await (const { content } of client.messages.list({ limit: 2, direction: 'outbound' })) {
    all.push(content);
  }
  expect(all).toEqual(['only once', ...texts.toReversed()]);
});

it('confirms a booking, and undoes nothing that somebody else did meanwhile', async () => {
  await home.ana.writes(home.owner, 'Tuesday at ten?');
  await expect.poll(async () => (await client.bookings.page()).items.length).toBe(1);
  const [open] = (await client.bookings.page()).items;
  const { booking, etag } = await client.bookings.get(open!.id);
  expect(booking.status).toBe('pending');

  const confirmed = await client.bookings.change(open!.id, { status: 'confirmed' }, { ifMatch: etag });

  expect(confirmed.status).toBe('confirmed');
  const late = client.bookings.change(open!.id, { title: 'late' }, { ifMatch: etag });
  await expect(late).rejects.toMatchObject({ code: 'changed_meanwhile', status: 412 });
  await client.bookings.cancel(open!.id);
  await expect(client.bookings.confirm(open!.id)).rejects.toMatchObject({ code: 'invalid_transition' });
});

it('uploads a file with progress, and sends it', async () => {
  const path = join(folder, 'prices.pdf');
  await writeFile(path, Buffer.concat([SAMPLE_PDF, Buffer.alloc(2 * 1024 * 1024, '%')]));
  const content = await openAsBlob(path);
  const told: [number, number | undefined][] = [];

  const media = await client.media.upload(content, {
    fileName: 'prices.pdf',
    onProgress: (sent, total) => told.push([sent, total]),
  });

  expect(media).toMatchObject({ mime_type: 'application/pdf', size: content.size });
  expect(told.length).toBeGreaterThan(2);
  expect(told.at(-1)).toEqual([content.size, content.size]);
  await client.messages.send(instanceId, {
    to: home.ana.number,
    type: 'document',
    media: { id: media.id },
    file_name: 'prices.pdf',
  });
  const received = await home.ana.receives(({ message }) => Boolean(message.documentMessage));
  expect((await home.ana.opens(received)).length).toBe(content.size);
});

it('uploads what comes as a stream, of a length that nobody knows', async () => {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield SAMPLE_PDF.subarray(0, 10);
    yield SAMPLE_PDF.subarray(10);
  }

  const media = await client.media.upload(chunks(), { fileName: 'a "quoted" name\r\n.pdf' });

  expect(media.size).toBe(SAMPLE_PDF.length);
  expect(await client.media.upload(SAMPLE_PDF, { fileName: 'b.pdf' })).toMatchObject({ size: media.size });
  await expect(client.media.upload(new Uint8Array(0))).rejects.toBeInstanceOf(AuzapError);
});

it('shows no token where it is logged', () => {
  expect(inspect([client, client.events(), client.messages], { depth: 10 })).not.toContain(home.token);
});

it('gives the file of a message', async () => {
  await home.ana.writes(home.owner, { document: { fileName: 'a.pdf' } });
  const withFile = async () =>
    (await client.messages.page({ direction: 'inbound' })).items.find(
      ({ media }) => media?.state === 'ready',
    );
  await expect.poll(withFile).toBeDefined();

  const response = await client.messages.file((await withFile())!.id);

  expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(SAMPLE_PDF));
});

it('repeats what is under a key until the service is there again', async () => {
  const { items } = await client.contacts.page();
  const away = home.restart('SIGKILL', 500);
  const booking = { contact_id: items[0]!.id, title: 'made while it was away' };
  const sending = client.bookings.create(booking, { retries: 50 });

  await Promise.all([away, expect(sending).resolves.toMatchObject({ title: 'made while it was away' })]);
  const made: unknown[] = [];
  for await (const { title } of client.bookings.list()) {
    made.push(title);
  }
  expect(made.filter((title) => title === 'made while it was away')).toHaveLength(1);
});
