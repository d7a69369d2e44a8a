import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PeriodicTask } from '../common/periodic-task.js';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { DataKeysRepository } from '../repositories/data-keys.repository.js';

const INTERVAL_MS = 60_000;

/**
 * Shreds the inbox keys of deleted instances, as soon as nothing that they received waits any more. Runs where a worker runs:
 * without one, nothing is emptied.
 */
@Injectable()
export class KeyShredder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: ReturnType<Logs['component']>;
  private readonly task = new PeriodicTask(() => this.shred());

  constructor(
    private readonly dataKeys: DataKeysRepository,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('keys');
  }

  onApplicationBootstrap(): void {
    if (hasWorker(this.config)) {
      this.task.start(INTERVAL_MS);
    }
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }

  /** Never rejects. */
  private async shred(): Promise<void> {
    try {
      const shredded = await this.dataKeys.shredDrained();
      if (shredded > 0) {
        this.log.info({ shredded }, 'keys of deleted instances shredded');
      }
    } catch (err) {
      this.log.warn({ err }, 'keys of deleted instances not shredded yet');
    }
  }
}
