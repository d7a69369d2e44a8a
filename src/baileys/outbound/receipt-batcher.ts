import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { PersonAddress } from '../../common/inbox.js';
import { DomainEventBus } from '../../common/domain-events.js';
import { Logs } from '../../logging/logs.js';
import { MessagesRepository, type Receipt } from '../../repositories/messages.repository.js';

const FLUSH_MS = 50;
const RETRY_MS = 1_000;
const MAX_BATCH = 500;
/** More waiting than this: the oldest are dropped; a later receipt of the message heals it. */
const MAX_WAITING = 20_000;
/** Of so many of one instance it is being found out at a time who sent them. Further ones are dropped, which a later receipt heals. */
export const MAX_COMING = 500;

/** Collects receipts for outbound messages and applies them in batches, with the events that tell of them. */
@Injectable()
export class ReceiptBatcher {
  private readonly log: Logger;
  private readonly waiting = new Map<string, Receipt>();
  /** Of each instance what is being found out. */
  private readonly coming = new Map<string, Set<Promise<void>>>();
  /** Instances whose receipts are dropped until all that wait are found out. */
  private readonly dropping = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    private readonly messages: MessagesRepository,
    private readonly bus: DomainEventBus,
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
    const { instanceId } = receipt;
    const ofInstance = this.coming.get(instanceId) ?? new Set();
    if (ofInstance.size >= MAX_COMING) {
      this.tellOfDropping(instanceId);
      return;
    }
    const coming = chat().then(
      (person) => this.take({ ...receipt, chat: person }),
      (err: unknown) => this.log.warn({ err, instanceId }, 'receipt not understood'),
    );
    this.coming.set(instanceId, ofInstance.add(coming));
    void coming.finally(() => {
      ofInstance.delete(coming);
      if (ofInstance.size === 0) {
        this.coming.delete(instanceId);
        this.dropping.delete(instanceId);
      }
    });
  }

  /** Applies what waits now. Never rejects. */
  async flush(): Promise<void> {
    await Promise.all([...this.coming.values()].flatMap((ofInstance) => [...ofInstance]));
    await this.applyNext();
  }

  /** Applies what waits and stops. */
  async close(): Promise<void> {
    await this.flush();
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private tellOfDropping(instanceId: string): void {
    if (!this.dropping.has(instanceId)) {
      this.dropping.add(instanceId);
      this.log.warn({ instanceId, waiting: MAX_COMING }, 'receipts dropped: too many wait for the database');
    }
  }

  private take(receipt: Receipt): void {
    // What somebody else says of a message must not hide what its recipient says.
    const { instanceId, whatsappMessageId, chat, status } = receipt;
    const key = [instanceId, whatsappMessageId, chat.phone ?? '', chat.lid ?? '', status].join('/');
    if (!this.waiting.has(key)) {
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
      const events = await this.messages.applyReceipts(batch.map(([, receipt]) => receipt));
      if (events.length > 0) {
        this.bus.emit('events.committed', events);
      }
    } catch (err) {
      this.log.warn({ err, receipts: batch.length }, 'receipts not stored yet');
      batch.forEach(([key, receipt]) => this.waiting.set(key, receipt));
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
