import type { BinaryNode } from '@whiskeysockets/baileys';
import { addressOf } from '../decoding/chat-names.js';
import { FairQueue } from '../../common/fair-queue.js';
import type { Stage } from './stanza-pipeline.js';

/** Of one connection; what a phone that was long away asks for at once is far less. */
export const MAX_WAITING_REQUESTS = 500;

/** What a guard asks about a request for new copies of messages, and what it does with one that it keeps back. */
export interface RetryGuardParts {
  /** Whether the requester may have them. Rejects where that can not be told: the request is left unanswered, and WhatsApp repeats it on the next connection. */
  mayHave: (receipt: BinaryNode) => Promise<boolean>;
  refuse: (receipt: BinaryNode) => unknown;
  /** Told when requests begin to be left unanswered because too many wait. */
  onFull: () => void;
  /** Aborted when the connection is over: what waits is forgotten, and WhatsApp still has it. */
  ended: AbortSignal;
}

/**
 * Baileys sends a message again to each requester of its id. Behind this it hears of such a request only when the requester
 * may have the message; it is found out for one request after the other, and for those who ask in turn.
 *
 * Up to `MAX_WAITING_REQUESTS` wait. One more is left unanswered, of the requester who has most of them waiting: nothing is sent, and
 * WhatsApp repeats it on the next connection.
 */
export function guardRetries(parts: RetryGuardParts): Stage {
  const { refuse, ended } = parts;
  const line = new RequestLine(parts);
  return async (receipt, next) => {
    if (receipt.attrs['type'] === 'retry') {
      const allowed = await line.ask(receipt);
      if (allowed === undefined || ended.aborted) {
        return;
      }
      if (!allowed) {
        await refuse(receipt);
        return;
      }
    }
    await next(receipt);
  };
}

interface Waiting {
  receipt: BinaryNode;
  answer: PromiseWithResolvers<boolean | undefined>;
}

/** Asks about one request after the other; each asker has a turn. */
class RequestLine {
  private readonly waiting = new FairQueue<Waiting>();
  private isRunning = false;
  private wasFull = false;

  constructor(private readonly parts: Omit<RetryGuardParts, 'refuse'>) {}

  /** @returns undefined of what nobody asks about, because too many wait or it is too late */
  ask(receipt: BinaryNode): Promise<boolean | undefined> {
    const answer = Promise.withResolvers<boolean | undefined>();
    this.waiting.push(addressOf(receipt.attrs['from']) ?? '', { receipt, answer });
    if (this.waiting.size + (this.isRunning ? 1 : 0) > MAX_WAITING_REQUESTS) {
      this.waiting.dropFromLongest()?.answer.resolve(undefined);
      if (!this.wasFull) {
        this.wasFull = true;
        this.parts.onFull();
      }
    }
    if (!this.isRunning) {
      this.isRunning = true;
      void this.run();
    }
    return answer.promise;
  }

  private async run(): Promise<void> {
    const { mayHave, ended } = this.parts;
    for (let turn = this.waiting.shift(); turn !== undefined; turn = this.waiting.shift()) {
      const { receipt, answer } = turn.item;
      try {
        answer.resolve(ended.aborted ? undefined : await mayHave(receipt));
      } catch (error) {
        answer.reject(error);
      }
    }
    this.isRunning = false;
    this.wasFull = false;
  }
}
