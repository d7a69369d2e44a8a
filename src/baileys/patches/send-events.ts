import type { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';

/** What WhatsApp says about what was sent, and the end of the line. None of these may throw. */
export interface SendListener {
  /** It has a message, or refuses it (`error`). */
  onAcknowledged(ack: BinaryNode): void;
  onReceipt(receipt: BinaryNode): void;
  onClosed(): void;
}

/**
 * Listens to the stanzas themselves.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/messages-recv.js`, `handleBadAck`: of a positive acknowledgement the library tells nobody, of
 * receipts only some. `lib/Socket/socket.js` emits `CB:ack,class:message` and `CB:receipt`, the latter also where the pipeline keeps it
 * from the library.
 *
 * @param ws the library's socket client
 */
export function listenToOutcomes(ws: EventEmitter, listener: SendListener): void {
  ws.on('close', () => listener.onClosed());
  ws.on('CB:ack,class:message', (ack: BinaryNode) => listener.onAcknowledged(ack));
  ws.on('CB:receipt', (receipt: BinaryNode) => listener.onReceipt(receipt));
}
