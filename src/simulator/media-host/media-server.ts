import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { hasLoopbackHost, mayConnect } from '../loopback-guard.js';
import type { SimulatorEventMap } from '../simulator-events.js';
import { byteRange } from './byte-range.js';
import type { MediaKind } from './media-cipher.js';
import { disturbed } from './disturbed-download.js';
import type { MediaFaults } from './media-faults.js';
import { UploadRefused } from './media-library.js';
import type { MediaLibrary } from './media-library.js';

const GIB = 1024 ** 3;

/** The kinds of files that clients may upload, by the name in the path, and how large they may be when encrypted. */
const UPLOADS: Readonly<Record<string, readonly [kind: MediaKind, maxBytes: number]>> = {
  image: ['image', 16 * 1024 ** 2],
  sticker: ['sticker', 16 * 1024 ** 2],
  video: ['video', 2 * GIB],
  audio: ['audio', 2 * GIB],
  document: ['document', 2 * GIB],
  'thumbnail-link': ['link', 1024 ** 2],
};

/** Uploads and downloads of encrypted files, as WhatsApp's media hosts take and give them. */
export class MediaServer {
  constructor(
    private readonly library: MediaLibrary,
    private readonly faults: MediaFaults,
    private readonly events: EventEmitter<SimulatorEventMap>,
  ) {}

  /** @returns whether a request is one for media */
  takes({ url = '' }: IncomingMessage): boolean {
    return url.startsWith('/mms/') || url.startsWith('/v/');
  }

  /** Answers one request; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => undefined);
    const answered =
      !hasLoopbackHost(request) || !mayConnect(request)
        ? Promise.resolve(refuse(response, 403))
        : request.method === 'POST'
          ? this.upload(request, response)
          : this.download(request, response);
    answered.catch((error: unknown) => {
      if (error instanceof UploadRefused) {
        refuse(response, error.status, error.message);
      } else {
        response.destroy();
      }
    });
  }

  private async upload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, , name = '', token = ''] = url.pathname.split('/');
    const [kind, maxBytes] = UPLOADS[name] ?? [];
    if (kind === undefined || maxBytes === undefined || !/^[\w-]{43}=?$/.test(decodeURIComponent(token))) {
      refuse(response, 404, 'no such kind of media, or no hash');
      return;
    }
    if (url.searchParams.get('auth') !== this.library.authToken) {
      refuse(response, 401, 'the token of media_conn is wrong or over');
      return;
    }
    const fault = this.faults.uploads.take();
    if (fault?.kind === 'hang') {
      return;
    }
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'status') {
      refuse(response, fault.status, 'refused on demand');
      return;
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      refuse(response, 413, `more than ${maxBytes} bytes`);
      return;
    }
    const { entry, isRepeated } = await this.library.upload(
      kind,
      decodeURIComponent(token),
      request,
      maxBytes,
    );
    const { directPath, body } = entry;
    this.events.emit('media.uploaded', { kind, directPath, size: body.size, isRepeated });
    if (fault?.kind === 'forget') {
      request.socket.resetAndDestroy();
    } else if (fault?.kind === 'page') {
      page(response);
    } else {
      const answer = { url: `https://mmg.whatsapp.net${directPath}`, direct_path: directPath };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ...answer, handle: '' }));
    }
  }

  private async download(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const entry = this.library.find(path);
    const directPath = typeof entry === 'number' ? path : entry.directPath;
    const fault = this.faults.downloads.take(directPath);
    const done = (status: number, bytes: number): void =>
      void this.events.emit('media.downloaded', { directPath, status, bytes, fault: fault?.kind });
    if (fault?.kind === 'hang') {
      return;
    }
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'page') {
      page(response);
      done(200, 0);
      return;
    }
    if (fault?.kind === 'redirect') {
      response.writeHead(302, { location: fault.to }).end();
      done(302, 0);
      return;
    }
    const status = fault?.kind === 'status' ? fault.status : typeof entry === 'number' ? entry : 200;
    if (typeof entry === 'number' || status !== 200) {
      refuse(response, status);
      done(status, 0);
      return;
    }
    const { size } = entry.body;
    const range = byteRange(request.headers.range, size);
    if (range === 'unsatisfiable') {
      response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
      done(416, 0);
      return;
    }
    const { start, end } = range ?? { start: 0, end: size - 1 };
    const { pieces, announced } = disturbed(
      { start, end, size, pieces: entry.body.read(start, end) },
      fault,
      whenClosed(response),
    );
    response.writeHead(range ? 206 : 200, {
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      ...(fault && { connection: 'close' }),
      ...(announced !== undefined && { 'content-length': announced }),
      ...(range && { 'content-range': `bytes ${start}-${end}/${size}` }),
    });
    let bytes = 0;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const piece of pieces) {
        bytes += piece.length;
        yield piece;
      }
    };
    try {
      if (request.method === 'HEAD') {
        response.end();
      } else {
        await pipeline(counted, response);
      }
    } finally {
      done(range ? 206 : 200, bytes);
    }
  }
}

function whenClosed(response: ServerResponse): AbortSignal {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  return closed.signal;
}

function refuse(response: ServerResponse, status: number, text = ''): void {
  if (!response.headersSent) {
    response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(text);
  }
}

function page(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
}
