type Chunks = Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** A form on its way, as `fetch` takes it. */
export interface FileBody {
  body: FormData | ReadableStream<Uint8Array>;
  duplex?: 'half';
  headers?: Record<string, string>;
}

/**
 * Makes a form with one part `file`, as a stream.
 * @param onProgress told how many bytes of the file were taken so far, and of how many where that is known
 */
export function multipartOf(
  content: Chunks,
  fileName: string,
  onProgress: ((sent: number, total: number | undefined) => void) | undefined,
): FileBody {
  const boundary = `auzap-${Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(36)).join('')}`;
  // As browsers write it: a name can not end its quotes.
  const name = fileName.replaceAll('"', '%22').replaceAll(/[\r\n]/g, ' ');
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const total = content instanceof Blob ? content.size : undefined;
  const encoder = new TextEncoder();
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield encoder.encode(head);
    let sent = 0;
    for await (const chunk of chunksOf(content)) {
      yield chunk;
      sent += chunk.byteLength;
      onProgress?.(sent, total);
    }
    yield encoder.encode(`\r\n--${boundary}--\r\n`);
  }
  return {
    body: streamOf(parts()),
    // Browsers and Node want to hear that the body comes first, and then the answer.
    duplex: 'half',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}

/** Not each browser iterates over streams. */
async function* chunksOf(content: Chunks): AsyncGenerator<Uint8Array> {
  const source = content instanceof Blob ? content.stream() : content;
  if (!('getReader' in source)) {
    yield* source;
    return;
  }
  const reader = source.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      yield read.value;
    }
  } finally {
    await reader.cancel();
  }
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) {
        controller.close();
      } else {
        controller.enqueue(value);
      }
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}
