import type { WASocket } from '@whiskeysockets/baileys';

/**
 * Says of received messages that they were delivered, and does what else the library does about one that it could read and that
 * concerns nothing but its chat.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/messages-recv.js`, `handleMessage`: cancels the question to the account's own phone,
 * and sends a receipt, of the type `inactive` unless the last `connection.update` with `isOnline` said true (`sendActiveReceipts`).
 * `processNodeWithBuffer`: what events wait in the buffer are let out at the end of each stanza. `lib/Socket/messages-send.js`, `sendReceipt`: encodes
 * the receipt and gives it to the raw socket in the turn in which it is called.
 */
export class DeliveryReceipts {
  private isActive = false;

  /** @param socket in the tick in which it was made: it must not have said anything yet */
  constructor(private readonly socket: Pick<WASocket, 'ev' | 'ws' | 'sendReceipt' | 'messageRetryManager'>) {
    socket.ev.on('connection.update', ({ isOnline }) => {
      this.isActive = isOnline ?? this.isActive;
    });
  }

  /** The line takes frames. */
  get isOpen(): boolean {
    return this.socket.ws.isOpen;
  }

  /**
   * @param chat the sender, as the stanza names him
   * @param id of the message
   * @returns settles when the frame was taken; rejects when the line is gone
   */
  async send(chat: string, id: string): Promise<void> {
    const { messageRetryManager, ev } = this.socket;
    messageRetryManager?.cancelPendingPhoneRequest(id);
    const sending = this.socket.sendReceipt(chat, undefined, [id], this.isActive ? undefined : 'inactive');
    ev.flush();
    await sending;
  }
}
