import { once } from 'node:events';
import { AppError } from '../common/app-error.js';
import { MAX_STALL_MS, MAX_WAITING_LENGTH, MAX_WAITING_PACKETS } from './realtime-limits.js';
import { toSocketError } from './socket-errors.js';
import type { ClientSocket } from './socket-events.js';

/** For one that reads slowly to read why it is closed. */
const LINGER_MS = 10_000;

/** Private in the types alone; the engine offers no other measure of what waits. */
interface Waiting {
  writeBuffer: unknown[];
}

/** A client that does not read must not fill this process's memory. */
export function boundWaitingPackets(socket: ClientSocket): void {
  const { conn } = socket;
  let length = 0;
  let isOver = false;
  conn.on('flush', () => (length = 0)); // all that waits goes to the transport
  conn.on('packetCreate', ({ data }: { data?: string }) => {
    length += data?.length ?? 0;
    if (
      !isOver &&
      (waitingOf(socket).writeBuffer.length > MAX_WAITING_PACKETS || length > MAX_WAITING_LENGTH)
    ) {
      isOver = true;
      process.nextTick(() => endSlowReader(socket));
    }
  });
}

/**
 * Waits until a socket has taken what was sent to it, up to what its transport has in hand. One that takes nothing for too long
 * is ended.
 * @returns whether it is still there
 */
export async function isDrained(socket: ClientSocket): Promise<boolean> {
  while (socket.connected && waitingOf(socket).writeBuffer.length > 0) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), MAX_STALL_MS);
    const { signal } = patience;
    try {
      await Promise.race([once(socket.conn, 'drain', { signal }), once(socket.conn, 'close', { signal })]);
    } catch {
      endSlowReader(socket);
    } finally {
      clearTimeout(timer);
      patience.abort();
    }
  }
  return socket.connected;
}

/** What waits is dropped: what the client has is all up to some event, and it goes on after that. */
function endSlowReader(socket: ClientSocket): void {
  const { conn } = socket;
  waitingOf(socket).writeBuffer = [];
  if (conn.transport.name === 'websocket') {
    socket.emit('exception', toSocketError(new AppError('too_slow')));
    conn.close(); // once that is sent
    setTimeout(() => conn.close(true), LINGER_MS).unref();
  } else {
    conn.close(true);
  }
}

function waitingOf({ conn }: ClientSocket): Waiting {
  return conn as unknown as Waiting;
}
