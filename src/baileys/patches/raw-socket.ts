import type { WASocket } from '@whiskeysockets/baileys';

export type RawData = Uint8Array | string;
export type SendCallback = (error?: Error) => void;
export type SendOptions = Record<string, unknown>;

/** What is used of a socket of `ws`. */
export interface RawSocket {
  send(data: RawData, options?: SendOptions | SendCallback, callback?: SendCallback): void;
  close(code?: number, reason?: string | Buffer): void;
  terminate(): void;
  /** Stops reading from the line. */
  pause(): void;
  resume(): void;
  /** The TCP socket behind it; private to `ws`. */
  _socket?: { cork(): void; uncork(): void } | null;
}

/**
 * The socket of `ws` that a socket of the library speaks through: all of its frames leave by `send`, and its end is `close`.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/Client/websocket.js`, `WebSocketClient.connect`, which `makeSocket` has called when it
 * returns: the socket is still connecting, and nothing has left.
 *
 * @throws Error when there is none: nothing may be sent past the gate
 */
export function rawSocketOf(socket: Pick<WASocket, 'ws'>): RawSocket {
  const { socket: raw } = socket.ws as unknown as { socket?: RawSocket | null };
  if (!raw) {
    throw new Error('the whatsapp library has made no socket');
  }
  return raw;
}

/**
 * Writes several frames in as few segments as they fit in.
 *
 * Library: `node_modules/ws/lib/websocket.js`, `_socket`. Without it they are written one by one.
 */
export function writeTogether(raw: Pick<RawSocket, '_socket'>, write: () => void): void {
  const tcp = raw._socket;
  tcp?.cork();
  try {
    write();
  } finally {
    tcp?.uncork();
  }
}
