import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { HistoryDecoder, HistoryFault, type HistoryMessage } from '../common/history.js';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import {
  type ClaimedHistory,
  type HistoryEnd,
  HistoryRepository,
} from '../repositories/history.repository.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';
import { HistoryFetch } from './history-fetch.js';
import { HistorySettings } from './history-settings.js';

/** Somebody else has the piece by now, or nobody wants it any more. */
class ClaimLostError extends Error {}

/**
 * Stores what WhatsApp hands over of the time before, where the worker runs: one piece at a time, in small transactions, with as
 * much time between them as they take. So what is received live never waits long for it. What a process leaves half-done is
 * begun anew by the next one; what is stored already is not stored twice.
 */
@Injectable()
export class HistoryWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: Logger;
  private readonly worker = randomUUID();
  private readonly ending = new AbortController();
  private seat: TickSeat | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly ticker: Ticker,
    private readonly history: HistoryRepository,
    private readonly decoder: HistoryDecoder,
    private readonly source: HistoryFetch,
    private readonly settings: HistorySettings,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('historyWorker');
  }

  /** Starts, unless the configuration says that no worker runs here. */
  onApplicationBootstrap(): void {
    if (hasWorker(this.config)) {
      this.seat = this.ticker.join({
        part: 'history',
        everyMs: this.settings.everyMs,
        ask: () => (this.running ? undefined : true),
        answered: ({ isWaiting }) => {
          if (isWaiting) {
            this.running ??= this.run().finally(() => (this.running = undefined));
          }
        },
      });
    }
  }

  /** What is half-done goes on after the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    this.ending.abort();
    await this.seat?.leave();
    await this.running;
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    try {
      while (!this.ending.signal.aborted) {
        const claimed = await this.history.claim(this.worker, this.settings.leaseSeconds);
        if (claimed === null) {
          return;
        }
        await this.work(claimed);
      }
    } catch (err) {
      this.log.warn({ err }, 'history is fetched later');
    }
  }

  private async work(claimed: ClaimedHistory): Promise<void> {
    const { id, instanceId } = claimed;
    const end = await this.endOf(claimed);
    if (end) {
      await this.history.finish(id, this.worker, end);
      this.log.info({ instanceId, state: end.state ?? 'pending', reason: end.error }, 'history');
    }
  }

  /** @returns undefined where the claim is lost */
  private async endOf(claimed: ClaimedHistory): Promise<HistoryEnd | undefined> {
    const renewal = setInterval(
      () => void this.store(claimed, []).catch(() => undefined),
      (this.settings.leaseSeconds * 1_000) / 3,
    );
    const end: HistoryEnd = {};
    try {
      if (claimed.policy === null || claimed.policy === 'ignore') {
        return { state: 'skipped', error: claimed.policy === null ? 'instance_deleted' : 'switched_off' };
      }
      if (claimed.row === null) {
        return { state: 'skipped', error: 'no_body' };
      }
      end.notification = await this.decoder.notificationOf(claimed.row);
      if (end.notification.source) {
        const bytes = await this.source.open(end.notification.source);
        await this.storeAll(claimed, this.decoder.messagesOf(bytes, claimed.row.account));
      }
      return { ...end, state: 'done' };
    } catch (error) {
      return error instanceof ClaimLostError ? undefined : { ...end, ...this.afterFault(claimed, error) };
    } finally {
      clearInterval(renewal);
    }
  }

  private async storeAll(claimed: ClaimedHistory, messages: AsyncIterable<HistoryMessage>): Promise<void> {
    let batch: HistoryMessage[] = [];
    const flush = async () => {
      const startedAt = performance.now();
      await this.store(claimed, batch);
      batch = [];
      await delay(performance.now() - startedAt);
      this.ending.signal.throwIfAborted();
    };
    for await (const message of messages) {
      batch.push(message);
      if (batch.length >= this.settings.batch) {
        await flush();
      }
    }
    await flush();
  }

  private async store({ id }: ClaimedHistory, messages: readonly HistoryMessage[]): Promise<void> {
    const { leaseSeconds } = this.settings;
    const { bookingPolicy } = this.config;
    const isOurs = await this.history.store({
      id,
      worker: this.worker,
      leaseSeconds,
      bookingPolicy,
      messages,
    });
    if (!isOurs) {
      throw new ClaimLostError();
    }
  }

  private afterFault({ attempts, instanceId }: ClaimedHistory, error: unknown): HistoryEnd {
    if (this.ending.signal.aborted) {
      return { retrySeconds: 0 };
    }
    const isFault = error instanceof HistoryFault;
    const reason = isFault ? error.reason : 'not_stored';
    this.log.warn({ instanceId, reason, ...(!isFault && { err: error }) }, 'history not fetched');
    if ((isFault && error.isFinal) || attempts >= this.settings.attempts) {
      return { state: 'failed', error: reason };
    }
    const pause = this.settings.retrySeconds * 2 ** (attempts - 1);
    return { error: reason, retrySeconds: pause * (0.5 + Math.random() / 2) };
  }
}
