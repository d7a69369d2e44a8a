import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { WASocket } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { AppError } from '../../common/app-error.js';
import { Logs } from '../../logging/logs.js';
import { MessagesRepository } from '../../repositories/messages.repository.js';
import type { OutboundMessage } from '../../repositories/outbound-message.js';
import type { PendingSend } from './pending-send.js';
import type { SendConnection } from './send-connection.js';
import { SendQueue } from './send-queue.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import { shuttingDown } from './send-request.js';
import { ReceiptBatcher } from './receipt-batcher.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import { SessionSettings } from '../settings/session-settings.js';

/** Everything that is on its way out of this process, by instance. */
@Injectable()
export class SendQueues implements OnApplicationBootstrap {
  private readonly log: Logger;
  private readonly queues = new Map<string, SendQueue>();
  private timer: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly messages: MessagesRepository,
    private readonly receipts: ReceiptBatcher,
    private readonly recorder: OutcomeRecorder,
    private readonly settings: SessionSettings,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  onApplicationBootstrap(): void {
    this.sweepLater();
  }

  get isClosed(): boolean {
    return this.closing !== undefined;
  }

  /** To be called whenever an instance comes on line: takes up what is in doubt. */
  connectionOpened(
    { instanceId, epoch }: Pick<SessionHandle, 'instanceId' | 'epoch'>,
    socket: WASocket,
  ): void {
    this.queue(instanceId).connectionOpened(socket, epoch);
  }

  /**
   * This process does not run the instance any more: what is not known to have left is left to whoever runs it next.
   * @param waitMs how long to wait for acknowledgements of what was written, in ms
   */
  async vacate(instanceId: string, waitMs: number): Promise<void> {
    const queue = this.queues.get(instanceId);
    this.queues.delete(instanceId);
    await queue?.close(waitMs);
  }

  /**
   * Keeps a place in the instance's queue.
   * @returns gives it back
   * @throws AppError `send_queue_full`
   */
  reserve(instanceId: string): () => void {
    return this.queue(instanceId).reserve();
  }

  /** Whether a message could be stored and written now. */
  isReady(instanceId: string): boolean {
    return !this.isClosed && this.queue(instanceId).isReady;
  }

  /**
   * @param waitMs how long to wait for a line that is coming back
   * @throws AppError `instance_not_connected`, `shutting_down`
   */
  async line(instanceId: string, waitMs: number): Promise<SendConnection> {
    const queue = this.queue(instanceId);
    if (!queue.openLine && waitMs > 0 && !this.isClosed) {
      await queue.nextLine(waitMs);
    }
    const line = queue.openLine;
    if (this.isClosed) {
      throw shuttingDown();
    }
    if (!line) {
      throw new AppError('instance_not_connected');
    }
    return line;
  }

  /** Takes a message that is stored. @param isNew nobody else can have tried to send it */
  add(message: OutboundMessage, isNew: boolean): PendingSend {
    return this.queue(message.instanceId).add(message, isNew);
  }

  /** A message of the instance may come to be stored that nobody waits for any more. */
  expectLate(instanceId: string): void {
    this.queue(instanceId).expectLate();
  }

  /** Gives up what is in doubt for too long, and looks after what nobody looks after. Never rejects. */
  async sweep(): Promise<void> {
    const { maxAgeMs, sameLineMs } = this.settings.outbound;
    try {
      const { expired, instanceIds } = await this.messages.sweepOutbound({ maxAgeMs, idleMs: sameLineMs });
      if (expired > 0) {
        this.log.warn({ messages: expired }, 'messages given up that nobody confirmed');
      }
      instanceIds.forEach((id) => this.queues.get(id)?.recheck());
    } catch (err) {
      this.log.warn({ err }, 'messages in doubt not looked for');
    }
    for (const [instanceId, queue] of this.queues) {
      if (queue.isIdle) {
        this.queues.delete(instanceId);
      }
    }
  }

  /** Sends nothing more; callers that still wait hear that nobody knows. Never rejects. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    clearTimeout(this.timer);
    this.recorder.close();
    const { closeMs } = this.settings.outbound;
    await Promise.all([...this.queues.values()].map((queue) => queue.close(closeMs)));
  }

  private sweepLater(): void {
    if (!this.isClosed) {
      const run = () => void this.sweep().then(() => this.sweepLater());
      this.timer = setTimeout(run, this.settings.outbound.sweepMs).unref();
    }
  }

  private queue(instanceId: string): SendQueue {
    let queue = this.queues.get(instanceId);
    if (!queue) {
      const { messages, receipts, recorder, settings } = this;
      const onFault = (err: unknown) => this.log.warn({ err, instanceId }, 'sending waits for the database');
      queue = new SendQueue(instanceId, { messages, receipts, recorder, settings, onFault });
      this.queues.set(instanceId, queue);
      if (this.isClosed) {
        void queue.close(0);
      }
    }
    return queue;
  }
}
