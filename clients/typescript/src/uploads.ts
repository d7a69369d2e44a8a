import { AuzapError } from './auzap-error.js';
import type { Calls } from './calls.js';
import { type CallOptions, tokenNow } from './client-options.js';
import { type FileBody, multipartOf } from './multipart.js';
import type { Upload } from './schemas.js';
import { sendByXhr, type UploadRequest } from './upload-xhr.js';

/** A file, or what comes of one: a stream is sent as it comes, and is not tried again. */
export type UploadSource =
  Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

export interface UploadOptions extends CallOptions {
  /** What it is called; a `File` has a name already. */
  fileName?: string | undefined;
  organizationId?: string | undefined;
  /** Told while bytes leave; `total` is undefined where the length of a stream is not known. */
  onProgress?: ((sent: number, total: number | undefined) => void) | undefined;
}

const IN_BROWSER = typeof XMLHttpRequest !== 'undefined';
const PATH = '/api/media';
/** A file may take long on a thin line; it is given up when the caller says so. */
const UPLOAD_LIMIT_MS = 3_600_000;

/** Files that are to be sent: `messages.send(…, { type: 'image', media: { id } })` within a day. */
export class Uploads {
  constructor(private readonly calls: Calls) {}

  /**
   * Uploads a file.
   * @throws AuzapError `media_quota_exceeded`, `payload_too_large` …
   */
  async upload(source: UploadSource, options: UploadOptions = {}): Promise<Upload> {
    const content = source instanceof Uint8Array ? new Blob([source]) : source;
    const fileName = options.fileName ?? ('name' in content ? String(content.name) : 'file');
    const request: UploadRequest = {
      url: this.url(options.organizationId),
      token: await tokenNow(this.calls.options.token),
      fileName,
      onProgress: options.onProgress,
      signal: options.signal,
    };
    const answer =
      content instanceof Blob && IN_BROWSER && !this.calls.options.fetch
        ? await sendByXhr(content, request)
        : await this.sendByFetch(content, request, options);
    const body: unknown = await answer.json().catch(() => undefined);
    if (!answer.ok) {
      throw AuzapError.ofAnswer(answer, body);
    }
    return (body as { media: Upload }).media;
  }

  private url(organizationId = this.calls.options.organizationId): string {
    const query =
      organizationId === undefined ? '' : `?organization_id=${encodeURIComponent(organizationId)}`;
    return `${this.calls.options.url.replace(/\/$/, '')}${PATH}${query}`;
  }

  private async sendByFetch(
    content: Exclude<UploadSource, Uint8Array<ArrayBuffer>>,
    { url, token, fileName, onProgress, signal }: UploadRequest,
    options: CallOptions,
  ): Promise<Response> {
    // A browser streams no body over HTTP/1.1, and tells no progress of others.
    const isForm = content instanceof Blob && (IN_BROWSER || !onProgress);
    const { headers, ...body } = isForm
      ? formOf(content, fileName)
      : multipartOf(content, fileName, onProgress);
    const request = new Request(url, {
      method: 'POST',
      ...body,
      headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      ...(signal && { signal }),
    });
    return this.calls.fetchFor({ retries: 0, timeoutMs: options.timeoutMs ?? UPLOAD_LIMIT_MS })(request);
  }
}

function formOf(content: Blob, fileName: string): FileBody {
  const form = new FormData();
  form.append('file', content, fileName);
  return { body: form };
}
