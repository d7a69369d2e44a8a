import { AuzapError } from './auzap-error.js';

/** An upload on its way. */
export interface UploadRequest {
  url: string;
  token: string | undefined;
  fileName: string;
  onProgress: ((sent: number, total: number | undefined) => void) | undefined;
  signal: AbortSignal | undefined;
}

/**
 * Uploads a file as browsers do it with progress: `fetch` tells of none, and streams a body over HTTP/2 alone.
 * @throws AuzapError `network_error`; the signal's reason
 */
export function sendByXhr(
  content: Blob,
  { url, token, fileName, onProgress, signal }: UploadRequest,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const onAbort = (): void => xhr.abort();
    const end = (finish: () => void) => () => {
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    xhr.open('POST', url);
    if (token !== undefined) {
      xhr.setRequestHeader('Authorization', `Bearer ${token}`);
    }
    if (onProgress) {
      xhr.upload.onprogress = ({ loaded, total, lengthComputable }) =>
        onProgress(loaded, lengthComputable ? total : undefined);
    }
    xhr.onload = end(() => resolve(toResponse(xhr)));
    xhr.onerror = end(() => reject(new AuzapError('network_error', 'The service can not be reached.')));
    xhr.onabort = end(() => reject((signal?.reason ?? new DOMException('aborted', 'AbortError')) as Error));
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    signal?.addEventListener('abort', onAbort, { once: true });
    const form = new FormData();
    form.append('file', content, fileName);
    xhr.send(form);
  });
}

function toResponse(xhr: XMLHttpRequest): Response {
  const lines = xhr
    .getAllResponseHeaders()
    .trim()
    .split(/[\r\n]+/);
  const headers = lines
    .map((line) => line.split(/:(.*)/s))
    .filter((parts) => parts.length > 1)
    .map(([name, value]) => [name!.trim(), value!.trim()] as [string, string]);
  return new Response(xhr.responseText, { status: xhr.status, statusText: xhr.statusText, headers });
}
