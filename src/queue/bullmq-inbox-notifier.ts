import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { CoalescedRun } from '../common/coalesced-run.js';
import { Logs } from '../logging/logs.js';
import { RedisLinks } from '../redis/redis-links.js';
import { InboxNotifier } from './inbox-notifier.js';
import { EmbeddedInboxNotifier } from './embedded-inbox-notifier.js';
import type { InboxQueue } from './inbox-queue.js';

/** Instances that wait to be announced; of more than that the sweep hears. */
const MAX_WAITING = 10_000;
const MAX_PER_CALL = 200;
const RETRY_MS = 1_000;

/**
 * Rings in all processes: one job for each instance, however often it rings, and one more for what rings while its job is
 * being worked on. While Redis is away rings wait, bounded, and reach the worker of this process, where there is one.
 */
@Injectable()
export class BullmqInboxNotifier extends InboxNotifier implements BeforeApplicationShutdown {
  /** For rings that do not get out. */
  private readonly here: EmbeddedInboxNotifier;
  private readonly waiting = new Set<string>();
  private readonly flushing = new CoalescedRun(() => this.flush());
  private retryTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queue: InboxQueue,
    private readonly links: RedisLinks,
    logs: Logs,
  ) {
    super();
    this.here = new EmbeddedInboxNotifier(logs);
    // Who wants to know that Redis is away hears it from the links.
    queue.on('error', () => undefined);
    links.queue.on('ready', () => this.schedule());
  }

  override notify(instanceId: string): void {
    if (this.waiting.size < MAX_WAITING) {
      this.waiting.add(instanceId);
    }
    if (this.isReady) {
      this.schedule();
    } else {
      this.here.notify(instanceId);
    }
  }

  /** @param listener called only for instances that can not be announced to all processes at the moment */
  override onNotification(listener: (instanceId: string) => void): () => void {
    return this.here.onNotification(listener);
  }

  beforeApplicationShutdown(): void {
    clearTimeout(this.retryTimer);
  }

  private get isReady(): boolean {
    return this.links.queue.status === 'ready';
  }

  private schedule(): void {
    if (this.waiting.size > 0) {
      void this.flushing.run();
    }
  }

  /** Never rejects. */
  private async flush(): Promise<void> {
    // Rings of one turn go together.
    await nextTurn();
    while (this.waiting.size > 0 && this.isReady) {
      const instanceIds = [...this.waiting].slice(0, MAX_PER_CALL);
      instanceIds.forEach((instanceId) => this.waiting.delete(instanceId));
      try {
        await this.queue.addBulk(instanceIds.map(toJob));
      } catch {
        for (const instanceId of instanceIds) {
          this.waiting.add(instanceId);
          this.here.notify(instanceId);
        }
        clearTimeout(this.retryTimer);
        this.retryTimer = setTimeout(() => this.schedule(), RETRY_MS);
        break;
      }
    }
  }
}

function toJob(instanceId: string) {
  return {
    name: 'ring',
    data: { instanceId },
    opts: { deduplication: { id: instanceId, keepLastIfActive: true } },
  };
}
