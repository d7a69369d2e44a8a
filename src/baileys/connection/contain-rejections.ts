import type { WASocket } from '@whiskeysockets/baileys';

type OnRejection = (error: unknown, event: string | symbol) => void;

/**
 * Baileys registers async listeners that may reject, which would end the process for all tenants.
 *
 * @param socket made while `EventEmitter.captureRejections` was set
 * @param onRejection told of each rejection, and of the event whose listener it was
 */
export function containRejections(socket: WASocket, onRejection: OnRejection): void {
  Object.assign(socket.ws, { [Symbol.for('nodejs.rejection')]: onRejection });
  // The event buffer hides its emitter, which turns a rejection into an `error` event.
  const ev = socket.ev as unknown as { on(event: 'error', listener: (error: unknown) => void): void };
  ev.on('error', (error) => onRejection(error, 'event'));
}
