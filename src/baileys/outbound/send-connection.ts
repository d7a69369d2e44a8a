import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { PersonAddress } from '../../common/inbox.js';
import { withTimeout } from '../../common/with-timeout.js';
import { accountOf } from '../ownership/account-of.js';
import type { SessionCipher } from '../sealing/session-cipher.js';
import { listenToOutcomes } from '../patches/send-events.js';
import type { OutcomeRecorder } from './outcome-recorder.js';
import type { PendingSend } from './pending-send.js';
import { chatOf, isChatWith, receiptIds } from './receipt-chat.js';
import { wireTime } from './wire-time.js';

/** Receipts of which it is found out at a time whose they are; what further ones say is not known, and the message is repeated. */
export const MAX_LOOKUPS = 1_000;

/** Seals what was made of messages, by the ids of their rows. */
export type MessageCipher = Pick<SessionCipher, 'sealMessage' | 'openMessage'>;

/** An open connection, as sending sees it: messages are written to it, and WhatsApp says here what became of them. */
export class SendConnection {
  /** What was in doubt before this connection has been taken up. */
  isReconciled = false;
  private lookups = 0;
  private readonly ending = new AbortController();
  private readonly caughtUp = Promise.withResolvers<void>();

  /**
   * @param epoch of the ownership under which it was opened
   * @param find gives the message with this WhatsApp id, while it is pending
   */
  constructor(
    readonly socket: WASocket,
    readonly epoch: number,
    private readonly find: (whatsappMessageId: string) => PendingSend | undefined,
    private readonly recorder: Pick<OutcomeRecorder, 'accept' | 'refuse'>,
    private readonly cipher: MessageCipher,
  ) {
    const { ws, ev } = socket;
    listenToOutcomes(ws, {
      onAcknowledged: (ack) => this.acknowledged(ack),
      onReceipt: (receipt) => this.received(receipt),
      onClosed: () => this.end(),
    });
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

  /** Aborts when it was lost or closed, or another connection has taken its place. */
  get ended(): AbortSignal {
    return this.ending.signal;
  }

  /** @returns what was made of a message, as it is stored */
  seal(messageId: string, bytes: Uint8Array): Buffer {
    return this.cipher.sealMessage(messageId, bytes);
  }

  /** @throws SessionUnreadableError */
  open(messageId: string, sealed: Buffer): Buffer {
    return this.cipher.openMessage(messageId, sealed);
  }

  /** Another connection has taken its place, or nothing more is sent. */
  end(): void {
    this.caughtUp.resolve();
    this.ending.abort();
  }

  /** Settles when the receipts that WhatsApp kept while we were away have come, or after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    await withTimeout(this.caughtUp.promise, timeoutMs);
    // Nobody waits for them a second time.
    this.caughtUp.resolve();
  }

  // A positive acknowledgement fires nothing in Baileys, so these listen to the stanzas themselves. They must not throw.
  private acknowledged({ attrs: { id, error, t } }: BinaryNode): void {
    const pending = id ? this.find(id) : undefined;
    if (pending && error === undefined) {
      this.recorder.accept(pending, wireTime(t));
    } else if (pending && error !== undefined) {
      this.recorder.refuse(pending, error);
    }
  }

  private received(receipt: BinaryNode): void {
    const ids = receiptIds(receipt).filter((id) => this.find(id)?.isOver === false);
    if (ids.length === 0 || this.lookups >= MAX_LOOKUPS) {
      return;
    }
    const { creds, keys } = this.socket.authState;
    this.lookups += 1;
    const lookup = chatOf(keys, accountOf(creds), receipt.attrs).then(
      ({ chat }) => this.acceptAll(ids, chat),
      // Nothing is known then, and the message is repeated.
      () => undefined,
    );
    void lookup.finally(() => (this.lookups -= 1));
  }

  /** Of these ids those count that were sent to the chat: others than the recipient may know them. */
  private acceptAll(ids: string[], chat: PersonAddress): void {
    for (const id of ids) {
      const pending = this.find(id);
      if (pending && isChatWith(chat, pending.message.chatJid)) {
        this.recorder.accept(pending);
      }
    }
  }
}
