import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PeriodicTask } from '../common/periodic-task.js';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { IntegrityRepository } from '../repositories/integrity.repository.js';
import { LedgerSettings } from './ledger-settings.js';

/** Gives up, from time to time, on messages whose readable copy did not come. Runs where the worker runs. */
@Injectable()
export class UndecryptedSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: ReturnType<Logs['component']>;
  private readonly task = new PeriodicTask(() => this.run());

  constructor(
    private readonly integrity: IntegrityRepository,
    private readonly settings: LedgerSettings,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
  }

  /** Starts, unless the configuration says that no worker runs here. */
  onApplicationBootstrap(): void {
    if (hasWorker(this.config)) {
      this.task.start(this.settings.sweepIntervalMs);
    }
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    try {
      const count = await this.integrity.giveUpOverdue(this.settings.giveUpAfterMs);
      if (count > 0) {
        this.log.warn({ count }, 'undecryptable messages given up');
      }
    } catch (err) {
      this.log.warn({ err }, 'undecryptable messages can not be swept');
    }
  }
}
