import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCode } from '../../src/common/app-error.js';
import type { AppConfig } from '../../src/config/app-config.js';
import { EgressFetch } from '../../src/egress/egress-fetch.js';
import { download } from '../../src/media/media-download.js';
import { MEDIA_FAULTS, MediaFault } from '../../src/media/media-fault.js';
import { isShownInline } from '../../src/media-store/content-type.js';
import { safeFileName } from '../../src/common/file-name.js';
import { LocalMediaStore } from '../../src/media-store/local-media-store.js';
import { fileKey, thumbnailKey } from '../../src/media-store/media-keys.js';
import { MediaLibrary } from '../../src/media-store/media-library.js';
import { MediaStoreSettings } from '../../src/media-store/media-settings.js';
import { MediaStores } from '../../src/media-store/media-stores.js';
import { MediaWorkspace } from '../../src/media-store/media-workspace.js';
import type { MediaFilesRepository, NewMediaFile } from '../../src/repositories/media-files.repository.js';
import { Random } from '../chaos/random.js';
import { type HostileAnswer, type HostileMedia, hostileFiles, hostileMedia } from './hostile-media.js';

/** `MUTATIONS=10000 MUTATIONS_SEED=x npx vitest run --project mutations` tries more, or the same ones again. */
const MUTATIONS = Number(process.env['MUTATIONS'] ?? 1_000);
const SEED = process.env['MUTATIONS_SEED'] ?? 'files of strangers';
/** Of the processor's time, whatever else the machine does: much longer than the slowest takes. */
const STALL_MS = 4_000;
const MAX_BYTES = 2_000_000;
const ORGANIZATION = 'org';

let folder: string;
let server: Server;
let answer: HostileAnswer;
let store: LocalMediaStore;
let workspace: MediaWorkspace;
let library: MediaLibrary;
/** What was stored last. */
let row: NewMediaFile | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auzap-mutations-'));
  server = createServer((_request, response) => respond(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  store = new LocalMediaStore(join(folder, 'files'));
  workspace = new MediaWorkspace(join(folder, 'incoming'));
  const config = { media: { quotaBytes: null } } as AppConfig;
  library = new MediaLibrary(
    rows as never,
    new MediaStores([store]),
    workspace,
    new MediaStoreSettings(),
    config,
  );
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function respond(response: ServerResponse): void {
  response.on('error', () => undefined);
  response.writeHead(answer.status, {
    connection: 'close',
    ...(answer.announced !== undefined && { 'content-length': answer.announced }),
  });
  if (answer.isCut) {
    response.write(answer.bytes, () => response.destroy());
  } else {
    response.end(answer.bytes);
  }
}

/** Takes what the columns of the table take. */
const rows: Pick<MediaFilesRepository, 'reserve' | 'finish'> = {
  reserve: (file) => {
    const numbers = [file.width, file.height].filter((value) => value !== undefined);
    expect(numbers.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 31)).toBe(true);
    expect(file.seconds === undefined || Number.isFinite(file.seconds)).toBe(true);
    expect(file.mimeType).toMatch(/^[\w.+-]+\/[\w.+-]+(?:; [\w="]+)?$/);
    expect(file.sha256).toHaveLength(32);
    row = file;
    return Promise.resolve({ state: 'writing', id: 'one' });
  },
  finish: (id) => Promise.resolve(id),
};

/** @returns `stored`, or the code that says why it is not */
async function outcomeOf({ wanted, poster }: HostileMedia): Promise<string> {
  const port = (server.address() as AddressInfo).port;
  try {
    const egress = new EgressFetch({ isProduction: false, egressAllow: ['127.0.0.1'] });
    const file = await download(wanted, egress, workspace, {
      maxBytes: MAX_BYTES,
      timeoutMs: 10_000,
      stallMs: 5_000,
      signal: new AbortController().signal,
      origin: `http://127.0.0.1:${port}`,
    });
    await library.keep(ORGANIZATION, file, { poster });
    return 'stored';
  } catch (error) {
    if (error instanceof MediaFault || hasCode(error, 'media_disk_full')) {
      return error.code;
    }
    throw error;
  }
}

/** @returns what is wrong with what was stored */
async function faultsOf({ plain, fileName }: HostileMedia): Promise<string[]> {
  const { mimeType, hasThumbnail } = row!;
  const parts = { organizationId: ORGANIZATION, fileId: 'one' };
  const bytes = await buffer(await store.open(fileKey(parts)));
  const name = safeFileName(fileName) ?? 'none';
  const faults = {
    'other bytes': !bytes.equals(plain),
    'shown although it could run': isShownInline(mimeType) && /html|svg|xml|script|pdf/.test(mimeType),
    'a name that leads elsewhere': /[/\\\p{Cc}\p{Cf}]/u.test(name) || name.length > 300,
    'a thumbnail that is none': hasThumbnail && !(await isSmallJpeg(thumbnailKey(parts))),
  };
  return Object.entries(faults).flatMap(([fault, isFault]) => (isFault ? [fault] : []));
}

async function isSmallJpeg(key: string): Promise<boolean> {
  const bytes = await buffer(await store.open(key));
  const { format, width, height } = await sharp(bytes).metadata();
  return format === 'jpeg' && Math.max(width, height) <= 320 && bytes.length <= 65_536;
}

describe(`mutated files (seed ${SEED})`, () => {
  it(`are stored, or not there for a reason, and hold up nobody: ${MUTATIONS}`, async () => {
    const random = new Random(SEED);
    const files = await hostileFiles();
    const outcomes = new Map<string, number>();
    for (let index = 0; index < MUTATIONS; index++) {
      const media = hostileMedia(files, random);
      answer = media.answer;
      const before = process.cpuUsage();

      const outcome = await outcomeOf(media);
      const { user, system } = process.cpuUsage(before);

      const faults = outcome === 'stored' ? await faultsOf(media) : [];
      expect([index, outcome, faults]).toEqual([index, outcome, []]);
      expect([index, outcome === 'stored' || outcome in MEDIA_FAULTS]).toEqual([index, true]);
      expect([index, media.isWhole ? outcome : 'stored']).toEqual([index, 'stored']);
      expect([index, (user + system) / 1_000 < STALL_MS]).toEqual([index, true]);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }

    // Not so spoiled that nothing gets through, nor so little that all does.
    expect(outcomes.get('stored')).toBeGreaterThan(MUTATIONS / 4);
    expect([...outcomes.keys()].toSorted()).toEqual([
      'media_address_invalid',
      'media_damaged',
      'media_expired',
      'media_key_invalid',
      'media_too_large',
      'media_unreachable',
      'stored',
    ]);
    expect(await readdir(join(folder, 'incoming'))).toEqual([]);
  });
});
