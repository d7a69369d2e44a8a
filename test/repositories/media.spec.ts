import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MediaFilesRepository, type NewMediaFile } from '../../src/repositories/media-files.repository.js';
import { MessageMediaRepository } from '../../src/repositories/message-media.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const LEASE_MS = 60_000;

describe.each(TEST_STORES)('media on %s', (store) => {
  let database: TestDatabase;
  let files: MediaFilesRepository;
  let media: MessageMediaRepository;
  let mine: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    files = new MediaFilesRepository(database.client);
    media = new MessageMediaRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    mine = await Scenario.create(database);
    await database.sql('delete from message_media');
    await database.sql('update media_files set expires_at = now()');
    await files.forget((await files.doom(500, 0)).map(({ id }) => id));
  });

  /** Messages with a picture each; gives their ids. */
  async function pictures(scenario: Scenario, count: number): Promise<string[]> {
    const items = await scenario.received(
      ...Array.from({ length: count }, () => ({ phone: '5511988887777' })),
    );
    await scenario.ingest(
      items.map((item) => ({
        ...item,
        detail: {
          type: 'image' as const,
          media: {
            kind: 'image' as const,
            mimeType: 'text/html',
            fileName: 'a.jpg',
            size: 1_000,
            width: 1e300,
            sealed: Buffer.from('sealed'),
          },
        },
      })),
    );
    const { items: messages } = await scenario.messages.listMessages(scenario.organizationId, { limit: 100 });
    return messages.map(({ id }) => id);
  }

  const claim = (worker: string, limit = 10, perOrganization = 10, leaseMs = LEASE_MS) =>
    media.claim({ worker, step: 'download', limit, perOrganization, leaseMs });

  function aFile(scenario: Scenario, text: string = randomUUID()): NewMediaFile {
    return {
      organizationId: scenario.organizationId,
      sha256: createHash('sha256').update(text).digest(),
      size: 1_000,
      mimeType: 'image/jpeg',
      width: 20,
      height: 10,
      hasThumbnail: true,
      backend: 'local',
    };
  }

  async function stored(scenario: Scenario, text?: string): Promise<string> {
    const { id } = await files.reserve(aFile(scenario, text), null, LEASE_MS);
    return (await files.finish(id!, LEASE_MS))!;
  }

  const viewOf = async (id: string) =>
    (await database.sql('select media_view($1::text::uuid) as view', [id])).rows[0]!['view'] as object;

  it('stores that a message has a file, and believes no number that no file has', async () => {
    const [id] = await pictures(mine, 1);

    expect(await viewOf(id!)).toMatchObject({
      state: 'pending',
      mime_type: 'text/html',
      file_name: 'a.jpg',
      size: 1_000,
      width: null,
      url: null,
    });
  });

  it('gives each file to one worker, and to the next when the first is silent', async () => {
    await pictures(mine, 2);

    expect(await claim('a', 1)).toMatchObject([
      { attempts: 1, kind: 'image', sealed: Buffer.from('sealed') },
    ]);
    expect(await claim('b')).toHaveLength(1);
    expect(await claim('c')).toEqual([]);
    await database.sql('update message_media set next_attempt_at = now()');
    expect(await claim('c')).toMatchObject([{ attempts: 2 }, { attempts: 2 }]);
  });

  it('serves organizations in turn, and none with more than its share', async () => {
    const other = await Scenario.create(database);
    await pictures(mine, 5);
    await pictures(other, 2);

    const claimed = await claim('a', 10, 2);

    const of = (scenario: Scenario) =>
      claimed.filter(({ organizationId }) => organizationId === scenario.organizationId);
    expect([of(mine).length, of(other).length]).toEqual([2, 2]);
    expect(await claim('b', 10, 2)).toEqual([]);
  });

  it('makes a file ready once, drops what opened it, and tells so', async () => {
    const [id] = await pictures(mine, 1);
    await claim('a');
    const fileId = await stored(mine);

    expect(await media.settle('b', id!, { state: 'ready', fileId })).toEqual([]);
    const events = await media.settle('a', id!, { state: 'ready', fileId });

    expect(events).toMatchObject([
      {
        name: 'whatsapp:media',
        payload: {
          id,
          contactId: (await mine.allContacts())[0]!.id,
          state: 'ready',
          mimeType: 'image/jpeg',
          size: 1_000,
        },
      },
    ]);
    expect(await viewOf(id!)).toMatchObject({
      state: 'ready',
      mime_type: 'image/jpeg',
      width: 20,
      url: `/api/messages/${id}/media`,
      thumbnail_url: `/api/messages/${id}/thumbnail`,
    });
    const { rows } = await database.sql('select sealed from message_media');
    expect(rows).toEqual([{ sealed: null }]);
    expect(await media.settle('a', id!, { state: 'failed', error: 'late' })).toEqual([]);
  });

  it('counts no attempt that failed for other reasons than the file', async () => {
    const [id] = await pictures(mine, 1);
    const again = { state: 'pending', step: 'download', delayMs: 0 } as const;

    await claim('a');
    await media.settle('a', id!, again);
    expect(await claim('a')).toMatchObject([{ attempts: 2 }]);
    await media.settle('a', id!, { ...again, isCounted: false });

    expect(await claim('a')).toMatchObject([{ attempts: 2 }]);
  });

  it('lets no organization use another one’s file', async () => {
    const other = await Scenario.create(database);
    const [id] = await pictures(mine, 1);
    await claim('a');

    const fileId = await stored(other);

    await expect(media.settle('a', id!, { state: 'ready', fileId })).rejects.toThrow(
      'The object does not exist.',
    );
    expect(await media.find({ organizationIds: [other.organizationId] }, id!)).toBeNull();
    expect(await media.find({ organizationIds: [mine.organizationId] }, id!)).toMatchObject({
      media: { state: 'pending' },
      file: null,
    });
  });

  it('tries again by hand what failed or expired', async () => {
    const [failed, expired] = await pictures(mine, 2);
    await claim('a');
    await media.settle('a', failed!, { state: 'failed', error: 'media_mac_wrong' });
    await media.settle('a', expired!, { state: 'expired', error: 'media_expired' });

    expect(await media.retry(mine.organizationId, failed!)).toMatchObject({
      isRetryable: true,
      media: { state: 'pending', error: null },
      events: [{ payload: { state: 'pending' } }],
    });
    await media.retry(mine.organizationId, expired!);
    expect((await claim('a')).map(({ messageId }) => messageId).toSorted()).toEqual(
      [failed!, expired!].toSorted(),
    );
  });

  it('fetches what the phone gives, also when it was given up meanwhile, and hears a refusal while it waits', async () => {
    const [given, refused] = await pictures(mine, 2);
    await claim('w');
    const toPhone = { state: 'pending', step: 'phone', delayMs: 0, error: 'media_expired' } as const;
    await media.settle('w', given!, toPhone);
    await media.settle('w', refused!, toPhone);
    const asked = await media.claim({
      worker: 'p',
      step: 'phone',
      limit: 5,
      perOrganization: 5,
      leaseMs: LEASE_MS,
    });
    expect(asked).toMatchObject([
      { attempts: 1, phoneRounds: 1 },
      { attempts: 1, phoneRounds: 1 },
    ]);
    await media.settle('p', given!, { state: 'failed', error: 'media_phone_silent' });
    const { instanceId, whatsappMessageId } = asked.find(({ messageId }) => messageId === given)!;

    expect(await media.listAsked(instanceId, whatsappMessageId)).toMatchObject([
      { messageId: given, sealed: Buffer.from('sealed') },
    ]);
    expect(await media.answer(given!, { error: 'media_not_on_phone' })).toEqual([]);
    expect(await media.answer(given!, { sealed: Buffer.from('elsewhere') })).toMatchObject([
      { payload: { id: given, state: 'pending' } },
    ]);
    expect(await media.answer(refused!, { error: 'media_not_on_phone' })).toMatchObject([
      { payload: { id: refused, state: 'failed', error: 'media_not_on_phone' } },
    ]);
    expect(await media.answer(refused!, { error: 'media_not_on_phone' })).toEqual([]);
    expect(await claim('w')).toMatchObject([
      { messageId: given, attempts: 1, phoneRounds: 1, sealed: Buffer.from('elsewhere') },
    ]);
  });

  it('stores the same bytes of an organization once, also when two come at the same time', async () => {
    const other = await Scenario.create(database);
    const [first, second] = [
      await files.reserve(aFile(mine, 'same'), null, LEASE_MS),
      await files.reserve(aFile(mine, 'same'), null, LEASE_MS),
    ];
    expect([first.state, second.state]).toEqual(['writing', 'writing']);

    expect(await files.finish(first.id!, LEASE_MS)).toBe(first.id);
    expect(await files.finish(second.id!, LEASE_MS)).toBe(first.id);

    expect(await files.reserve(aFile(mine, 'same'), null, LEASE_MS)).toEqual({
      state: 'stored',
      id: first.id,
    });
    expect((await files.reserve(aFile(other, 'same'), null, LEASE_MS)).state).toBe('writing');
    expect((await files.doom(10, LEASE_MS)).map(({ id }) => id)).toEqual([second.id]);
  });

  it('keeps an organization within its quota, and gives back what was removed', async () => {
    const one = await files.reserve(aFile(mine), 1_500, 0);

    expect(await files.reserve(aFile(mine), 1_500, LEASE_MS)).toEqual({ state: 'refused', id: null });
    const doomed = await files.doom(10, LEASE_MS);
    expect(doomed.map(({ id }) => id)).toEqual([one.id]);
    await files.forget([one.id!]);
    expect((await files.reserve(aFile(mine), 1_500, LEASE_MS)).state).toBe('writing');
  });

  it('dooms a file when the last message with it is gone, and not before', async () => {
    const [a, b] = await pictures(mine, 2);
    const fileId = await stored(mine);
    await claim('w');
    await media.settle('w', a!, { state: 'ready', fileId });
    await media.settle('w', b!, { state: 'ready', fileId });

    await database.sql('delete from messages where id = $1::text::uuid', [a!]);
    expect(await files.doom(10, LEASE_MS)).toEqual([]);
    await database.sql('delete from messages where id = $1::text::uuid', [b!]);

    expect(await files.doom(10, LEASE_MS)).toEqual([
      { id: fileId, organizationId: mine.organizationId, backend: 'local' },
    ]);
    expect(await files.doom(10, LEASE_MS)).toEqual([]);
    await expect(
      database.sql('select attach_media($1::text::uuid, $2::text::uuid, $3::text::jsonb)', [
        b!,
        fileId,
        '{}',
      ]),
    ).rejects.toThrow(/not found/);
  });

  it('removes what nothing refers to in time', async () => {
    const { id } = await files.reserve(aFile(mine), null, LEASE_MS);
    await files.finish(id!, 0);

    expect((await files.doom(10, LEASE_MS)).map((file) => file.id)).toEqual([id]);
  });
});
