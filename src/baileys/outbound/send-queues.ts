import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { WASocket } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { OutgoingFiles } from '../../common/outgoing-files.js';
import { AppConfig } from '../../config/app-config.js';
import { whatsappMediaOrigin } from '../../config/whatsapp-media-origin.js';
import { Logs } from '../../logging/logs.js';
import { OutboxSignals } from '../../queue/outbox-signals.js';
import { MessagesRepository } from '../../repositories/messages.repository.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import { SessionSettings } from '../settings/session-settings.js';
import { FileSends } from './file-sends.js';
import { FrameWriter } from './frame-writer.js';
import { MessageMaker } from './message-maker.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import { ReceiptBatcher } from './receipt-batcher.js';
import { SendQueue } from './send-queue.js';
import { notConnected, shuttingDown } from './send-request.js';

/** The send queues of this process, by instance. */
@Injectable()
export class SendQueues implements OnApplicationBootstrap {
  private readonly log: Logger;
  private readonly queues = new Map<string, SendQueue>();
  private readonly writer: FrameWriter;
  private readonly uploads: FileSends;
  private timer: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;
  private stopListening = (): void => {};

  constructor(
    private readonly messages: MessagesRepository,
    private readonly receipts: ReceiptBatcher,
    private readonly recorder: OutcomeRecorder,
    private readonly settings: SessionSettings,
    private readonly signals: OutboxSignals,
    files: OutgoingFiles,
    config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
    const mediaOrigin = whatsappMediaOrigin(config);
    const maker = new MessageMaker({ messages, files, settings: settings.outbound, mediaOrigin });
    this.writer = new FrameWriter(messages, maker, recorder, settings);
    this.uploads = new FileSends(maker, recorder);
  }

  onApplicationBootstrap(): void {
    this.stopListening = this.signals.onTold((instanceId) => this.queues.get(instanceId)?.recheck());
    this.sweepLater();
  }

  get isClosed(): boolean {
    return this.closing !== undefined;
  }

  /** The queue of an instance, whether or not this process runs it. */
  of(instanceId: string): SendQueue {
    let queue = this.queues.get(instanceId);
    if (!queue) {
      const { messages, receipts, recorder, writer, uploads, settings } = this;
      const onFault = (err: unknown) => this.log.warn({ err, instanceId }, 'sending waits for the database');
      queue = new SendQueue(instanceId, { messages, receipts, recorder, writer, uploads, settings, onFault });
      this.queues.set(instanceId, queue);
      if (this.isClosed) {
        void queue.close(0, shuttingDown());
      }
    }
    return queue;
  }

  /** To be called whenever an instance comes on line: takes up what is in doubt. */
  connectionOpened(
    { instanceId, epoch, cipher }: Pick<SessionHandle, 'instanceId' | 'epoch' | 'cipher'>,
    socket: WASocket,
  ): void {
    this.of(instanceId).connectionOpened(socket, epoch, cipher);
  }

  /**
   * This process does not run the instance any more: what is not known to have left is left to the process that runs it next.
   * @param waitMs how long to wait for acknowledgements of what was written, in ms
   */
  async vacate(instanceId: string, waitMs: number): Promise<void> {
    const queue = this.queues.get(instanceId);
    this.queues.delete(instanceId);
    await queue?.close(waitMs, notConnected());
  }

  /** Gives up what is in doubt for too long, and looks after what no queue knows of. Never rejects. */
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

  /** Sends nothing more; callers that still wait hear that it is not known. Never rejects. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    clearTimeout(this.timer);
    this.stopListening();
    this.recorder.close();
    const { closeMs } = this.settings.outbound;
    await Promise.all([...this.queues.values()].map((queue) => queue.close(closeMs, shuttingDown())));
  }

  private sweepLater(): void {
    if (!this.isClosed) {
      const run = () => void this.sweep().then(() => this.sweepLater());
      this.timer = setTimeout(run, this.settings.outbound.sweepMs).unref();
    }
  }
}
