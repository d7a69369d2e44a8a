import type { WASocket } from '@whiskeysockets/baileys';
import type { AppError } from '../../common/app-error.js';
import { withTimeout } from '../../common/with-timeout.js';
import type { MessagesRepository } from '../../repositories/messages.repository.js';
import type { OutboundMessage } from '../../repositories/outbound-message.js';
import type { SessionSettings } from '../settings/session-settings.js';
import type { FileSends } from './file-sends.js';
import type { FrameWriter } from './frame-writer.js';
import { LateSearch } from './late-search.js';
import type { OutcomeRecorder } from './outcome-recorder.js';
import type { PendingSend } from './pending-send.js';
import { PendingSends } from './pending-sends.js';
import type { ReceiptBatcher } from './receipt-batcher.js';
import { type MessageCipher, SendConnection } from './send-connection.js';
import { notConnected } from './send-request.js';

/** What the queues of all instances share. */
export interface QueueParts {
  messages: Pick<MessagesRepository, 'listOpenOutbound'>;
  receipts: Pick<ReceiptBatcher, 'flush'>;
  recorder: OutcomeRecorder;
  writer: FrameWriter;
  uploads: FileSends;
  settings: SessionSettings;
  /** Told of faults of the database; the queue tries again. */
  onFault: (error: unknown) => void;
}

/**
 * The messages of one instance on their way out, in the order in which they were stored. One is written at a time, as
 * Baileys does anyway, so the order holds for each chat. What a lost connection leaves in doubt is written again on the next
 * one, before anything newer, under its id: recipients drop what they have.
 */
export class SendQueue {
  private readonly sends: PendingSends;
  private readonly late: LateSearch;
  private connection: SendConnection | undefined;
  /** Callers that wait for a connection. */
  private readonly waiting = new Set<() => void>();
  private refusal: AppError | undefined;
  private isAtWork = false;
  private pause: NodeJS.Timeout | undefined;

  constructor(
    private readonly instanceId: string,
    private readonly parts: QueueParts,
  ) {
    const { outbound } = parts.settings;
    this.sends = new PendingSends(outbound, () => this.wake());
    this.late = new LateSearch(() => this.recheck(), outbound);
  }

  get isIdle(): boolean {
    return this.sends.isEmpty && !this.openConnection;
  }

  /** There is a connection, and a place for another message. */
  get isReady(): boolean {
    return this.openConnection !== undefined && this.sends.hasPlace;
  }

  /**
   * Keeps a place for a message until it was stored and added, or given up.
   * @param waitMs how long to wait for a connection that is coming back
   * @param store stores the message, to be sent through this connection
   * @returns what `store` returns
   * @throws AppError `send_queue_full`, `instance_not_connected`, `shutting_down`
   */
  async admit<T>(waitMs: number, store: (connection: SendConnection) => Promise<T>): Promise<T> {
    const giveBack = this.sends.reserve();
    try {
      return await store(await this.nextConnection(waitMs));
    } finally {
      giveBack();
    }
  }

  /**
   * Takes a message that is stored; after the close it is left to the next process.
   * @param isNew no other process can have tried to send it
   */
  add(message: OutboundMessage, isNew: boolean): PendingSend {
    const pending = this.sends.take(message, isNew);
    if (this.refusal) {
      pending.settle({ status: 'unknown' });
    }
    this.wake();
    return pending;
  }

  /** Storing a message was not confirmed, and is not tried any more: it leaves when it is there. */
  expectLate(): void {
    if (!this.refusal) {
      this.late.begin();
    }
  }

  /**
   * @param epoch of the ownership under which it was opened
   * @param cipher of that ownership
   */
  connectionOpened(socket: WASocket, epoch: number, cipher: MessageCipher): void {
    if (this.refusal) {
      return;
    }
    this.connection?.end();
    const find = (whatsappMessageId: string) => this.sends.find(whatsappMessageId);
    this.connection = new SendConnection(socket, epoch, find, this.parts.recorder, cipher);
    // Of a socket that is gone nothing leaves any more: whatever it had is no longer in flight.
    this.sends.all().forEach((pending) => pending.repeat());
    this.waiting.forEach((goOn) => goOn());
    this.wake();
  }

  /** Looks for messages in doubt that this process does not know of, and for those that stay silent on a connection that is up. */
  recheck(): void {
    this.sends.repeatSilent();
    if (this.connection) {
      this.connection.isReconciled = false;
    }
    this.wake();
  }

  /**
   * Writes nothing more, waits a moment for what was written or is being stored, and tells all other callers that it is not known.
   * @param refusal what callers are told from now on
   */
  async close(waitMs: number, refusal: AppError): Promise<void> {
    this.refusal ??= refusal;
    clearTimeout(this.pause);
    this.late.stop();
    this.waiting.forEach((goOn) => goOn());
    const written = this.sends.inState('written', 'writing', 'over');
    const settled = Promise.all(written.map(({ isDone }) => isDone));
    await withTimeout(settled, waitMs);
    this.connection?.end();
    this.sends.all().forEach((pending) => pending.settle({ status: 'unknown' }));
  }

  /** The connection, while frames can leave through it. */
  private get openConnection(): SendConnection | undefined {
    return this.connection?.isOpen && !this.refusal ? this.connection : undefined;
  }

  private async nextConnection(waitMs: number): Promise<SendConnection> {
    if (!this.openConnection && !this.refusal && waitMs > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.waiting.add(resolve);
      await withTimeout(promise, waitMs);
      this.waiting.delete(resolve);
    }
    const { openConnection } = this;
    if (!openConnection) {
      throw this.refusal ?? notConnected();
    }
    return openConnection;
  }

  /** Does what there is to do, one step after the other; after a fault of the database it pauses. */
  private wake(): void {
    if (!this.isAtWork && !this.pause) {
      void this.work();
    }
  }

  private async work(): Promise<void> {
    this.isAtWork = true;
    try {
      for (let step = this.nextStep(); step; step = this.nextStep()) {
        await step();
      }
    } catch (error) {
      this.parts.onFault(error);
      this.pause = setTimeout(() => {
        this.pause = undefined;
        this.wake();
      }, this.parts.settings.outbound.pauseMs);
    } finally {
      this.isAtWork = false;
    }
  }

  private nextStep(): (() => Promise<void>) | undefined {
    const connection = this.openConnection;
    if (connection && !connection.isReconciled) {
      return () => this.reconcile(connection);
    }
    // Files go beside what is written: nothing waits for them but their messages.
    for (let file = connection && this.sends.nextWithFile; file; file = this.sends.nextWithFile) {
      void this.parts.uploads.prepare(connection!, file);
    }
    const next = connection && this.sends.next;
    return (
      next && (() => this.parts.writer.write(connection, next, () => this.openConnection === connection))
    );
  }

  /** Takes up what is in doubt. Receipts that WhatsApp kept for us come first: they may say how it went. */
  private async reconcile(connection: SendConnection): Promise<void> {
    const { messages, receipts, settings } = this.parts;
    const { maxTakenUp, settleMs } = settings.outbound;
    // Before it looks: what is told of meanwhile may have come too late for this look, and has another one.
    connection.isReconciled = true;
    try {
      const open = await messages.listOpenOutbound(this.instanceId, maxTakenUp);
      open.forEach((message) => this.sends.take(message, false));
      if (this.sends.hasRepeats) {
        await connection.settled(settleMs);
        await receipts.flush();
      }
    } catch (error) {
      connection.isReconciled = false;
      throw error;
    }
    this.late.answered();
  }
}
