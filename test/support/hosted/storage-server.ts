import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type RestCaller } from './access-token.js';
import { JSON_TYPE, UnruledError } from './answer.js';

/** Limits of https://github.com/supabase/storage, src/storage/limits.ts. */
const VALID_KEY = /^[A-Za-z0-9_/!.*'() &$=@;:+,?-]+$/;
const MOST_REMOVED = 1_000;
/** Of a project on the free plan: Storage → Settings. */
const LARGEST_FILE = 50 * 1024 ** 2;

interface StoredObject {
  path: string;
  size: number;
  type: string;
}

interface Bucket {
  public: boolean;
  objects: Map<string, StoredObject>;
}

/** As src/internal/errors/codes.ts has them: most are 400 for HTTP, and have what they mean in `statusCode`. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    message: string,
    readonly code: string,
    readonly httpStatus = 400,
  ) {
    super(message);
  }
}

const REFUSALS = {
  noBucket: () => new Refusal(404, 'Bucket not found', 'Bucket not found', 'NoSuchBucket'),
  noObject: () => new Refusal(404, 'not_found', 'Object not found', 'NoSuchKey'),
  exists: (code: string) => new Refusal(409, 'Duplicate', 'The resource already exists', code),
  tooLarge: () =>
    new Refusal(413, 'Payload too large', 'The object exceeded the maximum allowed size', 'EntityTooLarge'),
  badKey: (key: string) => new Refusal(400, 'InvalidKey', `Invalid key: ${key}`, 'InvalidKey'),
  badRange: () => new Refusal(416, 'invalid_range', 'invalid range provided', 'InvalidRange', 416),
  noRights: () =>
    new Refusal(403, 'Unauthorized', 'new row violates row-level security policy', 'AccessDenied'),
};

/**
 * The part of Storage, for the calls that the service makes: each answer is one that Storage 1.11.2 gave to the same call. What is
 * cut off leaves nothing, and another one's upload is seen once it is whole.
 */
export class StorageServer {
  largestFile = LARGEST_FILE;
  /** It closes every connection, as where it is restarted. */
  isAway = false;
  private readonly buckets = new Map<string, Bucket>();

  private constructor(private readonly folder: string) {}

  static async start(): Promise<StorageServer> {
    return new StorageServer(await mkdtemp(join(tmpdir(), 'auzap-storage-')));
  }

  async stop(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** @returns the keys of all files in a bucket */
  keys(bucket: string): string[] {
    return [...(this.buckets.get(bucket)?.objects.keys() ?? [])];
  }

  /** As somebody does it in the dashboard. */
  changeBucket(id: string, change: { public: boolean }): void {
    Object.assign(this.bucket(id), change);
  }

  removeBucket(id: string): void {
    this.buckets.delete(id);
  }

  /**
   * @param caller whom the gateway takes it for
   * @throws UnruledError for what there is no rule for
   */
  async answer(request: IncomingMessage, response: ServerResponse, caller: RestCaller): Promise<void> {
    const { pathname } = new URL(request.url!, 'http://project.invalid');
    const path = decodeURIComponent(pathname.replace(/^\/storage\/v1\//, ''));
    if (this.isAway) {
      response.destroy();
      return;
    }
    try {
      if (caller.role !== 'service_role') {
        throw REFUSALS.noRights();
      }
      await this.answerTo(request, response, path);
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      request.resume();
      const { status, error: name, message, code, httpStatus } = error;
      write(response, { statusCode: String(status), error: name, message, code }, httpStatus);
    }
  }

  private async answerTo(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const bucketId = /^bucket\/([^/]+)$/.exec(path)?.[1];
    const file = /^object\/(?!authenticated\/)([^/]+)\/(.+)$/.exec(path);
    const readFile = /^object\/authenticated\/([^/]+)\/(.+)$/.exec(path);
    const removed = /^object\/([^/]+)$/.exec(path)?.[1];
    if (request.method === 'GET' && bucketId !== undefined) {
      write(response, { id: bucketId, name: bucketId, ...this.viewOf(this.bucket(bucketId)) });
    } else if (request.method === 'POST' && path === 'bucket') {
      write(response, this.make(await jsonOf(request)));
    } else if (request.method === 'POST' && file !== null) {
      write(response, await this.put(request, this.bucket(file[1]!), file[1]!, file[2]!));
    } else if (request.method === 'GET' && readFile !== null) {
      await this.read(request, response, this.bucket(readFile[1]!), readFile[2]!);
    } else if (request.method === 'DELETE' && removed !== undefined) {
      write(response, await this.remove(removed, await jsonOf(request)));
    } else {
      throw new UnruledError(`${request.method} ${request.url} of Storage`);
    }
  }

  private bucket(id: string): Bucket {
    const bucket = this.buckets.get(id);
    if (!bucket) {
      throw REFUSALS.noBucket();
    }
    return bucket;
  }

  private viewOf({ public: isPublic }: Bucket): object {
    return { owner: '', public: isPublic, file_size_limit: null, allowed_mime_types: null };
  }

  private make({ id, name, public: isPublic = false }: Record<string, unknown>): object {
    if (typeof id !== 'string' || name !== id || typeof isPublic !== 'boolean') {
      throw new UnruledError('a bucket of this kind');
    }
    if (this.buckets.has(id)) {
      throw REFUSALS.exists('BucketAlreadyExists');
    }
    this.buckets.set(id, { public: isPublic, objects: new Map() });
    return { name: id };
  }

  private async put(
    request: IncomingMessage,
    { objects }: Bucket,
    bucket: string,
    key: string,
  ): Promise<object> {
    const type = request.headers['content-type'];
    if (type === undefined || type.startsWith('multipart/')) {
      throw new UnruledError(`an upload of the type ${type}`);
    }
    if (!VALID_KEY.test(key)) {
      throw REFUSALS.badKey(key);
    }
    const mayReplace = request.headers['x-upsert'] === 'true';
    if (objects.has(key) && !mayReplace) {
      throw REFUSALS.exists('KeyAlreadyExists');
    }
    if (Number(request.headers['content-length'] ?? 0) > this.largestFile) {
      throw REFUSALS.tooLarge();
    }
    const path = join(this.folder, randomUUID());
    try {
      await pipeline(request, createWriteStream(`${path}.part`));
      await rename(`${path}.part`, path);
    } catch (error) {
      await rm(`${path}.part`, { force: true });
      throw error;
    }
    const { size } = await stat(path);
    const earlier = objects.get(key);
    objects.set(key, { path, size, type });
    if (earlier) {
      await rm(earlier.path, { force: true });
    }
    return { Key: `${bucket}/${key}`, Id: randomUUID() };
  }

  private async read(
    request: IncomingMessage,
    response: ServerResponse,
    { objects }: Bucket,
    key: string,
  ): Promise<void> {
    const object = objects.get(key);
    if (!object) {
      throw REFUSALS.noObject();
    }
    const range = rangeOf(request, object.size);
    const { start, end } = range ?? { start: 0, end: object.size - 1 };
    response.writeHead(range ? 206 : 200, {
      'accept-ranges': 'bytes',
      'content-type': object.type,
      'content-length': String(end - start + 1),
      ...(range && { 'content-range': `bytes ${start}-${end}/${object.size}` }),
    });
    if (object.size === 0) {
      response.end();
      return;
    }
    await pipeline(createReadStream(object.path, { start, end }), response);
  }

  /** Of a bucket that is not there nothing is removed. */
  private async remove(id: string, { prefixes }: Record<string, unknown>): Promise<object> {
    if (!Array.isArray(prefixes) || prefixes.length === 0 || prefixes.length > MOST_REMOVED) {
      throw new UnruledError(`to remove ${JSON.stringify(prefixes)?.slice(0, 100)}`);
    }
    const gone: object[] = [];
    for (const key of prefixes as string[]) {
      const object = this.buckets.get(id)?.objects.get(key);
      if (object) {
        this.buckets.get(id)!.objects.delete(key);
        await rm(object.path, { force: true });
        gone.push({ name: key, bucket_id: id });
      }
    }
    return gone;
  }
}

function rangeOf({ headers }: IncomingMessage, size: number): { start: number; end: number } | undefined {
  if (headers.range === undefined) {
    return undefined;
  }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range) ?? [];
  if (first === undefined) {
    throw new UnruledError(`the range ${headers.range}`);
  }
  if (Number(first) >= size) {
    throw REFUSALS.badRange();
  }
  return { start: Number(first), end: Math.min(Number(last), size - 1) };
}

async function jsonOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (request.headers['content-type'] !== 'application/json') {
    throw new UnruledError(`JSON of the type ${request.headers['content-type']}`);
  }
  return JSON.parse(await text(request)) as Record<string, unknown>;
}

function write(response: ServerResponse, body: object, status = 200): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response
    .writeHead(status, { 'content-type': JSON_TYPE, 'content-length': String(bytes.length) })
    .end(bytes);
}
