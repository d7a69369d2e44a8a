import type { WASocket } from '@whiskeysockets/baileys';
import { InvalidStateError } from '../common/app-error.js';
import type { MessagesRepository } from '../repositories/messages.repository.js';
import type { OutboundMessage } from '../repositories/outbound-message.js';
import { OutboundEntries } from './outbound-entries.js';
import type { OutboundEntry, Outcome } from './outbound-entry.js';
import { type LineListener, OutboundLine } from './outbound-line.js';
import { OutboundLoop } from './outbound-loop.js';
import type { OutboundRecorder } from './outbound-recorder.js';
import { outcomeOf } from './outbound-request.js';
import { writeMessage } from './outbound-write.js';
import type { ReceiptBatcher } from './receipt-batcher.js';
import type { SessionSettings } from './session-settings.js';
import { withTimeout } from './with-timeout.js';

/** What the queues of all instances share. */
export interface QueueParts {
  messages: MessagesRepository;
  receipts: ReceiptBatcher;
  recorder: OutboundRecorder;
  settings: SessionSettings;
  /** Messages whose caller was told that they were not stored: they are not sent. */
  disowned: ReadonlySet<string>;
  /** Told of faults of the database; the queue tries again. */
  onFault: (error: unknown) => void;
}

/**
 * The messages of one instance on their way out, in the order in which they were stored. One is written at a time, as
 * Baileys does anyway, so the order holds for each chat. What a lost line leaves in doubt is written again on the next
 * one, before anything newer, under its id: recipients drop what they have.
 */
export class OutboundQueue implements LineListener {
  private readonly entries = new OutboundEntries();
  private line: OutboundLine | undefined;
  private readonly lineListeners = new Set<() => void>();
  private isClosed = false;
  private reserved = 0;
  private readonly loop: OutboundLoop;

  constructor(
    private readonly instanceId: string,
    private readonly parts: QueueParts,
  ) {
    this.loop = new OutboundLoop(() => this.nextTask(), parts.settings.outbound.pauseMs, parts.onFault);
  }

  get isIdle(): boolean {
    return this.entries.size === 0 && this.reserved === 0 && !this.openLine;
  }

  /**
   * Keeps a place for a message that is about to be stored.
   * @returns gives the place back, to be called when the message was added or given up
   * @throws InvalidStateError `send_queue_full`
   */
  reserve(): () => void {
    if (this.reserved + this.entries.newCount >= this.parts.settings.outbound.maxWaiting) {
      throw new InvalidStateError(
        'send_queue_full',
        'Too many messages wait to be sent; try again in a moment.',
      );
    }
    this.reserved += 1;
    return () => void (this.reserved -= 1);
  }

  /** The line, while frames can leave through it. */
  get openLine(): OutboundLine | undefined {
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

  lineOpened(socket: WASocket): void {
    if (this.isClosed) {
      return;
    }
    this.line?.end();
    this.line = new OutboundLine(socket, this);
    // Of a socket that is gone nothing leaves any more: whatever it had is no longer in flight.
    this.entries.all().forEach((entry) => entry.repeat());
    this.lineListeners.forEach((listener) => listener());
    this.loop.wake();
  }

  /**
   * Takes a message that is stored; after the close it is left to the next process.
   * @param isNew nobody else can have tried to send it
   */
  add(message: OutboundMessage, isNew: boolean): OutboundEntry {
    const entry = this.entries.take(message, isNew);
    if (this.isClosed) {
      this.over(entry, { status: 'unknown' });
    }
    this.loop.wake();
    return entry;
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

  onAccepted(whatsappMessageId: string): void {
    this.conclude(this.entries.get(whatsappMessageId), { status: 'sent' });
  }

  onRefused(whatsappMessageId: string, code: string): void {
    const reason = `whatsapp_error_${code}`;
    this.conclude(this.entries.get(whatsappMessageId), { status: 'failed', reason });
  }

  /** Writes nothing more, waits a moment for what was written, and tells everybody else that nobody knows. */
  async close(waitMs: number): Promise<void> {
    this.isClosed = true;
    this.loop.stop();
    this.lineListeners.forEach((listener) => listener());
    const written = [...this.entries.inState('written'), ...this.entries.inState('writing')];
    const settled = Promise.all(written.map(({ outcome }) => outcome));
    await withTimeout(settled, waitMs, () => new Error('not acknowledged yet')).catch(() => undefined);
    this.line?.end();
    this.entries.all().forEach((entry) => this.over(entry, { status: 'unknown' }));
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
    return first && (() => this.write(line, first));
  }

  /** Takes up what is in doubt. Receipts that WhatsApp kept for us come first: they may say how it went. */
  private async reconcile(line: OutboundLine): Promise<void> {
    const { messages, receipts, settings, disowned } = this.parts;
    const open = await messages.listOpenOutbound(this.instanceId, settings.outbound.maxTakenUp);
    for (const message of open) {
      this.add(message, false);
    }
    for (const entry of this.entries.all()) {
      if (disowned.has(entry.message.whatsappMessageId)) {
        this.conclude(entry, { status: 'failed', reason: 'not_stored_in_time' });
      }
    }
    if (this.entries.hasRepeats) {
      await line.settled(settings.outbound.settleMs);
      await receipts.flush();
    }
    line.isReconciled = true;
  }

  private async write(line: OutboundLine, entry: OutboundEntry): Promise<void> {
    const { settings } = this.parts;
    if ((entry.isRepeat && !(await this.mayRepeat(entry))) || this.openLine !== line) {
      return;
    }
    entry.writing(line);
    const result = await writeMessage(line, entry.message, settings.sendMs);
    if (!entry.isWritingOn(line)) {
      return;
    }
    if (result.kind === 'written') {
      entry.written(settings.sendAckMs, () => this.doubt(entry));
    } else if (result.kind === 'doubtful') {
      this.doubt(entry);
    } else {
      this.conclude(entry, { status: 'failed', reason: result.reason });
    }
  }

  /** The database may know by now how it went, or that it is too late. */
  private async mayRepeat(entry: OutboundEntry): Promise<boolean> {
    const { messages, settings } = this.parts;
    const { status, error } = await messages.repeatOutbound(entry.message.messageId, settings.outbound);
    const outcome = outcomeOf(status, error);
    if (outcome.status !== 'unknown') {
      this.over(entry, outcome);
    }
    return !entry.isOver;
  }

  private doubt(entry: OutboundEntry): void {
    entry.doubt();
    void this.parts.recorder.record(entry.message, { status: 'unknown' });
    this.loop.wake();
  }

  private conclude(entry: OutboundEntry | undefined, outcome: Outcome): void {
    if (entry && !entry.isOver) {
      entry.finish();
      void this.parts.recorder.record(entry.message, outcome).then((told) => this.over(entry, told));
      this.loop.wake();
    }
  }

  private over(entry: OutboundEntry, outcome: Outcome): void {
    entry.settle(outcome);
    this.entries.delete(entry);
  }
}
