import type { WASocket } from '@whiskeysockets/baileys';

type OnRejection = (error: unknown, event: string | symbol) => void;

/** The event under which a frame comes in that the library decrypts. */
export const FRAME_BYTES = 'message';

/**
 * Baileys registers async listeners that may reject, which would end the process for all tenants.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/Client/types.js`: the socket client is an EventEmitter.
 * `lib/Utils/event-buffer.js`: what stands behind `ev` is one, too, which `ev.on` reaches and nothing else does.
 *
 * @param socket of `makeSocket`, which has rejections captured
 * @param onRejection told of each rejection, and of the event whose listener it was; of `ev` it is always `event`
 */
export function containRejections(socket: Pick<WASocket, 'ws' | 'ev'>, onRejection: OnRejection): void {
  Object.assign(socket.ws, { [Symbol.for('nodejs.rejection')]: onRejection });
  // The event buffer hides its emitter, which turns a rejection into an `error` event.
  const ev = socket.ev as unknown as { on(event: 'error', listener: (error: unknown) => void): void };
  ev.on('error', (error) => onRejection(error, 'event'));
}
