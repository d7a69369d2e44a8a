import type { PersonAddress } from '../../common/inbox.js';
import { codeOfWhatsApp, type SendFailureCode } from '../../common/send-failures.js';
import type { PendingSends } from './pending-sends.js';
import type { PendingSend, Outcome } from './pending-send.js';
import type { LineListener } from './send-connection.js';
import type { OutcomeRecorder } from './outcome-recorder.js';
import { isChatWith } from './receipt-chat.js';

/**
 * Says how sending the messages of one instance went. What WhatsApp has taken is told to whoever waits at once, and stored
 * meanwhile: if the process dies first, the message is in doubt as any other, and is repeated under its id. Whatever else is
 * stored first.
 */
export class OutboundOutcomes implements LineListener {
  /**
   * @param refusedMs pause before a message is written again whose repeat was refused
   * @param onChange called when there may be room for another message
   */
  constructor(
    private readonly entries: PendingSends,
    private readonly recorder: OutcomeRecorder,
    private readonly refusedMs: number,
    private readonly onChange: () => void,
  ) {}

  onAccepted(whatsappMessageId: string): void {
    this.conclude(this.entries.get(whatsappMessageId), { status: 'sent' });
  }

  isInDoubt(whatsappMessageId: string): boolean {
    return this.entries.get(whatsappMessageId)?.isOver === false;
  }

  onReceipt(whatsappMessageId: string, chat: PersonAddress): void {
    const entry = this.entries.get(whatsappMessageId);
    if (entry && isChatWith(chat, entry.message.chatJid)) {
      this.conclude(entry, { status: 'sent' });
    }
  }

  onRefused(whatsappMessageId: string, code: string): void {
    const entry = this.entries.get(whatsappMessageId);
    if (entry) {
      this.fail(entry, codeOfWhatsApp(code), `WhatsApp's error ${code}`);
    }
  }

  /** A try failed; `cause` is for the log. That says nothing of an earlier one: then it is tried again, until the database says that it is enough. */
  fail(entry: PendingSend, reason: SendFailureCode, cause: string): void {
    if (!entry.mayHaveArrived) {
      this.conclude(entry, { status: 'failed', reason, cause });
    } else {
      this.postpone(entry);
    }
  }

  /** This try came to nothing, and the next may go better. */
  postpone(entry: PendingSend): void {
    if (!entry.isOver) {
      entry.doubtFor(this.refusedMs, this.onChange);
      void this.recorder.record(entry.message, { status: 'unknown' });
      this.onChange();
    }
  }

  /** Nobody knows whether it left. */
  doubt(entry: PendingSend): void {
    entry.doubt();
    void this.recorder.record(entry.message, { status: 'unknown' });
    this.onChange();
  }

  /** It is known how it went. */
  conclude(entry: PendingSend | undefined, outcome: Outcome): void {
    if (entry && !entry.isOver) {
      if (outcome.status === 'sent') {
        entry.told(outcome);
      } else {
        entry.finish();
      }
      void this.recorder.record(entry.message, outcome).then((told) => this.tell(entry, told));
      this.onChange();
    }
  }

  /** Ends an entry with what is stored already. */
  tell(entry: PendingSend, outcome: Outcome): void {
    entry.settle(outcome);
    this.entries.delete(entry);
  }
}
