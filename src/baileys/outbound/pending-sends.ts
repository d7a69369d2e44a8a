import { AppError } from '../../common/app-error.js';
import type { OutboundMessage } from '../../repositories/outbound-message.js';
import type { OutboundSettings } from '../settings/outbound-settings.js';
import { PendingSend, type SendState } from './pending-send.js';

/** The messages of one instance of which it is not known yet how sending went, by WhatsApp id, and how many there may be. */
export class PendingSends {
  private readonly byId = new Map<string, PendingSend>();
  private reserved = 0;

  /** @param onChange called when there may be another message to write */
  constructor(
    private readonly bounds: Pick<
      OutboundSettings,
      'maxWaiting' | 'maxUnconfirmed' | 'maxPreparing' | 'sameLineMs'
    >,
    private readonly onChange: () => void,
  ) {}

  /** No message is on its way or about to be stored. */
  get isEmpty(): boolean {
    return this.byId.size === 0 && this.reserved === 0;
  }

  /** Whether another message may be stored. */
  get hasPlace(): boolean {
    const waiting = this.inState('waiting', 'preparing').filter(({ isRepeat }) => !isRepeat);
    return this.reserved + waiting.length < this.bounds.maxWaiting;
  }

  /** Whether messages are to be written again. */
  get hasRepeats(): boolean {
    return this.inState('waiting').some(({ isRepeat }) => isRepeat);
  }

  /** The message to be written next; none while too many wait for WhatsApp's word. */
  get next(): PendingSend | undefined {
    if (this.inState('written', 'doubtful').length >= this.bounds.maxUnconfirmed) {
      return undefined;
    }
    return inOrder(this.inState('waiting').filter(({ lacksFile }) => !lacksFile))[0];
  }

  /** The message whose file is to be brought to WhatsApp next; none while as many are on their way as may be. */
  get nextWithFile(): PendingSend | undefined {
    return this.inState('preparing').length < this.bounds.maxPreparing
      ? inOrder(this.inState('waiting').filter(({ lacksFile }) => lacksFile))[0]
      : undefined;
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

  /**
   * @param isNew no other process can have tried to send it
   * @returns the message as it is pending already, or is from now on
   */
  take(message: OutboundMessage, isNew: boolean): PendingSend {
    const id = message.whatsappMessageId;
    const known = this.byId.get(id);
    if (known) {
      return known;
    }
    const pending = new PendingSend(message, !isNew, () => {
      if (pending.isSettled && this.byId.get(id) === pending) {
        this.byId.delete(id);
      }
      this.onChange();
    });
    this.byId.set(id, pending);
    return pending;
  }

  find(whatsappMessageId: string): PendingSend | undefined {
    return this.byId.get(whatsappMessageId);
  }

  all(): PendingSend[] {
    return [...this.byId.values()];
  }

  inState(...states: SendState[]): PendingSend[] {
    return this.all().filter(({ state }) => states.includes(state));
  }

  /** Those that have been in doubt for long on a connection that is up are written again. */
  repeatSilent(): void {
    const silentSince = Date.now() - this.bounds.sameLineMs;
    const silent = this.inState('doubtful').filter(({ changedAt }) => changedAt <= silentSince);
    silent.forEach((pending) => pending.repeat());
  }
}

/** The first stored comes first. */
function inOrder(sends: readonly PendingSend[]): PendingSend[] {
  return sends.toSorted((a, b) => a.message.ordinal - b.message.ordinal);
}
