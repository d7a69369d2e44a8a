import type { EventEmitter } from 'node:events';

/** What is heard on a line besides the stanzas that the library has handlers for. */
export interface LineListener {
  /** What a server says before the line is encrypted. Called before the library gets it. */
  onHandshake(bytes: Uint8Array): void;
  /** A stanza came, whatever it is. */
  onHeard(): void;
  /** The WebSocket was refused by HTTP. */
  onUpgradeRefused(status: number | undefined): void;
}

/**
 * Listens to the line itself.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/socket.js`, `onMessageReceived`: each frame is emitted as `frame`, bytes during the
 * handshake and a node after it; `awaitNextMessage` takes the first one for the server's hello.
 * `lib/Socket/Client/websocket.js`: `unexpected-response` of `ws` is passed on, and nothing in the library ends the request.
 *
 * @param ws the library's socket client, in the tick in which it was made
 */
export function listenToLine(ws: EventEmitter, listener: LineListener): void {
  ws.prependListener('frame', (frame: unknown) => {
    if (frame instanceof Uint8Array) {
      listener.onHandshake(frame);
    } else {
      listener.onHeard();
    }
  });
  // A listener to this must end the request; Baileys listens and does not, until its connect timeout.
  ws.on('unexpected-response', (_request: unknown, response: { statusCode?: number; destroy(): void }) => {
    response.destroy();
    listener.onUpgradeRefused(response.statusCode);
  });
}
