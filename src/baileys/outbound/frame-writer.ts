import type { MessagesRepository } from '../../repositories/messages.repository.js';
import type { PendingSends } from './pending-sends.js';
import type { PendingSend } from './pending-send.js';
import type { SendConnection } from './send-connection.js';
import type { OutboundOutcomes } from './outbound-outcomes.js';
import { outcomeOf } from './send-request.js';
import { writeMessage } from './write-message.js';
import type { ReceiptBatcher } from './receipt-batcher.js';
import type { SessionSettings } from '../settings/session-settings.js';

/** What the writers of all instances share. */
export interface WriterParts {
  messages: MessagesRepository;
  receipts: ReceiptBatcher;
  settings: SessionSettings;
}

/** What a writer works on. */
export interface WriterQueue {
  entries: PendingSends;
  outcomes: OutboundOutcomes;
  /** Whether frames can still leave through this line. */
  isCurrent(line: SendConnection): boolean;
}

/** Writes the messages of one instance to a line. A fault of the database is thrown, for whoever repeats the step. */
export class FrameWriter {
  constructor(
    private readonly instanceId: string,
    private readonly parts: WriterParts,
    private readonly queue: WriterQueue,
  ) {}

  /** Takes up what is in doubt. Receipts that WhatsApp kept for us come first: they may say how it went. */
  async reconcile(line: SendConnection): Promise<void> {
    const { messages, receipts, settings } = this.parts;
    const { entries } = this.queue;
    const open = await messages.listOpenOutbound(this.instanceId, settings.outbound.maxTakenUp);
    for (const message of open) {
      entries.take(message, false);
    }
    if (entries.hasRepeats) {
      await line.settled(settings.outbound.settleMs);
      await receipts.flush();
    }
    line.isReconciled = true;
  }

  /** Writes one message; one that may have left before, only if the database says that it may leave again. */
  async write(line: SendConnection, entry: PendingSend): Promise<void> {
    const { settings } = this.parts;
    const { outcomes } = this.queue;
    if ((entry.isRepeat && !(await this.mayRepeat(line, entry))) || !this.queue.isCurrent(line)) {
      return;
    }
    entry.writing(line);
    const result = await writeMessage(line, entry.message, settings);
    if (!entry.isWritingOn(line)) {
      return;
    }
    if (result.kind === 'written') {
      entry.written(settings.sendAckMs, () => outcomes.doubt(entry));
    } else if (result.kind === 'doubtful') {
      outcomes.doubt(entry);
    } else if (result.kind === 'unanswered') {
      entry.neverLeft();
      outcomes.postpone(entry);
    } else {
      outcomes.fail(entry, result.reason, result.cause);
    }
  }

  /** The database may know by now how it went, or that it is too late. */
  private async mayRepeat({ epoch }: SendConnection, entry: PendingSend): Promise<boolean> {
    const { messages, settings } = this.parts;
    const { messageId, status: known, error: refusal } = entry.message;
    const { maxAgeMs, maxRepeats } = settings.outbound;
    const reopened = known === 'failed' ? refusal : undefined;
    const bounds = { maxAgeMs, maxRepeats, reopened };
    const { status, error } = await messages.repeatOutbound(messageId, epoch, bounds);
    const outcome = outcomeOf(status, error);
    if (outcome.status !== 'unknown') {
      this.queue.outcomes.tell(entry, outcome);
    }
    return !entry.isOver;
  }
}
