import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis, RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import { RepeatedTask } from '../common/repeated-task.js';
import { withTimeout } from '../common/with-timeout.js';
import type { AppConfig } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import { IMPATIENT, PATIENT, SUBSCRIBING } from './redis-options.js';

const WATCH_INTERVAL_MS = 5_000;
const PING_TIMEOUT_MS = 1_000;
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * The connections of this process to Redis. They come back by themselves; the log tells once of a loss and once of the
 * recovery, and nobody fails to start because Redis is away.
 */
@Injectable()
export class RedisLinks implements OnApplicationShutdown {
  /** Names what belongs to this deployment: channels are shared by all databases of a Redis. */
  readonly prefix: string;
  /** For commands; fails fast. */
  readonly commands: Redis;
  /** For subscriptions alone. */
  readonly subscriber: Redis;
  /** For BullMQ, which opens more of its kind. */
  readonly queue: Redis;
  private readonly log: Logger;
  /** A link on which nothing is asked would not notice that the other end is gone. */
  private readonly watch = new RepeatedTask(() => this.pingBoth(), {
    everyMs: WATCH_INTERVAL_MS,
    onFailure: () => undefined,
  });
  private isLost = false;
  private cause: string | undefined;

  private constructor(client: typeof Redis, url: string, logs: Logs) {
    this.log = logs.component('redis');
    const open = (options: RedisOptions) => this.heedErrors(new client(url, options));
    this.commands = open(IMPATIENT);
    this.subscriber = open(SUBSCRIBING);
    this.queue = open(PATIENT);
    this.prefix = `auzap:${this.commands.options.db ?? 0}`;
    this.reportOn(this.commands);
    this.watch.start();
  }

  /**
   * Does not wait for Redis; reads its library, which nobody else needs.
   * @throws Error when the configuration has no `redisUrl`
   */
  static async open({ redisUrl }: Pick<AppConfig, 'redisUrl'>, logs: Logs): Promise<RedisLinks> {
    if (redisUrl === undefined) {
      throw new Error('RedisLinks needs REDIS_URL');
    }
    const { Redis } = await import('ioredis');
    return new RedisLinks(Redis, redisUrl, logs);
  }

  /** @returns whether Redis answers, within a second */
  async ping(): Promise<boolean> {
    const answer = await withTimeout(
      this.commands.ping().catch(() => undefined),
      PING_TIMEOUT_MS,
    );
    return answer === 'PONG';
  }

  /** Late: what stopping rooms still have to tell goes out. */
  async onApplicationShutdown(): Promise<void> {
    void this.watch.stop();
    this.commands.removeAllListeners('close');
    if (this.commands.status === 'ready') {
      await withTimeout(
        this.commands.quit().catch(() => undefined),
        CLOSE_TIMEOUT_MS,
      );
    }
    [this.commands, this.subscriber, this.queue].forEach((link) => link.disconnect());
  }

  /** Waits for no answer: one that never comes must not keep the next ping back. */
  private pingBoth(): void {
    for (const link of [this.commands, this.subscriber]) {
      void link.ping().catch(() => undefined);
    }
  }

  private heedErrors(link: Redis): Redis {
    // Without a listener every failed attempt is printed; `reportOn` says what there is to say.
    link.on('error', ({ message }) => {
      this.cause = message;
    });
    return link;
  }

  private reportOn(link: Redis): void {
    link.on('close', () => {
      if (!this.isLost) {
        this.isLost = true;
        this.log.warn(
          { cause: this.cause },
          'redis is away: events and work of other processes come late until it is back',
        );
      }
    });
    link.on('ready', () => {
      if (this.isLost) {
        this.isLost = false;
        this.cause = undefined;
        this.log.info('redis is back');
      }
    });
  }
}
