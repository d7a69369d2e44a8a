import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { PersonAddress } from '../../common/inbox.js';
import { accountOf } from '../ownership/account-of.js';
import { chatOf, receiptIds } from './receipt-chat.js';
import { withTimeout } from '../../common/with-timeout.js';

/** What WhatsApp says about messages that we sent. */
export interface LineListener {
  /** WhatsApp has the message. */
  onAccepted(whatsappMessageId: string): void;
  /** Whether nobody has confirmed the message yet. */
  isInDoubt(whatsappMessageId: string): boolean;
  /** Somebody has the message, who need not be its recipient. */
  onReceipt(whatsappMessageId: string, chat: PersonAddress): void;
  /** @param code WhatsApp's error */
  onRefused(whatsappMessageId: string, code: string): void;
}

/** Receipts of which it is found out at a time whose they are; what further ones say is not known, and the message is repeated. */
export const MAX_LOOKUPS = 1_000;

/** A socket that is on line, as sending sees it. */
export class SendConnection {
  /** What was in doubt before this line has been taken up. */
  isReconciled = false;
  private lookups = 0;
  private readonly endListeners = new Set<() => void>();
  private readonly caughtUp = Promise.withResolvers<void>();

  /** @param epoch of the ownership under which it was opened */
  constructor(
    readonly socket: WASocket,
    readonly epoch: number,
    private readonly listener: LineListener,
  ) {
    const { ws, ev } = socket;
    ws.on('close', () => this.end());
    ws.on('CB:ack,class:message', (ack: BinaryNode) => this.acknowledged(ack));
    ws.on('CB:receipt', (receipt: BinaryNode) => this.received(receipt));
    ev.on('connection.update', ({ receivedPendingNotifications, connection }) => {
      if (receivedPendingNotifications) {
        this.caughtUp.resolve();
      }
      if (connection === 'close') {
        this.end();
      }
    });
  }

  /** Whether frames can still leave. */
  get isOpen(): boolean {
    return this.socket.ws.isOpen;
  }

  /** @returns removes the listener */
  onEnd(listener: () => void): () => void {
    this.endListeners.add(listener);
    return () => this.endListeners.delete(listener);
  }

  /** Another line has taken its place, or it was closed. */
  end(): void {
    this.caughtUp.resolve();
    for (const listener of this.endListeners) {
      listener();
    }
    this.endListeners.clear();
  }

  /** Settles when the receipts that WhatsApp kept while we were away have come, or after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    await withTimeout(this.caughtUp.promise, timeoutMs);
  }

  // A positive acknowledgement fires nothing in Baileys, so these listen to the stanzas themselves. They must not throw.
  private acknowledged({ attrs: { id, error } }: BinaryNode): void {
    if (!id) {
      return;
    }
    if (error === undefined) {
      this.listener.onAccepted(id);
    } else {
      this.listener.onRefused(id, error);
    }
  }

  private received(receipt: BinaryNode): void {
    const ids = receiptIds(receipt).filter((id) => this.listener.isInDoubt(id));
    if (ids.length === 0 || this.lookups >= MAX_LOOKUPS) {
      return;
    }
    const { creds, keys } = this.socket.authState;
    this.lookups += 1;
    const lookup = chatOf(keys, accountOf(creds), receipt.attrs).then(
      ({ chat }) => ids.forEach((id) => this.listener.onReceipt(id, chat)),
      // Nothing is known then, and the message is repeated.
      () => undefined,
    );
    void lookup.finally(() => (this.lookups -= 1));
  }
}
