import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { PersonAddress } from '../../common/inbox.js';
import { Logs } from '../../logging/logs.js';
import { MessagesRepository, type Receipt } from '../../repositories/messages.repository.js';

const FLUSH_MS = 50;
const RETRY_MS = 1_000;
const MAX_BATCH = 500;
/** More waiting than this: the oldest are dropped; a later receipt of the message heals it. */
const MAX_WAITING = 20_000;
/** Of so many it is being found out at a time who sent them: further ones are dropped, and healed the same way. */
export const MAX_COMING = 5_000;
const RANK: Record<Receipt['status'], number> = { sent: 0, delivered: 1, read: 2 };

/** Collects receipts for outbound messages and applies them in batches; of what one chat says of a message the highest counts. */
@Injectable()
export class ReceiptBatcher {
  private readonly log: Logger;
  private readonly waiting = new Map<string, Receipt>();
  private readonly coming = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    private readonly messages: MessagesRepository,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  /** @param chat who said so, or finds it out; a receipt of which that can't be found out is lost, as the session is */
  add(receipt: Omit<Receipt, 'chat'>, chat: PersonAddress | (() => Promise<PersonAddress>)): void {
    if (typeof chat !== 'function') {
      this.take({ ...receipt, chat });
      return;
    }
    if (this.coming.size >= MAX_COMING) {
      return;
    }
    const coming = chat().then(
      (person) => this.take({ ...receipt, chat: person }),
      (err: unknown) => this.log.warn({ err, instanceId: receipt.instanceId }, 'receipt not understood'),
    );
    this.coming.add(coming);
    void coming.finally(() => this.coming.delete(coming));
  }

  /** Applies what waits now. Never rejects. */
  async flush(): Promise<void> {
    await Promise.all(this.coming);
    await this.applyNext();
  }

  /** Applies what waits and stops. */
  async close(): Promise<void> {
    await this.flush();
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private take(receipt: Receipt): void {
    // What somebody else says of a message must not hide what its recipient says.
    const { instanceId, whatsappMessageId, chat } = receipt;
    const key = [instanceId, whatsappMessageId, chat.phone ?? '', chat.lid ?? ''].join('/');
    const known = this.waiting.get(key);
    if (!known || RANK[receipt.status] > RANK[known.status]) {
      this.waiting.set(key, receipt);
    }
    if (this.waiting.size > MAX_WAITING) {
      this.waiting.delete(this.waiting.keys().next().value!);
    }
    this.schedule(FLUSH_MS);
  }

  private async applyNext(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.flushing;
    this.flushing = this.apply();
    await this.flushing;
  }

  private async apply(): Promise<void> {
    const batch = [...this.waiting].slice(0, MAX_BATCH);
    batch.forEach(([key]) => this.waiting.delete(key));
    try {
      await this.messages.applyReceipts(batch.map(([, receipt]) => receipt));
    } catch (err) {
      this.log.warn({ err, receipts: batch.length }, 'receipts not stored yet');
      for (const [key, receipt] of batch) {
        const newer = this.waiting.get(key);
        if (!newer || RANK[newer.status] < RANK[receipt.status]) {
          this.waiting.set(key, receipt);
        }
      }
      this.schedule(RETRY_MS);
      return;
    }
    if (this.waiting.size > 0) {
      this.schedule(0);
    }
  }

  private schedule(ms: number): void {
    if (!this.isClosed) {
      this.timer ??= setTimeout(() => void this.applyNext(), ms);
    }
  }
}
