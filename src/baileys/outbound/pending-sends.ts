import type { OutboundMessage } from '../../repositories/outbound-message.js';
import { type SendState, PendingSend } from './pending-send.js';

/** The messages of one instance of which nobody knows yet how sending went, by WhatsApp id. */
export class PendingSends {
  private readonly byId = new Map<string, PendingSend>();

  get size(): number {
    return this.byId.size;
  }

  /** Messages that were written and that nobody has confirmed. */
  get unconfirmedCount(): number {
    return this.inState('written').length + this.inState('doubtful').length;
  }

  /** Messages that were never written. */
  get newCount(): number {
    return this.inState('waiting').filter(({ isRepeat }) => !isRepeat).length;
  }

  /** Whether messages are to be written again. */
  get hasRepeats(): boolean {
    return this.inState('waiting').some(({ isRepeat }) => isRepeat);
  }

  /** The message to be written next. */
  get first(): PendingSend | undefined {
    return this.inState('waiting').toSorted((a, b) => a.message.ordinal - b.message.ordinal)[0];
  }

  all(): PendingSend[] {
    return [...this.byId.values()];
  }

  inState(state: SendState): PendingSend[] {
    return this.all().filter((entry) => entry.state === state);
  }

  get(whatsappMessageId: string): PendingSend | undefined {
    return this.byId.get(whatsappMessageId);
  }

  /** @returns the message's entry, a new one where there was none */
  take(message: OutboundMessage, isNew: boolean): PendingSend {
    let entry = this.byId.get(message.whatsappMessageId);
    if (!entry) {
      entry = new PendingSend(message, !isNew);
      this.byId.set(message.whatsappMessageId, entry);
    }
    return entry;
  }

  delete(entry: PendingSend): void {
    this.byId.delete(entry.message.whatsappMessageId);
  }
}
