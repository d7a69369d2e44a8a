import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';
import { LedgerSettings } from './ledger-settings.js';

/** Gives up, from time to time, on messages whose readable copy did not come. Runs where the worker runs. */
@Injectable()
export class UndecryptedSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: ReturnType<Logs['component']>;
  private seat: TickSeat | undefined;

  constructor(
    private readonly ticker: Ticker,
    private readonly settings: LedgerSettings,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
  }

  /** Starts, unless the configuration says that no worker runs here. */
  onApplicationBootstrap(): void {
    if (hasWorker(this.config)) {
      this.seat = this.ticker.join({
        part: 'undecrypted',
        everyMs: this.settings.sweepIntervalMs,
        ask: () => ({ afterMs: this.settings.giveUpAfterMs }),
        answered: (count) => {
          if (count > 0) {
            this.log.warn({ count }, 'undecryptable messages given up');
          }
        },
      });
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.seat?.leave();
  }
}
