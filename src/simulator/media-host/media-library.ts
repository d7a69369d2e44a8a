import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GeneratedBody, StoredBody } from './media-body.js';
import type { MediaBody } from './media-body.js';
import { BLOCK_BYTES, MAC_BYTES, SpoiltMedia, decrypted, mediaKeys } from './media-cipher.js';
import type { FileHashes, MediaKind } from './media-cipher.js';
import { BufferedFile } from './plain-file.js';
import type { PlainFile } from './plain-file.js';

/** Names in the messages of phones; a client goes to the simulator's media server for them all the same. */
const HOST = 'https://mmg.whatsapp.net';
const LIFETIME_MS = 14 * 24 * 3_600_000;
const MAX_FILES = 20_000;
const MAX_PLAIN_IN_MEMORY = 256 * 1024 * 1024;
const PATH_OF: Readonly<Record<MediaKind, string>> = {
  image: 't62.7118-24',
  sticker: 't62.15575-24',
  video: 't62.7161-24',
  audio: 't62.7117-24',
  document: 't62.7119-24',
  history: 't62.36147-24',
  link: 't62.36244-24',
};

/** What a message says of its file: enough to fetch and to open it. */
export interface MediaDescriptor extends FileHashes {
  readonly url: string;
  readonly directPath: string;
  readonly mediaKey: Buffer;
}

/** A file of the media server. */
export interface MediaEntry {
  readonly directPath: string;
  readonly kind: MediaKind;
  readonly body: MediaBody;
  expiresAt: Date;
  /** The server has it no more; who sent it may upload it again. */
  isRemoved: boolean;
}

/** An upload that the server refuses, with the status it answers. */
export class UploadRefused extends Error {
  override readonly name = 'UploadRefused';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The encrypted files of a simulated network: what phones sent, and what clients uploaded. The oldest make room for new ones. */
export class MediaLibrary {
  private readonly entries = new Map<string, MediaEntry>();
  private readonly uploadsByHash = new Map<string, MediaEntry>();
  private folder: Promise<string> | undefined;
  private auth = randomBytes(24).toString('base64url');

  /** What clients get with `media_conn` and must show when they upload. */
  get authToken(): string {
    return this.auth;
  }

  /** Clients have to ask for a new token: uploads with the old one are refused with 401. */
  expireAuth(): void {
    this.auth = randomBytes(24).toString('base64url');
  }

  /** Encrypts a file with a new key, as a phone does before it sends it. A generated one takes no room, however large. */
  async store(
    kind: MediaKind,
    file: Buffer | PlainFile,
    { mediaKey = randomBytes(32), lifetimeMs = LIFETIME_MS }: StoreOptions = {},
  ): Promise<MediaDescriptor> {
    const plain = Buffer.isBuffer(file) ? new BufferedFile(file) : file;
    if (Buffer.isBuffer(file) && file.length > MAX_PLAIN_IN_MEMORY) {
      throw new Error(`a file in memory may have ${MAX_PLAIN_IN_MEMORY} bytes; make a generated one`);
    }
    const body = await GeneratedBody.make(plain, mediaKeys(mediaKey, kind));
    const { directPath } = this.add(kind, body, lifetimeMs);
    return { ...body.hashes, mediaKey, directPath, url: HOST + directPath };
  }

