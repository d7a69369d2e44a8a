import { CallError, callJson } from '../common/http-json.ts';
import type { ServiceClient } from '../common/service-client.ts';
import { KeyedQueue } from './keyed-queue.ts';

const FILE_TIMEOUT_MS = 60_000;

/** A file that the service has, to be sent. */
export interface BroughtFile {
  id: string;
  name: string;
}

/** Brings the files that agents attach from Chatwoot to the service, one at a time, so that memory holds one. */
export class AgentFiles {
  private readonly queue = new KeyedQueue();
  private readonly service: ServiceClient;
  private readonly chatwootOrigin: string;
  private readonly maxBytes: number;

  /** @param chatwootUrl files are taken from there alone, and from wherever it redirects to */
  constructor(service: ServiceClient, chatwootUrl: string, maxBytes: number) {
    this.service = service;
    this.chatwootOrigin = new URL(chatwootUrl).origin;
    this.maxBytes = maxBytes;
  }

  /**
   * @param address `data_url` of an attachment
   * @throws CallError where it is not Chatwoot's, too large, or can not be had
   */
  bring(address: string): Promise<BroughtFile> {
    return this.queue.run('file', async () => {
      const blob = await this.download(address);
      const name = decodeURIComponent(new URL(address).pathname.split('/').at(-1) ?? '') || 'file';
      const form = new FormData();
      form.append('file', blob, name);
      const { media } = await callJson<{ media: { id: string } }>({
        url: `${this.service.url}/api/media`,
        method: 'POST',
        headers: this.service.authorization,
        body: form,
        timeoutMs: FILE_TIMEOUT_MS,
      });
      return { id: media.id, name };
    });
  }

  private async download(address: string): Promise<Blob> {
    if (!URL.canParse(address) || new URL(address).origin !== this.chatwootOrigin) {
      throw new CallError('The file is not at CHATWOOT_URL.', { status: 422 });
    }
    let response: Response;
    try {
      // No token goes along, so it may be sent on to where Chatwoot keeps its files.
      response = await fetch(address, { signal: AbortSignal.timeout(FILE_TIMEOUT_MS) });
    } catch (cause) {
      throw new CallError('The file can not be had from Chatwoot.', { cause });
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new CallError('Chatwoot does not give the file.', { status: response.status });
    }
    return new Blob(await this.bounded(response), { type: response.headers.get('content-type') ?? '' });
  }

  private async bounded(response: Response): Promise<Uint8Array<ArrayBuffer>[]> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    try {
      for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array<ArrayBuffer>>) {
        size += part.byteLength;
        if (size > this.maxBytes) {
          throw new CallError('The file is larger than CHATWOOT_MAX_FILE_MB.', { status: 413 });
        }
        parts.push(part);
      }
    } catch (cause) {
      throw cause instanceof CallError
        ? cause
        : new CallError('The file broke off on its way from Chatwoot.', { cause });
    }
    return parts;
  }
}
