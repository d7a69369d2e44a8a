import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DomainEventBus } from '../common/domain-events.js';
import { Logs } from '../logging/logs.js';
import { FencedError } from '../repositories/fenced-error.js';
import { InstanceStatusRepository, type StatusChange } from '../repositories/instance-status.repository.js';
import { isUnavailable } from './commit-fault.js';

/** Attempts while the database is away: with the pauses between them about a minute. */
const MAX_ATTEMPTS = 12;

/** Writes the standing of instances, in order for each, and tells the process of the events stored with it. */
@Injectable()
export class StatusPublisher {
  private readonly log: Logger;
  private readonly tails = new Map<string, Promise<void>>();

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
    const before = this.tails.get(instanceId) ?? Promise.resolve();
    const mine = before.then(() => this.store(change));
    this.tails.set(instanceId, mine);
    void mine.then(() => {
      if (this.tails.get(instanceId) === mine) {
        this.tails.delete(instanceId);
      }
    });
    return mine;
  }

  /** Waits for everything that is queued. */
  async settled(): Promise<void> {
    await Promise.all(this.tails.values());
  }

  private async store(change: StatusChange): Promise<void> {
    const { instanceId } = change;
    for (let attempt = 1; ; attempt++) {
      try {
        const event = await this.statuses.setStatus(change);
        if (event) {
          this.bus.emit('events.committed', [event]);
        }
        return;
      } catch (err) {
        if (!isUnavailable(err) || attempt === MAX_ATTEMPTS) {
          const level = err instanceof FencedError ? 'info' : 'error';
          this.log[level]({ err, instanceId }, 'instance status not stored');
          return;
        }
        await delay(Math.min(100 * 2 ** attempt, 10_000));
      }
    }
  }
}
