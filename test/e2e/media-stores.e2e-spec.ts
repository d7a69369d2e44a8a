import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { configuredStores } from '../../src/media-store/configured-stores.js';
import type { SupabaseStorageConfig } from '../../src/config/media-config.js';
import { CHECK_KEY, fileKey } from '../../src/media-store/media-keys.js';
import { MediaStoreSettings } from '../../src/media-store/media-settings.js';
import { MediaMissingError, type MediaStore } from '../../src/media-store/media-store.js';
import { SupabaseMediaStore } from '../../src/media-store/supabase-media-store.js';
import { startMigratedProject } from '../support/hosted/migrated-project.js';
import { StorageServer } from '../support/hosted/storage-server.js';
import { heldMemory } from '../support/held-memory.js';
import { S3Server } from '../support/s3-server.js';
import { startTestService } from '../support/test-service.js';

/** A place for files, as the service is told of it. */
interface Place {
  environment: Record<string, string>;
  stop(): Promise<void>;
}

/** With TEST_STORAGE_URL and TEST_STORAGE_KEY, a project's address and its secret key, that project is asked instead of the stand-in. */
const PLACES: Record<string, () => Promise<Place>> = {
  local: () => Promise.resolve({ environment: {}, stop: () => Promise.resolve() }),
  s3: () => S3Server.start(),
  supabase: async () => {
    const { TEST_STORAGE_URL: url, TEST_STORAGE_KEY: key } = process.env;
    if (url !== undefined && key !== undefined) {
      const environment = { SUPABASE_URL: url, SUPABASE_SERVICE_ROLE_KEY: key, MEDIA_STORE: 'supabase' };
      return { environment, stop: () => Promise.resolve() };
    }
    return startStorage();
  },
};

async function startStorage() {
  const storage = await StorageServer.start();
  storage.largestFile = LARGE;
  const made = await startMigratedProject(inject('testDatabaseUrl'), { roundTripMs: 1, storage });
  return {
    environment: { ...made.project.environment, MEDIA_STORE: 'supabase' },
    storage,
    made,
    stop: async () => {
      try {
        await made.close();
      } finally {
        await storage.stop();
      }
    },
  };
}

const SAYS_SO = /"ERROR".*"component":"media".*(can not be reached|does not answer).*look at/;
const MB = 1024 ** 2;
const LARGE = 200 * MB;
/** What a store may hold of a file, whatever its size: what is under way, and what the last pieces left. */
const MAX_GROWTH = 100 * MB;

