import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';

const INTERVAL_MS = 60_000;

/**
 * Shreds the inbox keys of deleted instances, as soon as nothing that they received waits any more. Runs where a worker runs:
 * without one, nothing is emptied.
 */
@Injectable()
export class KeyShredder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: ReturnType<Logs['component']>;
  private seat: TickSeat | undefined;

  constructor(
    private readonly ticker: Ticker,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('keys');
  }

  onApplicationBootstrap(): void {
    if (hasWorker(this.config)) {
      this.seat = this.ticker.join({
        part: 'drained',
        everyMs: INTERVAL_MS,
        ask: () => true,
        answered: (shredded) => {
          if (shredded > 0) {
            this.log.info({ shredded }, 'keys of deleted instances shredded');
          }
        },
      });
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.seat?.leave();
  }
}