  /**
   * Takes an upload.
   * @param name what the URL calls it: the SHA-256 of what is uploaded, in base64url
   * @returns the file, and whether the same bytes were uploaded before
   * @throws UploadRefused
   */
  async upload(
    kind: MediaKind,
    name: string,
    source: Readable,
    maxBytes: number,
  ): Promise<{ entry: MediaEntry; isRepeated: boolean }> {
    this.folder ??= mkdtemp(join(tmpdir(), 'auzap-simulator-media-'));
    const path = join(await this.folder, randomUUID());
    const hash = createHash('sha256');
    let size = 0;
    try {
      await pipeline(
        source,
        async function* (pieces: AsyncIterable<Buffer>) {
          for await (const piece of pieces) {
            hash.update(piece);
            size += piece.length;
            if (size > maxBytes) {
              throw new UploadRefused(413, `more than ${maxBytes} bytes`);
            }
            yield piece;
          }
        },
        createWriteStream(path, { flags: 'wx', mode: 0o600 }),
      );
      if (size < BLOCK_BYTES + MAC_BYTES || (size - MAC_BYTES) % BLOCK_BYTES !== 0) {
        throw new UploadRefused(400, `${size} bytes are no encrypted file`);
      }
      if (hash.digest('base64url') !== name.replace(/=+$/, '')) {
        throw new UploadRefused(400, 'the SHA-256 of the body is not what the URL says');
      }
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    const known = this.uploadsByHash.get(name);
    if (known && this.find(known.directPath) === known) {
      await rm(path, { force: true });
      return { entry: known, isRepeated: true };
    }
    const entry = this.add(kind, new StoredBody(path, size), LIFETIME_MS);
    this.uploadsByHash.set(name, entry);
    return { entry, isRepeated: false };
  }

  /** The file at a path and its signature, whatever else the query says; a number is the status that refuses it. */
  find(path: string): MediaEntry | 403 | 404 | 410 {
    const entry = this.entries.get(pathOf(path));
    if (!entry || entry.isRemoved) {
      return 404;
    }
    if (signatureOf(path) !== signatureOf(entry.directPath)) {
      return 403;
    }
    return entry.expiresAt.getTime() <= Date.now() ? 410 : entry;
  }

  /** The link of a file is over: 410 from now on. */
  expire({ directPath }: Pick<MediaDescriptor, 'directPath'>): void {
    this.entryOf(directPath).expiresAt = new Date(0);
  }

  /** The file is gone: 404 from now on. */
  remove({ directPath }: Pick<MediaDescriptor, 'directPath'>): void {
    this.entryOf(directPath).isRemoved = true;
  }

  /** The same file under a new link, as when a phone uploads it again. */
  relink({ directPath }: Pick<MediaDescriptor, 'directPath'>): string {
    const { kind, body } = this.entryOf(directPath);
    return this.add(kind, body, LIFETIME_MS).directPath;
  }

  /**
   * Reads a file as a phone does that was sent it.
   * @throws SpoiltMedia where it is not there, or is not what the message says
   */
  async *open(kind: MediaKind, descriptor: MediaSource): AsyncGenerator<Buffer> {
    const { directPath, mediaKey, fileSha256, fileEncSha256, fileLength } = descriptor;
    const entry = directPath ? this.find(directPath) : 404;
    if (typeof entry === 'number') {
      throw new SpoiltMedia(`the media server answers ${entry}`);
    }
    if (mediaKey?.length !== 32 || !fileSha256 || !fileEncSha256) {
      throw new SpoiltMedia('the message lacks the key or a hash of its file');
    }
    const expected = {
      fileSha256: Buffer.from(fileSha256),
      fileEncSha256: Buffer.from(fileEncSha256),
      fileLength: Number(fileLength ?? 0),
    };
    yield* decrypted(entry.body.read(0, entry.body.size - 1), mediaKeys(mediaKey, kind), expected);
  }

  /** Deletes what is on disk. */
  async close(): Promise<void> {
    this.entries.clear();
    this.uploadsByHash.clear();
    const folder = await this.folder?.catch(() => undefined);
    if (folder !== undefined) {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private add(kind: MediaKind, body: MediaBody, lifetimeMs: number): MediaEntry {
    const expiresAt = new Date(Date.now() + lifetimeMs);
    const name = `${randomBytes(6).readUIntBE(0, 6)}_${randomBytes(6).readUIntBE(0, 6)}_n.enc`;
    const signature = `01_${randomBytes(24).toString('base64url')}`;
    const until = Math.floor(expiresAt.getTime() / 1000).toString(16);
    const directPath = `/v/${PATH_OF[kind]}/${name}?ccb=11-4&oh=${signature}&oe=${until}&_nc_sid=5e03e0`;
    const entry: MediaEntry = { directPath, kind, body, expiresAt, isRemoved: false };
    this.entries.set(pathOf(directPath), entry);
    if (this.entries.size > MAX_FILES) {
      const [oldest] = this.entries.values();
      if (oldest) {
        this.entries.delete(pathOf(oldest.directPath));
        this.discard(oldest).catch(() => undefined);
      }
    }
    return entry;
  }

  private entryOf(directPath: string): MediaEntry {
    const entry = this.entries.get(pathOf(directPath));
    if (!entry) {
      throw new Error(`there is no file at ${directPath}`);
    }
    return entry;
  }

  /** Links may share a file: it goes with the last. */
  private async discard({ body }: MediaEntry): Promise<void> {
    if (body instanceof StoredBody && ![...this.entries.values()].some((other) => other.body === body)) {
      await rm(body.path, { force: true });
    }
  }
}

export interface StoreOptions {
  readonly mediaKey?: Buffer;
  /** How long its link is good, in ms; two weeks where it is left out. */
  readonly lifetimeMs?: number;
}

/** A file as messages describe it: every field may be missing. */
export interface MediaSource {
  readonly directPath?: string | null;
  readonly mediaKey?: Uint8Array | null;
  readonly fileSha256?: Uint8Array | null;
  readonly fileEncSha256?: Uint8Array | null;
  readonly fileLength?: number | { toString(): string } | null;
}

function pathOf(directPath: string): string {
  return directPath.replace(/\?.*$/s, '');
}

function signatureOf(directPath: string): string | null {
  return new URL(directPath, HOST).searchParams.get('oh');
}
