import type { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';

/** What handles a stanza. The library's promises settle when it is done with it. */
export type StanzaHandler = (stanza: BinaryNode) => unknown;

/**
 * Puts something between the line and what the library does with the stanzas of one tag.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/messages-recv.js` listens once to each of `CB:message`, `CB:receipt`,
 * `CB:notification` and `CB:call` while the socket is made; `lib/Socket/socket.js` (`onMessageReceived`) emits them, last of all events of
 * a stanza, without waiting for anything.
 *
 * @param ws the library's socket client
 * @param tag of the stanzas
 * @param make gets what the library does, which does nothing for a tag that it does not know; what it returns takes its place. Its
 *   rejections go where those of the library's listener went: to the emitter
 */
export function takeOverStanzas(
  ws: EventEmitter,
  tag: string,
  make: (library: StanzaHandler) => StanzaHandler,
): void {
  const event = `CB:${tag}`;
  const [library = ignore, ...others] = ws.listeners(event) as StanzaHandler[];
  if (others.length > 0) {
    throw new Error(`the whatsapp library listens to ${event} more than once`);
  }
  ws.removeAllListeners(event);
  ws.on(event, make(library));
}

function ignore(): void {}
