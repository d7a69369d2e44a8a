import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Logs } from '../logging/logs.js';
import { MessagesRepository, type Receipt } from '../repositories/messages.repository.js';

const FLUSH_MS = 50;
const RETRY_MS = 1_000;
const MAX_BATCH = 500;
/** More waiting than this: the oldest are dropped; a later receipt of the message heals it. */
const MAX_WAITING = 20_000;
const RANK: Record<Receipt['status'], number> = { sent: 0, delivered: 1, read: 2 };

/** Collects receipts for outbound messages and applies them in batches; of each message the highest counts. */
@Injectable()
export class ReceiptBatcher {
  private readonly log: Logger;
  private readonly waiting = new Map<string, Receipt>();
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    private readonly messages: MessagesRepository,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  add(receipt: Receipt): void {
    const key = `${receipt.instanceId}/${receipt.whatsappMessageId}`;
    const known = this.waiting.get(key);
    if (!known || RANK[receipt.status] > RANK[known.status]) {
      this.waiting.set(key, receipt);
    }
    if (this.waiting.size > MAX_WAITING) {
      this.waiting.delete(this.waiting.keys().next().value!);
    }
    this.schedule(FLUSH_MS);
  }

  /** Applies what waits now. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.flushing;
    this.flushing = this.apply();
    await this.flushing;
  }

  /** Applies what waits and stops. */
  async close(): Promise<void> {
    await this.flush();
    this.isClosed = true;
    clearTimeout(this.timer);
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
      this.timer ??= setTimeout(() => void this.flush(), ms);
    }
  }
}
