import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';
import { MessageSearchRepository } from './message-search.repository.js';

const EVERY_MS = 5_000;
/** So many take a tenth of a second. */
const BATCH = 500;

/**
 * Takes messages up for searches, where the worker runs, with as much time between two batches as one takes: what is received live
 * hardly waits for it. Searches find what waits nevertheless, only more slowly.
 */
@Injectable()
export class SearchIndexer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: Logger;
  private readonly ending = new AbortController();
  private seat: TickSeat | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly ticker: Ticker,
    private readonly messages: MessageSearchRepository,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('searchIndexer');
  }

  /** Starts, unless the configuration says that no worker runs here. */
  onApplicationBootstrap(): void {
    if (hasWorker(this.config)) {
      this.seat = this.ticker.join({
        part: 'search',
        everyMs: EVERY_MS,
        ask: () => (this.running ? undefined : true),
        answered: ({ isWaiting }) => {
          if (isWaiting) {
            this.running ??= this.run().finally(() => (this.running = undefined));
          }
        },
      });
    }
  }

  /** What is left goes on after the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    this.ending.abort();
    await this.seat?.leave();
    await this.running;
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    const { signal } = this.ending;
    try {
      for (let isMore = true; isMore && !signal.aborted;) {
        const startedAt = performance.now();
        const { more } = await this.messages.takeUp(BATCH);
        isMore = more;
        if (isMore) {
          await delay(performance.now() - startedAt, undefined, { signal });
        }
      }
    } catch (err) {
      if (!signal.aborted) {
        this.log.warn({ err }, 'messages are taken up for searches later');
      }
    }
  }
}
