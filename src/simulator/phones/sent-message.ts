import type { proto } from '@whiskeysockets/baileys';
import { withTimeout } from '../../common/with-timeout.js';
import type { Answer } from '../server/delivery/stanza-delivery.js';

/** A linked device refused a message for good. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused';

  constructor(
    readonly device: string,
    readonly code: number,
  ) {
    super(`device ${device} refused the message with ${code}`);
  }
}

/** One message on its way to one linked device. */
export interface MessageDelivery {
  /** Address of the device by phone number. */
  readonly device: string;
  /** Each time its stanza was written to the connection: `performance.now()` of the first, date of the first, and how often. */
  deliveredAt?: Date;
  deliveredAtMs?: number;
  timesDelivered: number;
  /** The answer that settled it. */
  answer?: Answer;
  /** Retry requests for it. */
  retries: number;
  /** Copies (original and retries) that are not answered yet. */
  outstanding: number;
}

/** A receipt that a client sent for this message. */
export interface MessageReceipt {
  readonly device: string;
  readonly type: 'delivered' | 'read' | 'played';
  readonly at: Date;
}

/** A message that a phone wrote, and what became of it. */
export class SentMessage {
  readonly sentAt = new Date();
  readonly sentAtMs = performance.now();
  readonly deliveries: MessageDelivery[] = [];
  readonly receipts: MessageReceipt[] = [];
  /** What it is, as it was composed; undefined for what a phone tells its own devices alone. */
  message: proto.IMessage | undefined;
  /** Seals what is done to it: votes, answers, edits. */
  secret: Uint8Array | undefined;
  /** Resolves, whatever the outcome, when there is one. */
  readonly settled: Promise<void>;
  private readonly outcome: Promise<void>;
  private succeed: () => void = () => undefined;
  private fail: (error: Error) => void = () => undefined;
  private complete = false;

  constructor(
    readonly id: string,
    /** Number of the author. */
    readonly from: string,
    /** Number of the receiver, or address of the group or channel. */
    readonly to: string,
    readonly text: string,
  ) {
    this.outcome = new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    this.settled = this.outcome.catch(() => undefined);
  }

  /** True when every linked device answered. */
  get isAcknowledged(): boolean {
    return this.complete && this.deliveries.every((delivery) => delivery.answer && !delivery.answer.error);
  }

  /**
   * Resolves when every linked device confirmed it (at once when there is none). Rejects with MessageRefused on a nack
   * that no retry follows, and with an Error after the timeout or when the device was unlinked.
   */
  acknowledged(timeoutMs = 30_000): Promise<void> {
    const late = () => new Error(`message ${this.id} not acknowledged in ${timeoutMs} ms`);
    return withTimeout(this.outcome, timeoutMs, late);
  }

  /** All copies are queued; from here on answers can complete the message. */
  dispatched(): void {
    this.complete = true;
    this.check();
  }

  /** Records an answer of a device. */
  settle(delivery: MessageDelivery, answer: Answer): void {
    delivery.outstanding--;
    if (delivery.answer === undefined || delivery.answer.error) {
      delivery.answer = answer;
    }
    this.check();
  }

  /** Gives up, as when the receiving device was unlinked or the simulator stops. */
  abandon(reason: string): void {
    this.fail(new Error(`message ${this.id}: ${reason}`));
  }

  private check(): void {
    if (!this.complete) {
      return;
    }
    const refused = this.deliveries.find((d) => d.answer?.error !== undefined && d.outstanding === 0);
    if (refused) {
      this.fail(new MessageRefused(refused.device, refused.answer?.error ?? 0));
    } else if (this.deliveries.every((d) => d.answer && !d.answer.error)) {
      this.succeed();
    }
  }
}
