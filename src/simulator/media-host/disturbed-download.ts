import { setTimeout as sleep } from 'node:timers/promises';
import { MAC_BYTES } from './media-cipher.js';
import type { DownloadFault } from './media-faults.js';

/** What would be served without a fault. */
export interface Served {
  readonly start: number;
  readonly end: number;
  /** Of the whole file. */
  readonly size: number;
  readonly pieces: AsyncIterable<Buffer>;
}

/** What is served: how much is announced, and what comes. A generator that throws cuts the connection. */
export interface Disturbed {
  readonly announced: number | undefined;
  readonly pieces: AsyncIterable<Buffer>;
}

const TICK_MS = 100;
const FILLER = Buffer.alloc(64 * 1024, 0x5a);

/** Applies a fault to a download that has begun. */
export function disturbed(served: Served, fault: DownloadFault | undefined, closed: AbortSignal): Disturbed {
  const length = served.end - served.start + 1;
  const half = Math.ceil(length / 2);
  switch (fault?.kind) {
    case 'stall':
      return { announced: length, pieces: stalled(first(served.pieces, half), closed) };
    case 'cut':
      return { announced: length, pieces: cut(first(served.pieces, half)) };
    case 'truncate':
      return { announced: half, pieces: first(served.pieces, half) };
    case 'endless':
      return { announced: undefined, pieces: endless(served.pieces, closed) };
    case 'slow':
      return { announced: length, pieces: slow(served.pieces, fault.bytesPerSecond, closed) };
    case 'announce':
      return { announced: fault.bytes, pieces: served.pieces };
    case 'corrupt':
      return { announced: length, pieces: corrupted(served, fault.at ?? 'body') };
    default:
      return { announced: length, pieces: served.pieces };
  }
}

async function* first(pieces: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const piece of pieces) {
    yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) {
      return;
    }
  }
}

async function* stalled(pieces: AsyncIterable<Buffer>, closed: AbortSignal): AsyncGenerator<Buffer> {
  yield* pieces;
  await new Promise<void>((resolve) => {
    closed.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function* cut(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pieces;
  // What was written has to leave before the connection goes.
  await sleep(TICK_MS);
  throw new Error('cut on demand');
}

async function* endless(pieces: AsyncIterable<Buffer>, closed: AbortSignal): AsyncGenerator<Buffer> {
  yield* pieces;
  while (!closed.aborted) {
    yield FILLER;
    await new Promise(setImmediate);
  }
}

async function* slow(
  pieces: AsyncIterable<Buffer>,
  bytesPerSecond: number,
  closed: AbortSignal,
): AsyncGenerator<Buffer> {
  const step = Math.max(1, Math.floor((bytesPerSecond * TICK_MS) / 1000));
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length && !closed.aborted; at += step) {
      yield piece.subarray(at, at + step);
      await sleep(TICK_MS);
    }
  }
}

async function* corrupted({ start, size, pieces }: Served, where: 'body' | 'mac'): AsyncGenerator<Buffer> {
  const spoilt = where === 'mac' ? size - 1 : Math.floor((size - MAC_BYTES) / 2);
  let at = start;
  for await (const piece of pieces) {
    if (spoilt >= at && spoilt < at + piece.length) {
      const copy = Buffer.from(piece);
      copy[spoilt - at] = (copy[spoilt - at] ?? 0) ^ 0xff;
      yield copy;
    } else {
      yield piece;
    }
    at += piece.length;
  }
}
