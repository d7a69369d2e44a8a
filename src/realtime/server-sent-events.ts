import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { AppError } from '../common/app-error.js';
import type { StoredEvent } from '../common/whatsapp-events.js';
import { toEventResponse } from './event.response.js';
import type { OpenStream } from './event-streams.js';
import { MAX_STALL_MS } from './realtime-limits.js';
import { toSocketError } from './socket-errors.js';

/** Shorter than proxies take silence for the end. */
const HEARTBEAT_MS = 15_000;
/** After which clients come again. */
const RETRY_MS = 2_000;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  // nginx would keep it back until it has a bufferful.
  'X-Accel-Buffering': 'no',
};

/**
 * Writes a stream as server-sent events, until the client leaves or it may not go on: why, an event `exception` says.
 * @param response to which nothing was written yet
 * @throws AppError where the first page can not be read
 */
export async function writeEvents(response: ServerResponse, { reader, signal }: OpenStream): Promise<void> {
  const begin = reader.sequence;
  let events = await reader.read();
  response.writeHead(200, HEADERS);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  // The id alone is no event: it makes a client that comes again before the first one go on from here.
  let text = `retry: ${RETRY_MS}\nid: ${begin}\n\n`;
  const heartbeat = setInterval(() => response.writableNeedDrain || response.write(':\n\n'), HEARTBEAT_MS);
  try {
    while (!signal.aborted) {
      text += events.map(format).join('');
      await write(response, text, signal);
      await reader.untilNews(signal);
      if (!signal.aborted) {
        events = await reader.read();
        text = '';
      }
    }
    response.end(formatEnd(signal.reason));
  } catch (error) {
    if (!(error instanceof AppError)) {
      throw error;
    }
    response.end(formatEnd(error));
  } finally {
    clearInterval(heartbeat);
  }
}

/** @throws AppError `too_slow` where the client takes nothing */
async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (text === '' || response.write(text)) {
    return;
  }
  const patience = AbortSignal.timeout(MAX_STALL_MS);
  try {
    await once(response, 'drain', { signal: AbortSignal.any([signal, patience]) });
  } catch (error) {
    if (patience.aborted) {
      response.destroy();
      throw new AppError('too_slow', { cause: error });
    }
  }
}

function format(event: StoredEvent): string {
  return `id: ${event.sequence}\nevent: ${event.name}\ndata: ${JSON.stringify(toEventResponse(event))}\n\n`;
}

/** Nothing for a client that left. */
function formatEnd(reason: unknown): string {
  return reason instanceof AppError
    ? `event: exception\ndata: ${JSON.stringify(toSocketError(reason))}\n\n`
    : '';
}
