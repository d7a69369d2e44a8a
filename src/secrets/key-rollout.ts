import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { SecretBox } from '../common/secret-box.js';
import { SingleFlight } from '../common/single-flight.js';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import {
  type KeyAnswer,
  type KeyHolder,
  KeyHoldersRepository,
} from '../repositories/key-holders.repository.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';

const ANNOUNCE_MS = 5_000;
/** A process that was killed holds the others back for so long. */
const ALIVE_SECONDS = 20;

/**
 * Keeps processes from sealing with a key of `SESSION_ENCRYPTION_KEY` that another one does not have yet, so that they can get a
 * new key one after the other: each says again and again which keys it has, and seals with the first one that all have.
 */
@Injectable()
export class KeyRollout implements OnModuleInit, OnApplicationShutdown {
  private readonly process = randomUUID();
  /** In the order of the configuration; that of the box changes. */
  private readonly keyIds: readonly Buffer[];
  private readonly log: Logger;
  private readonly listeners: (() => Promise<void>)[] = [];
  private seat: TickSeat | undefined;
  /** What listeners do after the last agreement. */
  private readonly work = new SingleFlight<unknown>();
  private lacking: string[] = [];

  constructor(
    private readonly holders: KeyHoldersRepository,
    private readonly box: SecretBox,
    private readonly config: AppConfig,
    private readonly ticker: Ticker,
    logs: Logs,
  ) {
    this.keyIds = box.keyIds;
    this.log = logs.component('keys');
  }

  /** Whether other processes seal with a key that this one does not have: what they seal waits. */
  get lacksKey(): boolean {
    return this.lacking.length > 0;
  }

  /** Before anything is sealed; while the database is away nothing is stored that somebody could not open. */
  async onModuleInit(): Promise<void> {
    await this.holders.announce(this.holder(false)).then(
      (answer) => this.agreed(answer),
      (err) => this.failed(err),
    );
    await this.work.current;
    this.seat = this.ticker.join({
      part: 'keys',
      everyMs: ANNOUNCE_MS,
      ask: () => this.holder(false),
      answered: (answer) => this.agreed(answer),
      failed: (err) => this.failed(err),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.seat?.leave();
    await this.work.current;
    // Otherwise it counts as alive a little longer.
    await this.holders.announce(this.holder(true)).catch(() => undefined);
  }

  /** @param listener called after each agreement and before the next call of it, whether it brought another key or not; must not reject */
  onAgreed(listener: () => Promise<void>): void {
    this.listeners.push(listener);
  }

  private agreed({ sealing, lacking }: KeyAnswer): void {
    this.box.sealWith(sealing);
    this.tell(lacking);
    // One that takes long is not called again meanwhile.
    void this.work.run(() => Promise.all(this.listeners.map((listener) => listener())));
  }

  private failed(err: unknown): void {
    this.log.debug({ err }, 'keys not announced yet: database not available');
  }

  private holder(isLeaving: boolean): KeyHolder {
    const { nodeId, databaseUrl, supabaseUrl } = this.config;
    return {
      process: this.process,
      nodeId,
      keyIds: this.keyIds,
      seconds: ALIVE_SECONDS,
      isAlone: databaseUrl === undefined && supabaseUrl === undefined,
      isLeaving,
    };
  }

  /** Once for each change. */
  private tell(lacking: string[]): void {
    if (lacking.join() !== this.lacking.join()) {
      this.log[lacking.length > 0 ? 'error' : 'info'](
        { nodes: lacking },
        lacking.length > 0
          ? 'SESSION_ENCRYPTION_KEY lacks a key that other processes seal with: what they seal waits'
          : 'SESSION_ENCRYPTION_KEY has all keys that other processes seal with',
      );
    }
    this.lacking = lacking;
  }
}
