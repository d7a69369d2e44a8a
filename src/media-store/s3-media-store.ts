import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { S3Client } from '@aws-sdk/client-s3';
import { CachedPromise } from '../common/cached-promise.js';
import { Semaphore } from '../common/semaphore.js';
import type { S3Config } from '../config/media-config.js';
import { ABSENT_KEY, CHECK_KEY } from './media-keys.js';
import { type ByteRange, MediaMissingError, MediaStore, type PutOptions } from './media-store.js';
import type { RemoteBounds } from './media-settings.js';
import { isMissingInS3, s3Fault } from './s3-faults.js';
import { MediaStoreFault } from './media-store-fault.js';
import { beginning, withStallLimit } from './stall-limit.js';

/** Files that are removed at the same time, each by a call: those that remove several are not understood by every store. */
const REMOVED_TOGETHER = 8;
/** Calls and bodies under way; others wait. */
const CONNECTIONS = 128;

/** What it has to say is in the errors; the library would write to the console otherwise. */
const SILENT = { debug: noop, info: noop, warn: noop, error: noop };

/**
 * Keeps media in a bucket of a store that speaks S3. A file is put by one call, whole: one that is cut off leaves nothing there, as
 * parts of an upload would.
 */
export class S3MediaStore extends MediaStore {
  readonly backend = 's3';
  private readonly removing = new Semaphore(REMOVED_TOGETHER);
  /** Read when it is needed: others than its users need spend neither its memory nor its time. */
  private readonly library = new CachedPromise(async () => {
    const sdk = await import('@aws-sdk/client-s3');
    return { ...sdk, client: this.newClient(sdk.S3Client) };
  });

  constructor(
    private readonly config: S3Config,
    private readonly bounds: RemoteBounds,
  ) {
    super();
  }

  async put(key: string, path: string, { mimeType, signal }: PutOptions): Promise<void> {
    const { client, PutObjectCommand } = await this.library.get();
    const { size } = await stat(path);
    const body = createReadStream(path);
    const command = new PutObjectCommand({
      ...this.at(key),
      Body: body,
      ContentLength: size,
      ContentType: mimeType,
    });
    try {
      await client.send(command, { abortSignal: signal });
    } catch (error) {
      throw this.faultOf(error);
    } finally {
      body.destroy();
    }
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    const { client, GetObjectCommand } = await this.library.get();
    const bytes = range && `bytes=${range.start}-${range.end}`;
    try {
      const command = new GetObjectCommand({ ...this.at(key), ...(bytes && { Range: bytes }) });
      const { Body } = await this.inTime((abortSignal) => client.send(command, { abortSignal }));
      return withStallLimit(Body as Readable, this.bounds.silenceMs, (error) => this.faultOf(error));
    } catch (error) {
      throw isMissingInS3(error) ? new MediaMissingError() : this.faultOf(error);
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    let hasFailed = false;
    const remove = async (key: string) => {
      if (!hasFailed) {
        await this.removeOne(key).catch((error: unknown) => {
          hasFailed = true;
          throw error;
        });
      }
    };
    await Promise.all(keys.map((key) => this.removing.run(() => remove(key))));
  }

  async check(): Promise<void> {
    const { client, PutObjectCommand } = await this.library.get();
    const command = new PutObjectCommand({ ...this.at(CHECK_KEY), Body: CHECK_KEY });
    try {
      await this.inTime((abortSignal) => client.send(command, { abortSignal }));
    } catch (error) {
      throw this.faultOf(error);
    }
    await buffer(await this.open(CHECK_KEY));
    await this.remove([ABSENT_KEY]);
  }

  override async close(): Promise<void> {
    (await this.library.current)?.client.destroy();
  }

  private async removeOne(key: string): Promise<void> {
    const { client, DeleteObjectCommand } = await this.library.get();
    const command = new DeleteObjectCommand(this.at(key));
    try {
      await this.inTime((abortSignal) => client.send(command, { abortSignal }));
    } catch (error) {
      if (!isMissingInS3(error)) {
        throw this.faultOf(error);
      }
    }
  }

  private at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.config.bucket, Key: key };
  }

  private inTime<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return beginning(this.bounds.silenceMs, call);
  }

  private faultOf(error: unknown): MediaStoreFault {
    return new MediaStoreFault(s3Fault(error, this.config), error);
  }

  private newClient(Client: typeof S3Client): S3Client {
    const { endpoint, region, accessKeyId, secretAccessKey, isPathStyle } = this.config;
    const { connectMs, silenceMs } = this.bounds;
    const agent = { keepAlive: true, maxSockets: CONNECTIONS };
    return new Client({
      ...(endpoint !== undefined && { endpoint }),
      region,
      forcePathStyle: isPathStyle,
      logger: SILENT,
      credentials: { accessKeyId, secretAccessKey },
      // Checksums beyond the protocol's own are not understood by every store.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: connectMs,
        socketTimeout: silenceMs,
        httpAgent: agent,
        httpsAgent: agent,
      },
    });
  }
}

function noop(): void {}
