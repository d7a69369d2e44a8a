import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Dispatcher } from 'undici';
import { CachedPromise } from '../common/cached-promise.js';
import type { SupabaseStorageConfig } from '../config/media-config.js';
import { ABSENT_KEY, CHECK_KEY } from './media-keys.js';
import type { RemoteBounds } from './media-settings.js';
import { type ByteRange, MediaMissingError, MediaStore, type PutOptions } from './media-store.js';
import { MediaStoreFault } from './media-store-fault.js';
import { beginning, withStallLimit } from './stall-limit.js';
import {
  isDuplicate,
  isMissingBucket,
  isMissingObject,
  StorageAnswerError,
  storageFault,
} from './supabase-faults.js';

/** Calls and bodies under way; others wait. */
const CONNECTIONS = 64;
/** Of an answer that is no file. */
const MAX_ANSWER_BYTES = 64 * 1024;

interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below `/storage/v1/`. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Readable;
}

interface Bucket {
  public: boolean;
}

/**
 * Keeps media in a private bucket of the Supabase project, by the calls of its REST interface: those of supabase-js take no signal,
 * no range, and send no length.
 */
export class SupabaseMediaStore extends MediaStore {
  readonly backend = 'supabase';
  private readonly library = new CachedPromise(async () => {
    const { Agent } = await import('undici');
    const { connectMs, silenceMs } = this.bounds;
    return new Agent({
      connections: CONNECTIONS,
      connect: { timeout: connectMs },
      headersTimeout: silenceMs,
      // Who reads slowly is not counted: the limit is ours.
      bodyTimeout: 0,
    });
  });

  constructor(
    private readonly config: SupabaseStorageConfig,
    private readonly bounds: RemoteBounds,
  ) {
    super();
  }

  async put(key: string, path: string, { mimeType, signal }: PutOptions): Promise<void> {
    const { size } = await stat(path);
    const body = createReadStream(path);
    try {
      await this.putBody(key, body, { 'content-type': mimeType, 'content-length': String(size) }, signal);
    } finally {
      body.destroy();
    }
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    const headers = range && { range: `bytes=${range.start}-${range.end}` };
    try {
      const call: Call = {
        method: 'GET',
        path: this.objectPath(key, 'object/authenticated'),
        ...(headers && { headers }),
      };
      const { body } = await this.inTime((signal) => this.request(call, signal));
      return withStallLimit(body, this.bounds.silenceMs, (error) => this.faultOf(error));
    } catch (error) {
      throw isMissingObject(error) ? new MediaMissingError() : this.faultOf(error);
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) {
      await this.ask({
        method: 'DELETE',
        path: `object/${this.config.bucket}`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prefixes: keys }),
      });
    }
  }

  async check(): Promise<void> {
    const bucket = await this.bucket();
    if (bucket.public) {
      const sentence = `The bucket ${this.config.bucket} of the Supabase project is public, so that everybody could read files of messages: make it private.`;
      throw new MediaStoreFault({ sentence, passes: false }, undefined);
    }
    const headers = { 'content-type': 'application/octet-stream' };
    await this.inTime((signal) => this.putBody(CHECK_KEY, CHECK_KEY, headers, signal));
    await buffer(await this.open(CHECK_KEY));
    await this.remove([ABSENT_KEY]);
  }

  override async close(): Promise<void> {
    await (await this.library.current)?.destroy();
  }

  /** Makes it where it is not there. */
  private async bucket(): Promise<Bucket> {
    const { bucket: id } = this.config;
    const call: Call = { method: 'GET', path: `bucket/${id}` };
    try {
      return await this.inTime((signal) => this.answerOf<Bucket>(call, signal));
    } catch (error) {
      if (!isMissingBucket(error)) {
        throw this.faultOf(error);
      }
    }
    const body = JSON.stringify({ id, name: id, public: false });
    const creation: Call = {
      method: 'POST',
      path: 'bucket',
      headers: { 'content-type': 'application/json' },
      body,
    };
    try {
      await this.inTime((signal) => this.answerOf(creation, signal));
    } catch (error) {
      // Another process was faster.
      if (!isDuplicate(error)) {
        throw this.faultOf(error);
      }
    }
    return this.ask<Bucket>(call);
  }

  private async putBody(
    key: string,
    body: string | Readable,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<void> {
    const path = this.objectPath(key, 'object');
    try {
      await this.answerOf(
        { method: 'POST', path, headers: { ...headers, 'x-upsert': 'true' }, body },
        signal,
      );
    } catch (error) {
      throw this.faultOf(error);
    }
  }

  private objectPath(key: string, route: string): string {
    return `${route}/${this.config.bucket}/${key}`;
  }

  /** @throws MediaStoreFault */
  private async ask<T>(call: Call): Promise<T> {
    try {
      return await this.inTime((signal) => this.answerOf<T>(call, signal));
    } catch (error) {
      throw this.faultOf(error);
    }
  }

  /** @throws StorageAnswerError; what the connection throws */
  private async answerOf<T>(call: Call, signal: AbortSignal): Promise<T> {
    const { body, statusCode } = await this.request(call, signal);
    const text = await textOf(body);
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new StorageAnswerError(statusCode, text);
    }
  }

  /** @throws StorageAnswerError where the answer is a refusal; what the connection throws */
  private async request(
    { path, headers, ...call }: Call,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { url, serviceRoleKey } = this.config;
    const dispatcher = await this.library.get();
    const { origin, pathname } = new URL(`${url}/storage/v1/${path}`);
    const answer = await dispatcher.request({
      ...call,
      origin,
      path: pathname,
      headers: { apikey: serviceRoleKey, authorization: `Bearer ${serviceRoleKey}`, ...headers },
      signal,
    });
    if (answer.statusCode !== 200 && answer.statusCode !== 206) {
      throw new StorageAnswerError(answer.statusCode, await textOf(answer.body));
    }
    return answer;
  }

  private inTime<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return beginning(this.bounds.silenceMs, call);
  }

  private faultOf(error: unknown): Error {
    return storageFault(error, this.config);
  }
}

/** As much of it as an answer has. */
async function textOf(body: Readable): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    size += piece.length;
    if (size > MAX_ANSWER_BYTES) {
      break;
    }
  }
  return Buffer.concat(pieces).toString('utf8');
}
