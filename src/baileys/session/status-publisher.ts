import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DomainEventBus } from '../../common/domain-events.js';
import { Logs } from '../../logging/logs.js';
import { FencedError } from '../../repositories/fenced-error.js';
import {
  InstanceStatusRepository,
  type StatusChange,
} from '../../repositories/instance-status.repository.js';
import { Backoff } from '../../common/backoff.js';
import { readCommitFault } from '../storage/commit-fault.js';
import { StatusQueue } from './status-queue.js';

const RETRY = { baseMs: 200, maxMs: 2_000 };

/**
 * Writes the status of instances, in order for each, and tells the process of the events stored with it. While the
 * database is away changes wait, so that it tells the truth soon after it is back.
 */
@Injectable()
export class StatusPublisher {
  private readonly log: Logger;
  private readonly queues = new Map<string, StatusQueue>();
  private readonly work = new Map<string, Promise<void>>();
  /** Under which epoch this process took an instance over last, of those of which changes wait. */
  private readonly epochs = new Map<string, number>();
  private isClosed = false;

  constructor(
    private readonly statuses: InstanceStatusRepository,
    private readonly bus: DomainEventBus,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  /**
   * Queues a change behind earlier ones of the same instance.
   * @returns settles when it is stored or given up; never rejects
   */
  publish(change: StatusChange): Promise<void> {
    const { instanceId } = change;
    const queue = this.queues.get(instanceId) ?? new StatusQueue();
    this.queues.set(instanceId, queue);
    const stored = queue.push(change);
    if (!this.work.has(instanceId)) {
      this.work.set(instanceId, this.drain(instanceId, queue));
    }
    return stored;
  }

  /**
   * This process took an instance over anew: what it had to say of it under an earlier epoch still holds.
   * @param epoch of the new ownership
   */
  takenOver(instanceId: string, epoch: number): void {
    if (this.work.has(instanceId)) {
      this.epochs.set(instanceId, epoch);
    }
  }

  /** Waits for everything that is queued. */
  async settled(): Promise<void> {
    await Promise.all(this.work.values());
  }

  /** From now on a change that can't be stored at once is given up. */
  close(): void {
    this.isClosed = true;
  }

  private async drain(instanceId: string, queue: StatusQueue): Promise<void> {
    // Not before `publish` has noted that it is under way.
    await Promise.resolve();
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await this.store(next.change);
      next.done.forEach(({ resolve }) => resolve());
    }
    this.queues.delete(instanceId);
    this.work.delete(instanceId);
    this.epochs.delete(instanceId);
  }

  private async store(queued: StatusChange): Promise<void> {
    const { instanceId } = queued;
    let change = queued;
    const backoff = new Backoff(RETRY);
    for (let attempt = 1; ; attempt++) {
      try {
        const event = await this.statuses.setStatus(change);
        if (event) {
          this.bus.emit('events.committed', [event]);
        }
        return;
      } catch (err) {
        const epoch = this.epochs.get(instanceId) ?? 0;
        if (err instanceof FencedError && epoch > (change.epoch ?? Infinity)) {
          change = { ...change, epoch };
          continue;
        }
        if (readCommitFault(err).kind !== 'in_doubt' || this.isClosed) {
          const level = err instanceof FencedError ? 'info' : 'error';
          this.log[level]({ err, instanceId }, 'instance status not stored');
          return;
        }
        if (attempt === 1) {
          this.log.warn({ err, instanceId }, 'instance status waits: database not available');
        }
        await delay(RETRY.baseMs / 2 + backoff.nextDelayMs(), undefined, { ref: false });
      }
    }
  }
}
