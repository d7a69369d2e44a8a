import type { IncomingMessage } from 'node:http';
import { AppError, hasCode } from '../common/app-error.js';
import type { EgressFetch } from '../egress/egress-fetch.js';
import type { IncomingFile, MediaWorkspace } from '../media-store/media-workspace.js';
import { mediaAddress, type MediaPlace } from './media-address.js';
import { decrypted, isSame, SEALED_EXTRA_BYTES, type SealedFile } from './media-cipher.js';
import { MediaFault } from './media-fault.js';

/** A file that is to be fetched. */
export interface WantedFile extends SealedFile, MediaPlace {
  /** In clear, as its sender says. */
  size?: number | undefined;
  sha256?: Uint8Array | undefined;
}

export interface DownloadBounds {
  maxBytes: number;
  /** For all of it, in ms. */
  timeoutMs: number;
  /** Between two pieces, in ms. */
  stallMs: number;
  /** Gives it up, with its reason. */
  signal: AbortSignal;
  /** Of a simulated network. */
  origin: string | undefined;
}

/** WhatsApp has the file no longer, or does not give it under this address any more. */
const GONE: ReadonlySet<number> = new Set([403, 404, 410]);

/**
 * Fetches a file, decrypts and checks it while it comes, and writes it to the workspace; memory does not grow with it.
 * @returns the file in clear, which is what its sender says it is
 * @throws MediaFault; AppError `media_disk_full`; the reason of the signal
 */
export async function download(
  wanted: WantedFile,
  egress: EgressFetch,
  workspace: MediaWorkspace,
  bounds: DownloadBounds,
): Promise<IncomingFile> {
  const { maxBytes, timeoutMs, signal } = bounds;
  if (wanted.size !== undefined && wanted.size > maxBytes) {
    throw new MediaFault('media_too_large', 'skip');
  }
  const address = mediaAddress(wanted, bounds.origin);
  const stall = new StallGuard(bounds.stallMs);
  const ending = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs), stall.signal]);
  let file: IncomingFile | undefined;
  try {
    const response = await egress.open(address.href, { signal: ending });
    assertThere(response, maxBytes);
    file = await workspace.receive(decrypted(stall.watch(response), wanted), { maxBytes, signal: ending });
  } catch (error) {
    signal.throwIfAborted();
    throw toFault(error, ending.aborted);
  } finally {
    stall.end();
  }
  if (wanted.sha256 !== undefined && !isSame(file.sha256, wanted.sha256)) {
    await workspace.discard(file.path);
    throw new MediaFault('media_damaged', 'retry');
  }
  return file;
}

function assertThere(response: IncomingMessage, maxBytes: number): void {
  const status = response.statusCode!;
  const announced = Number(response.headers['content-length'] ?? 0);
  let fault: MediaFault | undefined;
  if (GONE.has(status)) {
    fault = new MediaFault('media_expired', 'expired');
  } else if (status !== 200) {
    fault = new MediaFault('media_unreachable', 'retry');
  } else if (announced > maxBytes + SEALED_EXTRA_BYTES) {
    fault = new MediaFault('media_too_large', 'skip');
  }
  if (fault) {
    response.destroy();
    throw fault;
  }
}

function toFault(error: unknown, isLate: boolean): unknown {
  if (error instanceof MediaFault) {
    return error;
  }
  if (hasCode(error, 'media_too_large')) {
    return new MediaFault('media_too_large', 'skip');
  }
  if (isLate || hasCode(error, 'egress_timeout')) {
    return new MediaFault('media_timeout', 'retry', { cause: error });
  }
  return error instanceof AppError && error.code.startsWith('media_')
    ? error
    : new MediaFault('media_unreachable', 'retry', { cause: error });
}

/** Ends what does not go on. */
class StallGuard {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.timer = setTimeout(() => this.controller.abort(new MediaFault('media_timeout', 'retry')), ms);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  async *watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      this.timer.refresh();
      yield piece;
    }
  }

  end(): void {
    clearTimeout(this.timer);
  }
}