describe.each(Object.keys(PLACES))('the store of kind %s', (kind) => {
  let folder: string;
  let place: Place;
  let store: MediaStore;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'auzap-store-'));
    place = await PLACES[kind]!();
    store = storeFor(place.environment);
  });
  afterAll(async () => {
    await store?.close();
    await place?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function storeFor(environment: Record<string, string>): MediaStore {
    const config = loadConfig({ NODE_ENV: 'test', DATA_DIR: folder, ...environment });
    return configuredStores(config, new MediaStoreSettings()).current;
  }

  const newKey = () => fileKey({ organizationId: randomUUID(), fileId: randomUUID() });

  async function put(bytes: Uint8Array, key: string = newKey()): Promise<string> {
    const path = join(folder, randomUUID());
    await writeFile(path, bytes);
    await store.put(key, path, { mimeType: 'image/png', signal: AbortSignal.timeout(60_000) });
    return key;
  }

  const read = async (...args: Parameters<MediaStore['open']>) => buffer(await store.open(...args));

  it('does what is asked of it', async () => {
    await store.check();
    await store.check();

    expect(store.backend).toBe(kind);
  });

  it('gives back what was put, whole and in part', async () => {
    const bytes = randomBytes(300_000);
    const key = await put(bytes);

    expect(await read(key)).toEqual(bytes);
    expect(await read(key, { start: 0, end: 0 })).toEqual(bytes.subarray(0, 1));
    expect(await read(key, { start: 100_000, end: 199_999 })).toEqual(bytes.subarray(100_000, 200_000));
    expect(await read(key, { start: 299_999, end: 299_999 })).toEqual(bytes.subarray(-1));
  });

  it('takes an empty file', async () => {
    expect(await read(await put(Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
  });

  it('has the later of two files under one key', async () => {
    const key = await put(Buffer.from('first'));
    await put(Buffer.from('second'), key);

    expect(await read(key)).toEqual(Buffer.from('second'));
  });

  it('says what it does not have', async () => {
    const key = newKey();

    await expect(store.open(key)).rejects.toThrow(MediaMissingError);
    await expect(store.open(key, { start: 1, end: 2 })).rejects.toThrow(MediaMissingError);
  });

  it('removes what is there, and minds nothing that is not', async () => {
    const [kept, ...gone] = await Promise.all(Array.from({ length: 12 }, () => put(randomBytes(10))));

    await store.remove([...gone, newKey()]);
    await store.remove(gone);

    await expect(store.open(gone[0]!)).rejects.toThrow(MediaMissingError);
    await expect(store.open(gone.at(-1)!)).rejects.toThrow(MediaMissingError);
    expect(await read(kept!)).toHaveLength(10);
  });

  it.skipIf(kind === 'local')('leaves nothing of what was given up', async () => {
    const path = join(folder, randomUUID());
    await writeFile(path, randomBytes(1_000));
    const key = newKey();

    await expect(
      store.put(key, path, { mimeType: 'image/png', signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'media_store_unavailable' });

    await expect(store.open(key)).rejects.toThrow(MediaMissingError);
  });

  it('takes no more memory for a large file, whether it is put or read', async () => {
    const path = join(folder, randomUUID());
    const piece = Buffer.alloc(MB, 7);
    await writeFile(path, Readable.from(Array.from({ length: LARGE / MB }, () => piece)));
    const key = newKey();
    const before = heldMemory();
    let most = before;
    const watching = setInterval(() => (most = Math.max(most, heldMemory())), 500);
    try {
      await store.put(key, path, { mimeType: 'video/mp4', signal: AbortSignal.timeout(120_000) });
      let size = 0;
      for await (const piece of await store.open(key)) {
        size += (piece as Buffer).length;
      }
      expect(size).toBe(LARGE);
    } finally {
      clearInterval(watching);
    }
    expect((most - before) / MB).toBeLessThan(MAX_GROWTH / MB);
  });

  it('gives up what is not read to its end', async () => {
    const key = await put(randomBytes(5 * MB));

    for (let index = 0; index < 150; index++) {
      const body = await store.open(key);
      for await (const piece of body) {
        expect((piece as Buffer).length).toBeGreaterThan(0);
        break;
      }
      expect(body.destroyed).toBe(true);
    }
  });
});

describe('a start with S3', () => {
  let server: S3Server;

  beforeAll(async () => {
    server = await S3Server.start();
  });
  afterAll(() => server?.stop());

  const start = (variables: Record<string, string>) =>
    startTestService({ url: 'ws://127.0.0.1:1' }, { ...server.environment, ...variables });

  it.each([
    [{ MEDIA_S3_BUCKET: 'elsewhere' }, /^There is no bucket elsewhere at the store at http:.*: create it/],
    [
      { MEDIA_S3_SECRET_ACCESS_KEY: 'another' },
      /^MEDIA_S3_SECRET_ACCESS_KEY is not the secret of MEDIA_S3_ACCESS_KEY_ID/,
    ],
    [{ MEDIA_S3_REGION: 'mars' }, /MEDIA_S3_REGION/],
  ])('ends with what to do where %j', async (variables, sentence) => {
    await expect(start(variables)).rejects.toThrow(sentence);
  });

  it('goes on where nothing listens, and says so', async () => {
    await server.kill();
    try {
      const service = await start({});

      expect(await readFile(service.logFile, 'utf8')).toMatch(SAYS_SO);
      await service.stop();
    } finally {
      await server.resume();
    }
  });

  it('goes on where nothing is answered, and says so', async () => {
    server.freeze();
    try {
      const service = await start({});

      expect(await readFile(service.logFile, 'utf8')).toMatch(SAYS_SO);
      await service.stop();
    } finally {
      server.thaw();
    }
  });
});

describe('a start with Supabase Storage', () => {
  const BUCKET = 'auzap-media';
  let place: Awaited<ReturnType<typeof startStorage>>;

  beforeAll(async () => {
    place = await startStorage();
  });
  afterAll(() => place?.stop());

  const start = () => startTestService({ url: 'ws://127.0.0.1:1' }, place.environment);
  const storeWith = (change: Partial<SupabaseStorageConfig>) =>
    new SupabaseMediaStore(
      {
        url: place.environment.SUPABASE_URL,
        serviceRoleKey: place.environment.SUPABASE_SERVICE_ROLE_KEY,
        bucket: BUCKET,
        ...change,
      },
      new MediaStoreSettings().remote,
    );

  it('makes a private bucket', async () => {
    const service = await start();
    await service.stop();

    expect(place.storage.keys(BUCKET)).toEqual([CHECK_KEY]);
  });

  it('ends where the bucket is public', async () => {
    place.storage.changeBucket(BUCKET, { public: true });

    await expect(start()).rejects.toThrow(/^The bucket auzap-media .* is public.*: make it private/);

    place.storage.changeBucket(BUCKET, { public: false });
  });

  it('says that the key is not the project’s', async () => {
    const store = storeWith({ serviceRoleKey: 'sb_secret_of_another_project' });

    await expect(store.check()).rejects.toMatchObject({
      code: 'media_store_unavailable',
      fault: { passes: false, sentence: expect.stringContaining('SUPABASE_SERVICE_ROLE_KEY') as string },
    });
    await store.close();
  });

  it('says that a file is too large for the project, and goes on', async () => {
    const store = storeWith({});
    const folder = await mkdtemp(join(tmpdir(), 'auzap-store-'));
    const path = join(folder, 'file');
    const put = async (size: number) => {
      await writeFile(path, Buffer.alloc(size));
      await store.put('a/b', path, { mimeType: 'image/png', signal: AbortSignal.timeout(60_000) });
    };
    place.storage.largestFile = MB;

    await expect(put(MB + 1)).rejects.toMatchObject({ code: 'media_too_large' });
    await put(MB);

    place.storage.largestFile = LARGE;
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('says that the bucket was removed', async () => {
    const store = storeWith({});
    place.storage.removeBucket(BUCKET);

    await expect(store.open('a/b')).rejects.toMatchObject({
      fault: { passes: false, sentence: expect.stringContaining('no bucket auzap-media') as string },
    });
    await store.close();
  });
});
