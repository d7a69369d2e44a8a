import { Readable } from 'node:stream';
import { withTimeout } from '../common/with-timeout.js';

/**
 * @param ms until the answer begins; its body may take longer
 * @param call ends with the signal
 * @throws what the call throws
 */
export async function beginning<T>(ms: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(`no answer came within ${ms} ms`)), ms);
  try {
    return await call(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param body comes from somewhere else
 * @param stallMs how long nothing may come while somebody waits for it, in ms: whoever reads slowly is not counted
 * @param faultOf what is thrown instead of what the body, or its silence, throws
 * @returns the same bytes; destroying it destroys the body
 */
export function withStallLimit(
  body: Readable,
  stallMs: number,
  faultOf: (error: unknown) => Error,
): Readable {
  const watched = Readable.from(pieces(body, stallMs, faultOf), { objectMode: false });
  watched.once('close', () => body.destroy());
  return watched;
}

async function* pieces(
  body: Readable,
  stallMs: number,
  faultOf: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const late = () => new Error(`nothing came for ${stallMs} ms`);
  try {
    for (;;) {
      const { done, value } = await withTimeout(source.next(), stallMs, late);
      if (done) {
        return;
      }
      yield value;
    }
  } catch (error) {
    throw faultOf(error);
  } finally {
    body.destroy();
  }
}
