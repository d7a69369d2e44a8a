import type { WASocket } from '@whiskeysockets/baileys';
import { AppError } from '../../common/app-error.js';
import type { OutboundMessage } from '../../repositories/outbound-message.js';
import { LateSearch } from './late-search.js';
import { PendingSends } from './pending-sends.js';
import type { PendingSend } from './pending-send.js';
import { SendConnection } from './send-connection.js';
import { OutboundLoop } from './outbound-loop.js';
import { OutboundOutcomes } from './outbound-outcomes.js';
import type { OutcomeRecorder } from './outcome-recorder.js';
import { FrameWriter, type WriterParts } from './frame-writer.js';
import { withTimeout } from '../../common/with-timeout.js';

/** What the queues of all instances share. */
export interface QueueParts extends WriterParts {
  recorder: OutcomeRecorder;
  /** Told of faults of the database; the queue tries again. */
  onFault: (error: unknown) => void;
}

/**
 * The messages of one instance on their way out, in the order in which they were stored. One is written at a time, as
 * Baileys does anyway, so the order holds for each chat. What a lost line leaves in doubt is written again on the next
 * one, before anything newer, under its id: recipients drop what they have.
 */
export class SendQueue {
  private readonly entries = new PendingSends();
  private line: SendConnection | undefined;
  private readonly lineListeners = new Set<() => void>();
  private isClosed = false;
  private reserved = 0;
  private readonly loop: OutboundLoop;
  private readonly outcomes: OutboundOutcomes;
  private readonly writer: FrameWriter;
  private readonly late: LateSearch;

  constructor(
    instanceId: string,
    private readonly parts: QueueParts,
  ) {
    this.loop = new OutboundLoop(() => this.nextTask(), parts.settings.outbound.pauseMs, parts.onFault);
    const { refusedMs } = parts.settings.outbound;
    this.outcomes = new OutboundOutcomes(this.entries, parts.recorder, refusedMs, () => this.loop.wake());
    this.late = new LateSearch(() => this.recheck(), parts.settings.outbound);
    this.writer = new FrameWriter(instanceId, parts, {
      entries: this.entries,
      outcomes: this.outcomes,
      isCurrent: (line) => this.openLine === line,
    });
  }

  get isIdle(): boolean {
    return this.entries.size === 0 && this.reserved === 0 && !this.openLine;
  }

  /** There is a line, and a place for another message. */
  get isReady(): boolean {
    return this.openLine !== undefined && this.hasPlace;
  }

  /**
   * Keeps a place for a message that is about to be stored.
   * @returns gives the place back, to be called when the message was added or given up
   * @throws AppError `send_queue_full`
   */
  reserve(): () => void {
    if (!this.hasPlace) {
      throw new AppError('send_queue_full');
    }
    this.reserved += 1;
    return () => void (this.reserved -= 1);
  }

  /** The line, while frames can leave through it. */
  get openLine(): SendConnection | undefined {
    return this.line?.isOpen && !this.isClosed ? this.line : undefined;
  }

  /** Settles when the next line opens, or when the queue is closed, or after `timeoutMs`. */
  async nextLine(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.lineListeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.lineListeners.add(done);
    });
  }

  /** @param epoch of the ownership under which it was opened */
  connectionOpened(socket: WASocket, epoch: number): void {
    if (this.isClosed) {
      return;
    }
    this.line?.end();
    this.line = new SendConnection(socket, epoch, this.outcomes);
    // Of a socket that is gone nothing leaves any more: whatever it had is no longer in flight.
    this.entries.all().forEach((entry) => entry.repeat());
    this.lineListeners.forEach((listener) => listener());
    this.loop.wake();
  }

  /**
   * Takes a message that is stored; after the close it is left to the next process.
   * @param isNew nobody else can have tried to send it
   */
  add(message: OutboundMessage, isNew: boolean): PendingSend {
    const entry = this.entries.take(message, isNew);
    if (this.isClosed) {
      this.outcomes.tell(entry, { status: 'unknown' });
    }
    this.loop.wake();
    return entry;
  }

  /** Storing a message was not confirmed, and is not tried any more: it leaves when it is there. */
  expectLate(): void {
    if (!this.isClosed) {
      this.late.begin();
    }
  }

  /** Looks for messages in doubt that this process does not know of, and for those that stay silent on a line that is up. */
  recheck(): void {
    const silentSince = Date.now() - this.parts.settings.outbound.sameLineMs;
    for (const entry of this.entries.inState('doubtful')) {
      if (entry.changedAt <= silentSince) {
        entry.repeat();
      }
    }
    if (this.line) {
      this.line.isReconciled = false;
    }
    this.loop.wake();
  }

  /** Writes nothing more, waits a moment for what was written or is being stored, and tells everybody else that nobody knows. */
  async close(waitMs: number): Promise<void> {
    this.isClosed = true;
    this.loop.stop();
    this.late.stop();
    this.lineListeners.forEach((listener) => listener());
    const states = ['written', 'writing', 'over'] as const;
    const written = states.flatMap((state) => this.entries.inState(state));
    const settled = Promise.all(written.map(({ isDone }) => isDone));
    await withTimeout(settled, waitMs);
    this.line?.end();
    this.entries.all().forEach((entry) => this.outcomes.tell(entry, { status: 'unknown' }));
  }

  private get hasPlace(): boolean {
    return this.reserved + this.entries.newCount < this.parts.settings.outbound.maxWaiting;
  }

  private async reconcile(line: SendConnection): Promise<void> {
    await this.writer.reconcile(line);
    this.late.answered();
  }

  private nextTask(): (() => Promise<void>) | undefined {
    const line = this.openLine;
    if (!line) {
      return undefined;
    }
    if (!line.isReconciled) {
      return () => this.reconcile(line);
    }
    if (this.entries.unconfirmedCount >= this.parts.settings.outbound.maxUnconfirmed) {
      return undefined;
    }
    const { first } = this.entries;
    return first && (() => this.writer.write(line, first));
  }
}
