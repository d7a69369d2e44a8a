import { randomBytes } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { WASocket } from '@whiskeysockets/baileys';
import type { OutgoingFile, OutgoingMediaType } from '../../common/outgoing-content.js';
import { digestsOf, encryptedChunks, encryptedSize, MEDIA_CLASSES } from './media-cipher.js';

/** Largest answer of a media host that is read. */
const MAX_ANSWER_BYTES = 64 * 1024;
const ORIGIN = 'https://web.whatsapp.com';

/** What a message says of its file. */
export interface UploadedFile {
  url: string;
  directPath: string;
  mediaKey: Uint8Array;
  fileSha256: Uint8Array;
  fileEncSha256: Uint8Array;
  fileLength: number;
}

export interface MediaUploadParts {
  socket: Pick<WASocket, 'refreshMediaConn'>;
  type: OutgoingMediaType;
  file: OutgoingFile;
  /** Gives the bytes of the file, from the first. */
  open: () => Promise<Readable>;
  /** Where files go instead of WhatsApp's own hosts. */
  origin?: string | undefined;
  signal: AbortSignal;
}

/** A file is not what it was when it was taken. */
export class ChangedFileError extends Error {}

/**
 * Brings a file to WhatsApp's media hosts: read twice, once for its hashes and once on its way, so that neither memory nor a
 * temporary file holds what is encrypted.
 * @throws Error when no host took it
 */
export async function uploadMedia(parts: MediaUploadParts): Promise<UploadedFile> {
  const { type, file, open, signal } = parts;
  const { info } = MEDIA_CLASSES[type];
  const mediaKey = randomBytes(32);
  const plain = await open();
  signal.addEventListener('abort', () => plain.destroy(), { once: true });
  const { size, sha256, encryptedSha256 } = await digestsOf(plain, mediaKey, info);
  if (size !== file.size || sha256.toString('hex') !== file.sha256) {
    throw new ChangedFileError('the stored file is not the one that was taken');
  }
  const place = await postToSomeHost({ ...parts, mediaKey, encryptedSha256 });
  return {
    ...place,
    mediaKey,
    fileSha256: sha256,
    fileEncSha256: encryptedSha256,
    fileLength: size,
  };
}

type Post = MediaUploadParts & { mediaKey: Uint8Array; encryptedSha256: Buffer };

async function postToSomeHost(post: Post): Promise<{ url: string; directPath: string }> {
  let failure: unknown = new Error('WhatsApp named no media host');
  for (const isFresh of [false, true]) {
    const { hosts, auth } = await post.socket.refreshMediaConn(isFresh);
    for (const { hostname } of hosts.slice(0, 4)) {
      try {
        return await postTo(hostname, auth, post);
      } catch (error) {
        post.signal.throwIfAborted();
        failure = error;
      }
    }
  }
  throw failure;
}

async function postTo(
  host: string,
  auth: string,
  { type, file, open, origin, signal, mediaKey, encryptedSha256 }: Post,
): Promise<{ url: string; directPath: string }> {
  const { path, info } = MEDIA_CLASSES[type];
  const token = encryptedSha256.toString('base64url');
  const url = new URL(`${origin ?? `https://${host}`}${path}/${token}`);
  url.searchParams.set('auth', auth);
  url.searchParams.set('token', token);
  const answered = Promise.withResolvers<Answer>();
  const requestBy = url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = requestBy(
    url,
    {
      method: 'POST',
      agent: false,
      signal,
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': encryptedSize(file.size),
        origin: ORIGIN,
      },
    },
    (response) => {
      readAnswer(response, response.statusCode ?? 0).then(answered.resolve, answered.reject);
    },
  );
  request.on('error', answered.reject);
  // A host may answer before it has everything, and end the line.
  const sending = pipeline(Readable.from(encryptedChunks(await open(), mediaKey, info)), request);
  sending.catch(answered.reject);
  const { status, body } = await answered.promise.finally(() => request.destroy());
  const { url: mediaUrl, direct_path: directPath } = body;
  if (status !== 200 || typeof mediaUrl !== 'string' || typeof directPath !== 'string') {
    throw new Error(`media host answered ${status}`);
  }
  return { url: mediaUrl, directPath };
}

interface Answer {
  status: number;
  body: { url?: unknown; direct_path?: unknown };
}

async function readAnswer(response: Readable, status: number): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      throw new Error('the answer of a media host is too long');
    }
    chunks.push(chunk);
  }
  try {
    return { status, body: JSON.parse(Buffer.concat(chunks).toString()) as Answer['body'] };
  } catch {
    return { status, body: {} };
  }
}
