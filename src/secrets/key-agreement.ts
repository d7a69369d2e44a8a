import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { SecretBox } from '../common/secret-box.js';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { KeyHoldersRepository } from '../repositories/key-holders.repository.js';

const ANNOUNCE_MS = 5_000;
/** A process that was killed holds the others back for so long. */
const ALIVE_SECONDS = 20;

/**
 * Keeps processes from sealing with a key of `SESSION_ENCRYPTION_KEY` that another one does not have yet, so that they can get a
 * new key one after the other: each says again and again which keys it has, and seals with the first one that all have.
 */
@Injectable()
export class KeyAgreement implements OnModuleInit, OnApplicationShutdown {
  private readonly process = randomUUID();
  /** In the order of the configuration; that of the box changes. */
  private readonly keyIds: readonly Buffer[];
  private readonly log: Logger;
  private readonly listeners: (() => Promise<void>)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private work: Promise<void> | undefined;
  private isStopped = false;
  private lacking: string[] = [];

  constructor(
    private readonly holders: KeyHoldersRepository,
    private readonly box: SecretBox,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.keyIds = box.keyIds;
    this.log = logs.component('keys');
  }

  /** Whether other processes seal with a key that this one does not have: what they seal waits. */
  get lacksKey(): boolean {
    return this.lacking.length > 0;
  }

  /** Before anything is sealed. */
  onModuleInit(): Promise<void> {
    return this.beat();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.work;
    // Otherwise it counts as alive a little longer.
    await this.announce(true).catch(() => undefined);
  }

  /** @param listener called after each agreement, whether it brought another key or not; must not reject */
  onAgreed(listener: () => Promise<void>): void {
    this.listeners.push(listener);
  }

  private async beat(): Promise<void> {
    this.work = this.agree();
    await this.work;
    if (!this.isStopped) {
      this.timer = setTimeout(() => void this.beat(), ANNOUNCE_MS).unref();
    }
  }

  /** Never rejects: without the database nothing is stored that somebody could not open. */
  private async agree(): Promise<void> {
    try {
      const { sealing, lacking } = await this.announce(false);
      this.box.sealWith(sealing);
      this.tell(lacking);
      await Promise.all(this.listeners.map((listener) => listener()));
    } catch (err) {
      this.log.debug({ err }, 'keys not announced yet: database not available');
    }
  }

  private announce(isLeaving: boolean) {
    const { nodeId, databaseUrl, supabaseUrl } = this.config;
    return this.holders.announce({
      process: this.process,
      nodeId,
      keyIds: this.keyIds,
      seconds: ALIVE_SECONDS,
      isAlone: databaseUrl === undefined && supabaseUrl === undefined,
      isLeaving,
    });
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
